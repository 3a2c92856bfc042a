"""Files that lists left in."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Boolean, Index, Integer, String, Uuid
from sqlmodel import Field

from app.core.records import Record, UtcMicros, ascii_column, enum_column
from app.core.selections import Selection
from app.desk.exports.rules import LONGEST_REASON, ExportState, Format


class Export(Record, table=True):
    """Who took which rows, and where a long file is on its way."""

    __tablename__ = "export"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("ix_export_creator", "created_by", "created_at"),
        Index("ix_export_expires_at", "state", "expires_at"),
    )
    record_kind: ClassVar[str] = "export"

    kind: str = Field(sa_type=ascii_column(32), nullable=False)
    title: str = Field(sa_type=String(200), nullable=False)
    format: Format = Field(sa_type=enum_column(Format, 8), nullable=False)  # pyright: ignore
    has_mark: bool = Field(default=False, sa_type=Boolean, nullable=False)
    columns: list[str] = Field(default_factory=list, sa_type=JSON, nullable=False)
    query: str = Field(default="", sa_type=String(4_000), nullable=False)
    ids: list[str] = Field(default_factory=list, sa_type=JSON, nullable=False)
    state: ExportState = Field(sa_type=enum_column(ExportState), nullable=False)  # pyright: ignore
    total: int = Field(default=0, sa_type=Integer, nullable=False)
    size_bytes: int = Field(default=0, sa_type=BigInteger, nullable=False)
    reason: str | None = Field(default=None, sa_type=String(LONGEST_REASON))
    job_id: UUID | None = Field(default=None, sa_type=Uuid)
    created_by: UUID = Field(sa_type=Uuid, nullable=False)
    created_by_name: str = Field(sa_type=String(200), nullable=False)
    expires_at: datetime | None = Field(default=None, sa_type=UtcMicros)

    @property
    def selection(self) -> Selection:
        return Selection(self.kind, self.query, self.ids)

    @property
    def file_name(self) -> str:
        """What the person who downloads it sees; never a path."""
        return f"{self.kind}-{self.created_at:%Y-%m-%d-%H%M}.{self.format}"
