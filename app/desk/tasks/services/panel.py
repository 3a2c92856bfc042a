"""The open tasks of a record, as they are shown beside it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.core.actor import Actor
from app.core.db import AsyncSession
from app.desk.tasks import queries
from app.desk.tasks.services.people import WORK

MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class PanelTask:
    """One open task, with who has it."""

    id: UUID
    title: str
    due_at: datetime | None
    who: str


@dataclass(frozen=True, slots=True)
class TaskPanel:
    """What is to be done about a record; `new_href` is empty for those who make no tasks."""

    tasks: list[PanelTask]
    has_more: bool
    new_href: str
    all_href: str


async def panel(session: AsyncSession, subject: tuple[str, UUID], actor: Actor) -> TaskPanel:
    """The most urgent open tasks of a record that the actor may see."""
    found = await queries.list_open_about(session, subject, MOST_SHOWN + 1)
    shown: list[PanelTask] = []
    for task in found[:MOST_SHOWN]:
        if queries.is_seen(task, actor):
            person = await queries.find_person(session, task.assignee_id)
            shown.append(PanelTask(task.id, task.title, task.due_at, person.name if person else ""))
    about = f"subject_kind={subject[0]}&subject_id={subject[1]}"
    new_href = f"/tasks/new?{about}" if actor.may(WORK) else ""
    return TaskPanel(shown, len(found) > MOST_SHOWN, new_href, f"/tasks?{about}")
