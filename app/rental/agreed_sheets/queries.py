"""Reading one sheet of any kind."""

from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import NotFound
from app.rental.agreed_sheets.models import Sheet

S = TypeVar("S", bound=Sheet)


async def find_locked(session: AsyncSession, model: type[S], sheet_id: UUID) -> S | None:
    """The sheet as it is now, locked until the end of the transaction."""
    return await session.get(model, sheet_id, with_for_update=True, populate_existing=True)


async def get_sheet(session: AsyncSession, model: type[S], sheet_id: UUID) -> S:
    """Raises NotFound."""
    return _found(await session.get(model, sheet_id))


async def lock_sheet(session: AsyncSession, model: type[S], sheet_id: UUID) -> S:
    """As `find_locked`. Raises NotFound."""
    return _found(await find_locked(session, model, sheet_id))


def _found(sheet: S | None) -> S:
    if sheet is None:
        raise NotFound
    return sheet
