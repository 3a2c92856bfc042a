"""Writing notes beside records, naming colleagues in them, and taking them back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from markupsafe import Markup

from app.core import clock
from app.core.actor import Actor
from app.core.area import NotificationKind
from app.core.changes import record
from app.core.cursors import CursorSigner
from app.core.db import AsyncSession
from app.core.errors import Conflict, Forbidden, InvalidFields
from app.core.subjects import Subject
from app.desk.notes import adapters, queries, rules, writes
from app.desk.notes.models import Note, NoteVersion
from app.desk.notes.rules import Person
from app.desk.notifications.services import notify
from app.desk.staff.services import identity as staff
from app.desk.staff.services.people import as_actor
from app.kit.problems import Problem

WRITE, EDIT_OTHERS = "notes.write", "notes.edit_others"
MENTIONED = NotificationKind("note.mentioned", "Somebody names me in a note")
SHOWN_BESIDE = 5
OFFERED = 8


class TooManyPinned(Conflict):
    code = "too_many_pinned"
    title = "Too many notes are pinned"
    advice = "Nothing was pinned. Unpin another note first."


async def write_note(session: AsyncSession, subject: Subject, *, text: str, actor: Actor) -> Note:
    """Write a note. Raises InvalidFields for text that is empty, too long, or gives a number away."""
    _refuse(text)
    named = rules.mentioned(text, await list_readers(session, subject))
    note = Note(
        subject_kind=subject.kind.key,
        subject_id=subject.record.id,
        text=text,
        mentions=_stored(named),
        author_id=actor.id,
        author_name=actor.name,
    )
    session.add(note)
    await session.flush()
    session.add(NoteVersion(note_id=note.id, number=1, text=text, written_by=actor.name))
    await _note_fact(session, subject, "note_added", note, actor)
    await _tell(session, subject, note, set(named.values()), actor)
    return note


async def edit_note(session: AsyncSession, subject: Subject, note_id: UUID, *, text: str, actor: Actor) -> Note:
    """Change a note's text; the one before is kept. Who is named anew is told. Raises Forbidden."""
    _refuse(text)
    note = await queries.get_note(session, subject.key, note_id, lock=True)
    _refuse_others(note, actor)
    if text == note.text:
        return note
    named = rules.mentioned(text, await list_readers(session, subject))
    known = {str(one["id"]) for one in note.mentions}
    note.text, note.mentions, note.edited_at = text, _stored(named), clock.now()
    number = 1 + (await queries.list_versions(session, note.id))[0].number
    session.add(NoteVersion(note_id=note.id, number=number, text=text, written_by=actor.name))
    await _note_fact(session, subject, "note_edited", note, actor)
    await _tell(session, subject, note, {one for one in named.values() if one.id not in known}, actor)
    return note


async def pin_note(session: AsyncSession, subject: Subject, note_id: UUID, *, is_pinned: bool, actor: Actor) -> Note:
    """Keep a note above the others, or no longer. Raises TooManyPinned."""
    note = await queries.get_note(session, subject.key, note_id, lock=True)
    if note.is_pinned == is_pinned:
        return note
    if is_pinned and await queries.count_pinned(session, subject.key) >= rules.MOST_PINNED:
        raise TooManyPinned(f"At most {rules.MOST_PINNED} notes of a record are pinned.")
    note.is_pinned = is_pinned
    await _note_fact(session, subject, "note_pinned" if is_pinned else "note_unpinned", note, actor)
    return note


async def delete_note(session: AsyncSession, subject: Subject, note_id: UUID, *, actor: Actor) -> Note:
    """Take a note back: every version of its text is gone, its place and the fact stay. Raises Forbidden."""
    note = await queries.get_note(session, subject.key, note_id, lock=True)
    _refuse_others(note, actor)
    for version in await queries.list_versions(session, note.id):
        await session.delete(version)
    note.text, note.mentions, note.is_pinned = "", [], False
    note.deleted_at, note.deleted_by = clock.now(), actor.name
    await _note_fact(session, subject, "note_deleted", note, actor)
    return note


