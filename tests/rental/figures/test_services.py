"""Counting: what is hired out, what it earns, and how late it comes back, over the real tables."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import text

from app.core.actor import SYSTEM
from app.rental.bookings.rules import BookingState
from app.rental.figures import queries, services
from app.rental.figures.queries import Span
from app.rental.figures.services import Asked
from tests.factories.desk import make_customer
from tests.factories.rental import make_booking, make_fleet

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
        await services.recount_recent(session)
        markets, groups = await services.read_delays(database.reads, ["TLL"], ["EE"])
        assert markets["EE"].by_step == {2: 1}
        assert groups["TLL", "IWMD"].cases == 1


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
