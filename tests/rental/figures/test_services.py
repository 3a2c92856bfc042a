"""Counting: what is hired out, what it earns, and how late it comes back, over the real tables."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
import time_machine
from sqlalchemy import text

from app.core.actor import SYSTEM
from app.rental.bookings.rules import BookingState
from app.rental.figures import queries, services
from app.rental.figures.queries import Span
from app.rental.figures.services import Asked
from app.rental.vehicles import services as vehicles
from tests.factories.desk import make_customer
from tests.factories.rental import HOURS, make_booking, make_fleet, make_location, make_vehicle

NOW = datetime(2026, 6, 1, 6, tzinfo=UTC)


@pytest.fixture(autouse=True)
def june():
    with time_machine.travel(NOW, tick=False):
        yield


async def hired(session, car, starts_on, days=3, **fields):
    customer = fields.pop("customer", None) or await make_customer(session)
    return await make_booking(session, customer=customer, vehicle_id=car.id, starts_on=starts_on, days=days)


async def read(session, runtime_reads, since, until, by=""):
    return await queries.read_figures(runtime_reads, SYSTEM, Span(since, until), by)


class TestRecount:
    async def test_days_and_money_are_spread_alike(self, session, database):
        car, _ = await make_fleet(session)
        booking = await hired(session, car, date(2026, 6, 10))
        car.created_at = NOW - timedelta(days=10)
        await session.flush()
        await services.recount(session, date(2026, 6, 1), date(2026, 7, 1))
        whole = (await read(session, database.reads, date(2026, 6, 1), date(2026, 7, 1)))[""]
        assert whole.rented_days == 3
        assert (whole.revenue, whole.adr.amount) == (booking.total, "78.00")
        assert (whole.pickups, whole.cancelled) == (1, 0)
        days = await read(session, database.reads, date(2026, 6, 10), date(2026, 6, 14), "day")
        assert [days[f"2026-06-{day}"].rented_minutes for day in (10, 11, 12, 13)] == [840, 1440, 1440, 600]
        assert sum(each.revenue.minor for each in days.values() if each.revenue) == booking.total.minor

    async def test_counted_again_it_is_the_same(self, session, database):
        car, _ = await make_fleet(session)
        await hired(session, car, date(2026, 6, 10))
        for _ in range(2):
            await services.recount(session, date(2026, 6, 1), date(2026, 7, 1))
        assert (await read(session, database.reads, date(2026, 6, 1), date(2026, 7, 1)))[""].rented_days == 3

    async def test_what_is_cancelled_or_not_shown_earns_no_days(self, session, database):
        car, other = await make_fleet(session)
        gone = await hired(session, car, date(2026, 6, 10))
        missed = await hired(session, other, date(2026, 6, 12))
        gone.state, missed.state, missed.fee_minor = BookingState.CANCELLED, BookingState.NO_SHOW, 100
        await session.flush()
        await services.recount(session, date(2026, 6, 1), date(2026, 7, 1))
        whole = (await read(session, database.reads, date(2026, 6, 1), date(2026, 7, 1)))[""]
        assert (whole.rented_minutes, whole.cancelled, whole.no_shows, whole.booked) == (0, 1, 1, 2)

    async def test_delays_are_counted_by_quarters(self, session, database):
        car, _ = await make_fleet(session)
        booking = await hired(session, car, date(2026, 6, 10))
        booking.returned_at = booking.return_at + timedelta(minutes=40)
        await session.flush()
        await services.recount_delays(session)
        markets, groups = await services.read_delays(database.reads, ["TLL"], ["EE"])
        assert markets["EE"].by_step == {2: 1}
        assert groups["TLL", "IWMD"].cases == 1

    async def test_delays_are_counted_once_a_day(self, session, database):
        async def counted(minutes: int) -> dict[int, int]:
            booking.returned_at = booking.return_at + timedelta(minutes=minutes)
            await session.flush()
            await services.recount_old_delays(database)
            return dict((await services.read_delays(database.reads, ["TLL"], ["EE"]))[0]["EE"].by_step)

        car, _ = await make_fleet(session)
        booking = await hired(session, car, date(2026, 6, 10))
        assert await counted(40) == {2: 1}
        assert await counted(100) == {2: 1}
        await session.execute(text("UPDATE figure_state SET counted_at = counted_at - INTERVAL 21 HOUR"))
        assert await counted(100) == {6: 1}


def at(moment):
    return time_machine.travel(moment, tick=False)


class TestFleet:
    async def test_a_past_day_counts_vehicles_where_they_were(self, session, database):
        await make_location(session, "TAY", opening_hours=HOURS)
        with at(NOW - timedelta(days=20)):
            car, other = await make_fleet(session)
        with at(datetime(2026, 5, 21, 18, tzinfo=UTC)):
            await vehicles.update_vehicle(session, car.id, fields={"location": "TAY"}, actor=SYSTEM)
        with at(datetime(2026, 5, 23, 12, tzinfo=UTC)):
            await vehicles.move_vehicle(session, other.id, "block", fields={"reason": "Scratched"}, actor=SYSTEM)
        with at(datetime(2026, 5, 24, 6, tzinfo=UTC)):
            await vehicles.move_vehicle(session, other.id, "block_removal", fields={}, actor=SYSTEM)
        with at(datetime(2026, 5, 25, 3, tzinfo=UTC)):
            await vehicles.move_vehicle(session, other.id, "retirement", fields={"reason": "Sold"}, actor=SYSTEM)
        await session.flush()
        for since in (date(2026, 5, 1), date(2026, 5, 21), date(2026, 5, 23)):
            await services.recount(session, since, date(2026, 6, 3))
            whole = await read_days(session, since if since.day > 1 else date(2026, 5, 12))
            assert whole == {key: hours for key, hours in FLEET_HOURS.items() if key[0] >= str(since)}, since

    @pytest.mark.parametrize(
        ("zone", "hours"),
        [
            ("America/Mexico_City", {"2026-03-28": 9, "2026-03-29": 24, "2026-03-30": 3}),
            ("Europe/Tallinn", {"2026-03-28": 1, "2026-03-29": 24, "2026-03-30": 12}),
            ("Asia/Tokyo", {"2026-03-29": 18, "2026-03-30": 18}),
        ],
    )
    async def test_days_are_those_of_the_branch_also_when_its_clocks_are_put_forward(
        self, session, database, zone, hours
    ):
        await make_location(session, "TLL", time_zone=zone)
        with at(datetime(2026, 3, 28, 21, tzinfo=UTC)):
            car = await make_vehicle(session, plate="AAA 1", acriss="IWMD", location="TLL")
        with at(datetime(2026, 3, 30, 9, tzinfo=UTC)):
            await vehicles.move_vehicle(session, car.id, "retirement", fields={"reason": "Sold"}, actor=SYSTEM)
        await services.recount(session, date(2026, 3, 20), date(2026, 4, 3))
        assert {day: found for (day, _), found in (await read_days(session, date(2026, 3, 1))).items()} == hours

    async def test_a_booking_counts_on_the_day_of_the_branch_on_which_it_was_made(self, session, database):
        car, _ = await make_fleet(session)
        with at(datetime(2026, 5, 31, 22, 30, tzinfo=UTC)):
            await hired(session, car, date(2026, 6, 10))
        await services.recount(session, date(2026, 5, 25), date(2026, 6, 8))
        days = await read(session, database.reads, date(2026, 5, 25), date(2026, 6, 8), "day")
        assert {day: each.booked for day, each in days.items() if each.booked} == {"2026-06-01": 1}

    async def test_rate_and_use_are_revenue_exactly_on_every_day_of_a_random_past(self, session, database):
        random = Random(5)  # noqa: S311 - made-up days, not secrets
        with at(NOW - timedelta(days=40)):
            cars = await make_fleet(session, 6)
        for number, car in enumerate(cars):
            day = date(2026, 5, 1) + timedelta(days=random.randrange(5))
            while day < date(2026, 5, 28):
                with at(NOW - timedelta(days=39)):
                    booking = await hired(session, car, day, days=1 + random.randrange(6))
                day = booking.return_local.date() + timedelta(days=1 + random.randrange(3))
            with at(datetime(2026, 5, 29 + number % 3, random.randrange(24), tzinfo=UTC)):
                await vehicles.move_vehicle(session, car.id, "block", fields={"reason": "Wash"}, actor=SYSTEM)
        await services.recount(session, date(2026, 4, 20), date(2026, 6, 10))
        days = await read(session, database.reads, date(2026, 4, 20), date(2026, 6, 10), "day")
        used = [each for each in days.values() if each.rented_minutes and each.available_minutes]
        assert len(used) > 20
        for each in used:
            assert each.exact_adr * each.utilisation == each.exact_revpac
            assert each.available_minutes <= 6 * 1440


FLEET_HOURS = {
    ("2026-05-12", "TLL"): 30, **{(f"2026-05-{day}", "TLL"): 48 for day in range(13, 21)},
    ("2026-05-21", "TLL"): 45, ("2026-05-21", "TAY"): 3, ("2026-05-22", "TLL"): 24, ("2026-05-23", "TLL"): 15,
    ("2026-05-24", "TLL"): 15, ("2026-05-25", "TLL"): 6, **{(f"2026-05-{day}", "TAY"): 24 for day in range(22, 32)},
    **{(f"2026-06-{day:02}", "TAY"): 24 for day in (1, 2)},
}  # fmt: skip
"""Available hours by day and branch of two cars that are there since 12 May, 9 o'clock in Tallinn."""


