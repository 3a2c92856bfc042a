"""Files beside records; the file itself lies in the store under the row's id."""

from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, Integer, String, UniqueConstraint, Uuid
from sqlmodel import Field

from app.core.records import Record, ascii_column
from app.desk.attachments import rules


class Attachment(Record, table=True):
    """A file beside a record, and what was found when it came. `sha256` is that of the file as it was sent."""

    __tablename__ = "attachment"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        UniqueConstraint("subject_id", "subject_kind", "sha256"),
        Index("ix_attachment_subject", "subject_id", "subject_kind", "id"),
    )
    record_kind: ClassVar[str] = "attachment"

    subject_kind: str = Field(sa_type=ascii_column(32), nullable=False)
    subject_id: UUID = Field(sa_type=Uuid, nullable=False)
    name: str = Field(sa_type=String(200), nullable=False)
    media_type: str = Field(sa_type=ascii_column(32), nullable=False)
    size_bytes: int = Field(sa_type=Integer, nullable=False)
    sha256: str = Field(sa_type=ascii_column(64), nullable=False)
    width: int | None = Field(default=None, sa_type=Integer)
    height: int | None = Field(default=None, sa_type=Integer)
    pages: int | None = Field(default=None, sa_type=Integer)
    added_by_id: UUID | None = Field(default=None, sa_type=Uuid)
    added_by: str = Field(sa_type=String(200), nullable=False)

    @property
    def is_image(self) -> bool:
        return self.media_type != rules.PDF
