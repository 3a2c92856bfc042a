"""Suppliers' cars by the terms that they were sold by: what customers pay, what is left for us, who may know."""

from datetime import date, timedelta
from decimal import Decimal

import time_machine

from app.kit.money import Money
from app.kit.rounding import round_ratio
from app.rental.bookings import queries, services
from app.rental.bookings.rules import BookingState
from app.rental.bookings.schemas.bookings import terms_item
from app.rental.supplier_terms.rules import Base, Model, TermsLine, retail
from app.rental.supplier_terms.services.selling import read_margin
from tests.factories.rental import make_booking, make_vehicle
from tests.factories.suppliers import make_terms

B = BookingState


NET = TermsLine("****", Model.NET, markup_percent=Decimal(20), markup_per_hire_minor=300, step="0.50")
SHARE = TermsLine("****", Model.COMMISSION, commission_percent=Decimal(15), base=Base.TOTAL)


class TestTerms:
    async def test_a_net_price_is_marked_up_and_amended_by_the_line_that_it_was_sold_by(self, counter):
        booking = await counter.book(line=NET)
        assert booking.total == retail(counter.offer.total, NET, "EUR") > counter.offer.total
        assert sum(Money.parse(*line["amount"].values()).minor for line in booking.price_lines) == booking.total.minor
        assert counter.offer.total.amount not in str([booking.price_lines, booking.rate_snapshot])
        assert await counter.settle() is B.CONFIRMED
        await make_terms(counter.session, counter.supplier, SHARE)
        await counter.amend(counter.back + timedelta(days=2))
        assert await counter.settle() is B.CONFIRMED
        booking, net = await counter.booking(), Money(counter.real[0]["total_minor"], "EUR")
        assert booking.total == retail(net, NET, "EUR")
        margin = await services.find_margin(counter.session, booking)
        assert (margin.price_minor, margin.margin_minor) == (net.minor, booking.total.minor - net.minor)
        earlier, item = (await queries.list_terms(counter.session, booking.id))[0], terms_item
        assert "margin" in earlier.terms
        assert "margin" not in item(earlier).terms

    async def test_commission_moves_with_the_suppliers_price(self, counter):
        booking = await counter.book("baltic", line=SHARE)
        assert booking.total == counter.offer.total
        await counter.settle()
        sold = read_margin(booking.margin)
        await counter.amend(counter.back + timedelta(days=2))
        assert await counter.settle() is B.CONFIRMED
        booking = await counter.booking()
        now = await services.find_margin(counter.session, booking)
        assert now.commission_minor > sold.commission_minor
        assert (now.retail_minor, now.price_minor) == (booking.total.minor, booking.total.minor)
        assert await services.commission_of(counter.session, await counter.reservation()) == now.commission_minor

    async def test_who_is_walked_pays_what_was_agreed_and_the_net_price_is_our_cost(self, counter, session):
        await make_vehicle(session, acriss="IWMD", location="TLL", plate="AAA 1")
        own = await make_booking(session, starts_on=date(2027, 3, 1))
        await session.commit()
        made = await counter.book(walks=own.id, line=NET)
        margin = read_margin(made.margin)
        assert (made.total, margin.retail_minor) == (own.total, own.total.minor)
        assert margin.margin_minor == own.total.minor - counter.offer.total.minor
        assert await counter.settle() is B.CONFIRMED
        await counter.amend(made.return_local + timedelta(days=2))
        assert await counter.settle() is B.CONFIRMED
        booking, net = await counter.booking(), counter.real[0]["total_minor"]
        assert booking.total.minor == round_ratio(own.total.minor * net, counter.offer.total.minor)
        assert Money(net, "EUR").amount not in str([booking.price_lines, booking.rate_snapshot])
        assert read_margin(booking.margin).margin_minor == booking.total.minor - net

    async def test_the_customers_fee_is_never_less_than_the_suppliers(self, counter):
        booking = await counter.book(line=NET)
        await counter.settle()
        with time_machine.travel(booking.pickup_at - timedelta(hours=3), tick=False):
            booking = await counter.cancel()
        reservation = await counter.reservation()
        assert booking.fee.minor > reservation.fee_minor > 0

    async def test_a_clerk_reads_no_net_price_and_a_manager_what_is_left(self, counter, client_for):
        await counter.book(line=NET)
        await counter.settle()
        net = counter.offer.total.amount
        address = f"/bookings/{counter.id}"
        clerk, boss = await client_for("fleet_clerk"), await client_for("fleet_manager")
        shown = (await clerk.get(address)).text
        assert net not in shown
        assert "With the supplier" in shown
        told = (await boss.get(address)).text
        assert "Net, mark-up, commission, margin" in told
        assert net in told
