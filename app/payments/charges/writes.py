"""What is kept about the asking itself, by conditional statements."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.database_clock import database_time
from app.payments.charges.models import ChargeOperation


async def mark_sent(session: AsyncSession, operation_id: UUID) -> bool:
    """From now on the provider may have been asked; False when that was so before."""
    statement = update(ChargeOperation).where(
        col(ChargeOperation.id) == operation_id, col(ChargeOperation.sent_at).is_(None)
    )
    result = await session.execute(
        statement.values(sent_at=database_time()).execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


async def mark_not_sent(session: AsyncSession, operation_id: UUID) -> None:
    """Nothing arrived there: it may be sent again, under the same key."""
    await _update(session, operation_id, sent_at=None)


async def plan_poll(session: AsyncSession, operation_id: UUID, *, polls: int, after: timedelta | None) -> None:
    """How often the provider was asked, and when it is asked again; None for no more."""
    await _update(session, operation_id, polls=polls, next_poll_at=None if after is None else database_time(after))


async def _update(session: AsyncSession, operation_id: UUID, **values: Any) -> None:
    statement = update(ChargeOperation).where(col(ChargeOperation.id) == operation_id).values(**values)
    await session.execute(statement.execution_options(synchronize_session=False))
