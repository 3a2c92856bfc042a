"""F27: migrations are killed before and after every step, while the portal serves."""

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.api.committing import Live
from tests.core.test_migrations import differences
from tests.faults.forker import Forker, forking
from tests.faults.wholeness import assert_whole
from tests.plugins.servers import create_database, on_database, run_statements
from tests.plugins.tally import Tally

NAME = "forecourt_killed_migrations"
STRIDE = 45
"""In the short form a child is killed this many steps later than the one before, in full one step later."""
MOST_CHILDREN = 400


@pytest.fixture
def empty_database(mariadb_url: str) -> Iterator[str]:
    create_database(mariadb_url, NAME)
    yield on_database(mariadb_url, NAME)
    run_statements(mariadb_url, f"DROP DATABASE {NAME}")


class TestKilledMigrations:
    @pytest.mark.fault("F27", "kill -9 at the steps of the migrations, from nothing to the newest")
    async def test_the_next_run_goes_on(self, forker: Forker, empty_database: str, tally: Tally, is_full: bool):
        """Each child is killed a little later in what is left to do; the last one is not killed any more."""
        stride = 1 if is_full else STRIDE
        kill_at = 1
        for _ in range(MOST_CHILDREN):
            with tally:
                ended = await forker.migrate(empty_database, kill_at=kill_at)
            if not ended.is_killed:
                break
            kill_at += stride
        else:
            pytest.fail("the migrations never came to their end")
        tally.injected -= 1
        tally.survived -= 1
        assert tally.injected > 0
        assert differences(empty_database) == []

    async def test_two_at_once_take_turns(self, live: Live, empty_database: str):
        async with forking(live.settings) as one, forking(live.settings) as other:
            await asyncio.gather(one.migrate(empty_database), other.migrate(empty_database))
        assert differences(empty_database) == []


class TestExpansion:
    @pytest.mark.fault("F27", "kill -9 at each step of an expansion under load; code that does not know it goes on")
    async def test_old_code_goes_on(self, live: Live, forker: Forker, tally: Tally):
        stop = asyncio.Event()
        statuses: list[int] = []

        async def work() -> None:
            async with await live.client("fleet_clerk") as client:
                while not stop.is_set():
                    headers = {"idempotency-key": str(uuid4())}
                    answer = await client.post("/vehicles", json={"make": "Kia", "market": "EE"}, headers=headers)
                    statuses.append(answer.status_code)
                    listed = await client.get("/vehicles", params={"limit": 5})
                    statuses.append(listed.status_code)

        working = [asyncio.create_task(work()) for _ in range(2)]
        try:
            kill_at = 1
            while True:
                ended = await forker.expand(live.settings.database_url, kill_at=kill_at)
                if not ended.is_killed:
                    break
                with tally:
                    kill_at += 1
            before = len(statuses)
            async with asyncio.timeout(30):
                while len(statuses) < before + 8:  # noqa: ASYNC110 - both clients meet the new schema
                    await asyncio.sleep(0.02)
        finally:
            stop.set()
            await asyncio.gather(*working)
            async with live.database.unit() as session:
                await session.execute(text("ALTER TABLE vehicle DROP COLUMN IF EXISTS fuel_card"))
        assert set(statuses) == {200, 201}
        assert tally.injected >= 4
        await assert_whole(live.database)
