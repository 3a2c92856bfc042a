"""Imports and the rows they staged."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Uuid
from sqlmodel import Field, SQLModel

from app.core.importing import Result
from app.core.records import Record, UtcMicros, ascii_column, enum_column, exact_column
from app.desk.imports.rules import LONGEST_KEY, LONGEST_SOURCE, ColumnMapping, RunState


class ImportRun(Record, table=True):
    """One file on its way into the records. The counts are those of the check, and then of the import itself."""

    __tablename__ = "import_run"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("ix_import_run_created_at", "created_at", "kind"),
        Index("ix_import_run_state", "state", "created_at"),
        Index("ix_import_run_header", "kind", "header_key", "created_at"),
        Index("ix_import_run_creator", "created_by", "created_at"),
    )
    record_kind: ClassVar[str] = "import_run"

    kind: str = Field(sa_type=ascii_column(32), nullable=False)
    state: RunState = Field(default=RunState.UPLOADED, sa_type=enum_column(RunState), nullable=False)  # pyright: ignore
    source: str = Field(sa_type=ascii_column(LONGEST_SOURCE), nullable=False)
    file_name: str = Field(sa_type=String(200), nullable=False)
    headers: list[str] = Field(default_factory=list, sa_type=JSON, nullable=False)
    header_key: str = Field(sa_type=ascii_column(64), nullable=False)
    mapping: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, nullable=False)
    total: int = Field(default=0, sa_type=Integer, nullable=False)
    created_count: int = Field(default=0, sa_type=Integer, nullable=False)
    updated_count: int = Field(default=0, sa_type=Integer, nullable=False)
    unchanged_count: int = Field(default=0, sa_type=Integer, nullable=False)
    waiting_count: int = Field(default=0, sa_type=Integer, nullable=False)
    refused_count: int = Field(default=0, sa_type=Integer, nullable=False)
    reason: str | None = Field(default=None, sa_type=String(1000))
    job_id: UUID | None = Field(default=None, sa_type=Uuid)
    created_by: UUID | None = Field(default=None, sa_type=Uuid)
    created_by_name: str = Field(sa_type=String(200), nullable=False)
    finished_at: datetime | None = Field(default=None, sa_type=UtcMicros)

    @property
    def done(self) -> int:
        """Rows of this phase that are through."""
        return sum(self.counts.values())

    @property
    def column_mapping(self) -> ColumnMapping | None:
        """The mapping, once somebody has looked at it."""
        return ColumnMapping.from_json(self.mapping) if self.mapping else None

    @property
    def counts(self) -> dict[Result, int]:
        return {result: getattr(self, f"{result.value}_count") for result in Result}

    def count(self, found: Mapping[Result, int]) -> None:
        """Add to the counts."""
        for result, number in found.items():
            name = f"{result.value}_count"
            setattr(self, name, getattr(self, name) + number)

    def forget_counts(self) -> None:
        """Begin to count anew."""
        for result in Result:
            setattr(self, f"{result.value}_count", 0)


class StagedRow(SQLModel, table=True):
    """One row of a file without its secret columns, and what became of it."""

    __tablename__ = "import_row"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("ix_import_row_key", "run_id", "row_key"),
        Index("ix_import_row_result", "run_id", "result", "number"),
        Index("ix_import_row_record", "run_id", "record_id"),
    )

    run_id: UUID = Field(
        primary_key=True, sa_type=Uuid, sa_column_args=[ForeignKey("import_run.id", ondelete="CASCADE")]
    )
    number: int = Field(primary_key=True, sa_type=Integer, sa_column_kwargs={"autoincrement": False})
    row_key: str = Field(sa_type=exact_column(LONGEST_KEY), nullable=False)
    cells: dict[str, str] = Field(default_factory=dict, sa_type=JSON, nullable=False)
    result: Result | None = Field(default=None, sa_type=enum_column(Result))
    refusals: list[dict[str, str]] = Field(default_factory=list, sa_type=JSON, nullable=False)
    record_id: UUID | None = Field(default=None, sa_type=Uuid)
