"""Tags: one vocabulary for each kind of record, and which records bear them."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, Uuid
from sqlmodel import Field, SQLModel

from app.core import clock
from app.core.records import Record, UtcMicros, ascii_column, enum_column, exact_column
from app.desk.tags.rules import LONGEST_NAME, TagState


class Tag(Record, table=True):
    """A word of a kind's vocabulary. Records keep their tags' names beside their own columns, where lists read them."""

    __tablename__ = "tag"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("uq_tag_kind_name", "kind", "name", unique=True),
        Index("ix_tag_name", "name", "id"),
        Index("ix_tag_created_at", "created_at", "id"),
    )
    record_kind: ClassVar[str] = "tag"
    comes_with_others: ClassVar[bool] = True

    kind: str = Field(sa_type=ascii_column(32), nullable=False)
    name: str = Field(sa_type=exact_column(LONGEST_NAME), nullable=False)
    state: TagState = Field(default=TagState.ACTIVE, sa_type=enum_column(TagState), nullable=False)  # pyright: ignore
    merged_into_id: UUID | None = Field(default=None, sa_type=Uuid)
    created_by: UUID | None = Field(default=None, sa_type=Uuid)


class RecordTag(SQLModel, table=True):
    """One record bears one tag; the key serves the lists that are filtered by a tag."""

    __tablename__ = "record_tag"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("ix_record_tag_subject", "subject_id", "tag_id"),)

    tag_id: UUID = Field(primary_key=True, sa_type=Uuid, foreign_key="tag.id")
    subject_id: UUID = Field(primary_key=True, sa_type=Uuid)
    added_at: datetime = Field(default_factory=clock.now, sa_type=UtcMicros, nullable=False)
    added_by: UUID | None = Field(default=None, sa_type=Uuid)
