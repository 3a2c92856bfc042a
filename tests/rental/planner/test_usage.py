"""How much of a class is hired out, and which next hires are in danger."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import delete

from app.core import clock
from app.core.actor import SYSTEM
from app.rental.bookings.rules import BookingState
from app.rental.figures.rules import late_share
from app.rental.occupancy.models import Occupancy
from app.rental.planner.services import usage
from app.rental.planner.services.plans import Asked
from app.rental.vehicles import services as vehicles
from tests.factories.rental import make_booking, make_fleet, make_vehicle


async def read(database, booking, days=14):
    first = booking.pickup_local.date() - timedelta(days=2)
    return await usage.read_sheet(database.reads, SYSTEM, Asked(["TLL"], days=days, first_day=first))


def plate(car):
    return car.plate_key


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

    async def test_counts_vehicles_of_other_pages_too(self, session, database, client_for):
        cars = sorted(await make_fleet(session, 52), key=plate)
        booking = await make_booking(session, vehicle_id=cars[0].id)
        other = await make_booking(session, vehicle_id=cars[51].id)
        over = await make_booking(session, vehicle_id=cars[50].id)
        over.state, over.returned_at = BookingState.CLOSED, over.return_at
        await session.execute(delete(Occupancy).where(Occupancy.holder_id == over.id))
        when = {"starts_at": booking.pickup_at, "ends_at": booking.pickup_at + timedelta(days=1)}
        await vehicles.move_vehicle(session, cars[50].id, "block", fields={"reason": "Scratched"} | when, actor=SYSTEM)
        first = booking.pickup_local.date() - timedelta(days=2)
        with time_machine.travel(booking.return_at + timedelta(days=1), tick=False):
            sheets = [
                await usage.read_sheet(database.reads, SYSTEM, Asked(["TLL"], first_day=first, rows=rows, page=page))
                for rows, page in ((100, 1), (50, 1), (50, 2))
            ]
        whole, *parts = [sheet.usage["TLL", "IWMD"] for sheet in sheets]
        assert (whole.vehicles, sum(whole.rented), sum(whole.paused)) == (52, 108, 12)
        assert parts == [whole, whole]
        assert [len(sheet.plan.rows) for sheet in sheets] == [52, 50, 2]
        clerk = await client_for("fleet_clerk")
        page = (await clerk.get(f"/planner?branch=TLL&first={first}&rows=50&page=2")).text
        assert other.reference in page
        assert "of all 52, 2 here" in page

    async def test_the_whole_filter_is_one_line_above_the_classes(self, session, client_for):
        await make_fleet(session, 3)
        clerk = await client_for("fleet_clerk")
        assert "All " not in re.findall(r"<h2>([^<]*)</h2>", (await clerk.get("/planner?branch=TLL")).text)[0]
        await make_vehicle(session, plate="BBB 1", acriss="CDMV", location="TLL")
        assert "<h2>All 4 vehicles</h2>" in (await clerk.get("/planner?branch=TLL")).text


class TestRisks:
    async def test_also_of_vehicles_on_other_pages_and_days(self, session, database):
        car = max(await make_fleet(session, 51), key=plate)
        booking = await make_booking(session, vehicle_id=car.id)
        await make_booking(
            session,
            vehicle_id=car.id,
            pickup={"location": "TLL", "local": booking.return_local + timedelta(hours=2)},
            back={"location": "TLL", "local": booking.return_local + timedelta(days=2)},
        )
        later = booking.pickup_local.date() + timedelta(days=60)
        with time_machine.travel(booking.return_at - timedelta(hours=3), tick=False):
            sheet = await usage.read_sheet(database.reads, SYSTEM, Asked(["TLL"], first_day=later, rows=50))
        assert sheet.risks == []
        assert [risk.key for risk in sheet.soon] == [str(booking.id)]

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
