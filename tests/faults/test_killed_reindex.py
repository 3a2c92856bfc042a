"""F28: `forecourt reindex` is killed half-way while people write and search; the next run ends it."""

import asyncio
import random
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Self
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.cli.options import environment_of
from app.core.invariants import Acknowledged
from app.settings import ROOT
from search.errors import SearchError
from tests.core.waiting import until
from tests.faults.searching import CATCH_UP_SECONDS, Searched, new_plate, searched
from tests.faults.wholeness import assert_whole
from tests.plugins.tally import Tally
from tests.search.proxy import proxy_for

__all__ = ["searched"]

FEW_ROWS, MANY_ROWS = 3_000, 20_000
WRITERS = 2
PAUSE_SECONDS, LOOK_SECONDS = 0.1, 0.2
SLOWED_SECONDS = 0.5
"""How late the engine answers a run that is to be killed, so that it is seen on its way."""
START_SECONDS = 60
SWAPPED = 0
"""In place of a number of documents: after the swap, before the old index is removed."""
SEED = 20260902
ADD_ROWS = (
    "INSERT INTO vehicle (id, version, created_at, updated_at, market, make, equipment, base_state, state, source,"
    " source_key, source_fields) SELECT UUID(), 1, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), 'EE', 'Kia', '[]',"
    " 'in_service', 'in_service', :source, seq, '{}' FROM seq_1_to_{count}"
)


class People:
    """They write and search until they are told to stop, and keep what they were told."""

    def __init__(self, searched: Searched, plate: str) -> None:
        self.promised: list[Acknowledged] = []
        self.searches = 0
        self._searched, self._plate = searched, plate
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._write()) for _ in range(WRITERS)]
        self._tasks.append(asyncio.create_task(self._search()))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stop.set()
        await asyncio.gather(*self._tasks)

    async def _write(self) -> None:
        while not self._stop.is_set():
            added = await self._searched.add(new_plate())
            changed = await self._searched.api.patch(
                f"/vehicles/{added.id}",
                json={"odometer_km": 41_200},
                headers={"if-match": f'"{added.version}"', "idempotency-key": str(uuid4())},
            )
            assert changed.status_code == 200, changed.text
            self.promised.append(Acknowledged("vehicle", added.id, added.version + 1))
            await asyncio.sleep(PAUSE_SECONDS)

    async def _search(self) -> None:
        while not self._stop.is_set():
            assert await self._searched.found(self._plate) == ([self._plate], ""), "a search failed meanwhile"
            self.searches += 1
            await asyncio.sleep(PAUSE_SECONDS)


@pytest.fixture(scope="module")
async def rows(searched: Searched, is_full: bool) -> AsyncIterator[int]:
    """As many vehicles as an import of some other system leaves, so that building the index takes a while."""
    count, source = MANY_ROWS if is_full else FEW_ROWS, f"faults-{uuid4().hex[:8]}"
    async with searched.live.database.unit() as session:
        await session.execute(text(ADD_ROWS.replace("{count}", str(count))), {"source": source})
    yield count
    async with searched.live.database.unit() as session:
        await session.execute(text("DELETE FROM vehicle WHERE source = :source"), {"source": source})


async def start(searched: Searched, **changes: str) -> asyncio.subprocess.Process:
    settings = searched.live.settings.model_copy(update=changes)
    return await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "app.cli", "reindex", "vehicle",
        cwd=ROOT, env=environment_of(settings), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip


async def kill_at(searched: Searched, moment: Callable[[], Awaitable[bool]]) -> None:
    """Start a run, and kill it as soon as the moment has come."""
    async with proxy_for(searched.line.url) as slow:
        slow.delay_seconds = SLOWED_SECONDS
        process = await start(searched, opensearch_url=slow.url)

        async def has_come() -> bool:
            assert process.returncode is None, "it ended before"
            return await moment()

        await until(has_come, START_SECONDS)
        process.send_signal(signal.SIGKILL)
        await process.wait()


async def run_to_its_end(searched: Searched) -> None:
    process = await start(searched)
    async with asyncio.timeout(CATCH_UP_SECONDS):
        told, _ = await process.communicate()
    assert process.returncode == 0, told.decode()


async def let_its_lease_run_out(searched: Searched) -> None:
    """Instead of waiting for it."""
    async with searched.live.database.unit() as session:
        await session.execute(
            text(
                "UPDATE worker_lease SET lease_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND "
                "WHERE name = 'reindex:vehicle' AND lease_until IS NOT NULL"
            )
        )


def has_loaded(searched: Searched, documents: int) -> Callable[[], Awaitable[bool]]:
    """Whether the index that is being built has so many documents."""
    building = searched.direct.names.building(searched.vehicles)

    async def look() -> bool:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            held = await searched.command("GET", f"/{building}/_stats/indexing")
        except SearchError:
            return False
        return held["_all"]["primaries"]["indexing"]["index_total"] >= documents

    return look


def is_swapped(searched: Searched, before: set[str]) -> Callable[[], Awaitable[bool]]:
    """Whether the new index is live, and the old one not yet removed."""

    async def look() -> bool:
        return before.isdisjoint(await live_indices(searched))

    return look


async def live_indices(searched: Searched) -> set[str]:
    return set(await searched.command("GET", f"/_alias/{searched.index}"))


@pytest.mark.fault(
    "F28", "kill -9 of `forecourt reindex` while it loads, and after its swap, while people write and search"
)
async def test_no_search_fails_and_nothing_is_lost(searched: Searched, rows: int, tally: Tally, is_full: bool):
    chance = random.Random(SEED)  # noqa: S311 - a seed, not a secret
    loads = sorted(chance.sample(range(1_000, rows - 1_000), 4)) if is_full else [rows // 2]
    plate = new_plate()
    await searched.add(plate)
    await until(lambda: searched.is_found(plate), CATCH_UP_SECONDS)
    async with People(searched, plate) as people:
        for documents in [*loads, SWAPPED] if is_full else loads:
            with tally:
                before = await live_indices(searched)
                moment = is_swapped(searched, before) if documents == SWAPPED else has_loaded(searched, documents)
                await kill_at(searched, moment)
                assert len(await searched.direct._indices(searched.vehicles)) == 2, "it was not killed half-way"
                assert len(await live_indices(searched)) == 1
                await let_its_lease_run_out(searched)
                await run_to_its_end(searched)
                assert len(await searched.direct._indices(searched.vehicles)) == 1
    assert people.searches > 20
    assert len(people.promised) > 4
    await until(searched.is_caught_up, CATCH_UP_SECONDS)
    await searched.direct.refresh(searched.vehicles)
    await assert_whole(searched.live.database, people.promised, indexes=searched.direct)
