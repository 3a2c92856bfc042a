"""What is kept about the asking itself: it is no change of the reservation, and its version stays."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CursorResult, update
from sqlalchemy.dialects.mysql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.database_clock import database_time
from app.rental.suppliers.models import SupplierDrift, SupplierNotification, SupplierReservation

_updated = col(SupplierReservation.updated_at)


async def mark_sent(session: AsyncSession, reservation_id: UUID) -> bool:
    """From now on the supplier may have been asked to book; False when that was so before."""
    statement = update(SupplierReservation).where(
        col(SupplierReservation.id) == reservation_id, col(SupplierReservation.sent_at).is_(None)
    )
    statement = statement.values(sent_at=database_time(), updated_at=_updated)
    result = await session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


async def keep_notification(session: AsyncSession, notification: SupplierNotification) -> bool:
    """Keep a message; False when it is there already."""
    statement = insert(SupplierNotification).prefix_with("IGNORE").values(notification.model_dump())
    result = await session.execute(statement)
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


async def mark_not_sent(session: AsyncSession, reservation_id: UUID) -> None:
    """Nothing left this house: the supplier may be asked to book again."""
    await _update(session, reservation_id, sent_at=None)


async def plan_poll(session: AsyncSession, reservation_id: UUID, *, polls: int, after: timedelta | None) -> None:
    """How often the supplier was asked, and when it is asked again; None for no more."""
    await _update(session, reservation_id, polls=polls, next_poll_at=None if after is None else database_time(after))


async def add_drift(session: AsyncSession, supplier_id: UUID, market: str, slot_at: datetime, moved_by: int) -> None:
    """One more price that was checked again."""
    statement = insert(SupplierDrift).values(
        slot_at=slot_at, supplier_id=supplier_id, market=market, checks=1, moved=int(moved_by != 0),
        basis_points=moved_by,
    )  # fmt: skip
    kept, added = col(SupplierDrift.checks), statement.inserted
    await session.execute(
        statement.on_duplicate_key_update(
            checks=kept + added.checks,
            moved=col(SupplierDrift.moved) + added.moved,
            basis_points=col(SupplierDrift.basis_points) + added.basis_points,
        )
    )


async def keep_boundary(
    session: AsyncSession, reservation_id: UUID, *, boundary_at: datetime | None, exposed_minor: int
) -> None:
    """When cancelling becomes dearer next, and what it costs from then on."""
    await _update(session, reservation_id, boundary_at=boundary_at, exposed_minor=exposed_minor)


async def _update(session: AsyncSession, reservation_id: UUID, **values: object) -> None:
    statement = update(SupplierReservation).where(col(SupplierReservation.id) == reservation_id)
    statement = statement.values(updated_at=_updated, **values)
    await session.execute(statement.execution_options(synchronize_session=False))
