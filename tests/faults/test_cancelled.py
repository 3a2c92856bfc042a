"""F8: requests are cancelled at any moment of a query; the connection's next user never gets another's rows."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from sqlalchemy import text

from app.core.db import Database
from app.settings import Settings
from tests.faults.wholeness import assert_at_rest
from tests.plugins.tally import Tally

FEW, MANY = 120, 2_600
"""Of each pool and driver: more than 5,000 for each driver in full."""
SIZE = 4
AT_ONCE = 8
LONGEST_MILLISECONDS = 6
SEED = 20260902


@pytest.fixture(params=["aiomysql", "asyncmy"])
async def database(request: pytest.FixtureRequest, fault_settings: Settings) -> AsyncIterator[Database]:
    url = fault_settings.database_url.replace("aiomysql", request.param)
    database = await Database.open(fault_settings.model_copy(update={"database_url": url}), pool_size=SIZE)
    async with database.unit() as session:
        await session.execute(text("CREATE TABLE IF NOT EXISTS canary (owner int PRIMARY KEY)"))
        await session.execute(text("TRUNCATE canary"))
    yield database
    await database.close()


async def cancel_many(tally: Tally, count: int, work: Callable[[int], Awaitable[None]]) -> None:
    """Run pieces of work beside each other and cancel each after a random while, finished or not."""
    chance = random.Random(SEED)  # noqa: S311 - a seed, not a secret
    numbers = iter(range(1, count + 1))

    async def canceller() -> None:
        for number in numbers:
            with tally:
                task = asyncio.ensure_future(work(number))
                await asyncio.sleep(chance.random() * LONGEST_MILLISECONDS / 1000)
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    await asyncio.gather(*(canceller() for _ in range(AT_ONCE // 2)))


class TestCancelled:
    @pytest.mark.fault("F8", "a read is cancelled ({database})")
    async def test_reads_give_nobody_foreign_rows(self, database: Database, tally: Tally, is_full: bool):
        async def read(number: int) -> None:
            rows = await database.reads.fetch("SELECT %s, SLEEP(0.001), REPEAT('x', 20000)", (number,))
            assert int(rows[0][0]) == number

        await cancel_many(tally, MANY if is_full else FEW, read)
        rows = await asyncio.gather(*(database.reads.fetch("SELECT %s", (owner,)) for owner in range(SIZE * 3)))
        assert [int(found[0][0]) for found in rows] == list(range(SIZE * 3))
        await assert_at_rest(database)

    @pytest.mark.fault("F8", "a unit of work is cancelled ({database})")
    async def test_units_give_nobody_foreign_rows_or_foreign_changes(
        self, database: Database, tally: Tally, is_full: bool
    ):
        finished: set[int] = set()

        async def write(number: int) -> None:
            async with database.unit() as session:
                mine = await session.execute(text("SELECT :owner, SLEEP(0.001)"), {"owner": number})
                assert int(mine.one()[0]) == number
                await session.execute(text("INSERT INTO canary VALUES (:owner)"), {"owner": number})
                seen = await session.execute(text("SELECT owner FROM canary WHERE owner = :owner"), {"owner": number})
                assert seen.scalar_one() == number
                await session.execute(text("INSERT INTO canary VALUES (:owner)"), {"owner": -number})
            finished.add(number)

        await cancel_many(tally, MANY if is_full else FEW, write)
        await assert_at_rest(database)
        kept = {int(row[0]) for row in await database.primary.fetch("SELECT owner FROM canary")}
        assert {-owner for owner in kept} == kept, "half of a unit was kept"
        assert finished <= kept
        owners = await asyncio.gather(*(self.owner_of(database, owner) for owner in range(SIZE * 2)))
        assert owners == list(range(SIZE * 2))

    async def owner_of(self, database: Database, owner: int) -> int:
        async with database.session() as session:
            return int((await session.execute(text("SELECT :owner"), {"owner": owner})).scalar_one())

    async def test_a_healthy_connection_is_used_again(self, database: Database):
        first = await database.reads.fetch("SELECT CONNECTION_ID()")
        assert await database.reads.fetch("SELECT CONNECTION_ID()") == first
