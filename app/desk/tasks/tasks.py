"""What happens to tasks by itself."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.db import AsyncSession, run_in_unit
from app.core.jobs.context import JobContext
from app.desk.tasks import queries
from app.desk.tasks.services import upkeep

BATCH = 200

List = Callable[[AsyncSession, datetime, int], Awaitable[list[UUID]]]
Change = Callable[[AsyncSession, UUID], Awaitable[Any]]


async def wake_snoozed(context: JobContext) -> dict[str, int]:
    """Bring back what was snoozed until now."""
    return {"woken": await _each(context, queries.list_to_wake, upkeep.wake_task)}


async def escalate_overdue(context: JobContext) -> dict[str, int]:
    """Raise the priority of what has become overdue."""
    return {"escalated": await _each(context, queries.list_breached, upkeep.escalate_task)}


async def _each(context: JobContext, find: List, change: Change) -> int:
    """Change each task that is due in a transaction of its own; returns how many were changed."""
    async with context.database.session() as session:
        due = await find(session, clock.now(), BATCH)
    changed = 0
    for number, task_id in enumerate(due, 1):
        task = await run_in_unit(context.database, lambda session, key=task_id: change(session, key))
        changed += task is not None
        await context.progress(number, len(due))
    return changed
