"""Statements about staff that are no edit of the record."""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.database_clock import database_time
from app.desk.staff.models import Staff


async def note_sign_in(session: AsyncSession, staff_id: UUID) -> None:
    """Remember when somebody last signed in; not a new version, so that nobody's open form goes stale by it."""
    statement = (
        update(Staff)
        .where(col(Staff.id) == staff_id)
        .values(last_signed_in_at=database_time(), updated_at=col(Staff.updated_at))
    )
    await session.execute(statement, execution_options={"synchronize_session": False})
