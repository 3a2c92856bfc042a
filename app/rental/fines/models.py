"""Fines and tolls that authorities send us for vehicles that others drove."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, String, Uuid
from sqlmodel import Field

from app.core.records import Record, UtcMicros, ascii_column, enum_column
from app.kit.money import Money
from app.rental.fines.rules import FineKind, FineState


class Fine(Record, table=True):
    """A fine or a toll, the vehicle and moment that it is about, and who had the vehicle then."""

    __tablename__ = "fine"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("uq_fine_authority", "authority", "authority_reference", unique=True),
        Index("ix_fine_updated_at", "updated_at", "id", "market", "branch"),
        Index("ix_fine_state", "state", "updated_at", "id", "market", "branch"),
        Index("ix_fine_vehicle", "vehicle_id", "updated_at", "id", "market", "branch"),
        Index("ix_fine_booking", "booking_id", "id"),
    )
    record_kind: ClassVar[str] = "fine"

    reference: str = Field(sa_type=ascii_column(12), unique=True, nullable=False)
    market: str = Field(sa_type=ascii_column(2), nullable=False)
    branch: str | None = Field(default=None, sa_type=ascii_column(16))
    """That of the hire, else the vehicle's."""
    kind: FineKind = Field(sa_type=enum_column(FineKind), nullable=False)  # pyright: ignore
    state: FineState = Field(default=FineState.UNMATCHED, sa_type=enum_column(FineState), nullable=False)
    authority: str = Field(sa_type=String(120), nullable=False)
    authority_reference: str = Field(sa_type=String(60), nullable=False)
    vehicle_id: UUID = Field(sa_type=Uuid, nullable=False, foreign_key="vehicle.id")
    vehicle_name: str = Field(sa_type=String(120), nullable=False)
    happened_local: datetime = Field(sa_type=DateTime, nullable=False)
    time_zone: str = Field(sa_type=ascii_column(64), nullable=False)
    happened_at: datetime = Field(sa_type=UtcMicros, nullable=False)
    place: str = Field(default="", sa_type=String(200), nullable=False)
    note: str = Field(default="", sa_type=String(1000), nullable=False)
    amount_minor: int = Field(sa_type=BigInteger, nullable=False)
    fee_minor: int = Field(sa_type=BigInteger, nullable=False)
    currency: str = Field(sa_type=ascii_column(3), nullable=False)
    booking_id: UUID | None = Field(default=None, sa_type=Uuid, sa_column_args=[ForeignKey("booking.id")])
    booking_reference: str | None = Field(default=None, sa_type=ascii_column(12))
    driver_name: str = Field(default="", sa_type=String(160), nullable=False)
    charge_id: UUID | None = Field(default=None, sa_type=Uuid, sa_column_args=[ForeignKey("charge.id")])
    invoice_id: UUID | None = Field(default=None, sa_type=Uuid, sa_column_args=[ForeignKey("invoice.id")])
    reason: str = Field(default="", sa_type=String(500), nullable=False)
    """Why nobody is known, or why we bear it."""

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def fee(self) -> Money:
        """What handling it costs the customer."""
        return Money(self.fee_minor, self.currency)
