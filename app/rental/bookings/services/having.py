"""Who had a vehicle at a moment: by what left and came back, and by the swaps on the way."""

from datetime import datetime
from uuid import UUID

from app.core.db import AsyncSession
from app.rental.bookings import queries
from app.rental.bookings.models import Booking
from app.rental.bookings.rules import BookingState


async def stretches_of(
    session: AsyncSession, vehicle_id: UUID, moment: datetime
) -> list[tuple[Booking, datetime, datetime | None]]:
    """The hires that had a vehicle around a moment: from when, and until when it was taken back, if it was."""
    found: list[tuple[Booking, datetime, datetime | None]] = []
    for booking in await queries.list_around(session, vehicle_id, moment):
        since, swaps = booking.picked_up_at or booking.pickup_at, await queries.list_swaps(session, booking.id)
        is_out = booking.state is BookingState.ON_HIRE
        ended = None if is_out else booking.returned_at or booking.return_at
        had = swaps[0].taken_id if swaps else booking.vehicle_id
        for swap in swaps:
            if had == vehicle_id:
                found.append((booking, since, swap.swapped_at))
            had, since = swap.given_id, swap.swapped_at
        if had == vehicle_id:
            found.append((booking, since, ended))
    return found
