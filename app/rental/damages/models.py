"""Marks of damage on vehicles, and the cases that are made of new ones."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, String, Uuid
from sqlmodel import Field, SQLModel

from app.core import clock
from app.core.records import Record, UtcMicros, ascii_column, enum_column
from app.kit.ids import new_id
from app.kit.money import Money
from app.rental.damages.rules import CaseState, DamageKind, Party


class DamageMark(SQLModel, table=True):
    """One damage at a place of the vehicle, from when it was seen until it is mended."""

    __tablename__ = "damage_mark"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("ix_damage_mark_vehicle", "vehicle_id", "mended_at", "id"),
        Index("ix_damage_mark_found_by", "found_by", "id"),
        Index("ix_damage_mark_case", "case_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    vehicle_id: UUID = Field(sa_type=Uuid, nullable=False, foreign_key="vehicle.id")
    zone: str = Field(sa_type=ascii_column(32), nullable=False)
    x: int = Field(sa_type=SmallInteger, nullable=False)
    y: int = Field(sa_type=SmallInteger, nullable=False)
    kind: DamageKind = Field(sa_type=enum_column(DamageKind), nullable=False)  # pyright: ignore
    words: str = Field(default="", sa_type=String(300), nullable=False)
    found_by: UUID | None = Field(default=None, sa_type=Uuid)
    """The check-out or check-in at which it was seen first."""
    case_id: UUID | None = Field(default=None, sa_type=Uuid, sa_column_args=[ForeignKey("damage_case.id")])
    found_at: datetime = Field(default_factory=clock.now, sa_type=UtcMicros, nullable=False)
    mended_at: datetime | None = Field(default=None, sa_type=UtcMicros)


class DamageCase(Record, table=True):
    """New damage of a hire: what it costs, and who answers for it."""

    __tablename__ = "damage_case"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("ix_damage_case_updated_at", "updated_at", "id", "market", "branch"),
        Index("ix_damage_case_state", "state", "updated_at", "id", "market", "branch"),
        Index("ix_damage_case_booking", "booking_id", "id"),
        Index("ix_damage_case_vehicle", "vehicle_id", "updated_at", "id", "market", "branch"),
    )
    record_kind: ClassVar[str] = "damage_case"

    reference: str = Field(sa_type=ascii_column(12), unique=True, nullable=False)
    market: str = Field(sa_type=ascii_column(2), nullable=False)
    branch: str = Field(sa_type=ascii_column(16), nullable=False)
    state: CaseState = Field(default=CaseState.OPEN, sa_type=enum_column(CaseState), nullable=False)
    booking_id: UUID = Field(sa_type=Uuid, nullable=False, foreign_key="booking.id")
    vehicle_id: UUID = Field(sa_type=Uuid, nullable=False, foreign_key="vehicle.id")
    booking_reference: str = Field(sa_type=ascii_column(12), nullable=False)
    vehicle_name: str = Field(sa_type=String(120), nullable=False)
    words: str = Field(default="", sa_type=String(500), nullable=False)
    party: Party = Field(default=Party.UNKNOWN, sa_type=enum_column(Party), nullable=False)
    estimate_minor: int | None = Field(default=None, sa_type=BigInteger)
    currency: str = Field(sa_type=ascii_column(3), nullable=False)

    @property
    def estimate(self) -> Money | None:
        """What mending it costs."""
        return None if self.estimate_minor is None else Money(self.estimate_minor, self.currency)
