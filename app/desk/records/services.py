"""What every record page shows beside and below the facts, whatever kind of record it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core import registry
from app.core.actor import Actor
from app.core.area import OfferedAction, RelatedLine
from app.core.db import AsyncSession
from app.core.records import Record
from app.core.subjects import Subject
from app.desk.approvals import services as approvals
from app.desk.attachments import services as attachments
from app.desk.notes import services as notes
from app.desk.tags import services as tags
from app.desk.tasks import services as tasks


@dataclass(frozen=True, slots=True)
class RelatedPanel:
    """The records of one kind that are about this one, and where all of them are."""

    key: str
    title: str
    lines: Sequence[RelatedLine]
    href: str


@dataclass(frozen=True, slots=True)
class Beside:
    """The desk's tools for one record; a tool that its kind does not have is None."""

    waits: list[approvals.WaitingLine]
    """What is to happen to it once somebody else agrees."""
    tags: tags.TagPanel | None
    tasks: tasks.TaskPanel | None
    attachments: attachments.AttachmentPanel | None
    notes: notes.NotePanel | None
    related: list[RelatedPanel]
    """Records of other kinds that are about it."""
    offers: list[OfferedAction]
    """What of other kinds can be begun for it."""


async def beside(session: AsyncSession, subject: Record, actor: Actor) -> Beside:
    """The tools beside a record that the actor may see."""
    found = Subject(registry.record_kinds[subject.record_kind], subject)
    cursors = session.info["request"].runtime.cursors
    return Beside(
        waits=await approvals.list_waiting_about(session, subject, actor),
        tags=tags.panel(found, actor),
        tasks=await tasks.panel(session, found.key, actor) if actor.may("tasks.view") else None,
        attachments=await attachments.panel(session, found, actor, cursors),
        notes=await notes.panel(session, found, actor, cursors),
        related=await _related(session, subject, actor),
        offers=await _offers(session, subject, actor),
    )


async def forget_beside(session: AsyncSession, subject: Record) -> None:
    """Before a record is deleted: its notes and files go too, and what is in the files."""
    key = subject.record_kind, subject.id
    await notes.forget_all(session, key)
    await attachments.forget_all(session, key)


async def _related(session: AsyncSession, subject: Record, actor: Actor) -> list[RelatedPanel]:
    panels: list[RelatedPanel] = []
    for kind in registry.record_kinds.values():
        listed = kind.related.get(subject.record_kind)
        if listed is None or not actor.may(kind.permission):
            continue
        filtered = kind.related_filters.get(subject.record_kind)
        href = f"{kind.list_address}?{filtered}={subject.id}" if filtered else ""
        panels.append(RelatedPanel(kind.key, kind.plural, await listed(session, subject.id, actor), href))
    return panels


async def _offers(session: AsyncSession, subject: Record, actor: Actor) -> list[OfferedAction]:
    found: list[OfferedAction] = []
    for kind in registry.record_kinds.values():
        listed = kind.offers.get(subject.record_kind)
        if listed is not None and actor.may(kind.permission):
            found += await listed(session, subject, actor)
    return found
