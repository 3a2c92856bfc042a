"""What the pages of one task are made of."""

from typing import Any

from app.core import clock, registry
from app.core.actor import Actor
from app.core.http import Request
from app.desk.audit_trail.services import timeline
from app.desk.tasks import queries
from app.desk.tasks.models import Task
from app.desk.tasks.pages import details
from app.desk.tasks.services.creation import FIELD_LABELS
from app.desk.tasks.services.people import kind_of, zone_of


async def detail_page(request: Request, session: Any, task: Task, actor: Actor) -> details.TaskDetail:
    """Everything that the page of a task answers."""
    assignee = await queries.find_person(session, task.assignee_id)
    maker = await queries.find_person(session, task.created_by)
    return details.detail(
        task,
        kind_of(task.kind),
        zone=zone_of(task.market),
        assignee=assignee.name if assignee else "",
        maker=maker.name if maker else "Forecourt",
        subject=await subject_of(request, session, task, actor),
        timeline=await timeline(session, task, FIELD_LABELS),
        now=clock.now(),
    )


async def subject_of(request: Request, session: Any, task: Task, actor: Actor) -> details.Subject | None:
    """The record that it is about, as its kind tells of it."""
    kind = registry.record_kinds.get(task.subject_kind or "")
    record = await kind.find(session, task.subject_id, actor) if kind and task.subject_id else None
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
