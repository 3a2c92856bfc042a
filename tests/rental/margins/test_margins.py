"""What suppliers' cars earn, by supplier and month: the same as what is kept with the bookings, whoever adds it up."""

import csv
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from html import unescape
from itertools import count
from re import findall
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import select, update

from app.core.actor import SYSTEM
from app.core.jobs.context import JobContext
from app.core.jobs.leases import Claim
from app.rental.bookings.models import Booking
from app.rental.bookings.rules import BookingState as B
from app.rental.bookings.rules import Source
from app.rental.figures.services import read_freshness
from app.rental.margins import queries, services, tasks
from app.rental.margins.models import MarginFigure
from app.rental.margins.queries import Span
from app.rental.margins.rules import LOST, STANDING, Sums, month_of, months_between
from app.rental.supplier_terms.rules import Margin
from app.rental.supplier_terms.services.selling import plain_margin, read_margin
from tests.factories.desk import make_customer
from tests.factories.rental import HOURS, make_booking, make_location, make_vehicle
from tests.factories.suppliers import make_supplier

NOW = datetime(2026, 6, 15, 6, tzinfo=UTC)
MONTHS = [date(2026, month, 1) for month in (5, 6, 7)]
WHOLE = Span(MONTHS[0], MONTHS[-1])


@pytest.fixture(autouse=True)
def june():
    with time_machine.travel(NOW, tick=False):
        yield


class Sold:
    """Suppliers' bookings: each has a margin unless nobody kept one."""

    def __init__(self, session, customer):
        self.session, self.customer = session, customer
        self.numbers = count(1)

    async def add(self, code, pickup, margin=None, state=B.CONFIRMED, **fields) -> Booking:
        booking = Booking(
            reference=f"BK-{next(self.numbers):06d}",
            market="EE",
            source=Source.SUPPLIER,
            state=state,
            customer_id=self.customer.id,
            driver_name="Mari Kask",
            pickup_location="TLL",
            return_location="TLL",
            pickup_local=pickup,
            return_local=pickup + timedelta(days=3),
            pickup_zone="Europe/Tallinn",
            return_zone="Europe/Tallinn",
            pickup_at=(pickup - timedelta(hours=3)).replace(tzinfo=UTC),
            return_at=(pickup + timedelta(days=3, hours=-3)).replace(tzinfo=UTC),
            class_code="CDMR",
            total_minor=margin.retail_minor if margin else 9_900,
            total_currency=margin.currency if margin else "EUR",
            margin=plain_margin(margin) if margin else None,
            supplier_code=code,
            **fields,
        )
        self.session.add(booking)
        await self.session.flush()
        return booking

    async def count(self):
        for month in MONTHS:
            await services.recount_month(self.session, month)


@pytest.fixture
async def sold(session, settings):
    await make_location(session, "TLL", opening_hours=HOURS)
    for code in ("baltic", "nordrive"):
        await make_supplier(session, settings, code)
    return Sold(session, await make_customer(session))


def at(*parts):
    """A wall time in Tallinn."""
    return datetime(*parts)  # noqa: DTZ001 - as bookings keep it


def net(price, retail, currency="EUR"):
    return Margin(currency, price, retail)


def shared(price, commission, currency="EUR"):
    return Margin(currency, price, price, commission)


async def by_row(reads, span=WHOLE, actor=SYSTEM):
    return {
        (row.supplier, f"{row.month:%Y-%m}", row.sums.currency): row.sums
        for row in await queries.read_months(reads, actor, span)
    }


class TestMonths:
    @pytest.mark.parametrize(
        ("day", "ahead", "found"),
        [
            (date(2026, 6, 15), 0, date(2026, 6, 1)),
            (date(2026, 12, 31), 1, date(2027, 1, 1)),
            (date(2026, 1, 1), -1, date(2025, 12, 1)),
            (date(2026, 3, 31), -27, date(2023, 12, 1)),
        ],
    )
    def test_month_of(self, day, ahead, found):
        assert month_of(day, ahead) == found
        assert months_between(month_of(day), found) == ahead + 1

    def test_every_state_is_one_or_the_other_or_not_yet_sold(self):
        assert set(B) - set(STANDING) - set(LOST) == {B.SUBMITTING, B.UNKNOWN, B.ON_REQUEST, B.REJECTED, B.FAILED}