async def forget_all(session: AsyncSession, subject: tuple[str, UUID]) -> None:
    """Delete every note of a record that is deleted itself."""
    await writes.delete_of(session, subject)


async def list_readers(session: AsyncSession, subject: Subject, beginning: str = "") -> list[Person]:
    """Active members of staff who may see the record."""
    wanted, found = beginning.casefold(), list[Person]()
    for person in [as_actor(one) for one in await staff.list_active(session)]:
        names = (person.name.casefold(), *person.name.casefold().split(), person.email.casefold())
        is_wanted = not wanted or any(name.startswith(wanted) for name in names)
        may_see = is_wanted and person.may(subject.kind.permission)
        if may_see and await subject.kind.find(session, subject.record.id, person) is not None:
            found.append(Person(str(person.id), person.name, person.email))
    return found


def to_html(note: Note) -> str:
    """The note's text as safe HTML."""
    return preview(note.text, {str(one["word"]): str(one["name"]) for one in note.mentions})


def preview(text: str, named: dict[str, str]) -> str:
    """Text as it will look."""
    return adapters.to_html(text, named)


@dataclass(frozen=True, slots=True)
class ShownNote:
    """A note on a page, and what the reader may do with it."""

    id: UUID
    html: Markup
    author: str
    at: datetime
    edited_at: datetime | None
    deleted_by: str
    is_pinned: bool
    version: int
    can_edit: bool


@dataclass(frozen=True, slots=True)
class NotePanel:
    """Notes beside a record."""

    action: str
    notes: list[ShownNote]
    next_href: str
    can_write: bool


async def panel(
    session: AsyncSession,
    subject: Subject,
    actor: Actor,
    signer: CursorSigner,
    *,
    cursor: str | None = None,
    limit: int = SHOWN_BESIDE,
) -> NotePanel | None:
    """What the record's page shows; None for kinds without notes."""
    if not subject.kind.has_notes:
        return None
    action = f"/records/{subject.kind.key}/{subject.record.id}/notes"
    notes, after = await queries.list_notes(session, subject.key, signer, limit=limit, cursor=cursor)
    return NotePanel(
        action=action,
        notes=[shown(note, actor) for note in notes],
        next_href=f"{action}?cursor={after}" if after else "",
        can_write=actor.may(WRITE),
    )


def shown(note: Note, actor: Actor) -> ShownNote:
    """A note for a page."""
    return ShownNote(
        id=note.id,
        html=Markup("" if note.deleted_at else to_html(note)),  # noqa: S704 - what nh3 has cleaned  # nosec B704
        author=note.author_name,
        at=note.created_at,
        edited_at=note.edited_at,
        deleted_by=note.deleted_by or "",
        is_pinned=note.is_pinned,
        version=note.version,
        can_edit=may_edit(note, actor),
    )


def may_edit(note: Note, actor: Actor) -> bool:
    """Authors change their own notes; those of others need a permission."""
    is_own = note.author_id is not None and note.author_id == actor.id
    return note.deleted_at is None and actor.may(WRITE) and (is_own or actor.may(EDIT_OTHERS))


def _refuse_others(note: Note, actor: Actor) -> None:
    if not may_edit(note, actor):
        raise Forbidden("This note is somebody else's.")


def _refuse(text: str) -> None:
    if problem := rules.text_problem(text):
        raise InvalidFields([Problem("text", "invalid", problem)])


def _stored(named: dict[str, Person]) -> list[dict[str, str]]:
    return [{"id": person.id, "name": person.name, "word": word} for word, person in named.items()]


async def _note_fact(session: AsyncSession, subject: Subject, what: str, note: Note, actor: Actor) -> None:
    """The fact stands in the record's timeline, never the text."""
    await record(session, f"{subject.kind.key}.{what}", subject.record, actor=actor, facts={"note": str(note.id)})


async def _tell(session: AsyncSession, subject: Subject, note: Note, people: set[Person], actor: Actor) -> None:
    if people:
        await notify(
            session,
            [UUID(person.id) for person in people],
            MENTIONED.key,
            title=f"{actor.name} named you beside {subject.name}",
            href=f"{subject.address}#note-{note.id}",
            subject=subject.key,
            actor=actor,
        )
