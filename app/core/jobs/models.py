"""Tables of background work: jobs, schedules and the heartbeats of workers."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Column, Computed, Index, Integer, String, Text, Uuid
from sqlmodel import Field, SQLModel

from app.core.records import Record, UtcMicros, ascii_column, enum_column

LONGEST_NOTE = 500
LONGEST_WORKER_NAME = 120
LONGEST_UNIQUE_KEY = 190


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"
    CANCELLED = "cancelled"


class Job(Record, table=True):
    """One piece of work; `lease_token` grows with each claim, and only its holder may report."""

    record_kind: ClassVar[str] = "job"

    __tablename__ = "job"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("ix_job_state_run_at", "state", "run_at", "id"),
        Index("ix_job_state_lease_until", "state", "lease_until", "id"),
        Index("ix_job_finished_at", "finished_at", "id"),
        Index("uq_job_live_key", "live_key", unique=True),
    )

    kind: str = Field(sa_type=ascii_column(64), nullable=False)
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, nullable=False)
    state: JobState = Field(default=JobState.QUEUED, sa_type=enum_column(JobState), nullable=False)
    run_at: datetime = Field(sa_type=UtcMicros, nullable=False)
    attempts: int = Field(default=0, sa_type=Integer, nullable=False)
    max_attempts: int = Field(default=8, sa_type=Integer, nullable=False)
    lease_token: int = Field(default=0, sa_type=BigInteger, nullable=False)
    lease_until: datetime | None = Field(default=None, sa_type=UtcMicros)
    worker: str | None = Field(default=None, sa_type=String(LONGEST_WORKER_NAME))
    progress_done: int = Field(default=0, sa_type=BigInteger, nullable=False)
    progress_total: int | None = Field(default=None, sa_type=BigInteger)
    note: str = Field(default="", sa_type=String(LONGEST_NOTE), nullable=False)
    result: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    last_error: str | None = Field(default=None, sa_type=Text)
    unique_key: str | None = Field(default=None, sa_type=ascii_column(LONGEST_UNIQUE_KEY))
    live_key: str | None = Field(
        default=None,
        sa_column=Column(
            ascii_column(LONGEST_UNIQUE_KEY),
            Computed("case when `state` in ('queued','running') then `unique_key` end", persisted=True),
        ),
    )
    """`unique_key` as long as the job is not finished: the database allows each only once."""
    created_by: UUID | None = Field(default=None, sa_type=Uuid)
    started_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    finished_at: datetime | None = Field(default=None, sa_type=UtcMicros)


class JobSchedule(SQLModel, table=True):
    """When a kind of job is due next; one worker claims the row and queues the job."""

    __tablename__ = "job_schedule"  # pyright: ignore[reportAssignmentType]

    key: str = Field(primary_key=True, sa_type=ascii_column(64))
    next_run_at: datetime = Field(sa_type=UtcMicros, nullable=False)
    last_queued_at: datetime | None = Field(default=None, sa_type=UtcMicros)


class WorkerHeartbeat(SQLModel, table=True):
    """When a worker was last alive, by the database's clock."""

    __tablename__ = "worker_heartbeat"  # pyright: ignore[reportAssignmentType]

    name: str = Field(primary_key=True, sa_type=String(LONGEST_WORKER_NAME))
    at: datetime = Field(sa_type=UtcMicros, nullable=False)
    version: str = Field(sa_type=String(32), nullable=False)
