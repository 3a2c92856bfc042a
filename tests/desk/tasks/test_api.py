"""Tasks through the JSON API, also by many at once."""

import asyncio
from datetime import timedelta

from app.core import clock
from app.core.values import timestamp
from tests.factories.rental import make_vehicle
from tests.factories.tasks import make_task


class TestTask:
    async def test_is_made_read_and_changed(self, api_for, session):
        vehicle = await make_vehicle(session)
        client = await api_for("fleet_clerk")
        body = {"kind": "vehicle_check", "title": "Wash it", "subject_kind": "vehicle", "subject_id": str(vehicle.id)}
        made = await client.post("/tasks", json=body)
        assert (made.status_code, made.json()["state"], made.json()["team"]) == (201, "open", "fleet"), made.text
        address = made.headers["location"].removeprefix("/api/v1")
        read = await client.get(address)
        assert (read.json()["title"], read.json()["market"], read.headers["etag"]) == ("Wash it", "EE", '"1"')
        assert (await client.patch(address, json={"title": "Clean it"})).status_code == 428
        match = {"If-Match": '"1"'}
        assert (await client.patch(address, json={"priority": "urgent"}, headers=match)).status_code == 422
        changed = await client.patch(address, json={"priority": "urgent", "reason": "Guest waits"}, headers=match)
        assert (changed.status_code, changed.json()["priority"]) == (200, "urgent")
        assert (await client.patch(address, json={"title": "x"}, headers=match)).status_code == 412

    async def test_is_not_made_of_a_kind_that_is_not_ones_own(self, api_for):
        client = await api_for("fleet_clerk")
        for kind, status in (("dead_job", 403), ("application_review", 403), ("nothing", 422)):
            assert (await client.post("/tasks", json={"kind": kind, "title": "x"})).status_code == status

    async def test_moments_without_a_zone_are_refused(self, api_for, session):
        client, task = await api_for("fleet_clerk"), await make_task(session)
        answer = await client.post(f"/tasks/{task.id}/snooze", json={"until": "2030-01-01T00:00:00"})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/until")
        body = {"kind": "general", "title": "x", "due_at": "2030-01-01T00:00:00"}
        assert (await client.post("/tasks", json=body)).json()["errors"][0]["pointer"] == "/due_at"

    async def test_the_list_is_in_the_order_of_urgency(self, api_for, session):
        for title, priority in (("low", "low"), ("urgent", "urgent"), ("normal", "normal")):
            await make_task(session, title=title, priority=priority)
        client = await api_for("fleet_clerk")
        items = (await client.get("/tasks", params={"active": "yes", "fields": "title"})).json()["items"]
        assert [item["title"] for item in items] == ["urgent", "normal", "low"]


class TestMoves:
    async def test_a_life(self, api_for, session):
        mari, jaan = await api_for("fleet_clerk"), await api_for("fleet_clerk")
        task = await make_task(session)
        path = f"/tasks/{task.id}"
        assert (await mari.post(f"{path}/claim")).json()["assignee_name"] == "Mari Kask"
        held = await jaan.post(f"{path}/claim")
        assert (held.status_code, held.json()["code"], held.json()["holder"]) == (409, "task_held", "Mari Kask")
        given = {"assignee_id": str(jaan.staff.id), "note": "You know the car"}
        assert (await mari.post(f"{path}/assignment", json=given)).json()["assignee_id"] == str(jaan.staff.id)
        assert (await jaan.delete(f"{path}/claim")).json()["state"] == "open"
        until = timestamp(clock.now() + timedelta(hours=2))
        snoozed = await mari.post(f"{path}/snooze", json={"until": until})
        assert (snoozed.json()["state"], snoozed.json()["snoozed_until"]) == ("snoozed", until)
        assert (await mari.delete(f"{path}/snooze")).json()["state"] == "open"
        done = await mari.post(f"{path}/completion", json={"outcome": "in_order", "note": "Fixed"})
        assert (done.json()["state"], done.json()["outcome"], done.json()["closing_note"]) == (
            "done",
            "in_order",
            "Fixed",
        )
        again = await mari.post(f"{path}/completion", json={"outcome": "in_order"})
        assert (again.status_code, again.json()["state"]) == (409, "done")
        assert (await mari.post(f"{path}/reopening", json={"reason": "Loose again"})).json()["state"] == "open"
        assert (await mari.post(f"{path}/cancellation", json={"reason": "Sold"})).json()["state"] == "cancelled"

    async def test_moves_honour_if_match(self, api_for, session):
        client, task = await api_for("fleet_clerk"), await make_task(session)
        assert (await client.post(f"/tasks/{task.id}/claim", headers={"If-Match": '"9"'})).status_code == 412


async def _tasks(live, count, **fields):
    async with live.database.unit() as session:
        return [str((await make_task(session, **fields)).id) for _ in range(count)]


class TestAtOnce:
    async def test_of_sixteen_claims_one_succeeds(self, live):
        (task,) = await _tasks(live, 1)
        clients = [await live.client("fleet_clerk") for _ in range(16)]
        answers = await asyncio.gather(*(client.post(f"/tasks/{task}/claim") for client in clients))
        codes = sorted(answer.status_code for answer in answers)
        assert codes == [200] + [409] * 15
        assert {answer.json().get("code") for answer in answers if answer.status_code == 409} == {"task_held"}

    async def test_sixteen_who_ask_for_the_next_get_sixteen_tasks(self, live):
        tasks = await _tasks(live, 16, kind="customer_call", title="Call back", priority="urgent")
        clients = [await live.client("credit_officer") for _ in range(16)]
        answers = await asyncio.gather(*(client.post("/task-claims", json={}) for client in clients))
        assert [answer.status_code for answer in answers] == [201] * 16, [answer.text for answer in answers]
        assert {answer.json()["id"] for answer in answers} == set(tasks)
        over = await clients[0].post("/task-claims", json={"team": "credit"})
        assert (over.status_code, over.json()["code"]) == (404, "nothing_to_do")

    async def test_one_key_is_one_task(self, live):
        async def make():
            async with live.database.unit() as session:
                return (await make_task(session, unique_key="documents:42")).id

        assert len(set(await asyncio.gather(*(make() for _ in range(8))))) == 1
