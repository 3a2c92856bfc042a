"""Cancelling a booking: at once where the car is ours, else when the supplier says so."""

from typing import Any
from uuid import UUID

from app.core import clock
from app.core.actor import Actor
from app.core.changes import record
from app.core.db import AsyncSession
from app.payments.charges.rules import Purpose
from app.rental.bookings.models import Booking
from app.rental.bookings.rules import MOVES, Source
from app.rental.bookings.services.charging import charge_fee
from app.rental.bookings.services.moves import begin_with_reason, enter, fee_due
from app.rental.bookings.services.supplied import cancel_with_supplier
from app.rental.occupancy import services as occupancy


async def cancel_booking(session: AsyncSession, booking_id: UUID, *, reason: str, actor: Actor) -> Booking:
    """Cancel and freeze the fee of this moment; what is only on request costs nothing. Raises IllegalState.

    With a supplier the booking waits for their answer, and its fee is frozen all the same.
    """
    booking = await begin_with_reason(session, booking_id, "cancellation", actor, reason)
    if booking.source is Source.SUPPLIER:
        return await cancel_with_supplier(session, booking, reason=reason, actor=actor)
    before = booking.state
    booking.cancel_requested_at = clock.now()
    booking.fee_minor = fee_due(booking).minor
    enter(booking, MOVES["cancellation"].path)
    await occupancy.release(session, booking.id)
    changes: dict[str, tuple[Any, Any]] = {"state": (before, booking.state), "fee_minor": (None, booking.fee)}
    await record(session, "booking.cancelled", booking, actor=actor, why=reason, changes=changes)
    await charge_fee(session, booking, Purpose.CANCELLATION_FEE, actor=actor)
    return booking
