"""Reading check-outs and check-ins. The scope is that of their booking."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.scoped import Scoped
from app.rental.bookings.models import Booking
from app.rental.bookings.rules import BookingState
from app.rental.handovers.models import Handover
from app.rental.handovers.rules import Direction

_h = Handover.__table__  # type: ignore[attr-defined]  # pyright: ignore
_b = Booking.__table__  # type: ignore[attr-defined]  # pyright: ignore

_one = Scoped(Handover)
find_handover, get_handover, lock_handover = _one.find, _one.get, _one.lock


async def find_of(session: AsyncSession, booking_id: UUID, direction: Direction) -> Handover | None:
    """The check-out or the check-in of a booking."""
    statement = select(Handover).where(_h.c.booking_id == booking_id, _h.c.direction == direction)
    return (await session.execute(statement)).scalar_one_or_none()


async def list_of(session: AsyncSession, booking_id: UUID) -> Sequence[Handover]:
    """Both, the check-out first."""
    statement = select(Handover).where(_h.c.booking_id == booking_id).order_by(_h.c.id)
    return (await session.execute(statement)).scalars().all()


async def list_overdue(session: AsyncSession, before: datetime, limit: int) -> list[tuple[UUID, datetime]]:
    """The vehicles of hires that should be back by a moment, and until when they are agreed."""
    statement = (
        select(_b.c.vehicle_id, _b.c.return_at)
        .where(_b.c.state == BookingState.ON_HIRE, _b.c.return_at < before, _b.c.vehicle_id.is_not(None))
        .order_by(_b.c.return_at)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in await session.execute(statement)]
