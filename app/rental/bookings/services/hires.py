"""A booking whose vehicle leaves and comes back; what is read, agreed and signed is the handover's."""

from typing import Any
from uuid import UUID

from app.core import clock
from app.core.actor import Actor
from app.core.changes import record
from app.core.db import AsyncSession
from app.core.errors import Forbidden, IllegalState
from app.rental.bookings import queries
from app.rental.bookings.models import Booking, BookingTerms, VehicleSwap
from app.rental.bookings.rules import BookingState
from app.rental.bookings.services.moves import enter, in_words
from app.rental.bookings.services.pricing import Priced
from app.rental.locations import services as locations
from app.rental.occupancy import services as occupancy

LATE_ARRIVAL = "bookings.honour_late_arrival"


async def start_hire(session: AsyncSession, booking_id: UUID, *, vehicle_id: UUID, actor: Actor) -> Booking:
    """The vehicle leaves. A no-show who comes late is a supervisor's decision.

    Raises IllegalState, Forbidden; VehicleTaken when the vehicle of a late arrival has been given away.
    """
    booking = await queries.lock_booking(session, booking_id, actor)
    before = booking.state
    if before is BookingState.NO_SHOW:
        if not actor.may(LATE_ARRIVAL):
            raise Forbidden("Whether a late arrival is honoured is decided by a supervisor.")
        await _take_stock_again(session, booking, vehicle_id, actor)
    enter(booking, [BookingState.ON_HIRE])
    booking.vehicle_id, booking.picked_up_at = vehicle_id, clock.now()
    changes: dict[str, tuple[Any, Any]] = {"state": (before, booking.state)}
    if before is BookingState.NO_SHOW:
        changes["fee_minor"] = (booking.fee, None)
        booking.fee_minor = None
    await record(session, "booking.checked_out", booking, actor=actor, changes=changes)
    return booking


async def end_hire(
    session: AsyncSession, booking_id: UUID, *, returned_at: Any, priced: Priced | None, actor: Actor
) -> Booking:
    """The vehicle is back, at the price of the hire as it was. Raises IllegalState."""
    booking = await queries.lock_booking(session, booking_id, actor)
    if booking.state is not BookingState.ON_HIRE:
        raise IllegalState(f"The booking is {in_words(booking.state)}.", state=booking.state)
    before, total = booking.state, booking.total
    if priced is not None and (priced.total != total or priced.lines != booking.price_lines):
        session.add(_terms_before(booking, actor))
        booking.terms_number += 1
        booking.total_minor, booking.price_lines = priced.total.minor, priced.lines
    enter(booking, [BookingState.RETURNED])
    booking.returned_at = returned_at
    await occupancy.release(session, booking.id)
    changes: dict[str, tuple[Any, Any]] = {"state": (before, booking.state)}
    if booking.total != total:
        changes["total_minor"] = (total, booking.total)
    await record(session, "booking.checked_in", booking, actor=actor, changes=changes)
    return booking


async def find_on_hire(session: AsyncSession, booking_id: UUID, actor: Actor) -> Booking:
    """The booking for what happens at a counter. Raises NotFound outside the actor's scope."""
    return await queries.get_booking(session, booking_id, actor)


async def lock_hire(session: AsyncSession, booking_id: UUID, actor: Actor) -> Booking:
    """As `find_on_hire`, locked until the end of the transaction."""
    return await queries.lock_booking(session, booking_id, actor)


async def list_swaps(session: AsyncSession, booking_id: UUID) -> list[VehicleSwap]:
    """The vehicles that took over during the hire, in their order."""
    return await queries.list_swaps(session, booking_id)


async def _take_stock_again(session: AsyncSession, booking: Booking, vehicle_id: UUID, actor: Actor) -> None:
    places = await locations.by_codes(session, {booking.pickup_location, booking.return_location})
    pickup, back = (
        locations.HandoverTime(places[code], local, at, is_out_of_hours=False)
        for code, local, at in (
            (booking.pickup_location, booking.pickup_local, booking.pickup_at),
            (booking.return_location, booking.return_local, booking.return_at),
        )
    )
    stay = occupancy.stay_between(pickup, back)
    await occupancy.occupy(session, booking.id, vehicle_id, booking.class_code, stay, actor=actor)


def _terms_before(booking: Booking, actor: Actor) -> BookingTerms:
    names = ("pickup_location", "pickup_local", "return_location", "return_local", "class_code", "price_lines")
    terms = {name: getattr(booking, name) for name in names}
    plain = {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in terms.items()}
    return BookingTerms(
        booking_id=booking.id,
        number=booking.terms_number,
        terms=plain,
        total_minor=booking.total_minor,
        total_currency=booking.total_currency,
        replaced_by=actor.name,
        reason="Checked in",
    )
