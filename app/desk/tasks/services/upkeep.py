"""What the application does with tasks by itself: wakes, escalates, settles, and keeps them where their subject is."""

from uuid import UUID

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.changes import record
from app.core.db import AsyncSession
from app.desk.tasks import queries, rules
from app.desk.tasks.models import Task
from app.desk.tasks.rules import TaskState
from app.desk.tasks.services.moves import make_move
from app.desk.tasks.services.people import tell_overdue


async def settle_tasks(
    session: AsyncSession, subject: tuple[str, UUID], kind: str, *, why: str, actor: Actor, outcome: str = ""
) -> list[Task]:
    """Close the unfinished tasks of a kind about a record, because what they asked for happened elsewhere."""
    closed: list[Task] = []
    for task_id in await queries.list_about(session, subject, kind):
        task = await queries.lock_task(session, task_id, SYSTEM)
        if not task.is_unfinished:
            continue
        task.state, task.snoozed_until, before = TaskState.DONE, None, task.state
        task.closed_at, task.outcome, task.closing_note = clock.now(), outcome or None, why
        changes = {"state": (before, task.state)}
        await record(session, "task.completed", task, actor=actor, why=why, changes=changes)
        closed.append(task)
    return closed


async def wake_task(session: AsyncSession, task_id: UUID) -> Task | None:
    """Bring back a snoozed task whose moment has come; None when it was moved meanwhile."""
    task = await queries.lock_task(session, task_id, SYSTEM)
    is_due = rules.is_awake(task.state, task.snoozed_until, clock.now())
    if task.state is not TaskState.SNOOZED or not is_due:
        return None
    return await make_move(session, task, "waking", fields={}, actor=SYSTEM)


async def escalate_task(session: AsyncSession, task_id: UUID) -> Task | None:
    """Raise the priority of a task whose due time has passed, once per due time; None when that has been done."""
    task = await queries.lock_task(session, task_id, SYSTEM)
    now = clock.now()
    if not task.is_unfinished or task.overdue_since is not None or task.due_at is None or task.due_at > now:
        return None
    before, task.priority, task.overdue_since = task.priority, rules.raised(task.priority), now
    changes = {"priority": (before, task.priority)} if task.priority is not before else None
    await record(session, "task.escalated", task, actor=SYSTEM, why="It is overdue.", changes=changes)
    await tell_overdue(session, task, SYSTEM)
    return task


async def was_made(session: AsyncSession, subject: tuple[str, UUID], unique_key: str) -> bool:
    """Whether the task of a key about a record was ever made, closed or not."""
    return await queries.has_key(session, subject, unique_key)
