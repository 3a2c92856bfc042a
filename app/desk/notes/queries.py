"""Reading notes: pinned ones first, then the newest, by keys."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.cursors import Cursor, CursorSigner, digest
from app.core.errors import NotFound
from app.desk.notes.models import Note, NoteVersion

MOST_VERSIONS = 200
Key = tuple[str, UUID]
"""Kind and id of the record."""


async def list_notes(
    session: AsyncSession, subject: Key, signer: CursorSigner, *, limit: int, cursor: str | None = None
) -> tuple[list[Note], str | None]:
    """A page of a record's notes and where the next one starts. Raises MalformedRequest for a foreign cursor."""
    identity = digest("notes", subject)
    statement = select(Note).where(col(Note.subject_kind) == subject[0], col(Note.subject_id) == subject[1])
    if cursor:
        pinned, at, key = signer.read(cursor, query=identity).values
        moment, note_id = datetime.fromisoformat(str(at)).replace(tzinfo=UTC), UUID(str(key))
        older = or_(col(Note.created_at) < moment, and_(col(Note.created_at) == moment, col(Note.id) < note_id))
        same = and_(col(Note.is_pinned).is_(bool(pinned)), older)
        statement = statement.where(or_(same, col(Note.is_pinned).is_(False)) if pinned else same)
    order = (col(Note.is_pinned).desc(), col(Note.created_at).desc(), col(Note.id).desc())
    found = list((await session.execute(statement.order_by(*order).limit(limit + 1))).scalars())
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    at = last.created_at.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
    return found[:limit], signer.write(Cursor(identity, (int(last.is_pinned), at, str(last.id))))


async def count_pinned(session: AsyncSession, subject: Key) -> int:
    """How many notes of a record are pinned."""
    statement = select(func.count()).where(
        col(Note.subject_kind) == subject[0], col(Note.subject_id) == subject[1], col(Note.is_pinned).is_(True)
    )
    return (await session.execute(statement)).scalar_one()


async def get_note(session: AsyncSession, subject: Key, note_id: UUID, *, lock: bool = False) -> Note:
    """A note of this record that is not deleted. Raises NotFound."""
    found = await session.get(Note, note_id, with_for_update=lock or None, populate_existing=lock)
    if found is None or (found.subject_kind, found.subject_id) != subject or found.deleted_at is not None:
        raise NotFound
    return found


async def list_versions(session: AsyncSession, note_id: UUID) -> list[NoteVersion]:
    """Every version of a note, the newest first."""
    statement = select(NoteVersion).where(col(NoteVersion.note_id) == note_id)
    statement = statement.order_by(col(NoteVersion.number).desc()).limit(MOST_VERSIONS)
    return list((await session.execute(statement)).scalars())