class TestRecount:
    async def test_each_supplier_and_month_and_currency_by_itself(self, sold, database):
        june = at(2026, 6, 10, 10)
        await sold.add("nordrive", june, net(10_000, 11_250))
        await sold.add("nordrive", june, net(5_000, 5_500), B.CLOSED)
        await sold.add("nordrive", june, net(80_000, 90_000, "SEK"))
        await sold.add("baltic", june, shared(20_000, 3_000))
        await sold.add("baltic", at(2026, 7, 1, 0, 30), shared(1_000, 150))
        await sold.count()
        found = await by_row(database.reads)
        assert found == {
            ("nordrive", "2026-06", "EUR"): Sums(Margin("EUR", 15_000, 16_750), 2),
            ("nordrive", "2026-06", "SEK"): Sums(Margin("SEK", 80_000, 90_000), 1),
            ("baltic", "2026-06", "EUR"): Sums(Margin("EUR", 20_000, 20_000, 3_000), 1),
            ("baltic", "2026-07", "EUR"): Sums(Margin("EUR", 1_000, 1_000, 150), 1),
        }
        sums = found["nordrive", "2026-06", "EUR"]
        assert (sums.earned.cost_minor, sums.earned.markup_minor, sums.earned.margin_minor) == (15_000, 1_750, 1_750)
        assert [each.currency for each in await queries.read_totals(database.reads, SYSTEM, WHOLE)] == ["EUR", "SEK"]

    async def test_what_came_to_nothing_earns_nothing_and_ours_are_not_counted(self, sold, session, database):
        june = at(2026, 6, 10, 10)
        for state in LOST:
            await sold.add("baltic", june, shared(20_000, 3_000), state, fee_minor=5_000)
        await sold.add("baltic", june, shared(20_000, 3_000), B.CLOSED, fee_minor=5_000)
        for state in set(B) - set(STANDING) - set(LOST):
            await sold.add("baltic", june, shared(20_000, 3_000), state)
        await sold.add("baltic", june)
        await make_vehicle(session, acriss="IWMD", location="TLL", plate="AAA 1")
        await make_booking(session, customer=sold.customer, starts_on=date(2026, 6, 20))
        await sold.count()
        assert await by_row(database.reads) == {
            ("baltic", "2026-06", "EUR"): Sums(Margin("EUR", 0, 0), 1, len(LOST) + 1, 1)
        }

    async def test_counted_again_it_is_as_the_bookings_are_then(self, sold, session, database):
        booking = await sold.add("baltic", at(2026, 6, 10, 10), shared(20_000, 3_000))
        await sold.count()
        await sold.count()
        assert [sums.earned.margin_minor for sums in (await by_row(database.reads)).values()] == [3_000]
        booking.state = B.CANCELLED
        await session.flush()
        await sold.count()
        assert [sums.earned.margin_minor for sums in (await by_row(database.reads)).values()] == [0]

    async def test_the_sum_over_months_is_the_sum_of_what_is_kept_with_bookings(self, sold, session, database):
        """The invariant: by currency, whatever the mixture."""
        for number in range(40):
            pickup = at(2026, 5, 1, 10) + timedelta(days=2 * number)
            price, currency = 10_000 + 37 * number, ("EUR", "EUR", "SEK")[number % 3]
            made = net(price, price + 11 * number, currency) if number % 2 else shared(price, 13 * number, currency)
            state = (*STANDING, B.CANCELLED, B.ON_REQUEST)[number % (len(STANDING) + 2)]
            await sold.add(("baltic", "nordrive")[number % 2], pickup, made, state)
        await sold.count()
        kept = Counter()
        for booking in (await session.execute(select(Booking))).scalars():
            if booking.state in STANDING and booking.fee_minor is None:
                margin = read_margin(booking.margin)
                kept[margin.currency] += margin.margin_minor
        months = Counter()
        for (_, _, currency), sums in (await by_row(database.reads)).items():
            months[currency] += sums.earned.margin_minor
        totals = {
            sums.currency: sums.earned.margin_minor for sums in await queries.read_totals(database.reads, SYSTEM, WHOLE)
        }
        assert months == kept == totals
        assert all(kept.values())


