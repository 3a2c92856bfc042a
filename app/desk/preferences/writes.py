"""Keeping what is kept beside other work, without a lock that anybody waits for."""

from uuid import UUID

from sqlalchemy.dialects.mysql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.desk.preferences.models import LastBranch

_branches = LastBranch.__table__  # type: ignore[attr-defined]  # pyright: ignore


async def set_last_branch(session: AsyncSession, staff_id: UUID, code: str) -> None:
    """One statement, so that two pages that open at once do not disturb each other."""
    now = clock.now()
    kept = insert(_branches).values(staff_id=staff_id, branch_code=code, updated_at=now)
    await session.execute(kept.on_duplicate_key_update(branch_code=code, updated_at=now))
