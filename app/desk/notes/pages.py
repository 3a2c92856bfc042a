"""What pages of notes show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from app.core.subjects import Subject
from app.desk.notes import rules
from app.desk.notes.forms import NoteForm
from app.desk.notes.models import NoteVersion
from app.desk.notes.rules import Person, Piece
from app.desk.notes.services import NotePanel, ShownNote


@dataclass(frozen=True, slots=True)
class NotesPage:
    """The notes of a record by themselves."""

    subject: Subject
    notes: NotePanel
    form: NoteForm
    preview: Markup | None = None


@dataclass(frozen=True, slots=True)
class NoteEdit:
    """One note with its text to be changed."""

    subject: Subject
    note: ShownNote
    action: str
    form: NoteForm
    preview: Markup | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """One version against the one before."""

    number: int
    at: datetime
    who: str
    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class NoteHistory:
    """How a note came to be what it is."""

    subject: Subject
    revisions: list[Revision]


@dataclass(frozen=True, slots=True)
class Readers:
    """Who may be named, while a name is being typed."""

    people: list[tuple[str, Person]]


def revisions(versions: Sequence[NoteVersion]) -> list[Revision]:
    """Versions, the newest first, each with what it changed; the oldest one stands as it is."""
    before = [version.text for version in [*versions[1:], *versions[-1:]]]
    return [
        Revision(version.number, version.written_at, version.written_by, rules.difference(old, version.text))
        for version, old in zip(versions, before, strict=True)
    ]


def readers(people: Sequence[Person]) -> Readers:
    """The words that name each: the name, or the address where two share the name."""
    names = [person.name.casefold() for person in people]
    return Readers(
        [(person.name if names.count(person.name.casefold()) == 1 else person.email, person) for person in people]
    )
