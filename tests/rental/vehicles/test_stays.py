"""Where vehicles were in the fleet, while they change."""

from datetime import UTC, datetime, timedelta

import time_machine
from sqlalchemy import select

from app.core.actor import SYSTEM
from app.rental.vehicles import queries, services
from app.rental.vehicles.models import VehicleStay
from tests.factories.rental import HOURS, make_location, make_vehicle

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def at(days):
    return time_machine.travel(NOON + timedelta(days=days), tick=False)


async def stays(session, car):
    """Branch, class, and the days after NOON of the beginning and the end."""
    await session.flush()
    found = await session.execute(
        select(VehicleStay).where(VehicleStay.vehicle_id == car.id).order_by(VehicleStay.starts_at)
    )
    return [
        (one.location_code, one.class_code, (one.starts_at - NOON).days, one.ends_at and (one.ends_at - NOON).days)
        for one in found.scalars()
    ]


async def breaches(database):
    return [await database.reads.fetch(check.sql) for check in queries.STAYS]


class TestStays:
    async def test_follow_class_transfer_and_retirement(self, session, database):
        for code in ("TLL", "TAY"):
            await make_location(session, code, opening_hours=HOURS)
        with at(0):
            car = await make_vehicle(session, plate="AAA 1", location="TLL")
            assert await stays(session, car) == []
        with at(2):
            await services.update_vehicle(session, car.id, fields={"acriss": "IWMD"}, actor=SYSTEM)
            await services.update_vehicle(session, car.id, fields={"colour": "red"}, actor=SYSTEM)
            await services.move_vehicle(session, car.id, "block", fields={"reason": "Scratched"}, actor=SYSTEM)
            await services.move_vehicle(session, car.id, "block_removal", fields={}, actor=SYSTEM)
        with at(5):
            fields = {"reason": "Wanted there", "to_location": "TAY"}
            await services.move_vehicle(session, car.id, "transfer", fields=fields, actor=SYSTEM)
        with at(6):
            await services.move_vehicle(session, car.id, "arrival", fields={}, actor=SYSTEM)
        assert await stays(session, car) == [("TLL", "IWMD", 2, 6), ("TAY", "IWMD", 6, None)]
        assert await breaches(database) == [[], []]
        with at(9):
            await services.move_vehicle(session, car.id, "retirement", fields={"reason": "Sold"}, actor=SYSTEM)
        assert await stays(session, car) == [("TLL", "IWMD", 2, 6), ("TAY", "IWMD", 6, 9)]
        assert await breaches(database) == [[], []]

    async def test_a_transfer_that_ends_by_itself_and_a_change_at_once(self, session, database):
        for code in ("TLL", "TAY"):
            await make_location(session, code, opening_hours=HOURS)
        with at(0):
            car = await make_vehicle(session, plate="AAA 1", location="TLL", acriss="IWMD")
            await services.update_vehicle(session, car.id, fields={"acriss": "CDMV"}, actor=SYSTEM)
            fields = {"reason": "Wanted there", "to_location": "TAY", "ends_at": NOON + timedelta(days=1)}
            await services.move_vehicle(session, car.id, "transfer", fields=fields, actor=SYSTEM)
        with at(1):
            await services.apply_periods(session, car.id)
        assert await stays(session, car) == [("TLL", "CDMV", 0, 1), ("TAY", "CDMV", 1, None)]
        assert await breaches(database) == [[], []]

    async def test_the_check_finds_a_vehicle_that_is_elsewhere(self, session, database):
        await make_location(session, "TLL", opening_hours=HOURS)
        car = await make_vehicle(session, plate="AAA 1", location="TLL", acriss="IWMD")
        car.acriss = "CDMV"
        await session.flush()
        assert await breaches(database) == [[(str(car.id),)], []]
