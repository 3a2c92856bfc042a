"""Tasks: work for people, with somebody who holds it and a moment by which it is due."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Computed, Index, String, Text, Uuid
from sqlmodel import Field

from app.core.records import Record, UtcMicros, ascii_column, enum_column
from app.desk.tasks.rules import CLOSED, LIVE, LONGEST_NOTE, LONGEST_TITLE, Priority, TaskState

ANY = "*"
"""A market or branch that everybody may see: the task is not about one."""
LONGEST_UNIQUE_KEY = 190
IS_LIVE = "state in ('open','in_progress','snoozed')"
URGENCY = (
    f"case when not ({IS_LIVE}) then 500000000000 + 99999999999 - coalesce(to_seconds(closed_at), 0)"
    " when overdue_since is not null then coalesce(to_seconds(due_at), 99999999999)"
    " else (case priority when 'urgent' then 100000000000 when 'high' then 200000000000"
    " when 'normal' then 300000000000 else 400000000000 end) + coalesce(to_seconds(due_at), 99999999999) end"
)
"""The order of a queue as one number: overdue ones by due time, then by priority and due time; closed ones last."""
_SCOPE = ("market", "branch", "audience")


class Task(Record, table=True):
    """Somebody's work, perhaps about a record: then only those who may see the record see the task."""

    __tablename__ = "task"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        CheckConstraint(
            "(state <> 'open' or assignee_id is null) and (state <> 'in_progress' or assignee_id is not null)",
            name="holder",
        ),
        CheckConstraint("(state = 'snoozed') = (snoozed_until is not null)", name="snoozed"),
        CheckConstraint("(state in ('done','cancelled')) = (closed_at is not null)", name="closed"),
        CheckConstraint("(subject_kind is null) = (subject_id is null)", name="subject"),
        Index("uq_task_live_key", "live_key", unique=True),
        Index("ix_task_queue", "is_live", "urgency", "id", "team", "assignee_id", "snoozed_until", "due_at", *_SCOPE),
        Index("ix_task_urgency", "urgency", "id", "team", "state", "kind", "priority", *_SCOPE),
        Index("ix_task_team", "team", "state", "urgency", "id", *_SCOPE),
        Index("ix_task_assignee", "assignee_id", "is_live", "urgency", "id", "snoozed_until", "due_at", *_SCOPE),
        Index("ix_task_state", "state", "closed_at", "id", *_SCOPE),
        Index("ix_task_subject", "subject_kind", "subject_id", "is_live", "urgency", "id"),
        Index("ix_task_snoozed", "state", "snoozed_until", "id"),
        Index("ix_task_due", "is_live", "overdue_since", "due_at", "id"),
        Index("ix_task_created", "created_at", "id", *_SCOPE),
        Index("ix_task_due_at", "due_at", "id", *_SCOPE),
    )
    record_kind: ClassVar[str] = "task"

    reference: str = Field(sa_type=ascii_column(12), unique=True, nullable=False)
    kind: str = Field(sa_type=ascii_column(64), nullable=False)
    title: str = Field(sa_type=String(LONGEST_TITLE), nullable=False)
    details: str = Field(default="", sa_type=Text, nullable=False)
    subject_kind: str | None = Field(default=None, sa_type=ascii_column(32))
    subject_id: UUID | None = Field(default=None, sa_type=Uuid)
    market: str = Field(default=ANY, sa_type=ascii_column(2), nullable=False)
    branch: str = Field(default=ANY, sa_type=ascii_column(16), nullable=False)
    """Market and branch of the subject, copied so that lists can be scoped; empty when the subject has none."""
    audience: str = Field(sa_type=ascii_column(64), nullable=False)
    """The permission that sees it: the subject's, else the kind's; `person:ID` for a personal task."""
    team: str = Field(sa_type=ascii_column(32), nullable=False)
    assignee_id: UUID | None = Field(default=None, sa_type=Uuid, foreign_key="staff.id")
    state: TaskState = Field(default=TaskState.OPEN, sa_type=enum_column(TaskState), nullable=False)  # pyright: ignore
    priority: Priority = Field(default=Priority.NORMAL, sa_type=enum_column(Priority), nullable=False)  # pyright: ignore
    due_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    overdue_since: datetime | None = Field(default=None, sa_type=UtcMicros)
    """When the breach of the due time was noticed and escalated; another due time forgets it."""
    snoozed_until: datetime | None = Field(default=None, sa_type=UtcMicros)
    started_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    """When its holder took it up; a task that was assigned and not begun has none."""
    outcome: str | None = Field(default=None, sa_type=ascii_column(32))
    closing_note: str | None = Field(default=None, sa_type=String(LONGEST_NOTE))
    closed_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    created_by: UUID | None = Field(default=None, sa_type=Uuid)
    unique_key: str | None = Field(default=None, sa_type=ascii_column(LONGEST_UNIQUE_KEY))
    live_key: str | None = Field(
        default=None,
        sa_column=Column(
            ascii_column(LONGEST_UNIQUE_KEY), Computed(f"case when {IS_LIVE} then unique_key end", persisted=True)
        ),
    )
    """`unique_key` as long as the task is not closed: the database allows each only once."""
    is_live: bool | None = Field(
        default=None, sa_column=Column(Boolean, Computed(IS_LIVE, persisted=True), nullable=True)
    )
    urgency: int | None = Field(
        default=None, sa_column=Column(BigInteger, Computed(URGENCY, persisted=True), nullable=True)
    )

    @property
    def subject(self) -> tuple[str, UUID] | None:
        """What the task is about, as kind and id."""
        return None if self.subject_kind is None or self.subject_id is None else (self.subject_kind, self.subject_id)

    @property
    def is_closed(self) -> bool:
        return self.state in CLOSED

    @property
    def is_unfinished(self) -> bool:
        return self.state in LIVE
