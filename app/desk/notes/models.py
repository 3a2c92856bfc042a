"""Notes beside records, every version of them, and whom they name."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, Boolean, Index, Integer, String, Text, Uuid
from sqlmodel import Field, SQLModel

from app.core import clock
from app.core.records import Record, UtcMicros, ascii_column


class Note(Record, table=True):
    """What somebody wrote about a record, in Markdown. A deleted one stays as a place without text."""

    __tablename__ = "note"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("ix_note_subject", "subject_id", "subject_kind", "is_pinned", "created_at", "id"),)
    record_kind: ClassVar[str] = "note"

    subject_kind: str = Field(sa_type=ascii_column(32), nullable=False)
    subject_id: UUID = Field(sa_type=Uuid, nullable=False)
    text: str = Field(sa_type=Text, nullable=False)
    mentions: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON, nullable=False)
    is_pinned: bool = Field(default=False, sa_type=Boolean, nullable=False)
    author_id: UUID | None = Field(default=None, sa_type=Uuid)
    author_name: str = Field(sa_type=String(200), nullable=False)
    edited_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    deleted_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    deleted_by: str | None = Field(default=None, sa_type=String(200))


class NoteVersion(SQLModel, table=True):
    """The text as it stood from a moment on."""

    __tablename__ = "note_version"  # pyright: ignore[reportAssignmentType]

    note_id: UUID = Field(primary_key=True, sa_type=Uuid, foreign_key="note.id")
    number: int = Field(primary_key=True, sa_type=Integer, sa_column_kwargs={"autoincrement": False})
    text: str = Field(sa_type=Text, nullable=False)
    written_at: datetime = Field(default_factory=clock.now, sa_type=UtcMicros, nullable=False)
    written_by: str = Field(sa_type=String(200), nullable=False)
