"""F1: a worker is killed at each step of a run over many records: each is done, or asked for, once."""

from uuid import UUID

import pytest
from sqlalchemy import text

from app.core.actor import Actor
from app.core.invariants import Acknowledged
from app.core.selections import Selection, Sources
from app.desk.approvals.services import asking
from app.desk.bulk import tasks
from app.desk.bulk.services import drafts
from app.kit.money import Money
from tests.api.committing import Live
from tests.factories.rental import make_vehicle
from tests.factories.staff import actor_of, make_staff
from tests.faults.forker import Forker
from tests.faults.killed_work import make_due
from tests.faults.steps import chosen_steps
from tests.faults.wholeness import assert_whole
from tests.plugins.tally import Tally

KIND = tasks.RUN.key
RAISED = "12.5"
"""Per cent that need nobody's consent."""
RAISED_MUCH = "25"
PRICES_MINOR = (7_800, 1, 9_900)
"""The second cannot be raised by so little."""


@pytest.fixture(scope="session")
async def manager(live: Live) -> Actor:
    async with live.database.unit() as session:
        staff = await make_staff(session, roles=["fleet_manager"])
    return actor_of(staff, live.runtime.assembly.permissions)


async def started_run(live: Live, actor: Actor, percent: str) -> tuple[UUID, list[UUID]]:
    """A run over three new vehicles that waits for a worker; its id and theirs."""
    kind = live.runtime.assembly.kinds["vehicle"]
    sources = Sources(live.database.primary)
    action = drafts.find_action(kind, "reprice", actor)
    async with live.database.unit() as session:
        # Each run queues what tells of it, and so has as many steps as the one that was counted.
        await session.execute(text("DELETE FROM job WHERE kind = :kind"), {"kind": asking.TELL})
        ids = [(await make_vehicle(session, day_price=Money(minor, "EUR"))).id for minor in PRICES_MINOR]
    async with live.database.unit() as session:
        selection = Selection("vehicle", "", [str(one) for one in ids])
        run = await drafts.begin_run(session, sources, kind, action, selection, actor=actor)
        assert await drafts.answer_fields(session, run.id, action, {"percent": percent}, actor=actor) == {}
        await drafts.start_run(session, sources, kind, run.id, shown=len(ids), actor=actor)
    return run.id, ids


async def assert_done_once(live: Live, run_id: UUID, ids: list[UUID], percent: str) -> list[Acknowledged]:
    fetch, waits = live.database.primary.fetch, percent == RAISED_MUCH
    counts = await fetch(
        "SELECT state, done_count, pending_count, refused_count, failed_count FROM bulk_run WHERE id = %s",
        (str(run_id),),
    )
    assert counts == [("done", 0, 2, 1, 0) if waits else ("done", 2, 0, 1, 0)]
    places = ", ".join(["%s"] * len(ids))
    prices = await fetch(
        f"SELECT day_price_minor, version FROM vehicle WHERE id IN ({places}) ORDER BY id", [str(one) for one in ids]
    )
    unchanged = [(minor, 1) for minor in PRICES_MINOR]
    assert list(prices) == (unchanged if waits else [(8_775, 2), (1, 1), (11_138, 2)])
    asked = await fetch(
        "SELECT a.id, a.version FROM approval a JOIN bulk_row r ON r.approval_id = a.id AND r.record_id = a.subject_id "
        "WHERE r.run_id = %s AND r.result = 'pending' AND a.state = 'pending'",
        (str(run_id),),
    )
    ((requests,),) = await fetch(
        f"SELECT COUNT(*) FROM approval WHERE subject_id IN ({places})", [str(one) for one in ids]
    )
    assert len(asked) == requests == (2 if waits else 0)
    ((told,),) = await fetch("SELECT COUNT(*) FROM notification WHERE subject_id = %s", (str(run_id),))
    assert told == 1
    return [
        *(Acknowledged("approval", str(key), int(version)) for key, version in asked),
        *(Acknowledged("vehicle", str(one), 1) for one in ids),
    ]


async def kill_at_each_step(
    live: Live, forker: Forker, actor: Actor, percent: str, tally: Tally, *, is_full: bool
) -> None:
    for _ in range(2):  # the first one also queues what all of them share, and so takes more steps
        await started_run(live, actor, percent)
        healthy = await forker.run_jobs(KIND)
    promised: list[Acknowledged] = []
    for step in chosen_steps(healthy.steps, is_full=is_full):
        run_id, ids = await started_run(live, actor, percent)
        with tally:
            killed = await forker.run_jobs(KIND, kill_at=step)
            assert killed.is_killed, f"it took only {len(killed.steps)} steps, not {step}"
            await make_due(live.database)
            await forker.run_jobs(KIND)
            promised += await assert_done_once(live, run_id, ids, percent)
    await assert_whole(live.database, promised)


@pytest.mark.fault("F1", "kill -9 at each step of a worker's run over many records")
async def test_changes(live: Live, forker: Forker, manager: Actor, tally: Tally, is_full: bool):
    await kill_at_each_step(live, forker, manager, RAISED, tally, is_full=is_full)


@pytest.mark.fault("F1", "kill -9 at each step of a run whose records wait for consent")
async def test_requests(live: Live, forker: Forker, manager: Actor, tally: Tally, is_full: bool):
    await kill_at_each_step(live, forker, manager, RAISED_MUCH, tally, is_full=is_full)
