"""Bookings of suppliers' cars: what is asked of the supplier, and what becomes of the booking when it answers.

A booking and its reservation move in one transaction. The booking's price is the customer's and stays when the
supplier's moves; what the supplier changed is kept, line by line, with the reservation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.changes import record
from app.core.db import AsyncSession
from app.core.errors import InvalidFields
from app.kit.fee_windows import FREE_BEFORE, FeeWindow, after_change, moved, plain_windows, usual_windows
from app.kit.money import Money
from app.kit.problems import Problem
from app.kit.rounding import round_ratio
from app.payments.charges.rules import Purpose
from app.rental.bookings import queries, rules
from app.rental.bookings.models import Booking
from app.rental.bookings.rules import BookingState, Source
from app.rental.bookings.services.charging import charge_fee
from app.rental.bookings.services.moves import enter, fee_due, in_words
from app.rental.bookings.services.pricing import LINE_MARKS, Priced, plain_line
from app.rental.bookings.services.rebooking import ask_for_another_car
from app.rental.bookings.services.terms import handovers, replace_terms
from app.rental.supplier_terms.rules import Sold
from app.rental.supplier_terms.services import selling as terms
from app.rental.suppliers.models import SupplierReservation
from app.rental.suppliers.services import reservations
from app.rental.suppliers.services.reservations import Amendment

KIND = Booking.record_kind
LONGEST_NUMBER = 40
WALKED_WORDS = "the agreed price, for the changed hire"
TIMES = ("pickup_local", "pickup_at", "return_local", "return_at")


def price_sold(sold: Sold, pickup_at: datetime) -> Priced:
    """A supplier's offer as the price of a booking: what customers see of it, and what we earn by it."""
    offer = sold.offer
    free = FREE_BEFORE if offer.free_hours is None else timedelta(hours=offer.free_hours)
    return replace(_priced(sold), fee_windows=plain_windows(usual_windows(pickup_at, free)))


def _priced(sold: Sold) -> Priced:
    snapshot, total = reservations.snapshot(sold.offer), sold.offer.total
    return Priced(total, _lines(snapshot, total), {"supplier": snapshot}, margin=terms.plain_margin(sold.margin))


async def cancel_with_supplier(session: AsyncSession, booking: Booking, *, reason: str, actor: Actor) -> Booking:
    """Have the supplier cancel; the fee is that of this moment, and nothing for what is on request only."""
    reservation = await _reservation_of(session, booking)
    is_promised = booking.state is not BookingState.ON_REQUEST
    booking.cancel_requested_at = clock.now()
    booking.fee_minor = fee_due(booking).minor if is_promised else 0
    changes: dict[str, tuple[Any, Any]] = {"fee_minor": (None, booking.fee)}
    await record(session, "booking.cancellation_requested", booking, actor=actor, why=reason, changes=changes)
    await reservations.request_cancellation(session, reservation.id, reason=reason, actor=actor)
    return booking


async def amend_with_supplier(
    session: AsyncSession, booking: Booking, fields: Mapping[str, Any], *, actor: Actor
) -> Booking:
    """Ask the supplier for other times or branches; the terms are the present ones until it agrees."""
    given = {name: value for name, value in fields.items() if value is not None}
    problems = rules.check_amendment(given) + rules.check_reason(given)
    if str(given.get("class_code") or booking.class_code).upper() != booking.class_code:
        problems.append(Problem("class_code", "not_our_fleet", "A supplier keeps the class: cancel and book anew"))
    if problems:
        raise InvalidFields(problems)
    pickup, back = await handovers(
        session,
        given.get("pickup") or {"location": booking.pickup_location, "local": booking.pickup_local},
        given.get("back") or {"location": booking.return_location, "local": booking.return_local},
        by_our_hours=False,
    )
    reservation = await _reservation_of(session, booking)
    booking.pending_terms = {
        "pickup_location": pickup.location.code,
        "pickup_zone": pickup.location.time_zone,
        "pickup_local": pickup.local.isoformat(),
        "pickup_at": pickup.at.isoformat(),
        "return_location": back.location.code,
        "return_zone": back.location.time_zone,
        "return_local": back.local.isoformat(),
        "return_at": back.at.isoformat(),
        "supplier_minor": reservation.total.minor,
        "due_minor": fee_due(booking).minor,
        "reason": given["reason"],
    }
    shown = {name: (None, booking.pending_terms[name]) for name in ("pickup_local", "return_local")}
    await record(session, "booking.amendment_requested", booking, actor=actor, why=given["reason"], changes=shown)
    wanted = Amendment((pickup.location.code, back.location.code), pickup.local, back.local)
    await reservations.request_amendment(session, reservation.id, wanted, reason=given["reason"], actor=actor)
    return booking


