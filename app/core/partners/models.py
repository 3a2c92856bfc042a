"""Every exchange with a partner, as it is kept for some weeks."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Boolean, Index, Integer, SmallInteger, String, Uuid
from sqlalchemy.dialects import mysql
from sqlmodel import Field, SQLModel

from app.core import clock
from app.core.partners.outcomes import Outcome
from app.core.records import UtcMicros, ascii_column, enum_column
from app.kit.ids import id_at

LONGEST_URL = 500
LONGEST_REASON = 500
LONGEST_CORRELATION = 64


class PartnerExchange(SQLModel, table=True):
    """One request and what came of it. Written by itself, whatever becomes of the work around it; never changed."""

    __tablename__ = "partner_exchange"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("ix_partner_exchange_partner", "partner", "id", "operation", "outcome", "market"),
        Index("ix_partner_exchange_operation", "operation", "id", "partner", "outcome", "market"),
        Index("ix_partner_exchange_outcome", "outcome", "id", "partner", "operation", "market"),
        Index("ix_partner_exchange_market", "market", "id", "partner", "operation", "outcome"),
        Index("ix_partner_exchange_subject", "subject_id", "id", "subject_kind", "market"),
        Index("ix_partner_exchange_correlation", "correlation", "id"),
    )

    id: UUID = Field(default_factory=lambda: id_at(clock.now()), primary_key=True, sa_type=Uuid)
    """Of the moment `at`: lists are in the order of the ids, and days are ranges of them."""
    at: datetime = Field(default_factory=clock.now, sa_type=UtcMicros, nullable=False)
    partner: str = Field(sa_type=ascii_column(64), nullable=False)
    operation: str = Field(sa_type=ascii_column(48), nullable=False)
    outcome: Outcome = Field(sa_type=enum_column(Outcome), nullable=False)
    attempt: int = Field(default=1, sa_type=SmallInteger, nullable=False)
    milliseconds: int = Field(sa_type=Integer, nullable=False)
    reason: str = Field(default="", sa_type=String(LONGEST_REASON), nullable=False)
    method: str = Field(sa_type=ascii_column(8), nullable=False)
    url: str = Field(sa_type=String(LONGEST_URL), nullable=False)
    status: int | None = Field(default=None, sa_type=SmallInteger)
    request_headers: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, nullable=False)
    request_body: str = Field(default="", sa_type=mysql.MEDIUMTEXT, nullable=False)
    response_headers: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, nullable=False)
    response_body: str = Field(default="", sa_type=mysql.MEDIUMTEXT, nullable=False)
    request_bytes: int = Field(default=0, sa_type=Integer, nullable=False)
    response_bytes: int = Field(default=0, sa_type=Integer, nullable=False)
    is_cut: bool = Field(default=False, sa_type=Boolean, nullable=False)
    market: str | None = Field(default=None, sa_type=ascii_column(2))
    subject_kind: str | None = Field(default=None, sa_type=ascii_column(32))
    subject_id: UUID | None = Field(default=None, sa_type=Uuid)
    correlation: str = Field(default="", sa_type=ascii_column(LONGEST_CORRELATION), nullable=False)
