"""Notes of a record that is deleted itself."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.desk.notes.models import Note, NoteVersion


async def delete_of(session: AsyncSession, subject: tuple[str, UUID]) -> None:
    """Delete the notes of a record with every version of them."""
    about = (col(Note.subject_id) == subject[1], col(Note.subject_kind) == subject[0])
    await session.execute(delete(NoteVersion).where(col(NoteVersion.note_id).in_(select(col(Note.id)).where(*about))))
    await session.execute(delete(Note).where(*about))
