"""Check-outs and check-ins: a draft that is filled step by step, and what was agreed in the end."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, Boolean, Date, Index, Integer, LargeBinary, SmallInteger, String, Uuid
from sqlmodel import Field

from app.core.records import Record, UtcMicros, ascii_column, enum_column
from app.rental.handovers.rules import Direction, HandoverState


class Handover(Record, table=True):
    """One check-out or check-in of a booking."""

    __tablename__ = "handover"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("uq_handover_booking", "booking_id", "direction", unique=True),
        Index("ix_handover_vehicle", "vehicle_id", "id"),
        Index("ix_handover_state", "state", "updated_at"),
    )
    record_kind: ClassVar[str] = "handover"

    booking_id: UUID = Field(sa_type=Uuid, nullable=False, foreign_key="booking.id")
    booking_reference: str = Field(sa_type=ascii_column(12), nullable=False)
    direction: Direction = Field(sa_type=enum_column(Direction), nullable=False)  # pyright: ignore
    state: HandoverState = Field(default=HandoverState.DRAFT, sa_type=enum_column(HandoverState), nullable=False)
    market: str = Field(sa_type=ascii_column(2), nullable=False)
    branch: str = Field(sa_type=ascii_column(16), nullable=False)
    """By which it is seen: that of the pick-up, as the booking's."""
    location: str = Field(sa_type=ascii_column(16), nullable=False)
    """Where it takes place."""
    vehicle_id: UUID | None = Field(default=None, sa_type=Uuid, foreign_key="vehicle.id")
    licence_number_sealed: bytes | None = Field(default=None, sa_type=LargeBinary(500))  # pyright: ignore
    licence_number_masked: str | None = Field(default=None, sa_type=String(40))
    licence_country: str | None = Field(default=None, sa_type=ascii_column(2))
    licence_expires_on: date | None = Field(default=None, sa_type=Date)
    document_kind: str | None = Field(default=None, sa_type=ascii_column(20))
    document_number_sealed: bytes | None = Field(default=None, sa_type=LargeBinary(500))  # pyright: ignore
    document_number_masked: str | None = Field(default=None, sa_type=String(40))
    odometer_km: int | None = Field(default=None, sa_type=Integer)
    fuel_percent: int | None = Field(default=None, sa_type=SmallInteger)
    is_battery: bool = Field(default=False, sa_type=Boolean, nullable=False)
    note: str = Field(default="", sa_type=String(1000), nullable=False)
    deposit_charge_id: UUID | None = Field(default=None, sa_type=Uuid, foreign_key="charge.id")
    signature: list[Any] = Field(default_factory=list, sa_type=JSON, nullable=False)
    signed_name: str = Field(default="", sa_type=String(160), nullable=False)
    agreed_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    agreed: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, nullable=False)
    """What was shown when it was agreed to: the price, the deposit, the marks; at the end, the differences."""
    done_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    done_by: str = Field(default="", sa_type=String(120), nullable=False)
    saved_by: str = Field(default="", sa_type=String(120), nullable=False)
