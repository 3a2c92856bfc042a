"""Making, moving and looking after tasks, on the real database."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from app.core import clock
from app.core.actor import SYSTEM
from app.core.audit import AuditEntry
from app.core.errors import Forbidden, IllegalState, InvalidFields, NotFound, StaleVersion
from app.core.events import OutboxEvent
from app.desk.tasks import queries
from app.desk.tasks.models import Task
from app.desk.tasks.rules import MOVES, Priority, TaskState
from app.desk.tasks.services.creation import update_task
from app.desk.tasks.services.moves import TaskHeld, claim_next, move_task
from app.desk.tasks.services.upkeep import escalate_task, settle_tasks, wake_task
from tests.factories.credit import make_application
from tests.factories.rental import make_location, make_vehicle
from tests.factories.tasks import make_task

FIELDS = {
    "handover": {"team": "fleet", "note": "Yours"},
    "cancellation": {"reason": "Not needed"},
    "reopening": {"reason": "Broken again"},
    "completion": {"outcome": "in_order"},
}


async def entries(session, task):
    found = await session.execute(
        select(AuditEntry).where(AuditEntry.subject_id == task.id).order_by(AuditEntry.subject_version)
    )
    return list(found.scalars())


async def brought_to(session, state, holder):
    """A task put into a state, whatever led there."""
    task = await make_task(session)
    task.state = state
    task.assignee_id = None if state == TaskState.OPEN else holder.id
    task.snoozed_until = clock.now() + timedelta(hours=1) if state == TaskState.SNOOZED else None
    task.closed_at = clock.now() if state in (TaskState.DONE, TaskState.CANCELLED) else None
    await session.flush()
    return task


class TestCreate:
    async def test_takes_team_priority_and_due_time_from_the_kind(self, session, time_machine_at):
        with time_machine_at(datetime(2026, 6, 25, 6, 0, tzinfo=UTC)):
            task = await make_task(session)
        assert (task.team, task.priority, task.state) == ("fleet", Priority.NORMAL, TaskState.OPEN)
        assert task.due_at == datetime(2026, 6, 26, 6, 0, tzinfo=UTC)  # ten hours of work from 9:00 in Tallinn
        assert task.reference.startswith("TK-")
        assert (task.market, task.branch, task.audience) == ("*", "*", "vehicles.move")

    async def test_copies_market_branch_and_permission_of_its_subject(self, session):
        await make_location(session, "TLL")
        vehicle = await make_vehicle(session, location="TLL")
        task = await make_task(session, subject=("vehicle", vehicle.id))
        assert (task.market, task.branch, task.audience) == ("EE", "TLL", "vehicles.view")
        application = await make_application(session)
        task = await make_task(session, kind="application_review", subject=("application", application.id))
        assert (task.market, task.branch, task.audience) == ("EE", "*", "applications.view")

    async def test_writes_one_entry_and_one_event(self, session, person):
        clerk = await person("fleet_clerk")
        task = await make_task(session, actor=clerk)
        (entry,) = await entries(session, task)
        assert (entry.action, entry.actor_id, entry.changes["title"][1]) == ("task.created", clerk.id, task.title)
        event = (await session.execute(select(OutboxEvent).where(OutboxEvent.aggregateid == task.id))).scalar_one()
        assert (event.aggregatetype, event.type) == ("task", "task.created")

    async def test_a_key_is_one_task_as_long_as_it_is_open(self, session):
        first = await make_task(session, unique_key="documents:1")
        again = await make_task(session, unique_key="documents:1", title="Something else")
        assert (again.id, again.title) == (first.id, first.title)
        await move_task(session, first.id, "completion", fields={"outcome": "in_order"}, actor=SYSTEM)
        assert (await make_task(session, unique_key="documents:1")).id != first.id

    async def test_the_database_refuses_a_second_one_of_a_key(self, session):
        first = await make_task(session, unique_key="documents:1")
        second = await make_task(session)
        second.unique_key = first.unique_key
        with pytest.raises(IntegrityError):
            await session.flush()

    @pytest.mark.parametrize(
        "values",
        [
            "state = 'open', assignee_id = (SELECT id FROM staff LIMIT 1)",
            "state = 'in_progress'",
            "state = 'snoozed'",
            "state = 'done'",
            "closed_at = NOW(6)",
            "subject_kind = 'vehicle'",
        ],
    )
    async def test_the_database_refuses_what_cannot_be(self, session, person, values):
        await person("fleet_clerk")
        task = await make_task(session)
        with pytest.raises((IntegrityError, OperationalError)):
            await session.execute(text(f"UPDATE task SET {values} WHERE id = '{task.id}'"))

    @pytest.mark.parametrize(
        ("fields", "problem"),
        [
            ({"kind": "nothing"}, ("kind", "unknown")),
            ({"title": " "}, ("title", "required")),
            ({"team": "kitchen"}, ("team", "unknown")),
            ({"assignee_id": uuid4()}, ("assignee_id", "unknown")),
            ({"subject": ("vehicle", uuid4())}, ("subject_id", "unknown")),
            ({"subject": ("spaceship", uuid4())}, ("subject_id", "unknown")),
            ({"kind": "import_refusals"}, ("assignee_id", "required")),
        ],
    )
    async def test_names_what_is_not_acceptable(self, session, fields, problem):
        with pytest.raises(InvalidFields) as refused:
            await make_task(session, **fields)
        assert [(one.field, one.code) for one in refused.value.problems] == [problem]

    async def test_not_for_somebody_who_may_not_do_it_or_does_not_see_it(self, session, person):
        vehicle = await make_vehicle(session)
        for stranger in (await person("credit_officer"), await person("fleet_clerk", markets=["LV"])):
            with pytest.raises(InvalidFields) as refused:
                await make_task(session, subject=("vehicle", vehicle.id), assignee_id=stranger.id)
            assert refused.value.problems[0].code == "not_theirs"


class TestEveryPair:
    @pytest.mark.parametrize("move", list(MOVES))
    @pytest.mark.parametrize("state", list(TaskState))
    async def test_is_made_or_refused_with_the_state(self, session, person, move, state):
        lead, other = await person("fleet_manager"), await person("fleet_clerk", name="Jaan Tamm")
        task = await brought_to(session, state, lead)
        fields = {"until": clock.now() + timedelta(hours=2), "assignee_id": other.id} if move != "handover" else {}
        fields |= FIELDS.get(move, {})
        if state in MOVES[move].from_states:
            moved = await move_task(session, task.id, move, fields=fields, actor=lead)
            assert moved.state == (MOVES[move].to_state or moved.state)
            await session.flush()
            last = (await entries(session, task))[-1]
            assert (last.subject_version, last.changes.get("state", [None, moved.state])[1]) == (
                moved.version,
                moved.state,
            )
        else:
            with pytest.raises(IllegalState) as refused:
                await move_task(session, task.id, move, fields=fields, actor=lead)
            assert refused.value.extra["state"] == state


class TestHolder:
    async def test_a_second_claim_names_the_holder(self, session, person):
        mari, jaan = await person("fleet_clerk"), await person("fleet_clerk", name="Jaan Tamm")
        task = await make_task(session)
        claimed = await move_task(session, task.id, "claim", fields={}, actor=mari)
        assert (claimed.assignee_id, claimed.state) == (mari.id, TaskState.IN_PROGRESS)
        with pytest.raises(TaskHeld, match="Mari Kask has this task") as refused:
            await move_task(session, task.id, "claim", fields={}, actor=jaan)
        assert refused.value.extra == {"state": "in_progress", "holder": "Mari Kask"}
        with pytest.raises(IllegalState):
            await move_task(session, task.id, "claim", fields={}, actor=mari)

    @pytest.mark.parametrize("move", ["release", "handover", "snooze", "completion", "cancellation", "assignment"])
    async def test_others_leave_it_alone_and_leaders_do_not(self, session, person, move):
        mari, jaan = await person("fleet_clerk"), await person("fleet_clerk", name="Jaan Tamm")
        task = await make_task(session, assignee_id=mari.id)
        fields = {"assignee_id": jaan.id, "note": "Please", "until": clock.now() + timedelta(hours=1)}
        fields |= {"outcome": "in_order", "reason": "No"}
        with pytest.raises(TaskHeld):
            await move_task(session, task.id, move, fields=fields, actor=jaan)
        lead = await person("fleet_manager")
        assert (await move_task(session, task.id, move, fields=fields, actor=lead)).version > task.version - 1

    async def test_another_role_does_not_move_it(self, session, person):
        engineer = await person("engineer")
        vehicle = await make_vehicle(session)
        task = await make_task(session, subject=("vehicle", vehicle.id))
        with pytest.raises(Forbidden):
            await move_task(session, task.id, "claim", fields={}, actor=engineer)

    async def test_who_does_not_see_the_subject_does_not_see_the_task(self, session, person):
        vehicle = await make_vehicle(session)
        task = await make_task(session, subject=("vehicle", vehicle.id))
        for stranger in (await person("fleet_clerk", markets=["LV"]), await person("fleet_clerk", branches=["TLL"])):
            with pytest.raises(NotFound):
                await move_task(session, task.id, "claim", fields={}, actor=stranger)

    async def test_a_personal_task_is_seen_by_one_and_not_given_away(self, session, person):
        mari, jaan = await person("fleet_clerk"), await person("fleet_clerk")
        task = await make_task(session, kind="import_refusals", assignee_id=mari.id)
        assert await queries.find_task(session, task.id, jaan) is None
        fields = {"assignee_id": jaan.id, "note": "Yours"}
        with pytest.raises(InvalidFields):
            await move_task(session, task.id, "handover", fields=fields, actor=mari)


class TestMoves:
    async def test_hand_over_to_another_team_keeps_the_note(self, session, person):
        mari = await person("fleet_clerk")
        task = await make_task(session, kind="general", team="fleet", assignee_id=mari.id)
        fields = {"team": "credit", "note": "The customer asks for you"}
        moved = await move_task(session, task.id, "handover", fields=fields, actor=mari)
        assert (moved.state, moved.team, moved.assignee_id) == (TaskState.OPEN, "credit", None)
        last = (await entries(session, task))[-1]
        assert (last.action, last.why) == ("task.handed_over", "The customer asks for you")
        assert last.changes["assignee_id"] == ["Mari Kask", None]

    async def test_reopening_begins_a_new_due_time_and_respects_the_key(self, session):
        task = await make_task(session, unique_key="once")
        task.due_at = clock.now() - timedelta(days=1)
        await move_task(session, task.id, "cancellation", fields={"reason": "No"}, actor=SYSTEM)
        newer = await make_task(session, unique_key="once")
        with pytest.raises(IllegalState, match="newer task"):
            await move_task(session, task.id, "reopening", fields={"reason": "Yes"}, actor=SYSTEM)
        await move_task(session, newer.id, "completion", fields={"outcome": "in_order"}, actor=SYSTEM)
        reopened = await move_task(session, task.id, "reopening", fields={"reason": "Yes"}, actor=SYSTEM)
        assert reopened.due_at > clock.now()
        assert (reopened.closed_at, reopened.closing_note) == (None, None)

    async def test_priority_and_due_time_change_with_a_reason(self, session, person):
        mari = await person("fleet_clerk")
        task = await make_task(session, actor=mari)
        due_at = clock.now() + timedelta(days=3)
        with pytest.raises(InvalidFields):
            await update_task(session, task.id, fields={"due_at": due_at}, actor=mari)
        fields = {"due_at": due_at, "priority": "urgent", "reason": "The customer waits"}
        changed = await update_task(session, task.id, fields=fields, actor=mari)
        assert (changed.priority, changed.due_at) == (Priority.URGENT, due_at)
        assert (await entries(session, task))[-1].why == "The customer waits"
        with pytest.raises(StaleVersion):
            await update_task(session, task.id, fields={"title": "Else"}, actor=mari, version=1)


class TestUpkeep:
    async def test_wakes_at_its_moment_and_not_before(self, session, person, time_machine_at):
        mari = await person("fleet_clerk")
        task = await make_task(session, assignee_id=mari.id)
        until = clock.now() + timedelta(hours=1)
        await move_task(session, task.id, "snooze", fields={"until": until}, actor=mari)
        assert await wake_task(session, task.id) is None
        with time_machine_at(until):
            assert await queries.list_to_wake(session, clock.now(), 10) == [task.id]
            woken = await wake_task(session, task.id)
        assert (woken.state, woken.snoozed_until) == (TaskState.IN_PROGRESS, None)

    async def test_is_awake_for_people_before_the_job_has_come(self, session, person, time_machine_at):
        mari = await person("fleet_clerk")
        task = await make_task(session)
        until = clock.now() + timedelta(hours=1)
        await move_task(session, task.id, "snooze", fields={"until": until}, actor=mari)
        with time_machine_at(until):
            claimed = await move_task(session, task.id, "claim", fields={}, actor=mari)
        assert (claimed.state, claimed.snoozed_until) == (TaskState.IN_PROGRESS, None)

    async def test_escalates_once_per_due_time(self, session):
        task = await make_task(session, due_at=clock.now() - timedelta(minutes=1))
        assert await queries.list_breached(session, clock.now(), 10) == [task.id]
        assert (await escalate_task(session, task.id)).priority == Priority.HIGH
        assert await escalate_task(session, task.id) is None
        assert await queries.list_breached(session, clock.now(), 10) == []
        fields = {"due_at": clock.now() - timedelta(seconds=1), "reason": "Promised"}
        await update_task(session, task.id, fields=fields, actor=SYSTEM)
        assert (await escalate_task(session, task.id)).priority == Priority.URGENT

    async def test_settles_what_happened_elsewhere(self, session):
        vehicle = await make_vehicle(session)
        about = ("vehicle", vehicle.id)
        task = await make_task(session, subject=about)
        other = await make_task(session, subject=about, kind="general")
        (closed,) = await settle_tasks(session, about, "vehicle_check", why="It was sold.", actor=SYSTEM)
        assert (closed.id, closed.state, closed.closing_note) == (task.id, TaskState.DONE, "It was sold.")
        assert other.state == TaskState.OPEN


class TestNext:
    async def test_is_the_most_urgent_of_ones_own_queues(self, session, person):
        mari = await person("fleet_clerk")
        late = await make_task(session, title="late", due_at=clock.now() - timedelta(hours=2))
        await escalate_task(session, late.id)
        low = await make_task(session, title="low", priority=Priority.LOW, due_at=clock.now() + timedelta(minutes=1))
        urgent = await make_task(session, title="urgent", priority=Priority.URGENT)
        soon = await make_task(session, title="soon", due_at=clock.now() + timedelta(hours=1))
        await make_task(session, title="theirs", kind="customer_call", priority=Priority.URGENT)
        await session.flush()
        taken = [await claim_next(session, actor=mari) for _ in range(4)]
        assert [task.id for task in taken] == [late.id, urgent.id, soon.id, low.id]
        assert all(task.assignee_id == mari.id for task in taken)
        assert await claim_next(session, actor=mari) is None

    async def test_begins_what_others_gave_and_passes_over_what_is_not_seen(self, session, person):
        mari = await person("fleet_clerk", markets=["EE"])
        vehicle = await make_vehicle(session, market="LV")
        await make_task(session, subject=("vehicle", vehicle.id), priority=Priority.URGENT)
        given = await make_task(session, assignee_id=mari.id)
        assert given.started_at is None
        assert (await claim_next(session, actor=mari)).id == given.id
        assert given.started_at is not None
        assert await claim_next(session, actor=mari) is None

    async def test_passes_over_the_one_that_is_named(self, session, person):
        mari = await person("fleet_clerk")
        task = await make_task(session)
        assert await claim_next(session, actor=mari, besides=task.id) is None


class TestOrder:
    async def test_overdue_first_then_priority_then_due_and_closed_last(self, session):
        hours = timedelta(hours=1)
        now = clock.now()
        made = {
            "done": await make_task(session, title="done"),
            "low": await make_task(session, title="low", priority=Priority.LOW, due_at=now + hours),
            "later": await make_task(session, title="later", due_at=now + 5 * hours),
            "sooner": await make_task(session, title="sooner", due_at=now + 2 * hours),
            "over": await make_task(session, title="over", priority=Priority.LOW, due_at=now - hours),
            "longer over": await make_task(session, title="longer over", due_at=now - 2 * hours),
            "urgent": await make_task(session, title="urgent", priority=Priority.URGENT),
        }
        await move_task(session, made["done"].id, "completion", fields={"outcome": "in_order"}, actor=SYSTEM)
        for name in ("over", "longer over"):
            await escalate_task(session, made[name].id)
        await session.flush()
        rows = await session.execute(select(Task.title).order_by(Task.urgency, Task.id))
        assert list(rows.scalars()) == ["longer over", "over", "urgent", "sooner", "later", "low", "done"]
