"""What happens to tasks by itself, and what is done with many of them at once."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.core import clock, registry
from app.core.actor import Actor
from app.core.bulk import BulkAction, BulkField, Done, Effect
from app.core.db import AsyncSession, run_in_unit
from app.core.exporting import FileColumn, Listing
from app.core.jobs.context import JobContext
from app.desk.staff.services.people import list_who_may
from app.desk.tasks import queries, rules
from app.desk.tasks.schemas import PRIORITY_WORDS, STATE_WORDS, TEAM_WORDS, TaskItem
from app.desk.tasks.services import upkeep
from app.desk.tasks.services.moves import move_task
from app.desk.tasks.services.people import WORK

BATCH = 200


def label(item: TaskItem) -> str:
    return f"{item.reference} {item.title}"


def _about(item: TaskItem) -> str | None:
    kind = registry.record_kinds.get(item.subject_kind or "")
    return kind.title if kind else None


def _outcome(item: TaskItem) -> str | None:
    kind = registry.task_kinds.get(item.kind)
    return dict(kind.outcomes).get(item.outcome or "", item.outcome or None) if kind else item.outcome or None


LISTING = Listing(
    queries.tasks,
    queries.SPEC,
    label,
    reader=queries.reader_of,
    columns=(
        FileColumn("title", "Task"),
        FileColumn("due_at", "Due", "moment", shown_as="due"),
        FileColumn("about", "About", value=_about),
        FileColumn("priority", "Priority", "words", words=PRIORITY_WORDS),
        FileColumn("assignee_name", "Who", shown_as="who"),
        FileColumn("state", "State", "words", words=STATE_WORDS),
        FileColumn("reference", "Reference"),
        FileColumn("kind_title", "Kind", shown_as="kind"),
        FileColumn("team", "Team", "words", words=TEAM_WORDS),
        FileColumn("created_at", "Made", "moment", shown_as="created"),
        FileColumn("closed_at", "Closed", "moment", shown_as="closed"),
        FileColumn("outcome", "Outcome", value=_outcome),
        FileColumn("details", "Details"),
        FileColumn("closing_note", "Note at the end"),
        FileColumn("market", "Market"),
        FileColumn("updated_at", "Changed", "moment"),
        FileColumn("id", "Id"),
    ),
)

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


async def people(session: AsyncSession, actor: Actor) -> Sequence[tuple[str, str]]:  # noqa: ARG001
    """Everybody who does tasks; whether a task may be somebody's is known task by task."""
    return [(str(one.id), one.name) for one in await list_who_may(session, WORK)]


def foresee_assignment(item: TaskItem, values: Mapping[str, Any], actor: Actor) -> Effect:  # noqa: ARG001
    before = item.assignee_name or "Nobody"
    if rules.can_move("assignment", rules.TaskState(item.state)):
        return Effect(before, "", f"The task is {item.state_words.lower()}")
    return Effect(
        before, values["assignee_id"].words, "They have it already" if item.assignee_id == values["assignee_id"] else ""
    )


async def assign(session: AsyncSession, task_id: UUID, values: Mapping[str, Any], actor: Actor) -> Done:
    fields = {"assignee_id": UUID(values["assignee_id"]), "note": values["note"] or ""}
    task = await move_task(session, task_id, "assignment", fields=fields, actor=actor)
    person = await queries.find_person(session, task.assignee_id)
    return Done(f"Given to {person.name}" if person else "")


BULK_ACTIONS = (
    BulkAction(
        "assignment",
        "Give to somebody",
        WORK,
        assign,
        foresee_assignment,
        (
            BulkField("assignee_id", "Who is to do them", "choice", options=people),
            BulkField("note", "Note", "long_text", is_required=False, hint="They are told this with each task."),
        ),
        text="Each task becomes theirs, and they are told. What they may not do, or do not see, stays where it is.",
    ),
)
