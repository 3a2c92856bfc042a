import asyncio
import random
import signal
import subprocess
import sys

import pytest

from search import bulk
from search.bulk import Write
from search.drift import list_held
from search.errors import ReindexRefused
from search.finder import find
from search.indexes import Indexes, IndexState
from search.kinds import SearchKind
from tests.search.samples import EVERYTHING, VEHICLES, vehicle

ROWS = 600
PAGE = 20
KILLED_RUN = """
import asyncio, sys
from search.client import SearchClient
from search.indexes import Indexes
from tests.search.samples import VEHICLES
from tests.search.test_reindex import Rows

async def main():
    rows = Rows(200)
    async def endless():
        while True:
            async for write in rows.read():
                yield write
            print("half-way", flush=True)
    await Indexes(SearchClient(sys.argv[1]), sys.argv[2]).reindex(VEHICLES, endless)

asyncio.run(main())
"""


class Rows:
    """The rows that the index is made from: id -> (version, model), and nothing for what was deleted."""

    def __init__(self, count: int):
        self.held = {f"v-{n:04}": (1, "Model") for n in range(count)}
        self.versions = dict.fromkeys(self.held, 1)
        self.random = random.Random(20260902)  # noqa: S311

    def change(self) -> Write:
        """Change, delete or add one row and say what the index must hear."""
        key = f"v-{self.random.randrange(1, ROWS * 2):04}"
        self.versions[key] = version = self.versions.get(key, 0) + 1
        if key in self.held and self.random.random() < 0.3:
            del self.held[key]
            return Write(key, version, None)
        self.held[key] = (version, f"Changed{version}")
        return self.write(key)

    def write(self, key: str) -> Write:
        version, model = self.held[key]
        number = int(key[2:])
        return vehicle(key, f"Skoda {model}", f"{number:04} ROW", f"TMBJJ7NE8L{number:07}", version=version)

    async def read(self):
        """Every row, in pages that are a little old when they are written."""
        keys = sorted(self.held)
        for start in range(0, len(keys), PAGE):
            page = [self.write(key) for key in keys[start : start + PAGE] if key in self.held]
            await asyncio.sleep(0.02)
            for write in page:
                yield write


@pytest.fixture
async def filled(indexes: Indexes):
    rows = Rows(ROWS)
    await indexes.drop(VEHICLES)
    await indexes.ensure(VEHICLES)
    await indexes.write(VEHICLES, [write async for write in rows.read()])
    await indexes.refresh(VEHICLES)
    return rows


async def held_by(indexes: Indexes) -> dict[str, int]:
    await indexes.refresh(VEHICLES)
    return {held.id: held.version async for held in list_held(indexes, VEHICLES) if not held.is_deleted}


def versions_of(rows: Rows) -> dict[str, int]:
    return {key: version for key, (version, _) in rows.held.items()}


async def keep_writing(indexes: Indexes, rows: Rows, stop: asyncio.Event) -> int:
    written = 0
    while not stop.is_set():
        changes = [rows.change() for _ in range(5)]
        await asyncio.sleep(rows.random.random() * 0.02)
        outcome = await indexes.write(VEHICLES, changes)
        assert outcome.quarantined == ()
        written += len(changes)
    return written


async def keep_searching(indexes: Indexes, stop: asyncio.Event) -> int:
    searches = 0
    while not stop.is_set():
        found = await find(indexes, "0000 row", kinds=(VEHICLES,), grants=EVERYTHING)
        assert not found.partial
        assert found.exact is not None
        assert found.exact.id == "v-0000"
        searches += 1
        await asyncio.sleep(0.002)
    return searches


class TestReindex:
    @pytest.mark.fault("F28", "reindex while people write and search")
    async def test_loses_nothing_while_people_write_and_search(self, indexes: Indexes, filled: Rows, monkeypatch):
        monkeypatch.setattr(bulk, "BATCH_DOCUMENTS", 50)
        stop = asyncio.Event()
        live = [asyncio.create_task(keep_writing(indexes, filled, stop)) for _ in range(2)]
        live.append(asyncio.create_task(keep_searching(indexes, stop)))
        heard: list[int] = []
        try:
            results = [await indexes.reindex(VEHICLES, filled.read, progress=heard.append) for _ in range(2)]
        finally:
            stop.set()
        *written, searches = await asyncio.gather(*live)
        assert min(written) > 50
        assert searches > 50
        assert await held_by(indexes) == versions_of(filled)
        assert list(await indexes._indices(VEHICLES)) == [results[-1].index]
        assert heard[-1] == results[-1].outcome.total

    async def test_makes_an_outdated_index_current(self, indexes: Indexes, filled: Rows):
        wider = SearchKind(VEHICLES.name, (*VEHICLES.facets, "colour"), VEHICLES.numbers, VEHICLES.dates)
        assert await indexes.ensure(wider) is IndexState.OUTDATED
        await indexes.reindex(wider, filled.read)
        assert await indexes.ensure(wider) is IndexState.CURRENT

    async def test_the_new_index_refreshes_by_itself(self, indexes: Indexes, filled: Rows):
        done = await indexes.reindex(VEHICLES, filled.read)
        settings = await indexes.client.command("GET", f"/{done.index}/_settings")
        assert settings[done.index]["settings"]["index"]["refresh_interval"] == "500ms"


class TestInterrupted:
    @pytest.mark.fault("F28", "reindex killed half-way")
    async def test_a_killed_run_harms_nothing_and_the_next_cleans_up(
        self, indexes: Indexes, filled: Rows, opensearch_url: str
    ):
        arguments = [sys.executable, "-c", KILLED_RUN, opensearch_url, indexes.names.namespace]
        run = await asyncio.create_subprocess_exec(*arguments, stdout=subprocess.PIPE)
        assert run.stdout is not None
        assert await asyncio.wait_for(run.stdout.readline(), 60) == b"half-way\n"
        run.send_signal(signal.SIGKILL)
        await run.wait()
        assert len(await indexes._indices(VEHICLES)) == 2
        assert (await indexes.write(VEHICLES, [filled.change()])).written == 1
        assert await held_by(indexes) == versions_of(filled)
        done = await indexes.reindex(VEHICLES, filled.read)
        assert await indexes._indices(VEHICLES) == {done.index: frozenset({indexes.names.live(VEHICLES)})}
        assert await held_by(indexes) == versions_of(filled)

    @pytest.mark.fault("F28", "the database goes away during a reindex")
    async def test_a_failing_source_keeps_the_live_index(self, indexes: Indexes, filled: Rows):
        async def breaking():
            async for write in filled.read():
                yield write
                if write.id == "v-0100":
                    raise LookupError("the database went away")

        before = await indexes._indices(VEHICLES)
        with pytest.raises(LookupError):
            await indexes.reindex(VEHICLES, breaking)
        assert await indexes._indices(VEHICLES) == before

    async def test_too_many_refused_documents_keep_the_live_index(self, indexes: Indexes, filled: Rows):
        async def malformed():
            async for write in filled.read():
                yield Write(write.id, write.version, {**(write.document or {}), "surprise": True})

        before = await indexes._indices(VEHICLES)
        with pytest.raises(ReindexRefused, match="600 of 600"):
            await indexes.reindex(VEHICLES, malformed)
        assert await indexes._indices(VEHICLES) == before
        assert await held_by(indexes) == versions_of(filled)