class TestRecountRecent:
    @pytest.fixture
    def work(self, database, settings):
        """Do the job as the worker does; tells how many months it counted."""
        claim = Claim(uuid4(), 0, "margins.recount", {}, 1, 3, None)
        context = JobContext(database, None, settings, claim)

        async def run():
            return (await tasks.recount_recent(context))["months"]

        return run

    async def test_a_month_is_counted_again_when_its_bookings_changed_and_only_then(
        self, sold, session, database, work
    ):
        june = await sold.add("baltic", at(2026, 6, 10, 10), shared(20_000, 3_000))
        await sold.add("nordrive", at(2026, 7, 10, 10), net(10_000, 11_000))
        assert await work() == len(services.recent_months())
        await session.execute(update(MarginFigure).values(bookings=99))
        assert await work() == 0
        assert await counted(database) == {("baltic", "2026-06"): (99, 3_000), ("nordrive", "2026-07"): (99, 1_000)}
        june.state = B.CANCELLED
        await session.flush()
        assert await work() == 1
        assert await counted(database) == {("baltic", "2026-06"): (0, 0), ("nordrive", "2026-07"): (99, 1_000)}
        assert await work() == 0

    async def test_a_booking_that_moves_to_another_month_changes_both(self, sold, session, database, work):
        booking = await sold.add("baltic", at(2026, 6, 30, 10), shared(20_000, 3_000))
        await work()
        booking.pickup_local, booking.pickup_at = at(2026, 7, 1, 0, 30), datetime(2026, 6, 30, 21, 30, tzinfo=UTC)
        await session.flush()
        assert await work() == 2
        assert await counted(database) == {("baltic", "2026-07"): (1, 3_000)}

    async def test_neither_clocks_nor_late_transactions_hide_a_change(self, sold, session, database, work):
        early = await sold.add("baltic", at(2026, 6, 10, 10), shared(20_000, 3_000))
        await sold.add("baltic", at(2026, 6, 11, 10), shared(10_000, 1_000))
        await work()
        early.margin, early.updated_at = plain_margin(shared(20_000, 2_000)), NOW - timedelta(days=90)
        await session.flush()
        assert await work() == 1
        assert await counted(database) == {("baltic", "2026-06"): (2, 3_000)}
        await sold.add("baltic", at(2026, 6, 12, 10), shared(10_000, 500), updated_at=NOW - timedelta(days=90))
        assert await work() == 1
        assert await counted(database) == {("baltic", "2026-06"): (3, 3_500)}

    async def test_a_count_of_a_month_by_itself_counts_whatever_changed(self, sold, session, database, work):
        await sold.add("baltic", at(2026, 6, 10, 10), shared(20_000, 3_000))
        await work()
        await session.execute(update(MarginFigure).values(bookings=99))
        await sold.count()
        assert await counted(database) == {("baltic", "2026-06"): (1, 3_000)}
        assert await work() == 0

    async def test_the_page_says_when_it_was_looked_at_last(self, sold, database, work):
        await work()
        before = (await read_freshness(database.reads, services.KIND)).counted_at
        await work()
        assert (await read_freshness(database.reads, services.KIND)).counted_at > before

    async def test_after_many_changes_the_totals_are_those_of_the_bookings(self, sold, session, database, work):
        bookings = [
            await sold.add(
                ("baltic", "nordrive")[day % 2], at(2026, 5, 2, 10) + timedelta(days=4 * day), net(day, 2 * day)
            )
            for day in range(1, 20)
        ]
        for step, booking in enumerate(bookings):
            booking.margin = plain_margin(net(100, 100 + step))
            booking.state = STANDING[step % len(STANDING)] if step % 3 else B.CANCELLED
            if step % 5 == 0:
                booking.pickup_local += timedelta(days=31)
                booking.pickup_at += timedelta(days=31)
            await session.flush()
            await work()
            kept = sum(read_margin(one.margin).margin_minor for one in bookings if one.state in STANDING)
            assert sum(earned for _, earned in (await counted(database)).values()) == kept


async def counted(database):
    """How many bookings and what they earn, by supplier and month."""
    span = Span(date(2026, 3, 1), date(2027, 6, 1))
    rows = await by_row(database.reads, span)
    return {key[:2]: (sums.bookings, sums.earned.margin_minor) for key, sums in rows.items()}


async def three_counted(sold):
    """A month of each of two suppliers, and a booking of which nobody kept what it earns."""
    await sold.add("nordrive", at(2026, 6, 10, 10), net(10_000, 11_250))
    await sold.add("baltic", at(2026, 5, 10, 10), shared(20_000, 3_000))
    await sold.add("baltic", at(2026, 5, 11, 10))
    await sold.count()


