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


def form(**values):
    return {"data": values, "headers": {"hx-request": "true"}}


class TestMoves:
    async def test_are_offered_as_the_state_and_the_holder_allow(self, client_for, session):
        mari, jaan = await client_for("fleet_clerk"), await client_for("fleet_clerk")
        task = await make_task(session)
        page = (await mari.get(f"/tasks/{task.id}")).text
        assert f'action="/tasks/{task.id}/claim"' in page
        taken = await mari.post(f"/tasks/{task.id}/claim", **form())
        assert (taken.status_code, taken.headers["hx-redirect"]) == (204, f"/tasks/{task.id}")
        page = (await mari.get(f"/tasks/{task.id}")).text
        assert 'data-key="c"' in page
        assert 'id="dialog-handover"' in page
        theirs = (await jaan.get(f"/tasks/{task.id}")).text
        assert "Mari Kask has this task." in theirs
        assert "dialog-completion" not in theirs
        refused = await jaan.post(f"/tasks/{task.id}/claim", headers=PARTIAL)
        assert (refused.status_code, "Mari Kask has this task" in refused.headers["hx-trigger"]) == (409, True)

    async def test_a_refused_form_comes_again_with_its_words(self, client_for, session):
        mari = await client_for("fleet_clerk")
        task = await make_task(session, assignee_id=mari.staff.id)
        answer = await mari.post(
            f"/tasks/{task.id}/completion", data={"note": "All fine"}, headers=PARTIAL | {"hx-target": "form#x"}
        )
        assert answer.status_code == 422
        assert "Say what came of it" in answer.text
        assert "All fine" in answer.text

    async def test_working_goes_on_to_the_next(self, client_for, session):
        mari = await client_for("fleet_clerk")
        first, second = await make_task(session, title="First"), await make_task(session, title="Second")
        opened = await mari.post("/tasks/next", **form())
        assert opened.headers["hx-redirect"] == f"/tasks/{first.id}/work"
        page = (await mari.get(f"/tasks/{first.id}/work")).text
        assert 'name="then" value="work"' in page
        done = await mari.post(f"/tasks/{first.id}/completion", **form(outcome="in_order", then="work"))
        assert done.headers["hx-redirect"] == f"/tasks/{second.id}/work"
        over = await mari.post(f"/tasks/{second.id}/snooze", **form(preset="hour", then="work"))
        assert over.headers["hx-redirect"] == f"/tasks?assignee={mari.staff.id}&active=yes"

    async def test_next_page_says_what_would_come(self, client_for, session):
        mari = await client_for("fleet_clerk")
        assert "Nothing waits in your queues" in (await mari.get("/tasks/next")).text
        await make_task(session, title="Look at the boot")
        assert "Look at the boot" in (await mari.get("/tasks/next")).text

    async def test_an_auditor_only_looks(self, client_for, session):
        auditor, task = await client_for("auditor"), await make_task(session, kind="general")
        assert (await auditor.get("/tasks?active=yes")).status_code == 200
        assert (await auditor.post(f"/tasks/{task.id}/claim", **form())).status_code == 403


class TestForms:
    async def test_a_task_is_made_about_a_record(self, client_for, session):
        vehicle = await make_vehicle(session, plate="123 ABC")
        mari = await client_for("fleet_clerk")
        about = {"subject_kind": "vehicle", "subject_id": str(vehicle.id)}
        page = (await mari.get("/tasks/new", params=about)).text
        assert "Škoda Octavia Combi" in page
        assert "Call a customer" in page
        refused = await mari.post("/tasks", **form(kind="vehicle_check", title="", **about))
        assert (refused.status_code, "Say what is to be done" in refused.text) == (422, True)
        made = await mari.post(
            "/tasks", **form(kind="vehicle_check", title="Wash it", due_at="2026-01-01T10:00", **about)
        )
        assert made.status_code in (204, 422)
        made = await mari.post("/tasks", **form(kind="vehicle_check", title="Wash it", **about))
        page = (await mari.get(made.headers["hx-redirect"])).text
        assert "Wash it" in page
        assert "123 ABC" in page

    async def test_not_about_what_one_does_not_see(self, client_for, session):
        vehicle = await make_vehicle(session)
        mari = await client_for("fleet_clerk", markets=["LV"])
        about = {"subject_kind": "vehicle", "subject_id": str(vehicle.id)}
        assert (await mari.get("/tasks/new", params=about)).status_code == 404

    async def test_another_priority_needs_a_reason(self, client_for, session):
        mari, task = await client_for("fleet_clerk"), await make_task(session)
        page = (await mari.get(f"/tasks/{task.id}/edit")).text
        assert "Needed for another priority or due time." in page
        values = {"title": task.title, "priority": "urgent", "version": "1"}
        refused = await mari.post(f"/tasks/{task.id}/edit", **form(**values))
        assert (refused.status_code, "Say why" in refused.text) == (422, True)
        kept = await mari.post(f"/tasks/{task.id}/edit", **form(**values, reason="The customer waits"))
        assert kept.status_code == 204


class TestElsewhere:
    async def test_the_sidebar_counts_what_is_mine_and_late(self, client_for, session):
        mari = await client_for("fleet_clerk")
        assert 'hx-get="/tasks/badge"' in (await mari.get("/")).text
        await make_task(session, assignee_id=mari.staff.id, due_at=clock.now() - timedelta(hours=1))
        answer = await mari.get("/tasks/badge", headers=PARTIAL)
        assert answer.text.strip() == '<span class="count" data-tone="act">1</span>'

    async def test_who_only_looks_on_has_a_badge_too(self, client_for):
        auditor = await client_for("auditor")
        assert 'hx-get="/tasks/badge"' in (await auditor.get("/")).text
        assert (await auditor.get("/tasks/badge", headers=PARTIAL)).status_code == 200

    async def test_home_leads_to_mine(self, client_for, session):
        mari = await client_for("fleet_clerk")
        task = await make_task(session, assignee_id=mari.staff.id, due_at=clock.now() - timedelta(hours=1))
        page = (await mari.get("/")).text
        assert "Overdue in my queues" in page
        assert f'href="/tasks/{task.id}/work"' in page

    async def test_a_record_shows_what_is_to_be_done_about_it(self, client_for, session):
        vehicle = await make_vehicle(session)
        task = await make_task(session, subject=("vehicle", vehicle.id))
        mari = await client_for("fleet_clerk")
        page = (await mari.get(f"/vehicles/{vehicle.id}")).text
        assert f'<a href="/tasks/{task.id}">{task.title}</a>' in page
        assert f'href="/tasks/new?subject_kind=vehicle&amp;subject_id={vehicle.id}"' in page
