"""Notes in the JSON API."""

import msgspec

from app.core.values import UNSET, Id, Maybe, Timestamp, UnsetType, timestamp
from app.desk.notes.models import Note


class NoteItem(msgspec.Struct):
    """A note. A deleted one has no text any more, only its place; `html` is safe to show as it is."""

    id: Id
    text: Maybe[str]
    html: Maybe[str]
    mentions: list[str]
    author_name: str
    is_pinned: bool
    version: int
    created_at: Timestamp
    edited_at: Maybe[Timestamp]
    deleted_at: Maybe[Timestamp]
    deleted_by: Maybe[str]


class NotePage(msgspec.Struct):
    """One page of notes: pinned ones first, then the newest."""

    items: list[NoteItem]
    next_cursor: str | None


class NoteVersionItem(msgspec.Struct, frozen=True):
    """The text as it stood from a moment on."""

    number: int
    text: str
    written_at: Timestamp
    written_by: str


class NoteVersions(msgspec.Struct):
    """Every version of a note, the newest first."""

    items: list[NoteVersionItem]


class NewNote(msgspec.Struct, forbid_unknown_fields=True):
    """A note to be written, in Markdown; `@Name` names members of staff who may see the record."""

    text: str


class NoteFields(msgspec.Struct, forbid_unknown_fields=True):
    """What may change of a note; what is absent stays."""

    text: str | UnsetType = UNSET
    is_pinned: bool | UnsetType = UNSET


def note_item(note: Note, html: str) -> NoteItem:
    """A note as the API shows it; `html` is its text made safe."""
    is_gone = note.deleted_at is not None
    return NoteItem(
        id=str(note.id),
        text=UNSET if is_gone else note.text,
        html=UNSET if is_gone else html,
        mentions=[str(one["name"]) for one in note.mentions],
        author_name=note.author_name,
        is_pinned=note.is_pinned,
        version=note.version,
        created_at=timestamp(note.created_at),
        edited_at=timestamp(note.edited_at) if note.edited_at else UNSET,
        deleted_at=timestamp(note.deleted_at) if note.deleted_at else UNSET,
        deleted_by=note.deleted_by or UNSET,
    )
