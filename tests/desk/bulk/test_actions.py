"""What can be done with many records of whatever kind: tag them, and give tasks to somebody."""

from datetime import datetime
from html import unescape

import pytest
from sqlalchemy import select

from app.core.jobs.models import Job
from app.desk.approvals.models import Approval
from app.desk.approvals.services import asking, deciding
from app.desk.bulk.models import BulkRow
from app.desk.customers.models import Customer
from app.desk.notifications.models import Notification
from app.desk.tasks.models import Task
from app.desk.tasks.services.creation import create_task
from app.rental.vehicles.models import Vehicle
from tests.desk.bulk.steps import choose, prepared, run_of, started
from tests.factories.desk import make_customer


class TestTags:
    async def test_are_put_on_and_taken_off(self, client_for, session, fleet, work):
        manager = await client_for("fleet_manager")
        await started(manager, "tagging", {"name": "Recall 26"}, ids=[car.id for car in fleet])
        await work()
        tags = [(await session.get(Vehicle, car.id, populate_existing=True)).tags for car in fleet]
        assert tags == [["recall-26"]] * 3
        address, _ = await prepared(manager, "tagging", {"name": "recall-26"}, ids=[fleet[0].id])
        assert "It bears the tag already" in (await manager.get(address)).text
        await started(manager, "untagging", {"name": "recall-26"}, query="tag=recall-26", all_rows=True)
        await work()
        tags = [(await session.get(Vehicle, car.id, populate_existing=True)).tags for car in fleet]
        assert tags == [[]] * 3

    async def test_of_another_kind(self, client_for, session, work):
        officer = await client_for("credit_officer")
        customer = await make_customer(session)
        await session.commit()
        await started(officer, "tagging", {"name": "call-first"}, ids=[customer.id], kind="customer")
        await work()
        assert (await session.get(Customer, customer.id, populate_existing=True)).tags == ["call-first"]

    async def test_a_new_word_is_refused_to_those_who_may_not_make_one(self, client_for, session, fleet, work):
        clerk = await client_for("fleet_clerk")
        await started(clerk, "tagging", {"name": "never-heard"}, ids=[fleet[0].id])
        await work()
        assert (await session.execute(select(BulkRow.result))).scalar_one() == "refused"
        assert (await session.get(Vehicle, fleet[0].id, populate_existing=True)).tags == []

    @pytest.mark.parametrize("name", ["", "x" * 61])
    async def test_what_is_no_tag_is_told_beside_it(self, client_for, fleet, name):
        clerk = await client_for("fleet_clerk")
        address = await choose(clerk, "tagging", ids=[fleet[0].id])
        assert (await clerk.post(f"{address}/fields", data={"name": name})).status_code == 422


class TestAssignTasks:
    async def test_become_somebodys_who_is_told_and_others_stay(self, client_for, session, fleet, work):
        manager, clerk = await client_for("fleet_manager"), await client_for("fleet_clerk")
        made = [
            await create_task(
                session, kind="vehicle_check", title=f"Check {car.plate}", subject=("vehicle", car.id),
                actor=manager.actor,
            )
            for car in fleet[:2]
        ]  # fmt: skip
        await session.commit()
        answers = {"assignee_id": str(clerk.staff.id), "note": "Before noon"}
        address, _ = await prepared(manager, "assignment", answers, query="active=yes", all_rows=True, kind="task")
        assert unescape((await manager.get(address)).text).count(f"<td>{clerk.staff.name}</td>") == 2
        address = await started(manager, "assignment", answers, query="active=yes", all_rows=True, kind="task")
        await work()
        run = await run_of(session, address)
        assert (run.state, run.done_count) == ("done", 2)
        for task in made:
            assert (await session.get(Task, task.id, populate_existing=True)).assignee_id == clerk.staff.id
        told = await session.execute(select(Notification).where(Notification.kind == "task.assigned"))
        assert {one.recipient_id for one in told.scalars()} == {clerk.staff.id}
        again = await started(manager, "assignment", answers, ids=[made[0].id], kind="task")
        await work()
        assert "They have it already" in (await manager.get(f"{again}?result=refused")).text


async def told_of(session, person, kind) -> list[Notification]:
    found = select(Notification).where(Notification.kind == kind, Notification.recipient_id == person.staff.id)
    return list((await session.execute(found)).scalars())


class TestReprice:
    async def test_a_large_change_is_asked_for_row_by_row_and_says_what_became_of_it(
        self, client_for, runtime, session, fleet, work
    ):
        manager, boss = await client_for("fleet_manager"), await client_for("fleet_manager")
        cheap = await session.get(Vehicle, fleet[1].id)
        cheap.day_price_minor = 1
        await session.commit()
        address, count = await prepared(
            manager, "reprice", {"percent": "25"}, query="make=Škoda&sort=plate", all_rows=True
        )
        page = unescape((await manager.get(address)).text)
        assert "Would wait for approval" in page
        assert "Somebody else has to agree" in page
        await manager.post(f"{address}/start", data={"count": count})
        await work()
        run = await run_of(session, address)
        assert (run.state, run.done_count, run.pending_count, run.refused_count) == ("done", 0, 2, 1)
        prices = [(await session.get(Vehicle, car.id, populate_existing=True)).day_price_minor for car in fleet]
        assert prices == [7800, 1, 7800]
        asked = (await session.execute(select(Approval).order_by(Approval.id))).scalars().all()
        assert [(one.subject_id, one.maker_id, one.state) for one in asked] == [
            (fleet[0].id, manager.staff.id, "pending"),
            (fleet[2].id, manager.staff.id, "pending"),
        ]
        assert {one.why for one in asked} == {"Change price: vehicles, 1 of 3", "Change price: vehicles, 3 of 3"}
        assert await told_of(session, boss, "approval.waits") == []
        due = (await session.execute(select(Job.payload).where(Job.kind == asking.TELL))).scalars().all()
        for payload in due:
            since, until = (datetime.fromisoformat(payload[name]) for name in ("since", "until"))
            await asking.tell_of_many(session, manager.staff.id, since, until)
        assert sum(int(one.title.split()[6]) for one in await told_of(session, boss, "approval.waits")) == 2
        assert await told_of(session, manager, "approval.waits") == []
        kinds = runtime.assembly.approval_kinds
        await deciding.approve(session, kinds, asked[0].id, actor=boss.actor)
        await session.commit()
        shown = unescape((await manager.get(f"{address}?result=pending")).text)
        for one, words in zip(asked, ("Approved and done", "Waiting for approval"), strict=True):
            assert f'href="/approvals/{one.id}"' in shown
            assert f"{words}: {one.reference}" in shown
        told = (await session.execute(select(Notification).where(Notification.kind == "bulk.finished"))).scalar_one()
        assert told.body == "2 wait for approval, 1 refused"
        lines = (await manager.get(f"{address}/results")).text.split("\r\n")
        assert f'Approval asked,"78.00 EUR → 97.50 EUR, asked for as {asked[0].reference}"' in lines[1]

    async def test_asking_again_for_the_same_is_the_same_request(self, client_for, session, fleet, work):
        manager = await client_for("fleet_manager")
        addresses = []
        for _ in range(2):
            addresses.append(await started(manager, "reprice", {"percent": "-30"}, ids=[fleet[0].id]))
            await work()
        asked = (await session.execute(select(Approval))).scalar_one()
        rows = (await session.execute(select(BulkRow.approval_id))).scalars().all()
        assert rows == [asked.id, asked.id]
