"""What can be done with many records of whatever kind: tag them, and give tasks to somebody."""

import pytest
from sqlalchemy import select

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
