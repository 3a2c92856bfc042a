"""The audit trail: append only, one entry per state change."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, Integer, String, Text, Uuid
from sqlmodel import Field, SQLModel

from app.core import clock
from app.core.records import UtcMicros, ascii_column
from app.kit.ids import new_id


class AuditEntry(SQLModel, table=True):
    """Who did what to which record, when, why, and what it was before."""

    __tablename__ = "audit_entry"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("ix_audit_entry_subject", "subject_kind", "subject_id", "at", "id"),
        Index("ix_audit_entry_actor", "actor_id", "at", "id"),
        Index("ix_audit_entry_action", "action", "at", "id"),
        Index("ix_audit_entry_at", "at", "id"),
        Index("ix_audit_entry_request_id", "request_id", "at", "id"),
        Index("ix_audit_entry_kind", "subject_kind", "at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    at: datetime = Field(default_factory=clock.now, sa_type=UtcMicros, nullable=False)
    actor_id: UUID | None = Field(default=None, sa_type=Uuid)
    actor_name: str = Field(sa_type=String(200), nullable=False)
    action: str = Field(sa_type=ascii_column(64), nullable=False)
    subject_kind: str = Field(sa_type=ascii_column(32), nullable=False)
    subject_id: UUID = Field(sa_type=Uuid, nullable=False)
    subject_version: int = Field(sa_type=Integer, nullable=False)
    changes: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, nullable=False)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, nullable=False)
    why: str | None = Field(default=None, sa_type=Text)
    request_id: str | None = Field(default=None, sa_type=ascii_column(64))
