"""Rate cards and their versions. A version that was agreed to is never changed; it is followed by another one."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from sqlalchemy import JSON, CheckConstraint, Date, Index, Integer, String, Uuid
from sqlmodel import Field, SQLModel

from app.core import clock
from app.core.records import Record, UtcMicros, ascii_column, enum_column
from app.kit.hire_pricing.card_terms import CardTerms
from app.kit.ids import new_id
from app.rental.rates.rules import CardState, VersionState


class RateCard(Record, table=True):
    """What a class costs in a market, or at some of its branches. What it is for never changes; its versions do."""

    __tablename__ = "rate_card"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("uq_rate_card_scope", "market", "brand", "acriss", "branches", unique=True),
        Index("ix_rate_card_updated_at", "updated_at", "id", "market"),
        Index("ix_rate_card_name", "name", "id", "market"),
        Index("ix_rate_card_acriss", "acriss", "id", "market"),
        Index("ix_rate_card_state", "state", "updated_at", "id", "market"),
        Index("ix_rate_card_market", "market", "updated_at", "id"),
    )
    record_kind: ClassVar[str] = "rate_card"

    market: str = Field(sa_type=ascii_column(2), nullable=False)
    brand: str = Field(default="", sa_type=ascii_column(40), nullable=False)
    acriss: str = Field(sa_type=ascii_column(4), nullable=False)
    branches: str = Field(default="", sa_type=ascii_column(250), nullable=False)
    name: str = Field(sa_type=String(120), nullable=False)
    currency: str = Field(sa_type=ascii_column(3), nullable=False)
    state: CardState = Field(default=CardState.DRAFT, sa_type=enum_column(CardState), nullable=False)  # pyright: ignore
    newest_number: int = Field(default=0, sa_type=Integer, nullable=False)
    draft_number: int | None = Field(default=None, sa_type=Integer)
    draft_digest: str = Field(default="", sa_type=ascii_column(64), nullable=False)
    active_number: int | None = Field(default=None, sa_type=Integer)
    active_from: date | None = Field(default=None, sa_type=Date)
    next_number: int | None = Field(default=None, sa_type=Integer)
    next_from: date | None = Field(default=None, sa_type=Date)

    @property
    def branch_codes(self) -> list[str]:
        """The branches that it is for; none is the whole market."""
        return [code for code in self.branches.split(",") if code]


class RateCardVersion(SQLModel, table=True):
    """One version: its terms, and the dates of pick-up that it prices."""

    __tablename__ = "rate_card_version"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("uq_rate_card_version_number", "rate_card_id", "number", unique=True),
        Index("ix_rate_card_version_due", "state", "valid_from", "valid_until"),
        CheckConstraint("valid_until is null or valid_until >= valid_from", name="dates"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    rate_card_id: UUID = Field(sa_type=Uuid, foreign_key="rate_card.id", nullable=False)
    number: int = Field(sa_type=Integer, nullable=False)
    state: VersionState = Field(
        default=VersionState.DRAFT,
        sa_type=enum_column(VersionState),
        nullable=False,  # pyright: ignore
    )
    valid_from: date = Field(sa_type=Date, nullable=False)
    valid_until: date | None = Field(default=None, sa_type=Date)
    terms: dict[str, Any] = Field(sa_type=JSON, nullable=False)
    made_by_name: str = Field(sa_type=String(200), nullable=False)
    made_at: datetime = Field(default_factory=clock.now, sa_type=UtcMicros, nullable=False)
    approved_by_name: str | None = Field(default=None, sa_type=String(200))
    approved_at: datetime | None = Field(default=None, sa_type=UtcMicros)

    @property
    def card_terms(self) -> CardTerms:
        """The terms to read."""
        return msgspec.convert(self.terms, CardTerms)
