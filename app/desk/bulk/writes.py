"""Writing down which records a run means, and taking rows up again."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.desk.bulk.models import BulkRow, BulkRun
from app.desk.bulk.rules import RowResult

ROWS_AT_ONCE = 5_000


async def add_rows(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await session.execute(insert(BulkRow), list(rows))


async def delete_rows(session: AsyncSession, run_id: UUID, limit: int = ROWS_AT_ONCE) -> int:
    """Delete some rows of a run, and tell how many."""
    statement = delete(BulkRow).where(col(BulkRow.run_id) == run_id).with_dialect_options(mysql_limit=limit)
    result = await session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount


async def take_up_again(session: AsyncSession, run_id: UUID, results: Collection[RowResult]) -> None:
    """Let rows with these results wait once more."""
    await session.execute(
        update(BulkRow)
        .where(col(BulkRow.run_id) == run_id, col(BulkRow.result).in_(results))
        .values(result=RowResult.WAITING, words="", at=None)
        .execution_options(synchronize_session=False)
    )


async def delete_runs(session: AsyncSession, ids: Collection[UUID]) -> None:
    await session.execute(delete(BulkRun).where(col(BulkRun.id).in_(ids)).execution_options(synchronize_session=False))
