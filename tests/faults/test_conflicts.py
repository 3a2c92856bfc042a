"""F5, F6: deadlock 1213, changed snapshot 1020 and lock wait 1205, all of them provoked for real."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import ExceptionContext, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import db
from app.core.db import ATTEMPTS, DEADLOCK, LOCK_WAIT_TIMEOUT, SNAPSHOT_CHANGED, Database, error_number, run_in_unit
from app.settings import Settings
from tests.api.committing import Live, running_app
from tests.factories.rental import make_vehicle
from tests.faults.wholeness import assert_at_rest, assert_whole
from tests.plugins.tally import Tally

PAIRS, FEW_PAIRS = 100, 5
CHANGES, FEW_CHANGES = 50, 5
LOOSE = "CREATE TABLE IF NOT EXISTS counted (id int PRIMARY KEY, number int NOT NULL)"


@pytest.fixture
async def counted(live: Live) -> AsyncIterator[Database]:
    """Two rows that several units of work count up."""
    async with live.database.unit() as session:
        await session.execute(text(LOOSE))
        await session.execute(text("REPLACE INTO counted VALUES (1, 0), (2, 0)"))
    yield live.database
    async with live.database.unit() as session:
        await session.execute(text("DROP TABLE counted"))


async def count_up(session: AsyncSession, row: int) -> None:
    await session.execute(text("UPDATE counted SET number = number + 1 WHERE id = :row"), {"row": row})


async def numbers(database: Database) -> list[int]:
    return [int(row[0]) for row in await database.primary.fetch("SELECT number FROM counted ORDER BY id")]


class Attempts:
    """Counts the attempts of one unit of work and the errors that ended them."""

    def __init__(self) -> None:
        self.count = 0
        self.errors: list[int | None] = []

    async def __call__(self, work: Any) -> None:
        self.count += 1
        try:
            await work
        except OperationalError as error:
            self.errors.append(error_number(error))
            raise


class TestDeadlock:
    @pytest.mark.fault("F5", "two units of work deadlock (1213)")
    async def test_both_have_their_effect_once(self, counted: Database, tally: Tally, is_full: bool):
        for number in range(1, (PAIRS if is_full else FEW_PAIRS) + 1):
            with tally:
                both_have_one = asyncio.Barrier(2)
                tries = [Attempts(), Attempts()]

                async def cross(tried: Attempts, rows: tuple[int, int], barrier: asyncio.Barrier) -> None:
                    async def work(session: AsyncSession) -> None:
                        await count_up(session, rows[0])
                        if tried.count == 1:
                            await barrier.wait()
                        await count_up(session, rows[1])

                    await run_in_unit(counted, lambda session: tried(work(session)))

                await asyncio.gather(cross(tries[0], (1, 2), both_have_one), cross(tries[1], (2, 1), both_have_one))
                assert DEADLOCK in [*tries[0].errors, *tries[1].errors], "no deadlock was provoked"
                assert max(tried.count for tried in tries) <= ATTEMPTS
                assert await numbers(counted) == [2 * number, 2 * number]
        await assert_at_rest(counted)


class TestSnapshot:
    @pytest.mark.fault("F5", "a row read by a unit of work has changed (1020)")
    async def test_the_unit_is_repeated_as_a_whole(self, counted: Database, tally: Tally, is_full: bool):
        for number in range(1, (CHANGES if is_full else FEW_CHANGES) + 1):
            with tally:
                tried = Attempts()

                async def work(session: AsyncSession, tried: Attempts = tried) -> None:
                    await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
                    await session.execute(text("SET SESSION innodb_snapshot_isolation = ON"))
                    await count_up(session, 2)
                    await session.execute(text("SELECT number FROM counted WHERE id = 1"))
                    if tried.count == 1:
                        await run_in_unit(counted, lambda other: count_up(other, 1))
                    await count_up(session, 1)

                await run_in_unit(counted, lambda session, tried=tried, work=work: tried(work(session)))
                assert tried.errors == [SNAPSHOT_CHANGED]
                assert await numbers(counted) == [2 * number, number], "half of a repeated unit was kept"
        await assert_at_rest(counted)


@pytest.fixture
async def impatient(fault_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Live]:
    """An application that waits for no lock, so that each attempt ends with 1205 at once."""
    monkeypatch.setattr(db, "UNIT_SETTINGS", f"{db.UNIT_SETTINGS}, innodb_lock_wait_timeout=0")
    async with running_app(fault_settings) as running:
        yield running


class TestLockWait:
    @pytest.mark.fault("F6", "a lock is held a little longer than a statement waits (1205)")
    async def test_the_request_succeeds_once_the_lock_is_gone(self, impatient: Live, live: Live):
        async with live.database.unit() as session:
            vehicle = await make_vehicle(session)
        async with await live.client("fleet_clerk") as client:
            client._transport.app = impatient.app
            refusals = lock_waits_of(impatient.database)
            async with live.database.session() as holder:
                await hold(holder, vehicle.id)
                blocking = asyncio.create_task(block(client, vehicle.id))
                async with asyncio.timeout(20):
                    while not refusals:  # noqa: ASYNC110 - the driver has no event to wait for
                        await asyncio.sleep(0.001)
                await holder.rollback()
            answer = await blocking
        assert answer.status_code == 201, answer.text
        await assert_whole(live.database)
        await assert_at_rest(impatient.database)

    @pytest.mark.fault("F6", "a lock is never given back: 503 after five attempts (1205)")
    async def test_the_request_gives_up_and_leaves_nothing(self, impatient: Live, live: Live):
        async with live.database.unit() as session:
            vehicle = await make_vehicle(session)
        key = str(uuid4())
        async with await live.client("fleet_clerk") as client:
            client._transport.app = impatient.app
            async with live.database.session() as holder:
                await hold(holder, vehicle.id)
                refused = await block(client, vehicle.id, key)
                await holder.rollback()
            again = await block(client, vehicle.id, key)
        assert refused.status_code == 503, refused.text
        assert "retry-after" in refused.headers
        assert again.status_code == 201, again.text
        assert "idempotency-replayed" not in again.headers
        await assert_whole(live.database)

    async def test_the_error_is_a_lock_wait(self, impatient: Live, counted: Database):
        async with counted.session() as holder:
            await holder.execute(text("SELECT id FROM counted WHERE id = 1 FOR UPDATE"))
            with pytest.raises(OperationalError) as caught:
                await run_in_unit(impatient.database, lambda session: count_up(session, 1))
            assert error_number(caught.value) == LOCK_WAIT_TIMEOUT
            await holder.rollback()


def lock_waits_of(database: Database) -> list[int]:
    """A list that grows with each 1205 that the engine hears of."""
    heard: list[int] = []

    @event.listens_for(database.engine.sync_engine, "handle_error")
    def hear(context: ExceptionContext) -> None:
        number = context.original_exception.args[0]
        if number == LOCK_WAIT_TIMEOUT:
            heard.append(number)

    return heard


async def hold(session: AsyncSession, vehicle_id: object) -> None:
    await session.execute(text("SELECT id FROM vehicle WHERE id = :id FOR UPDATE"), {"id": str(vehicle_id)})


async def block(client: Any, vehicle_id: object, key: str = "") -> Any:
    headers = {"idempotency-key": key} if key else {}
    return await client.post(f"/vehicles/{vehicle_id}/block", json={"reason": "Scratch"}, headers=headers)
