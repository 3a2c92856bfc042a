"""A worker that is killed at any statement of a run, and two workers with one run: every record is done once."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import event, select

from app.core.audit import AuditEntry
from app.core.db import Database
from app.core.permissions import Role
from app.core.selections import Selection, Sources
from app.desk.bulk import queries
from app.desk.bulk.models import BulkRow, BulkRun
from app.desk.bulk.services import drafts, runs
from app.main import assemble
from app.rental.vehicles.models import VehiclePeriod
from tests.factories.rental import make_vehicle
from tests.factories.staff import actor_of, make_staff

ASSEMBLY = assemble()
KIND = ASSEMBLY.kinds["vehicle"]
MOST_STATEMENTS = 200


class Killed(BaseException):
    """What a worker that is killed does not live to see."""


@pytest.fixture
async def committed(live_settings):
    database = await Database.open(live_settings)
    yield database
    await database.close()


async def begin(database, records=2):
    """A run that blocks new vehicles, started and not begun."""
    async with database.unit() as session:
        staff = await make_staff(session, roles=[Role.FLEET_CLERK])
        vehicles = [(await make_vehicle(session, fleet_number=uuid4().hex[:12])).id for _ in range(records)]
    actor, sources = actor_of(staff, ASSEMBLY.permissions), Sources(database.primary)
    async with database.unit() as session:
        action = drafts.find_action(KIND, "block", actor)
        selection = Selection("vehicle", "", [str(one) for one in vehicles])
        run = await drafts.begin_run(session, sources, KIND, action, selection, actor=actor)
        await drafts.answer_fields(session, run.id, action, {"reason": "Recall"}, actor=actor)
        await drafts.start_run(session, sources, KIND, run.id, shown=records, actor=actor)
    return run.id, vehicles


async def work(database, run_id):
    async def told(done, total): ...

    await runs.work_on(runs.Work(database, None, ASSEMBLY.kinds, ASSEMBLY.permissions), run_id, told)


async def kill_at(settings, run_id, number) -> bool:
    """Work until the statement of this number, and no further; False when there are not so many."""
    database, count = await Database.open(settings), 0

    def kill(*_):
        nonlocal count
        count += 1
        if count >= number:
            raise Killed

    event.listen(database.engine.sync_engine, "before_cursor_execute", kill)
    event.listen(database.engine.sync_engine, "commit", kill)
    try:
        await work(database, run_id)
    except Killed:
        return True
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", kill)
        event.remove(database.engine.sync_engine, "commit", kill)
        await database.close()
    return False


async def done_once(database, run_id, vehicles):
    async with database.session() as session:
        run = await session.get(BulkRun, run_id)
        rows = (await session.execute(select(BulkRow).where(BulkRow.run_id == run_id))).scalars().all()
        blocks = select(VehiclePeriod.vehicle_id).where(VehiclePeriod.vehicle_id.in_(vehicles))
        entries = select(AuditEntry.subject_id).where(
            AuditEntry.subject_id.in_(vehicles), AuditEntry.action == "vehicle.blocked"
        )
        assert sorted((await session.execute(blocks)).scalars()) == sorted(vehicles)
        assert sorted((await session.execute(entries)).scalars()) == sorted(vehicles)
    assert [row.result for row in rows] == ["done"] * len(vehicles)
    assert (run.state, run.done_count, run.refused_count, run.failed_count) == ("done", len(vehicles), 0, 0)


async def test_killed_before_every_second_statement_or_commit_and_taken_up_again(committed, live_settings):
    for number in range(1, MOST_STATEMENTS, 2):
        run_id, vehicles = await begin(committed)
        was_killed = await kill_at(live_settings, run_id, number)
        await work(committed, run_id)
        await done_once(committed, run_id, vehicles)
        if not was_killed:
            assert number > 20
            return
    pytest.fail("the run never came to its end")


async def test_two_workers_with_one_run_do_each_record_once(committed):
    run_id, vehicles = await begin(committed, records=8)
    async with committed.unit() as session:
        run = await session.get(BulkRun, run_id)
        assert run.state == "collecting"
    await asyncio.gather(work(committed, run_id), work(committed, run_id), return_exceptions=True)
    await work(committed, run_id)
    await done_once(committed, run_id, vehicles)


async def test_is_stopped_though_its_worker_counted_on_since_the_page_read_it(committed):
    run_id, vehicles = await begin(committed)
    async with committed.unit() as session:
        seen = await session.get(BulkRun, run_id)
        await work(committed, run_id)
        run = await queries.lock_run(session, run_id)
        assert (run is seen, run.state, run.done_count) == (True, "done", len(vehicles))
