"""The moves of a booking's life: not coming, closing, disputing, and the steps that every move takes."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.actor import Actor
from app.core.changes import record
from app.core.db import AsyncSession
from app.core.errors import Conflict, IllegalState, InvalidFields
from app.kit.fee_windows import fee_at
from app.kit.money import Money
from app.payments.charges import services as charges
from app.payments.charges.models import Charge
from app.payments.charges.rules import ChargeState, Purpose
from app.rental.bookings import queries, rules
from app.rental.bookings.models import Booking
from app.rental.bookings.rules import MOVES, BookingState, Refusal
from app.rental.bookings.services.charging import charge_fee
from app.rental.occupancy import services as occupancy

TO_DO = {
    ChargeState.PLANNED: "take it from the deposit or a card, or waive it",
    ChargeState.FAILED: "the card was refused: read another one, or waive it",
    ChargeState.HELD: "release it, or take what is due from it",
    ChargeState.UNKNOWN: "the provider's answer is not known yet: wait for it, or ask them",
    ChargeState.CAPTURED: "the provider is being asked",
    ChargeState.RELEASED: "the provider is being asked",
}
"""What is to be done about a charge that is open."""
ACTIONS = {
    "no_show": "booking.not_shown",
    "closing": "booking.closed",
    "dispute": "booking.disputed",
}


class NotOurFleet(Conflict):
    """The supplier decides about this; it is asked of them."""

    code = "not_our_fleet"
    title = "The vehicle is a supplier's"
    advice = "Nothing was changed. Ask the supplier for it, on the reservation."


class TooEarly(Conflict):
    """The vehicle is kept for a while after the pick-up; `from` tells until when."""

    code = "too_early"
    title = "The customer may still come"
    advice = "Nothing was changed. Wait until then, or cancel the booking."


async def mark_no_show(session: AsyncSession, booking_id: UUID, *, reason: str, actor: Actor) -> Booking:
    """The customer did not come. Raises TooEarly while the vehicle is kept for them, IllegalState."""
    booking = await begin_with_reason(session, booking_id, "no_show", actor, reason)
    now = clock.now()
    if rules.can_be_no_show(booking.pickup_at, now):
        until = booking.pickup_at + rules.HOLD_WINDOW
        raise TooEarly(f"It is kept until {until:%Y-%m-%d %H:%M} UTC.", extra={"from": until})
    before = booking.state
    booking.fee_minor = fee_due(booking).minor
    enter(booking, MOVES["no_show"].path)
    await occupancy.release(session, booking.id)
    changes: dict[str, tuple[Any, Any]] = {"state": (before, booking.state), "fee_minor": (None, booking.fee)}
    await record(session, ACTIONS["no_show"], booking, actor=actor, why=reason, changes=changes)
    await charge_fee(session, booking, Purpose.NO_SHOW, actor=actor)
    return booking


class ChargesOpen(Conflict):
    """Something of the hire is still to be paid, let go of or found out; `charges` names each and where it is done."""

    code = "charges_open"
    title = "Charges of this booking are open"
    advice = "Nothing was closed. Settle these charges first."


async def close_booking(session: AsyncSession, booking_id: UUID, *, reason: str, actor: Actor) -> Booking:
    """Nothing is open any more. Raises IllegalState, ChargesOpen."""
    await begin_with_reason(session, booking_id, "closing", actor, reason)
    if left := await charges.list_unsettled(session, Booking.record_kind, booking_id):
        raise ChargesOpen(
            f"{'; '.join(open_in_words(each) for each in left)}.", extra={"charges": [_open(each) for each in left]}
        )
    return await _plain_move(session, booking_id, "closing", reason, actor)


async def dispute_booking(session: AsyncSession, booking_id: UUID, *, reason: str, actor: Actor) -> Booking:
    """The customer does not agree. Raises IllegalState."""
    return await _plain_move(session, booking_id, "dispute", reason, actor)


def fee_due(booking: Booking) -> Money:
    """What cancelling costs at this moment."""
    return fee_at(booking.total, booking.windows, clock.now())


def enter(booking: Booking, path: Iterable[BookingState]) -> None:
    """Go through states of the table. Raises IllegalState with the present one for a step that it does not have."""
    for state in path:
        if not rules.can_follow(booking.state, state):
            raise IllegalState(f"The booking is {in_words(booking.state)}.", state=booking.state)
        booking.state = state


async def begin(session: AsyncSession, booking_id: UUID, move: str, actor: Actor) -> Booking:
    """The booking, locked, when the move is possible. Raises IllegalState, NotOurFleet."""
    booking = await queries.lock_booking(session, booking_id, actor)
    refuse_move(booking, move)
    return booking


def refuse_move(booking: Booking, move: str) -> None:
    """Raises IllegalState, NotOurFleet."""
    match rules.can_move(move, booking.state, booking.source):
        case Refusal.NOT_OURS:
            raise NotOurFleet
        case Refusal():
            raise IllegalState(f"The booking is {in_words(booking.state)}.", state=booking.state)
        case None:
            pass


async def begin_with_reason(session: AsyncSession, booking_id: UUID, move: str, actor: Actor, reason: str) -> Booking:
    """As `begin`, and there is a reason. Raises InvalidFields."""
    if problems := rules.check_reason({"reason": reason}):
        raise InvalidFields(problems)
    return await begin(session, booking_id, move, actor)


def open_in_words(charge: Charge) -> str:
    """`CH-4TR2V6, fuel 32.00 EUR: take it from the deposit or a card, or waive it`."""
    amount = f"{charge.amount.amount} {charge.currency}"
    return f"{charge.reference}, {charges.PURPOSE_WORDS[charge.purpose].lower()} {amount}: {TO_DO[charge.state]}"


def _open(charge: Charge) -> dict[str, Any]:
    return {
        "id": str(charge.id), "reference": charge.reference, "purpose": charge.purpose.value,
        "state": charge.state.value, "amount": {"amount": charge.amount.amount, "currency": charge.currency},
        "to_do": TO_DO[charge.state], "href": f"/api/v1/charges/{charge.id}",
    }  # fmt: skip


async def _plain_move(session: AsyncSession, booking_id: UUID, move: str, reason: str, actor: Actor) -> Booking:
    booking = await begin_with_reason(session, booking_id, move, actor, reason)
    before = booking.state
    enter(booking, MOVES[move].path)
    changes = {"state": (before, booking.state)}
    await record(session, ACTIONS[move], booking, actor=actor, why=reason, changes=changes)
    return booking


def in_words(state: BookingState) -> str:
    return state.value.replace("_", " ")
