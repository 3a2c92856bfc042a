"""Bookings of suppliers' cars, against the record of the sandbox: booking and reservation are always where it is."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from app.core.actor import SYSTEM
from app.core.errors import IllegalState, InvalidFields
from app.kit.fee_windows import fee_at, usual_windows
from app.kit.money import Money
from app.kit.rounding import percent_of
from app.rental.bookings import queries, services
from app.rental.bookings.rules import BookingState, Source
from app.rental.occupancy import services as occupancy
from app.rental.suppliers.rules import ReservationState
from app.rental.suppliers.services.by_hand import settle_by_hand
from tests.factories.rental import make_booking, make_vehicle

B = BookingState


class TestBook:
    async def test_is_submitted_with_its_reservation_and_confirmed_with_its_number(self, counter):
        booking = await counter.book()
        assert (booking.source, booking.state) == (Source.SUPPLIER, B.SUBMITTING)
        assert (booking.total, booking.class_code) == (counter.offer.total, counter.offer.acriss)
        assert await counter.settle() is B.CONFIRMED
        booking = await counter.booking()
        (real,) = counter.real
        assert booking.supplier_reference == real["number"]
        assert booking.total == counter.offer.total
        assert booking.supplier_code == counter.supplier.code

    @pytest.mark.parametrize("code", ["baltic", "nordrive"])
    async def test_an_answer_that_is_lost_is_found_by_asking(self, counter, code):
        await counter.book(code)
        counter.company.switch_on("lost", "book", times=1)
        assert await counter.settle() is B.UNKNOWN
        assert await counter.settle() is B.CONFIRMED
        assert len(counter.real) == 1
        assert (await counter.booking()).supplier_reference == counter.real[0]["number"]

    async def test_what_is_sold_out_leaves_a_customer_without_a_car(self, counter):
        await counter.book("baltic")
        counter.company.switch_on("overbooked", "book", times=1)
        assert await counter.settle() is B.REJECTED
        assert await counter.tasks() == [services.REBOOK]

    async def test_drift_is_kept_line_by_line_and_the_customer_pays_what_was_agreed(self, counter):
        booking = await counter.book()
        counter.company.switch_on("drift", "book", percent=10, times=1)
        assert await counter.settle() is B.CONFIRMED
        (line,) = (await counter.reservation()).drift
        offered, confirmed = (Money.parse(*line[name].values()) for name in ("offered", "confirmed"))
        assert line["code"] == "TIME"
        assert confirmed.minor == offered.minor * 110 // 100
        assert (await counter.booking()).total == booking.total == counter.offer.total

    async def test_what_is_on_request_is_confirmed_by_the_supplier(self, counter):
        await counter.book()
        counter.company.switch_on("on_request", "book", times=1)
        assert await counter.settle() is B.ON_REQUEST
        counter.company.decide(counter.real[0]["number"], "confirmed")
        assert await counter.settle() is B.CONFIRMED

    async def test_a_cancellation_by_the_supplier_costs_nothing_and_asks_for_another_car(self, counter):
        await counter.book()
        await counter.settle()
        counter.company.decide(counter.real[0]["number"], "cancelled")
        assert await counter.settle() is B.CANCELLED_BY_SUPPLIER
        assert (await counter.booking()).fee_minor == 0
        assert await counter.tasks() == [services.REBOOK]


class TestCancel:
    async def test_goes_through_the_supplier_with_the_fee_of_the_request(self, counter):
        await counter.book()
        await counter.settle()
        booking = await counter.cancel()
        assert (booking.state, booking.fee_minor) == (B.CANCEL_PENDING, 0)
        with pytest.raises(IllegalState):
            await counter.cancel()
        await counter.session.rollback()
        assert await counter.settle() is B.CANCELLED
        assert counter.real[0]["state"] == "cancelled"
        assert (await counter.booking()).fee_minor == 0

    async def test_on_request_costs_nothing_and_waits_for_the_supplier(self, counter):
        await counter.book()
        counter.company.switch_on("on_request", "book", times=1)
        await counter.settle()
        booking = await counter.cancel()
        assert (booking.state, booking.fee_minor) == (B.ON_REQUEST, 0)
        assert await counter.settle() is B.CANCELLED
        assert counter.real[0]["state"] == "cancelled"

    async def test_a_supplier_that_cannot_is_left_to_people(self, counter):
        await counter.book("sunway")
        await counter.settle()
        await counter.cancel()
        assert await counter.settle() is B.CANCEL_PENDING
        await settle_by_hand(
            counter.session,
            counter.reservation_id,
            outcome=ReservationState.CANCELLED,
            reason="By telephone",
            actor=SYSTEM,
        )
        assert (await counter.booking()).state is B.CANCELLED


class TestAmend:
    @pytest.mark.parametrize("code", ["baltic", "nordrive"])
    async def test_new_terms_once_the_supplier_agrees(self, counter, code):
        booking = await counter.book(code)
        await counter.settle()
        before = booking.total
        longer = counter.back + timedelta(days=2)
        booking = await counter.amend(longer)
        assert (booking.state, booking.return_local, booking.total) == (B.AMEND_PENDING, counter.back, before)
        assert await counter.settle() is B.CONFIRMED
        booking = await counter.booking()
        assert (booking.return_local, booking.terms_number, booking.pending_terms) == (longer, 2, None)
        assert booking.total.minor == counter.real[0]["total_minor"] > before.minor
        assert [terms.total for terms in await queries.list_terms(counter.session, booking.id)] == [before]

    @pytest.mark.parametrize(("code", "agreed", "then"), [("baltic", 6, 6), ("nordrive", 48, 24)])
    async def test_the_suppliers_free_hours_are_kept_or_read_again_and_what_was_due_stays_due(
        self, counter, code, agreed, then
    ):
        booking = await counter.book(code, free_hours=agreed)
        await counter.settle()
        assert booking.windows == usual_windows(booking.pickup_at, timedelta(hours=agreed))
        moment, due = booking.pickup_at - timedelta(hours=3), Money(percent_of(booking.total.minor, Decimal(50)), "EUR")
        ends = {"pickup": counter.pickup + timedelta(days=2), "back": counter.back + timedelta(days=2)}
        fields = {name: {"location": "TLL", "local": local} for name, local in ends.items()}
        with time_machine.travel(moment, tick=False):
            await services.amend_booking(
                counter.session, counter.id, fields={**fields, "reason": "Flight moved"}, actor=SYSTEM
            )
            await counter.session.commit()
            assert await counter.settle() is B.CONFIRMED
            booking = await counter.booking()
            assert booking.windows[0].until == booking.pickup_at - timedelta(hours=then)
            assert fee_at(booking.total, booking.windows, moment) == due
            reservation = await counter.reservation()
            assert reservation.windows[0].until == booking.windows[0].until
            await counter.cancel()
        assert (await counter.booking()).fee == due

    async def test_declined_it_is_as_it_was(self, counter):
        booking = await counter.book()
        await counter.settle()
        before = booking.total
        await counter.amend(counter.back.replace(hour=3))
        assert await counter.settle() is B.CONFIRMED
        booking = await counter.booking()
        assert (booking.return_local, booking.total, booking.terms_number) == (counter.back, before, 1)
        assert booking.pending_terms is None

    @pytest.mark.parametrize("code", ["baltic", "nordrive"])
    async def test_an_answer_that_is_lost_is_found_by_asking(self, counter, code):
        await counter.book(code)
        await counter.settle()
        longer = counter.back + timedelta(days=1)
        await counter.amend(longer)
        counter.company.switch_on("lost", "amend", times=1)
        assert await counter.settle() is B.UNKNOWN
        assert await counter.settle() is B.CONFIRMED
        booking = await counter.booking()
        assert (booking.return_local, booking.total.minor) == (longer, counter.real[0]["total_minor"])

    async def test_a_supplier_that_cannot_is_left_to_people(self, counter):
        await counter.book("sunway")
        await counter.settle()
        longer = counter.back + timedelta(days=1)
        await counter.amend(longer)
        assert await counter.settle() is B.AMEND_PENDING
        reservation = await counter.reservation()
        dearer = reservation.total + Money(5_000, reservation.currency)
        await settle_by_hand(
            counter.session,
            reservation.id,
            outcome=ReservationState.CONFIRMED,
            amended_total=dearer,
            reason="By telephone",
            actor=SYSTEM,
        )
        booking = await counter.booking()
        assert (booking.state, booking.return_local, booking.total) == (B.CONFIRMED, longer, dearer)

    async def test_another_class_is_another_booking(self, counter):
        await counter.book()
        await counter.settle()
        with pytest.raises(InvalidFields):
            await services.amend_booking(
                counter.session, counter.id, fields={"class_code": "PWAD", "reason": "Larger"}, actor=SYSTEM
            )


class TestWalk:
    async def test_a_suppliers_car_takes_the_place_of_ours_at_the_price_that_was_agreed(self, counter, client_for):
        session = counter.session
        await make_vehicle(session, acriss="IWMD", location="TLL", plate="AAA 1")
        own = await make_booking(session, starts_on=date(2027, 3, 1))
        await session.commit()
        made = await counter.book(walks=own.id)
        assert (made.source, made.total, made.replaces_id) == (Source.SUPPLIER, own.total, own.id)
        assert (own.state, own.fee_minor) == (B.CANCELLED, 0)
        assert await occupancy.find_hold(session, own.id) is None
        assert await counter.settle() is B.CONFIRMED
        clerk = await client_for("fleet_clerk")
        assert made.reference in (await clerk.get(f"/bookings/{own.id}")).text
        assert own.reference in (await clerk.get(f"/bookings/{made.id}")).text


class TestPages:
    async def test_the_booking_shows_its_reservation_and_people_settle_a_change(self, counter, client_for):
        await counter.book("sunway")
        counter.company.switch_on("drift", "book", percent=10, times=1)
        await counter.settle()
        await counter.amend(counter.back + timedelta(days=1))
        await counter.settle()
        manager = await client_for("fleet_manager")
        page = (await manager.get(f"/bookings/{counter.id}")).text
        for words in (counter.reference, "With the supplier", "Moved:", "Asked for", "Being changed"):
            assert words in page
        address = f"/supplier-reservations/{counter.reservation_id}"
        assert "Their price after the change" in (await manager.get(address)).text
        told = {
            "outcome": "confirmed", "amended_total": "much", "reason": "By telephone", "spoke_with": "Jonas",
            "said_at": "2026-06-01T10:00",
        }  # fmt: skip
        assert (await manager.post(f"{address}/outcome", data=told)).status_code == 422
        assert (await manager.post(f"{address}/outcome", data=told | {"amended_total": "999.00"})).status_code == 303
        assert "By telephone" in (await manager.get(f"/bookings/{counter.id}")).text

    async def test_a_lost_car_is_booked_anew_with_what_was_wanted(self, counter, client_for):
        await counter.book("baltic")
        counter.company.switch_on("overbooked", "book", times=1)
        await counter.settle()
        page = (await (await client_for("fleet_clerk")).get(f"/bookings/{counter.id}")).text
        assert "Book another car" in page
        assert f"pickup_local={counter.pickup:%Y-%m-%dT%H}%3A00" in page
