"""Runs over many records, and what became of each record."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Uuid
from sqlmodel import Field, SQLModel

from app.core.records import Record, UtcMicros, ascii_column, enum_column
from app.core.selections import Selection
from app.desk.bulk.rules import LONGEST_LABEL, LONGEST_WORDS, RowResult, RunState
from app.kit.ids import new_id


class BulkRun(Record, table=True):
    """One action on the records of a selection."""

    __tablename__ = "bulk_run"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("ix_bulk_run_created_at", "created_at", "kind"),
        Index("ix_bulk_run_creator", "created_by", "created_at"),
        Index("ix_bulk_run_state", "state", "created_at"),
    )
    record_kind: ClassVar[str] = "bulk_run"

    kind: str = Field(sa_type=ascii_column(32), nullable=False)
    action: str = Field(sa_type=ascii_column(64), nullable=False)
    title: str = Field(sa_type=String(200), nullable=False)
    state: RunState = Field(default=RunState.DRAFT, sa_type=enum_column(RunState), nullable=False)  # pyright: ignore
    query: str = Field(default="", sa_type=String(4_000), nullable=False)
    ids: list[str] = Field(default_factory=list, sa_type=JSON, nullable=False)
    fields: dict[str, str] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    """What was asked for the action, as it was typed; None until somebody has answered."""
    total: int = Field(default=0, sa_type=Integer, nullable=False)
    """How many records it was when somebody last looked, and once it has begun, how many there are."""
    done_count: int = Field(default=0, sa_type=Integer, nullable=False)
    pending_count: int = Field(default=0, sa_type=Integer, nullable=False)
    refused_count: int = Field(default=0, sa_type=Integer, nullable=False)
    failed_count: int = Field(default=0, sa_type=Integer, nullable=False)
    reason: str | None = Field(default=None, sa_type=String(LONGEST_WORDS))
    job_id: UUID | None = Field(default=None, sa_type=Uuid)
    created_by: UUID = Field(sa_type=Uuid, nullable=False)
    created_by_name: str = Field(sa_type=String(200), nullable=False)
    finished_at: datetime | None = Field(default=None, sa_type=UtcMicros)

    @property
    def selection(self) -> Selection:
        return Selection(self.kind, self.query, self.ids)

    @property
    def through(self) -> int:
        """Records that have a result."""
        return self.done_count + self.pending_count + self.refused_count + self.failed_count

    @property
    def waiting_count(self) -> int:
        return self.total - self.through

    @property
    def counts(self) -> dict[str, Any]:
        """The figures for the audit trail."""
        return {
            "records": self.total,
            **{result.value: getattr(self, f"{result}_count") for result in RowResult if result in _COUNTED},
        }

    def count(self, found: Mapping[RowResult, int]) -> None:
        """Add to the counts."""
        for result in _COUNTED & found.keys():
            name = f"{result}_count"
            setattr(self, name, getattr(self, name) + found[result])


_COUNTED = frozenset(RowResult) - {RowResult.WAITING}


class BulkRow(SQLModel, table=True):
    """One record of a run and its result; the result is written in the transaction of the effect."""

    __tablename__ = "bulk_row"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("uq_bulk_row_number", "run_id", "number", unique=True),
        Index("ix_bulk_row_result", "run_id", "result", "number"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    run_id: UUID = Field(nullable=False, sa_type=Uuid, sa_column_args=[ForeignKey("bulk_run.id", ondelete="CASCADE")])
    number: int = Field(sa_type=Integer, nullable=False)
    record_id: UUID = Field(sa_type=Uuid, nullable=False)
    label: str = Field(sa_type=String(LONGEST_LABEL), nullable=False)
    result: RowResult = Field(
        default=RowResult.WAITING,
        sa_type=enum_column(RowResult),
        nullable=False,  # pyright: ignore
    )
    words: str = Field(default="", sa_type=String(LONGEST_WORDS), nullable=False)
    approval_id: UUID | None = Field(default=None, sa_type=Uuid)
    """What was asked for instead of being done."""
    at: datetime | None = Field(default=None, sa_type=UtcMicros)
