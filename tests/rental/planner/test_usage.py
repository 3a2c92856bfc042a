"""How much of a class is hired out, and which next hires are in danger."""

from datetime import timedelta

import pytest
import time_machine

from app.core import clock
from app.core.actor import SYSTEM
from app.rental.bookings.rules import BookingState
from app.rental.figures.rules import late_share
from app.rental.planner.services import usage
from app.rental.planner.services.plans import Asked
from tests.factories.rental import make_booking, make_fleet


async def read(database, booking, days=14):
    first = booking.pickup_local.date() - timedelta(days=2)
    return await usage.read_sheet(database.reads, SYSTEM, Asked(["TLL"], days=days, first_day=first))


class TestUsage:
    async def test_counts_vehicles_by_columns_and_what_is_promised(self, session, database):
        car, _ = await make_fleet(session)
        booking = await make_booking(session, vehicle_id=car.id)
        await make_booking(session)
        sheet = await read(database, booking)
        found = sheet.usage["TLL", "IWMD"]
        assert found.vehicles == 2
        assert found.share(0, 24) == (0, 0, 48)
        assert found.share(36, 48) == (12, 12, 24)
        assert sum(found.rented) == 36


class TestRisks:
    async def test_a_tight_next_hire_is_told_with_its_share(self, session, database):
        car, _ = await make_fleet(session)
        booking = await make_booking(session, vehicle_id=car.id)
        following = await make_booking(
            session,
            vehicle_id=car.id,
            pickup={"location": "TLL", "local": booking.return_local + timedelta(hours=2)},
            back={"location": "TLL", "local": booking.return_local + timedelta(days=2)},
        )
        sheet = await read(database, booking)
        assert [(risk.key, risk.following.id) for risk in sheet.risks] == [(str(booking.id), str(following.id))]
        assert sheet.risks[0].share == late_share(120)
        assert usage.due_soon(sheet.risks, clock.now()) == []

    async def test_of_a_vehicle_that_is_late_already_it_is_listed_today(self, session, database, client_for):
        car, _ = await make_fleet(session)
        booking = await make_booking(session, vehicle_id=car.id)
        following = await make_booking(
            session, vehicle_id=car.id, starts_on=booking.return_local.date() + timedelta(days=1)
        )
        booking.state = BookingState.ON_HIRE
        await session.flush()
        first = booking.pickup_local.date() - timedelta(days=2)
        with time_machine.travel(booking.return_at + timedelta(hours=23), tick=False):
            sheet = await read(database, booking)
            (risk,) = usage.due_soon(sheet.risks, clock.now())
            assert (risk.key, risk.following.id) == (str(booking.id), str(following.id))
            assert risk.share == pytest.approx(late_share(24 * 60) / late_share(23 * 60))
            clerk = await client_for("fleet_clerk")
            page = (await clerk.get(f"/planner?branch=TLL&first={first}")).text
        assert "At risk today" in page
        assert "due back 23 h ago" in page
        assert "Hired out" in page
