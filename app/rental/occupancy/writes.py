"""Holds, as the database guards them: each statement is refused as a whole by the constraint or takes effect."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.rental.occupancy.models import NO_OVERLAP, Occupancy

_o = Occupancy.__table__  # type: ignore[attr-defined]  # pyright: ignore

LOCK_STOCK = text(
    "INSERT INTO class_stock (location_code, class_code, overbooking_limit) VALUES (:location, :class, 0) "
    "ON DUPLICATE KEY UPDATE overbooking_limit = overbooking_limit RETURNING overbooking_limit"
)
ADD = insert(_o)
SET_LIMIT = text(
    "INSERT INTO class_stock (location_code, class_code, overbooking_limit) VALUES (:location, :class, :limit) "
    "ON DUPLICATE KEY UPDATE overbooking_limit = VALUES(overbooking_limit)"
)


async def lock_stock(session: AsyncSession, location: str, class_code: str) -> int:
    """Lock a class of a branch until the end of the transaction, and tell its overbooking limit."""
    found = await session.execute(LOCK_STOCK, {"location": location, "class": class_code})
    return int(found.scalar_one())


async def set_limit(session: AsyncSession, location: str, class_code: str, limit: int) -> None:
    """How many of a class may be promised beyond the fleet of a branch."""
    await session.execute(SET_LIMIT, {"location": location, "class": class_code, "limit": limit})


async def add(session: AsyncSession, occupancy: Occupancy) -> bool:
    """Write a new hold; False when the vehicle is taken."""
    return await _is_kept(session, ADD, occupancy.model_dump())


async def change(session: AsyncSession, holder_id: UUID, values: Mapping[str, Any]) -> bool:
    """Give a hold another vehicle or another time; False when the vehicle is taken. It never meets itself."""
    return await _is_kept(session, update(_o).where(_o.c.holder_id == holder_id).values(**values))


async def remove(session: AsyncSession, holder_id: UUID) -> None:
    """End a hold as if it had never been."""
    await session.execute(delete(_o).where(_o.c.holder_id == holder_id))


async def _is_kept(session: AsyncSession, statement: Any, values: Mapping[str, Any] | None = None) -> bool:
    try:
        await session.execute(statement, values)
    except IntegrityError as error:
        if NO_OVERLAP in str(error.orig):
            return False
        raise
    return True
