"""Reading the audit trail of one record."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.audit import AuditEntry

NEWEST = 50


async def list_of_subject(session: AsyncSession, kind: str, subject_id: UUID, limit: int = NEWEST) -> list[AuditEntry]:
    """The newest entries of one record."""
    statement = (
        select(AuditEntry)
        .where(AuditEntry.subject_kind == kind, AuditEntry.subject_id == subject_id)  # pyright: ignore
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())  # pyright: ignore
        .limit(limit)
    )
    return list((await session.execute(statement)).scalars())
