"""Tables of the relay: how far each consumer is, and which events wait or failed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, Integer, String, Uuid
from sqlmodel import Field, SQLModel

from app.core import clock
from app.core.records import UtcMicros, ascii_column

LONGEST_REASON = 1_000


class EventConsumer(SQLModel, table=True):
    """The last position that a consumer is through with; for the relay itself the last one it gave."""

    __tablename__ = "event_consumer"  # pyright: ignore[reportAssignmentType]

    name: str = Field(primary_key=True, sa_type=ascii_column(64))
    position: int = Field(default=0, sa_type=BigInteger, nullable=False)


class EventFailure(SQLModel, table=True):
    """An event that a consumer could not take, or that waits behind such an event of the same record."""

    __tablename__ = "event_failure"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("ix_event_failure_aggregate", "consumer", "aggregateid", "aggregatetype", "position"),
        Index("ix_event_failure_due", "consumer", "quarantined_at", "next_try_at"),
    )

    consumer: str = Field(primary_key=True, sa_type=ascii_column(64))
    event_id: UUID = Field(primary_key=True, sa_type=Uuid)
    position: int = Field(sa_type=BigInteger, nullable=False)
    aggregatetype: str = Field(sa_type=ascii_column(32), nullable=False)
    aggregateid: UUID = Field(sa_type=Uuid, nullable=False)
    attempts: int = Field(default=0, sa_type=Integer, nullable=False)
    reason: str = Field(sa_type=String(LONGEST_REASON), nullable=False)
    quarantined_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    next_try_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    """None for an event that may be tried as soon as it is the first of its record."""


class EventApplied(SQLModel, table=True):
    """That a consumer has had its effect in the database, for consumers that must not have it twice."""

    __tablename__ = "event_applied"  # pyright: ignore[reportAssignmentType]

    consumer: str = Field(primary_key=True, sa_type=ascii_column(64))
    event_id: UUID = Field(primary_key=True, sa_type=Uuid)
    at: datetime = Field(default_factory=clock.now, sa_type=UtcMicros, nullable=False)
