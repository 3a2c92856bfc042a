"""Making tasks and changing what they say."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.actor import Actor
from app.core.changes import apply, record
from app.core.db import AsyncSession
from app.core.errors import AlreadyThere, Conflict, Forbidden, IllegalState, InvalidFields, StaleVersion
from app.desk.tasks import queries, rules, writes
from app.desk.tasks.models import Task
from app.desk.tasks.rules import Priority, TaskState
from app.desk.tasks.services.people import (
    check_assignee,
    check_team,
    due_after,
    kind_of,
    may_work,
    place,
    tell_assignee,
)
from app.kit.ids import new_reference
from app.kit.problems import Problem

PREFIX = "TK"
FIELD_LABELS = {
    "due_at": "Due",
    "assignee_id": "Assignee",
    "snoozed_until": "Snoozed until",
    "closing_note": "Note",
    "branch": "Branch",
}
_NEED_REASON = frozenset({"priority", "due_at"})


async def create_task(
    session: AsyncSession,
    *,
    kind: str,
    title: str,
    subject: tuple[str, UUID] | None = None,
    team: str = "",
    assignee_id: UUID | None = None,
    priority: Priority | None = None,
    due_at: datetime | None = None,
    details: str = "",
    unique_key: str | None = None,
    actor: Actor,
    task_id: UUID | None = None,
) -> Task:
    """Make a task in the caller's transaction; an unfinished one of the same `unique_key` is returned instead.

    Team, priority and due time come from the kind unless they are given. Raises InvalidFields, Forbidden.
    """
    known = kind_of(kind)
    if unique_key is not None and (existing := await queries.find_live(session, unique_key)) is not None:
        return existing
    _refuse(rules.check_task({"title": title, "details": details, "due_at": due_at}, now=clock.now()))
    _refuse(check_team(known, team))
    if known.is_personal and assignee_id is None:
        _refuse([Problem("assignee_id", "required", "Work of this kind is somebody's own")])
    task = Task(
        kind=kind,
        reference="",
        title=title.strip(),
        details=details.strip(),
        subject_kind=subject[0] if subject else None,
        subject_id=subject[1] if subject else None,
        audience="",
        team=team or known.team,
        assignee_id=assignee_id,
        state=TaskState.IN_PROGRESS if assignee_id else TaskState.OPEN,
        priority=priority or Priority(known.priority),
        created_by=actor.id,
        unique_key=unique_key,
    )
    if task_id is not None:
        if await session.get(Task, task_id):
            raise AlreadyThere("A task with this id exists.")
        task.id = task_id
    _refuse(await place(session, task, actor))
    assignee, problems = await check_assignee(session, task, assignee_id) if assignee_id else (None, [])
    _refuse(problems)
    if assignee is not None and assignee.id == actor.id:
        task.started_at = clock.now()
    task.due_at = due_at or due_after(known, task.market, clock.now())
    task.reference = await _free_reference(session)
    return await _add(session, task, actor, assignee.name if assignee else None)


def check_may_make(kind: str, actor: Actor) -> None:
    """Raises Forbidden for work that is not this person's to make, InvalidFields for an unknown kind."""
    known = kind_of(kind)
    if not known.is_made_by_hand or not may_work(known, actor):
        raise Forbidden("Tasks of this kind are not made by hand, or belong to another role.")


async def update_task(
    session: AsyncSession, task_id: UUID, *, fields: Mapping[str, Any], actor: Actor, version: int | None = None
) -> Task:
    """Change title, details, priority or due time; the last two need a `reason`. Raises StaleVersion, IllegalState."""
    task = await queries.lock_task(session, task_id, actor)
    if version is not None and version != task.version:
        raise StaleVersion("Somebody else has changed this task.", extra={"etag": task.etag})
    if not task.is_unfinished:
        raise IllegalState(f"The task is {task.state}.", state=task.state)
    if not may_work(kind_of(task.kind), actor):
        raise Forbidden("This kind of work belongs to another role.")
    values, reason = _values(fields), str(fields.get("reason") or "").strip()
    problems = rules.check_task(values, now=clock.now())
    if not reason and any(getattr(task, name) != values[name] for name in _NEED_REASON & values.keys()):
        problems.append(Problem("reason", "required", "Say why"))
    elif len(reason) > rules.LONGEST_NOTE:
        problems.append(Problem("reason", "too_long", f"At most {rules.LONGEST_NOTE:,} characters"))
    _refuse(problems)
    changed = apply(task, values)
    if not changed:
        return task
    if "due_at" in changed:
        task.overdue_since = None
    await record(session, "task.updated", task, actor=actor, why=reason or None, changes=changed)
    return task


def _values(fields: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {name: value for name, value in fields.items() if name != "reason"}
    if "priority" in values:
        values["priority"] = Priority(values["priority"])
    return values | {name: str(values[name] or "").strip() for name in ("title", "details") if name in values}


async def _add(session: AsyncSession, task: Task, actor: Actor, assignee: str | None) -> Task:
    """Insert it; when another transaction made the task of this key first, return that one."""
    if not await writes.insert_once(session, task):
        existing = await queries.find_live(session, task.unique_key or "")
        if existing is None:
            raise Conflict("The same work is being made and closed at this moment.")
        return existing
    shown = {"title": task.title, "team": task.team, "priority": task.priority, "due_at": task.due_at}
    if assignee:
        shown["assignee_id"] = assignee
    changes = {name: (None, value) for name, value in shown.items() if value is not None}
    await record(session, "task.created", task, actor=actor, changes=changes)
    await tell_assignee(session, task, "", actor)
    return task


async def _free_reference(session: AsyncSession) -> str:
    while await queries.has_reference(session, reference := new_reference(PREFIX)):
        pass
    return reference


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise InvalidFields(problems)
