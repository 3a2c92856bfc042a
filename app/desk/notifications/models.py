"""What people were told, and how each wants to be told."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, Column, Computed, Index, Integer, String, Uuid
from sqlmodel import Field, SQLModel

from app.core import clock
from app.core.records import UtcMicros, ascii_column
from app.desk.notifications.rules import LONGEST_BODY, LONGEST_HREF, LONGEST_TITLE
from app.kit.ids import new_id

LONGEST_KEY = 190


class Notification(SQLModel, table=True):
    """One thing that one person was told; repeats about one record grow it as long as it is unread."""

    __tablename__ = "notification"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("ix_notification_recipient", "recipient_id", "at", "id"),
        Index("ix_notification_unread", "recipient_id", "read_at", "at", "id"),
        Index("ix_notification_at", "at"),
        Index("uq_notification_live_key", "live_key", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    recipient_id: UUID = Field(sa_type=Uuid, nullable=False)
    kind: str = Field(sa_type=ascii_column(48), nullable=False)
    subject_kind: str | None = Field(default=None, sa_type=ascii_column(32))
    subject_id: UUID | None = Field(default=None, sa_type=Uuid)
    title: str = Field(sa_type=String(LONGEST_TITLE), nullable=False)
    body: str = Field(default="", sa_type=String(LONGEST_BODY), nullable=False)
    href: str = Field(sa_type=String(LONGEST_HREF), nullable=False)
    actor_id: UUID | None = Field(default=None, sa_type=Uuid)
    actor_name: str = Field(sa_type=String(200), nullable=False)
    occurrences: int = Field(default=1, sa_type=Integer, nullable=False)
    at: datetime = Field(default_factory=clock.now, sa_type=UtcMicros, nullable=False)
    """When it was told last."""
    read_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    collapse_key: str | None = Field(default=None, sa_type=ascii_column(LONGEST_KEY))
    live_key: str | None = Field(
        default=None,
        sa_column=Column(
            ascii_column(LONGEST_KEY), Computed("case when `read_at` is null then `collapse_key` end", persisted=True)
        ),
    )
    """`collapse_key` as long as it is unread: the database allows each only once, so repeats meet in one row."""


class NotificationSetting(SQLModel, table=True):
    """How one person wants to hear of one kind, where that differs from the kind's default."""

    __tablename__ = "notification_setting"  # pyright: ignore[reportAssignmentType]

    staff_id: UUID = Field(primary_key=True, sa_type=Uuid)
    kind: str = Field(primary_key=True, sa_type=ascii_column(48))
    in_app: bool = Field(sa_type=Boolean, nullable=False)
    by_mail: bool = Field(sa_type=Boolean, nullable=False)
