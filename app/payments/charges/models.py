"""Charges, and what was asked of a payment provider about each of them."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, Computed, ForeignKey, Index, SmallInteger, String, Uuid
from sqlmodel import Field, SQLModel

from app.core import clock
from app.core.records import Record, UtcMicros, ascii_column, enum_column, exact_column
from app.kit.ids import new_id
from app.kit.money import Money
from app.payments.charges.rules import Amounts, ChargeState, OperationKind, OperationState, Purpose

SOUND = "0 <= refunded_minor AND refunded_minor <= captured_minor AND captured_minor <= held_minor"


class Charge(Record, table=True):
    """Money that somebody owes for something, and how much of it was held, taken and given back."""

    __tablename__ = "charge"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        CheckConstraint(f"{SOUND} AND held_minor <= amount_minor AND amount_minor > 0", name="sound"),
        Index("ix_charge_updated_at", "updated_at", "id", "market", "branch"),
        Index("ix_charge_state", "state", "updated_at", "id", "market", "branch"),
        Index("ix_charge_subject", "subject_kind", "subject_id", "id"),
        Index("ix_charge_subject_id", "subject_id", "updated_at", "id", "market", "branch"),
    )
    record_kind: ClassVar[str] = "charge"

    reference: str = Field(sa_type=ascii_column(12), unique=True, nullable=False)
    subject_kind: str = Field(sa_type=ascii_column(32), nullable=False)
    subject_id: UUID = Field(sa_type=Uuid, nullable=False)
    subject_name: str = Field(default="", sa_type=String(120), nullable=False)
    market: str = Field(sa_type=ascii_column(2), nullable=False)
    branch: str | None = Field(default=None, sa_type=ascii_column(16))
    purpose: Purpose = Field(sa_type=enum_column(Purpose), nullable=False)  # pyright: ignore
    words: str = Field(default="", sa_type=String(200), nullable=False)
    state: ChargeState = Field(default=ChargeState.PLANNED, sa_type=enum_column(ChargeState), nullable=False)
    currency: str = Field(sa_type=ascii_column(3), nullable=False)
    amount_minor: int = Field(sa_type=BigInteger, nullable=False)
    held_minor: int = Field(default=0, sa_type=BigInteger, nullable=False)
    captured_minor: int = Field(default=0, sa_type=BigInteger, nullable=False)
    refunded_minor: int = Field(default=0, sa_type=BigInteger, nullable=False)
    payment_token: str | None = Field(default=None, sa_type=exact_column(64))
    """What the terminal gave for the card; a number of a card is never kept."""
    card_words: str = Field(default="", sa_type=String(40), nullable=False)
    provider_number: str | None = Field(default=None, sa_type=exact_column(64))
    covered_by_id: UUID | None = Field(default=None, sa_type=Uuid, sa_column_args=[ForeignKey("charge.id")])
    """The deposit whose capture paid for this."""
    reason: str = Field(default="", sa_type=String(500), nullable=False)

    @property
    def amounts(self) -> Amounts:
        return Amounts(self.amount_minor, self.held_minor, self.captured_minor, self.refunded_minor)

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    def money(self, minor: int) -> Money:
        """An amount in the currency of the charge."""
        return Money(minor, self.currency)


class ChargeOperation(SQLModel, table=True):
    """One thing that is asked of the provider; its id is the key under which the provider does it once."""

    __tablename__ = "charge_operation"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("uq_charge_operation_open", "open_key", unique=True),
        Index("ix_charge_operation_charge", "charge_id", "id"),
        Index("ix_charge_operation_due", "state", "next_poll_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    charge_id: UUID = Field(sa_type=Uuid, sa_column_args=[ForeignKey("charge.id")], nullable=False)
    kind: OperationKind = Field(sa_type=enum_column(OperationKind), nullable=False)  # pyright: ignore
    state: OperationState = Field(
        default=OperationState.PENDING,
        sa_type=enum_column(OperationState),
        nullable=False,  # pyright: ignore
    )
    minor: int = Field(sa_type=BigInteger, nullable=False)
    covers: list[str] = Field(default_factory=list, sa_type=JSON, nullable=False)
    """Other charges that a capture of a deposit pays for."""
    asked_by: str = Field(sa_type=String(120), nullable=False)
    asked_by_id: UUID | None = Field(default=None, sa_type=Uuid)
    asked_at: datetime = Field(default_factory=clock.now, sa_type=UtcMicros, nullable=False)
    sent_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    """Since when the provider may have been asked: from then on it is asked first what came of it."""
    ended_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    polls: int = Field(default=0, sa_type=SmallInteger, nullable=False)
    next_poll_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    reason: str = Field(default="", sa_type=String(500), nullable=False)
    open_key: UUID | None = Field(
        default=None,
        sa_type=Uuid,
        sa_column_args=[Computed("IF(state IN ('pending', 'unknown'), charge_id, NULL)", persisted=True)],
    )
