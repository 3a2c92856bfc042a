"""Reading check-outs and check-ins. The scope is that of their booking."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.scoped import Scoped
from app.rental.bookings.models import Booking
from app.rental.bookings.rules import BookingState
from app.rental.handovers.models import Handover
from app.rental.handovers.rules import BEGINS_IN, Direction, HandoverState

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


async def list_abandoned(session: AsyncSession, before: datetime, limit: int) -> list[UUID]:
    """Drafts that nobody went on with since, and whose vehicle will not leave or come back by them any more."""
    statement = select(_h.c.id).join(_b, _b.c.id == _h.c.booking_id).where(*_abandoned(before))
    return list((await session.execute(statement.order_by(_h.c.updated_at).limit(limit))).scalars())


async def lock_abandoned(session: AsyncSession, handover_id: UUID, before: datetime) -> Handover | None:
    """Such a draft, locked until the end of the transaction; none when somebody went on with it meanwhile."""
    statement = select(Handover).join(_b, _b.c.id == _h.c.booking_id).where(_h.c.id == handover_id, *_abandoned(before))
    locked = statement.with_for_update(of=_h).execution_options(populate_existing=True)
    return (await session.execute(locked)).scalar_one_or_none()


def _abandoned(before: datetime) -> tuple[ColumnElement[bool], ...]:
    comes = and_(_h.c.direction == Direction.OUT, _b.c.state.in_(BEGINS_IN[Direction.OUT]), _b.c.pickup_at >= before)
    runs = and_(_h.c.direction == Direction.IN, _b.c.state.in_(BEGINS_IN[Direction.IN]))
    return _h.c.state == HandoverState.DRAFT, _h.c.updated_at < before, not_(or_(comes, runs))


async def list_overdue(session: AsyncSession, before: datetime, limit: int) -> list[tuple[UUID, datetime]]:
    """The vehicles of hires that should be back by a moment, and until when they are agreed."""
    statement = (
        select(_b.c.vehicle_id, _b.c.return_at)
        .where(_b.c.state == BookingState.ON_HIRE, _b.c.return_at < before, _b.c.vehicle_id.is_not(None))
        .order_by(_b.c.return_at)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in await session.execute(statement)]
