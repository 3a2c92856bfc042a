"""F23: many at once for one vehicle, and for the last of a class; everything is really committed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import AsyncSession, Database, run_in_unit
from app.rental.occupancy import services, writes
from app.rental.occupancy.rules import Stay
from app.rental.occupancy.services import ClassSoldOut, VehicleTaken
from app.settings import Settings
from tests.factories.rental import make_location, make_vehicle

AT_ONCE = 64
CLASS = "IWMD"
TABLES = ("occupancy", "class_stock", "vehicle_stay", "vehicle", "location", "audit_entry", "outbox_event")


@pytest.fixture
async def committing(settings: Settings) -> AsyncIterator[Database]:
    """The database of the suite with nothing in it, committing for real; emptied again afterwards."""
    database = await Database.open(settings, pool_size=16)
    yield database
    async with database.unit() as session:
        for table in TABLES:
            await session.execute(text(f"DELETE FROM {table}"))
    await database.close()


@pytest.fixture
async def vehicle_id(committing: Database) -> UUID:
    async with committing.unit() as session:
        await make_location(session, "TLL")
        return (await make_vehicle(session, acriss=CLASS, location="TLL")).id


def stay(start: int, end: int) -> Stay:
    starts_at = clock.now() + timedelta(days=30)
    return Stay("TLL", "TLL", starts_at + timedelta(hours=start), *[starts_at + timedelta(hours=end)] * 2)


async def race(database: Database, work) -> tuple[int, list[str]]:
    """All at once; how many won, and how the others were refused."""

    async def one(number: int) -> str:
        async def attempt(session: AsyncSession) -> None:
            await work(session, number)

        try:
            await run_in_unit(database, attempt)
        except (VehicleTaken, ClassSoldOut) as refused:
            return refused.code
        return "won"

    answers = await asyncio.gather(*(one(number) for number in range(AT_ONCE)))
    return answers.count("won"), sorted({answer for answer in answers if answer != "won"})


async def held(database: Database) -> int:
    async with database.session() as session:
        return int((await session.execute(text("SELECT COUNT(*) FROM occupancy"))).scalar_one())


async def deadlocks(database: Database) -> int:
    async with database.session() as session:
        row = (await session.execute(text("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'"))).one()
        return int(row[1])


class TestOneVehicle:
    async def test_64_who_want_the_same_time_have_one_winner_and_no_deadlock(self, committing, vehicle_id):
        before = await deadlocks(committing)
        wanted = stay(0, 24)

        async def work(session, number):
            await services.occupy(session, uuid4(), vehicle_id, CLASS, wanted, actor=SYSTEM)

        assert await race(committing, work) == (1, ["vehicle_taken"])
        assert (await held(committing), await deadlocks(committing) - before) == (1, 0)

    async def test_64_who_want_times_that_overlap_have_winners_that_do_not(self, committing, vehicle_id):
        async def work(session, number):
            await services.occupy(session, uuid4(), vehicle_id, CLASS, stay(number, number + 8), actor=SYSTEM)

        won, _ = await race(committing, work)
        assert 4 <= won <= 8  # 71 hours in stretches of eight: at best every eighth, at worst every fifteenth
        assert await held(committing) == won

    async def test_the_constraint_alone_lets_only_one_in(self, committing, vehicle_id):
        """Those who neither lock nor look: the table itself refuses them, with deadlocks that are repeated."""
        wanted = stay(0, 24)

        async def work(session, number):
            row = services._held(uuid4(), CLASS, wanted, vehicle_id)
            if not await writes.add(session, row):
                raise VehicleTaken

        assert await race(committing, work) == (1, ["vehicle_taken"])
        assert await held(committing) == 1


class TestOneClass:
    async def test_64_who_want_the_last_one_have_one_winner(self, committing, vehicle_id):
        assert vehicle_id
        wanted = stay(0, 24)

        async def work(session, number):
            await services.promise(session, uuid4(), CLASS, wanted)

        assert await race(committing, work) == (1, ["class_sold_out"])
        assert await held(committing) == 1
