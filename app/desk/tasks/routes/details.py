"""What the pages of one task are made of."""

from typing import Any
from uuid import UUID

from app.core import clock, registry
from app.core.actor import Actor
from app.core.http import Request
from app.desk.audit_trail.services import timeline
from app.desk.staff.models import Staff
from app.desk.tasks import queries
from app.desk.tasks.models import Task
from app.desk.tasks.pages import details, moves
from app.desk.tasks.schemas import TEAM_WORDS
from app.desk.tasks.services.creation import FIELD_LABELS
from app.desk.tasks.services.people import LEAD, can_take, kind_of, may_work, teams_for, zone_of


async def detail_page(
    request: Request, session: Any, task: Task, actor: Actor, *, then: str = ""
) -> details.TaskDetail:
    """Everything that the page of a task answers; `then` is what its moves lead to."""
    assignee = await queries.find_person(session, task.assignee_id)
    maker = await queries.find_person(session, task.created_by)
    kind = kind_of(task.kind)
    return details.detail(
        task,
        kind,
        zone=zone_of(task.market),
        assignee=assignee.name if assignee else "",
        maker=maker.name if maker else "Forecourt",
        subject=await subject_of(request, session, task.subject, actor),
        timeline=await timeline(session, task, FIELD_LABELS),
        moves=await moves_page(session, task, actor, assignee.name if assignee else "", then=then),
        can_edit=task.is_unfinished and may_work(kind, actor),
        now=clock.now(),
    )


async def moves_page(session: Any, task: Task, actor: Actor, holder: str, *, then: str = "") -> moves.Moves:
    """What can happen next with a task."""
    kind = kind_of(task.kind)
    people = [(str(one.id), one.name) for one in await candidates(session, task) if one.id != task.assignee_id]
    return moves.moves_for(
        task,
        kind,
        actor,
        may_work=may_work(kind, actor),
        leads=actor.may(LEAD),
        holder=holder,
        people=people,
        teams=[(team, TEAM_WORDS[team]) for team in teams_for(kind)],
        zone=zone_of(task.market),
        now=clock.now(),
        then=then,
    )


async def candidates(session: Any, task: Task) -> list[Staff]:
    """Everybody who may do the task and sees it."""
    return [one for one in await queries.list_people(session) if can_take(task, one)]


async def subject_of(
    request: Request, session: Any, about: tuple[str, UUID] | None, actor: Actor
) -> details.Subject | None:
    """The record that a task is about, as its kind tells of it."""
    kind = registry.record_kinds.get(about[0]) if about else None
    record = await kind.find(session, about[1], actor) if about and kind and actor.may(kind.permission) else None
    if kind is None or record is None:
        return None
    found: list[dict[str, Any]] = []
    if kind.load_documents is not None:
        found = await kind.load_documents(request.runtime.database.reads, [str(record.id)])
    document = found[0] if found else {}
    return details.Subject(
        kind=kind.title,
        name=str(document.get("title") or kind.name(record)),
        href=kind.address(record.id),
        reference=str(document.get("reference") or ""),
        summary=str(document.get("subtitle") or ""),
        timeline=await timeline(session, record, kind.labels),
    )
