"""F1: a worker is killed before and after every statement of a job, and the next worker ends what it began."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from app.core.actor import Actor
from app.core.db import run_in_unit
from app.core.invariants import Acknowledged
from app.desk.imports import tasks
from app.desk.imports.rules import ColumnMapping, RunState
from app.desk.imports.services import runs
from tests.api.committing import Live
from tests.factories.staff import actor_of, make_staff
from tests.faults.forker import Forker
from tests.faults.killed_work import make_due
from tests.faults.steps import chosen_steps
from tests.faults.wholeness import assert_whole
from tests.plugins.tally import Tally

ROWS = 7
KIND = tasks.RUN.key


@pytest.fixture(scope="session")
async def importer(live: Live) -> Actor:
    async with live.database.unit() as session:
        staff = await make_staff(session, roles=["admin", "fleet_manager"])
    return actor_of(staff, live.runtime.assembly.permissions)


async def _lines(source: str) -> AsyncIterator[bytes]:
    yield b"Id,Brand,Odometer\n"
    for number in range(ROWS):
        yield f"{source}-{number},Skoda,{1000 + number}\n".encode()


async def confirmed_import(live: Live, forker: Forker, actor: Actor) -> tuple[UUID, str]:
    """An uploaded, mapped and checked file of vehicles whose import waits for a worker; its run and its source."""
    source = f"faults-{uuid4().hex[:12]}"
    vehicles = live.runtime.assembly.kinds["vehicle"].importer
    assert vehicles is not None
    mapping = ColumnMapping(
        "vehicles", "Id", {"Brand": ["make"], "Odometer": ["odometer_km"]}, constants={"market": "EE"}
    )
    fields = {"file_name": f"{source}.csv", "chunks": _lines(source)}
    async with live.database.unit() as session:
        run = await runs.begin_import(session, vehicles, data_dir=live.settings.data_dir, fields=fields, actor=actor)
    async with live.database.unit() as session:
        await runs.map_columns(session, run.id, vehicles, fields={"mapping": mapping, "source": source}, actor=actor)
    await forker.run_jobs(KIND)
    await run_in_unit(live.database, lambda session: runs.confirm_import(session, run.id, actor=actor))
    return run.id, source


async def assert_imported_once(live: Live, run_id: UUID, source: str) -> list[Acknowledged]:
    fetch = live.database.primary.fetch
    rows = await fetch("SELECT id, version FROM vehicle WHERE source = %s", (source,))
    assert len(rows) == ROWS
    assert {version for _, version in rows} == {1}, "a row was saved twice"
    counts = await fetch(
        "SELECT state, created_count, updated_count, unchanged_count, refused_count FROM import_run WHERE id = %s",
        (str(run_id),),
    )
    assert counts == [(RunState.DONE, ROWS, 0, 0, 0)]
    finished = await fetch(
        "SELECT COUNT(*) FROM audit_entry WHERE subject_id = %s AND action = 'import.finished'", (str(run_id),)
    )
    assert finished == [(1,)]
    return [Acknowledged("vehicle", str(key), int(version)) for key, version in rows]


@pytest.mark.fault("F1", "kill -9 at each step of a worker's import")
async def test_import(live: Live, forker: Forker, importer: Actor, tally: Tally, is_full: bool):
    await confirmed_import(live, forker, importer)
    healthy = await forker.run_jobs(KIND)
    promised: list[Acknowledged] = []
    for step in chosen_steps(healthy.steps, is_full=is_full):
        run_id, source = await confirmed_import(live, forker, importer)
        with tally:
            killed = await forker.run_jobs(KIND, kill_at=step)
            assert killed.is_killed, f"it took only {len(killed.steps)} steps, not {step}"
            await make_due(live.database)
            await forker.run_jobs(KIND)
            promised += await assert_imported_once(live, run_id, source)
    await assert_whole(live.database, promised)