class TestPages:
    async def test_who_may_see_margins_reads_them_by_supplier_and_month(self, sold, client_for):
        await three_counted(sold)
        page = await client_for("auditor")
        shown = (await page.get("/rental/margins")).text
        for words in ("112.50", "12.50", "11.1 %", "30.00", "Jun 2026", "nobody kept"):
            assert words in shown
        assert 'href="/rental/margins"' in shown
        month = "supplier=nordrive&amp;pickup_after=2026-06-01&amp;pickup_before=2026-07-01"
        assert f'href="/bookings?{month}&amp;sort=pickup_at"' in shown
        one = (await page.get("/rental/margins?supplier=baltic&period=3m")).text
        assert "30.00" in one
        assert "12.50" not in one
        assert "No supplier" in (await page.get("/rental/margins?period=ahead&supplier=baltic")).text
        assert (await page.get("/rental/margins?period=nonsense&first=x&supplier=ž")).status_code == 200

    async def test_files_hold_the_same_months(self, sold, client_for):
        await three_counted(sold)
        manager = await client_for("fleet_manager")
        address = findall(r'href="(/rental/margins/file[^"]+)"', (await manager.get("/rental/margins?period=3m")).text)
        assert [unescape(each).rpartition("&")[2] for each in address] == ["format=csv", "format=xlsx"]
        answer = await manager.get(unescape(address[0]))
        assert 'filename="margins-2026-04-2026-06.csv"' in answer.headers["content-disposition"]
        _, *rows = csv.reader(answer.text.lstrip("\ufeff").splitlines())
        assert [",".join(row) for row in rows] == [
            "2026-06,nordrive,Nordrive,EUR,1,0,0,112.50,100.00,0.00,12.50,12.50,11.1",
            "2026-05,baltic,Baltic Wheels,EUR,2,0,1,200.00,170.00,30.00,0.00,30.00,15.0",
        ]
        assert (await manager.get(unescape(address[1]))).content.startswith(b"PK")
        one = (await manager.get("/rental/margins/file?supplier=baltic&period=3m")).text
        assert ("baltic" in one, "nordrive" in one) == (True, False)

    async def test_others_neither_see_them_nor_the_way_to_them(self, client_for, api_for):
        clerk, api = await client_for("fleet_clerk"), await api_for("fleet_clerk")
        assert (await clerk.get("/rental/margins")).status_code == 403
        assert (await clerk.get("/rental/margins/file")).status_code == 403
        assert "/rental/margins" not in (await clerk.get("/rental/figures")).text
        assert (await api.get("/supplier-margins")).status_code == 403


class TestApi:
    async def test_has_the_figures_of_the_page(self, sold, api_for):
        await sold.add("nordrive", at(2026, 6, 10, 10), net(10_000, 11_250))
        await sold.add("baltic", at(2026, 5, 10, 10), shared(20_000, 3_000))
        await sold.count()
        api = await api_for("fleet_manager")
        found = (await api.get("/supplier-margins", params={"first": "2026-05", "last": "2026-06"})).json()
        assert (found["first"], found["last"]) == ("2026-05", "2026-06")
        assert "counted_at" in found
        assert [(item["supplier"], item["month"], item["margin"]["amount"]) for item in found["items"]] == [
            ("nordrive", "2026-06", "12.50"), ("baltic", "2026-05", "30.00"),
        ]  # fmt: skip
        (total,) = found["totals"]
        amounts = {name: total[name]["amount"] for name in ("retail", "cost", "commission", "markup", "margin")}
        assert amounts == {
            "retail": "312.50", "cost": "270.00", "commission": "30.00", "markup": "12.50", "margin": "42.50",
        }  # fmt: skip
        assert total["margin_share"] == 0.136
        narrow = (await api.get("/supplier-margins", params={"supplier": "baltic"})).json()
        assert [item["supplier"] for item in narrow["items"]] == ["baltic"]

    async def test_is_of_ones_own_market_and_bounded(self, sold, api_for):
        await sold.add("nordrive", at(2026, 6, 10, 10), net(10_000, 11_250))
        await sold.count()
        foreign = await api_for("fleet_manager", markets=["LV"])
        assert (await foreign.get("/supplier-margins")).json()["items"] == []
        api = await api_for("fleet_manager")
        for asked in (
            {"first": "2020-01", "last": "2026-06"}, {"first": "2026-06"}, {"first": "2026-07", "last": "2026-06"},
            {"first": "June", "last": "2026-06"}, {"period": "ever"},
        ):  # fmt: skip
            assert (await api.get("/supplier-margins", params=asked)).status_code == 422, asked
        assert (await api.get("/supplier-margins", params={"unknown": "1"})).status_code == 400