async def follow_reservation(
    session: AsyncSession, reservation: SupplierReservation, *, reason: str, actor: Actor
) -> None:
    """Bring a booking to where its reservation is; people look at what cannot be."""
    assert reservation.subject_id is not None
    booking = await queries.lock_booking(session, reservation.subject_id, SYSTEM)
    state, before = BookingState(reservation.state.value), booking.state
    if reservation.supplier_number and reservation.supplier_number.isascii():
        booking.supplier_reference = reservation.supplier_number[:LONGEST_NUMBER]
    if state is before:
        return
    if not rules.can_follow(before, state):
        why = f"The booking is {in_words(before)}, the reservation {in_words(state)}: {reason}"
        await ask_for_another_car(session, booking, why)
        return
    if before in (BookingState.AMEND_PENDING, BookingState.UNKNOWN) and await _amended(
        session, booking, reservation, reason, actor
    ):
        return
    enter(booking, [state])
    changes: dict[str, tuple[Any, Any]] = {"state": (before, state)}
    fee = booking.fee
    if state is BookingState.CANCELLED_BY_SUPPLIER:
        booking.fee_minor = 0
    elif state is BookingState.CONFIRMED and reservation.cancel_asked_at is None:
        booking.fee_minor = booking.cancel_requested_at = None
    changes |= {"fee_minor": (fee, booking.fee)} if fee != booking.fee else {}
    await record(session, f"booking.{state.value}", booking, actor=actor, why=reason or None, changes=changes)
    if state is BookingState.CANCELLED:
        await charge_fee(session, booking, Purpose.CANCELLATION_FEE, actor=actor)
    if state in rules.LOST:
        await ask_for_another_car(session, booking, f"{booking.driver_name} has no car: {reason}")


async def _amended(
    session: AsyncSession, booking: Booking, reservation: SupplierReservation, reason: str, actor: Actor
) -> bool:
    """Take the terms that were waited for, when the supplier has them; they are forgotten either way."""
    wanted = booking.pending_terms
    if wanted is None or reservation.state.value != BookingState.CONFIRMED:
        return False
    booking.pending_terms = None
    has_them = (reservation.pickup_local.isoformat(), reservation.return_local.isoformat()) == (
        wanted["pickup_local"], wanted["return_local"],
    )  # fmt: skip
    if not has_them:
        return False
    priced = _resold(booking, reservation, wanted["supplier_minor"])
    columns: dict[str, Any] = {
        name: datetime.fromisoformat(value) if name in TIMES else value
        for name, value in wanted.items()
        if name.startswith(("pickup_", "return_"))
    }
    due = Money(wanted.get("due_minor", 0), booking.total_currency)
    offered = _offered_windows(booking, reservation, columns["pickup_at"] - booking.pickup_at)
    windows = after_change(due, booking.total, offered, priced.total, clock.now())
    columns |= {
        "total_minor": priced.total.minor,
        "price_lines": priced.lines,
        "rate_snapshot": priced.snapshot,
        "margin": priced.margin,
        "fee_windows": plain_windows(windows),
    }
    why = f"{wanted['reason']} {reason}".strip()
    return await replace_terms(
        session, booking, columns, path=[BookingState.CONFIRMED], action="booking.amended", why=why, actor=actor
    )


def _resold(booking: Booking, reservation: SupplierReservation, before_minor: int) -> Priced:
    """What an amended hire costs: a net price by the line that it was sold by, else moved as the supplier's was.

    A customer who was walked pays what was agreed, which moves likewise, whatever the supplier takes.
    """
    offer, kept = reservations.offer_of(reservation), terms.read_margin(booking.margin)
    is_walked = "supplier" not in booking.rate_snapshot
    if kept is not None and kept.is_net and not is_walked:
        return _priced(terms.sell_as_before(kept, offer))
    moved = round_ratio(booking.total_minor * reservation.total.minor, before_minor)
    total = Money(moved, booking.total_currency)
    margin = terms.plain_margin(terms.moved_margin(kept, offer, total)) if kept else None
    if is_walked:
        return Priced(total, [plain_line("TIME", total, WALKED_WORDS)], booking.rate_snapshot, margin=margin)
    return Priced(total, _lines(reservation.offer, total), {"supplier": reservation.offer}, margin=margin)


def _offered_windows(booking: Booking, reservation: SupplierReservation, by: timedelta) -> list[FeeWindow]:
    """The supplier's windows where they were the customer's; else the customer's own, as long before the pick-up."""
    if "supplier" in booking.rate_snapshot:
        return [replace(window, at_least=None) for window in reservation.windows]
    return moved(booking.windows, by)


def _lines(offer: Mapping[str, Any], total: Money) -> list[dict[str, Any]]:
    """The lines of what was offered where they come to the total, else one that is all of it."""
    told: Sequence[Mapping[str, Any]] = offer.get("lines", ())
    amounts = [_money(line["amount"]) for line in told]
    if (
        told
        and all(one.currency == total.currency for one in amounts)
        and sum(one.minor for one in amounts) == total.minor
    ):
        return [
            {
                "code": line["code"],
                "quantity": 1,
                "amount": line["amount"],
                "explanation": line["words"],
                **{name: line[name] for name in LINE_MARKS if name in line},
            }
            for line in told
        ]
    return [plain_line("TIME", total, terms.HIRE_WORDS)]


def _money(kept: Mapping[str, str]) -> Money:
    return Money.parse(kept["amount"], kept["currency"])


async def find_reservation(session: AsyncSession, booking: Booking) -> SupplierReservation | None:
    """The reservation of a supplier's car; none for our own."""
    if booking.source is Source.OWN:
        return None
    return await reservations.find_reservation_of(session, KIND, booking.id)


async def _reservation_of(session: AsyncSession, booking: Booking) -> SupplierReservation:
    found = await find_reservation(session, booking)
    assert found is not None, f"{booking.reference} has no reservation"
    return found