async def read_days(session, since):
    rows = await session.execute(
        text("SELECT day, location_code, available_minutes FROM day_fleet WHERE level = 'branch' AND day >= :since"),
        {"since": since},
    )
    return {(str(day), str(code)): minutes / 60 for day, code, minutes in rows}


class TestLevels:
    async def test_sums_are_those_of_the_rows_below(self, session, database):
        car, other = await make_fleet(session)
        await make_vehicle(session, plate="BBB 1", acriss="CDMV", location="TLL")
        await hired(session, car, date(2026, 6, 10))
        await hired(session, other, date(2026, 6, 12), days=5)
        await services.recount(session, date(2026, 6, 1), date(2026, 7, 1))
        span = (date(2026, 6, 1), date(2026, 7, 1))
        whole = (await read(session, database.reads, *span))[""]
        for filters in ({"locations": ["TLL"]}, {"classes": ["IWMD", "CDMV"]}, {"market": "EE"}):
            assert (await queries.read_figures(database.reads, SYSTEM, Span(*span, **filters)))[""] == whole, filters
        for by in ("location", "class", "month", "day"):
            parts = (await read(session, database.reads, *span, by)).values()
            assert sum(part.rented_minutes for part in parts) == whole.rented_minutes, by
            assert sum(part.available_minutes for part in parts) == whole.available_minutes, by
        scoped = replace(SYSTEM, kind="staff", branches=frozenset({"TLL"}))
        assert (await queries.read_figures(database.reads, scoped, Span(*span)))[""] == whole


