"""Staging rows and keeping what became of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.dialects.mysql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.desk.imports.models import StagedRow

_table = StagedRow.__table__  # type: ignore[attr-defined]  # pyright: ignore


async def keep_rows(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Stage rows, or keep the outcome of rows that are staged."""
    if not rows:
        return
    statement = insert(_table).values(list(rows))
    await session.execute(
        statement.on_duplicate_key_update(
            result=statement.inserted.result,
            refusals=statement.inserted.refusals,
            record_id=statement.inserted.record_id,
        )
    )


async def forget_outcomes(session: AsyncSession, run_id: UUID) -> None:
    """Make all staged rows wait for the import."""
    await session.execute(
        update(StagedRow)
        .where(col(StagedRow.run_id) == run_id)
        .values(result=None, record_id=None)
        .execution_options(synchronize_session=False)
    )


async def delete_rows(session: AsyncSession, run_id: UUID) -> None:
    await session.execute(
        delete(StagedRow).where(col(StagedRow.run_id) == run_id).execution_options(synchronize_session=False)
    )
