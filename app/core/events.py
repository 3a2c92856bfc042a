"""The transactional outbox: events are rows of the business transaction, relayed after its commit."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Index, Uuid, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel

from app.core.records import Record, UtcMicros, ascii_column
from app.kit.ids import new_id


class OutboxEvent(SQLModel, table=True):
    """An event, with the column names of Debezium's outbox router. `position` is given by the relay alone."""

    __tablename__ = "outbox_event"  # pyright: ignore[reportAssignmentType]
    __mapper_args__ = {"eager_defaults": False}
    __table_args__ = (
        Index("uq_outbox_event_position", "position", unique=True),
        Index("ix_outbox_event_aggregate", "aggregatetype", "aggregateid", "position"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    aggregatetype: str = Field(sa_type=ascii_column(32), nullable=False)
    aggregateid: UUID = Field(sa_type=Uuid, nullable=False)
    type: str = Field(sa_type=ascii_column(64), nullable=False)
    payload: dict[str, Any] = Field(sa_type=JSON, nullable=False)
    created_at: datetime = Field(
        default=None,  # pyright: ignore[reportArgumentType] - the database's clock says it
        sa_type=UtcMicros,
        nullable=False,
        sa_column_kwargs={"server_default": text("UTC_TIMESTAMP(6)")},
    )
    position: int | None = Field(default=None, sa_type=BigInteger)


SIGNAL = "signal"
"""The aggregate of what listeners are told without a record having changed."""


async def record(session: AsyncSession, kind: str, subject: Record, payload: dict[str, Any]) -> None:
    """Write an event beside the change that it tells of."""
    event = OutboxEvent(
        id=new_id(), aggregatetype=subject.record_kind, aggregateid=subject.id, type=kind, payload=payload
    )
    session.add(event)


async def signal(session: AsyncSession, kind: str, payload: dict[str, Any]) -> None:
    """Tell listeners something at the commit of this transaction; no audit entry belongs to it."""
    session.add(OutboxEvent(aggregatetype=SIGNAL, aggregateid=new_id(), type=kind, payload=payload))
