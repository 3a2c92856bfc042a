"""Task pages: whole, as a fragment, and without permission."""

from datetime import timedelta

from app.core import clock
from tests.factories.rental import make_vehicle
from tests.factories.tasks import make_task

PARTIAL = {"hx-request": "true", "hx-request-type": "partial"}


class TestList:
    async def test_begins_with_ones_own(self, client_for, session):
        clerk = await client_for("fleet_clerk")
        answer = await clerk.get("/tasks")
        assert (answer.status_code, answer.headers["location"]) == (
            303,
            f"/tasks?assignee={clerk.actor.id}&active=yes",
        )
        page = (await clerk.get(answer.headers["location"])).text
        assert "You have nothing to do" in page

    async def test_a_queue_shows_what_about_whom_and_how_late(self, client_for, session):
        vehicle = await make_vehicle(session, plate="123 ABC")
        await make_task(session, subject=("vehicle", vehicle.id), due_at=clock.now() - timedelta(hours=2, minutes=5))
        clerk = await client_for("fleet_clerk")
        page = (await clerk.get("/tasks?team=fleet&active=yes")).text
        assert "2 h over" in page
        assert f'<a href="/vehicles/{vehicle.id}" hx-boost="false">123 ABC Škoda Octavia Combi</a>' in page
        assert 'aria-current="page">Fleet queue' in page

    async def test_answers_the_results_alone_to_htmx(self, client_for, session):
        await make_task(session)
        clerk = await client_for("fleet_clerk")
        answer = await clerk.get("/tasks?active=yes&priority=", headers=PARTIAL | {"hx-target": "section#list-results"})
        assert answer.text.lstrip().startswith('<section id="list-results"')
        assert answer.headers["hx-push-url"] == "/tasks?active=yes"

    async def test_finds_by_reference_without_the_search_engine(self, client_for, session):
        task, other = await make_task(session), await make_task(session, title="Another")
        clerk = await client_for("fleet_clerk")
        page = (await clerk.get(f"/tasks?q={task.reference}")).text
        assert task.title in page
        assert other.title not in page

    async def test_an_unknown_filter_value_is_told(self, client_for):
        clerk = await client_for("fleet_clerk")
        assert (await clerk.get("/tasks?state=asleep")).status_code == 422


class TestShow:
    async def test_tells_what_who_and_until_when(self, client_for, session):
        vehicle = await make_vehicle(session, plate="123 ABC")
        task = await make_task(session, subject=("vehicle", vehicle.id), details="It hangs\nby a thread")
        clerk = await client_for("fleet_clerk")
        page = (await clerk.get(f"/tasks/{task.id}")).text
        assert task.reference in page
        assert "It hangs\nby a thread" in page
        assert f'<a href="/vehicles/{vehicle.id}">123 ABC</a>' in page
        assert "nobody yet" in page

    async def test_is_not_there_for_who_does_not_see_its_subject(self, client_for, session):
        vehicle = await make_vehicle(session)
        task = await make_task(session, subject=("vehicle", vehicle.id))
        elsewhere = await client_for("fleet_clerk", markets=["LV"])
        assert (await elsewhere.get(f"/tasks/{task.id}")).status_code == 404