class TestLongCount:
    async def test_goes_on_where_it_was_stopped(self, session, database):
        car, _ = await make_fleet(session)
        await hired(session, car, date(2026, 6, 10))
        spans = services.weeks(date(2026, 5, 1))
        assert spans[:2] == [(date(2026, 5, 1), date(2026, 5, 8)), (date(2026, 5, 8), date(2026, 5, 15))]
        assert spans[-1][1] == date(2026, 7, 31)
        assert await services.stopped_at(database.reads) is None
        for begins, ends in spans[:7]:
            await services.recount_week(session, begins, ends)
        assert await services.stopped_at(database.reads) == date(2026, 6, 19)
        await services.finish_recount(session)
        assert await services.stopped_at(database.reads) is None
        assert (await read(session, database.reads, date(2026, 5, 1), date(2026, 6, 19)))[""].rented_days == 3


class TestReport:
    async def test_compares_with_as_many_days_before(self, session, database):
        car, other = await make_fleet(session)
        await hired(session, car, date(2026, 6, 10))
        await hired(session, other, date(2026, 6, 20), days=6)
        await services.recount(session, date(2026, 6, 1), date(2026, 7, 1))
        asked = Asked(since=date(2026, 6, 16), until=date(2026, 6, 30), by="class")
        report = await services.read_report(database.reads, SYSTEM, asked)
        assert (report.whole.rented_days, report.before.rented_days) == (6, 3)
        assert list(report.groups) == ["IWMD"]
        assert report.freshness.since == date(2026, 6, 1)


class TestLooks:
    async def test_searches_for_each_booking_of_the_branches_that_are_chosen(self, session, database):
        await make_fleet(session)
        await session.execute(
            text(
                "INSERT INTO search_day (day, location_code, market, searches, without_offer, quotes, bookings) VALUES "
                "('2026-05-30', 'TLL', 'EE', 30, 2, 8, 3), ('2026-05-30', 'RIX', 'LV', 9, 0, 0, 0), "
                "('2026-05-10', 'TLL', 'EE', 12, 0, 2, 1)"
            )
        )
        asked = Asked(since=date(2026, 5, 20), until=date(2026, 6, 1), branches=["TLL"])
        report = await services.read_report(database.reads, SYSTEM, asked)
        assert (report.looks.searches, report.looks.quotes, report.looks.per_booking) == (30, 8, 10)
        assert report.looks_before.per_booking == 12
        whole = await services.read_report(database.reads, SYSTEM, Asked(since=asked.since, until=asked.until))
        assert whole.looks.searches == 39


class TestPages:
    async def test_page_and_api_tell_the_same(self, session, client_for):
        car, _ = await make_fleet(session)
        await hired(session, car, date(2026, 6, 10))
        await services.recount(session, date(2026, 6, 1), date(2026, 7, 1))
        clerk = await client_for("fleet_manager")
        query = "since=2026-06-01&until=2026-07-01"
        page = (await clerk.get(f"/rental/figures?{query}")).text
        for words in ("TLL Airport", "78.00 EUR", "Utilisation by day", "pickup_location=TLL", "Counted "):
            assert words in page
        found = (await clerk.get(f"/api/v1/rental-figures?{query}&by=month")).json()
        assert found["whole"]["adr"] == {"amount": "78.00", "currency": "EUR"}
        assert [item["group"] for item in found["items"]] == ["2026-06"]
        for wrong in ("by=colour", "period=ever", "since=2026-06-01", "since=soon&until=2026-06-01"):
            assert (await clerk.get(f"/api/v1/rental-figures?{wrong}")).status_code == 422, wrong
        assert (await (await client_for("credit_clerk")).get("/rental/figures")).status_code == 403

    async def test_says_what_is_not_counted_yet(self, session, client_for):
        await make_fleet(session)
        page = (await (await client_for("fleet_manager")).get("/rental/figures")).text
        assert "Nothing was counted yet" in page
