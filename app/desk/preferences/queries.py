"""Reading how people want their lists."""

import json
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.read_pool import ReadPool
from app.desk.preferences.models import ListPreference
from app.desk.preferences.rules import DEFAULT_PAGE_SIZE, Density

_SQL = "SELECT columns, density, page_size, default_view FROM list_preference WHERE staff_id = %s AND list_key = %s"


@dataclass(frozen=True, slots=True)
class Choice:
    """What one person chose for one list."""

    columns: tuple[str, ...] = ()
    density: str = Density.COMPACT.value
    page_size: int = DEFAULT_PAGE_SIZE
    default_view: str = ""


async def find_choice(reads: ReadPool, staff_id: UUID, list_key: str) -> Choice:
    """The person's choices, or those of somebody who never chose."""
    rows = await reads.fetch(_SQL, (str(staff_id), list_key))
    if not rows:
        return Choice()
    columns, density, page_size, default_view = rows[0]
    return Choice(tuple(json.loads(columns)), density, int(page_size), default_view)


async def lock_preference(session: AsyncSession, staff_id: UUID, list_key: str) -> ListPreference:
    """The person's row of the list, locked; a new one when there is none yet."""
    found = await session.get(ListPreference, (staff_id, list_key), with_for_update=True)
    if found is None:
        found = ListPreference(staff_id=staff_id, list_key=list_key)
        session.add(found)
    return found


async def find_last_branch(reads: ReadPool, staff_id: UUID) -> str:
    """The code of the branch that the person looked at last; empty for who never did."""
    rows = await reads.fetch("SELECT branch_code FROM last_branch WHERE staff_id = %s", (str(staff_id),))
    return str(rows[0][0]) if rows else ""
