"""Vehicles and the stretches of time in which they are not simply in service."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Boolean, Computed, Date, Index, Integer, SmallInteger, String, Uuid, text
from sqlmodel import Field, SQLModel

from app.core import clock
from app.core.records import Record, UtcMicros, ascii_column, enum_column, exact_column
from app.kit import acriss
from app.kit.ids import new_id
from app.kit.money import Money
from app.rental.vehicles.rules import DOCUMENTS, Due, PeriodKind, VehicleState, due

_FAR = "DATE'9999-12-31'"
FIRST_DUE = (
    "NULLIF(LEAST(" + ", ".join(f"COALESCE({document}_expires_on, {_FAR})" for document in DOCUMENTS) + f"), {_FAR})"
)


class Vehicle(Record, table=True):
    """A car, van or motorcycle that we hire out."""

    __tablename__ = "vehicle"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("uq_vehicle_source", "source", "source_key", unique=True),
        Index("ix_vehicle_updated_at", "updated_at", "id", "market", "location_code"),
        Index("ix_vehicle_created_at", "created_at", "id", "market", "location_code"),
        Index("ix_vehicle_make", "make", "id", "market", "location_code"),
        Index("ix_vehicle_make_updated_at", "make", "updated_at", "id", "market", "location_code"),
        Index("ix_vehicle_plate", "plate_key", "id", "market", "location_code"),
        Index("ix_vehicle_day_price", "day_price_minor", "id", "market", "location_code"),
        Index("ix_vehicle_odometer", "odometer_km", "id", "market", "location_code"),
        Index("ix_vehicle_year", "year", "id", "market", "location_code"),
        Index("ix_vehicle_due", "due_on", "id", "market", "location_code", "state"),
        Index("ix_vehicle_state", "state", "updated_at", "id", "market", "location_code"),
        Index("ix_vehicle_location", "location_code", "updated_at", "id", "market"),
        Index("ix_vehicle_location_plate", "location_code", "plate_key", "id", "market"),
        Index("ix_vehicle_market", "market", "updated_at", "id", "location_code"),
        Index("ix_vehicle_acriss", "acriss", "updated_at", "id"),
        Index("ix_vehicle_fleet", "location_code", "base_state", "acriss", "plate_key", "id", "market"),
        Index("ix_vehicle_next_change", "next_change_at"),
    )
    record_kind: ClassVar[str] = "vehicle"

    market: str = Field(sa_type=ascii_column(2), nullable=False)
    make: str = Field(sa_type=String(60), nullable=False)
    model: str | None = Field(default=None, sa_type=String(120))
    year: int | None = Field(default=None, sa_type=SmallInteger)
    fleet_number: str | None = Field(default=None, sa_type=String(20), unique=True)
    plate: str | None = Field(default=None, sa_type=String(20))
    plate_key: str | None = Field(default=None, sa_type=String(20), unique=True)
    vin: str | None = Field(default=None, sa_type=ascii_column(17), unique=True)
    acriss: str | None = Field(default=None, sa_type=ascii_column(4))
    category: str | None = Field(default=None, sa_type=ascii_column(32))
    body_type: str | None = Field(default=None, sa_type=ascii_column(32))
    transmission: str | None = Field(default=None, sa_type=ascii_column(32))
    fuel: str | None = Field(default=None, sa_type=ascii_column(32))
    air_conditioning: bool | None = Field(default=None, sa_type=Boolean)
    seats: int | None = Field(default=None, sa_type=SmallInteger)
    doors: int | None = Field(default=None, sa_type=SmallInteger)
    bags: int | None = Field(default=None, sa_type=SmallInteger)
    power_kw: int | None = Field(default=None, sa_type=SmallInteger)
    colour: str | None = Field(default=None, sa_type=String(40))
    odometer_km: int | None = Field(default=None, sa_type=Integer)
    fuel_level_percent: int | None = Field(default=None, sa_type=SmallInteger)
    equipment: list[str] = Field(default_factory=list, sa_type=JSON, nullable=False)
    day_price_minor: int | None = Field(default=None, sa_type=BigInteger)
    day_price_currency: str | None = Field(default=None, sa_type=ascii_column(3))
    home_location_code: str | None = Field(default=None, sa_type=ascii_column(16), foreign_key="location.code")
    location_code: str | None = Field(default=None, sa_type=ascii_column(16), foreign_key="location.code")
    registration_expires_on: date | None = Field(default=None, sa_type=Date)
    insurance_expires_on: date | None = Field(default=None, sa_type=Date)
    inspection_expires_on: date | None = Field(default=None, sa_type=Date)
    due_on: date | None = Field(default=None, sa_type=Date, sa_column_args=[Computed(FIRST_DUE, persisted=True)])
    owner: str | None = Field(default=None, sa_type=String(120))
    tags: list[str] = Field(
        default_factory=list, sa_type=JSON, nullable=False, sa_column_kwargs={"server_default": text("'[]'")}
    )
    base_state: VehicleState = Field(
        default=VehicleState.IN_SERVICE,
        sa_type=enum_column(VehicleState),
        nullable=False,  # pyright: ignore
    )
    state: VehicleState = Field(
        default=VehicleState.IN_SERVICE,
        sa_type=enum_column(VehicleState),
        nullable=False,  # pyright: ignore
    )
    next_change_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    source: str | None = Field(default=None, sa_type=ascii_column(64))
    source_key: str | None = Field(default=None, sa_type=exact_column(120))
    source_fields: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, nullable=False)

    @property
    def day_price(self) -> Money | None:
        """The price of one day before any rate."""
        if self.day_price_minor is None or self.day_price_currency is None:
            return None
        return Money(self.day_price_minor, self.day_price_currency)

    @property
    def runs_on_battery(self) -> bool:
        """Whether what is in it is read in per cent of a battery."""
        return (self.fuel or "").startswith("electric")

    @property
    def title(self) -> str:
        """Make and model."""
        return " ".join(part for part in (self.make, self.model) if part)

    @property
    def class_words(self) -> str:
        """The ACRISS code in words."""
        return acriss.decode(self.acriss) if self.acriss else ""

    def due(self, today: date) -> list[Due]:
        """Documents that are over or soon will be."""
        return due({name: getattr(self, f"{name}_expires_on") for name in DOCUMENTS}, today)


class VehiclePeriod(SQLModel, table=True):
    """A half-open stretch of time that decides the state: a block, maintenance, a transfer, a sale listing, a hire."""

    __tablename__ = "vehicle_period"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("ix_vehicle_period_vehicle", "vehicle_id", "starts_at"),
        Index("ix_vehicle_period_running", "kind", "ends_at", "starts_at", "vehicle_id"),
        Index("ix_vehicle_period_arrival", "to_location_code", "ends_at", "vehicle_id", "kind"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    vehicle_id: UUID = Field(sa_type=Uuid, nullable=False, foreign_key="vehicle.id")
    kind: PeriodKind = Field(sa_type=enum_column(PeriodKind), nullable=False)  # pyright: ignore
    starts_at: datetime = Field(sa_type=UtcMicros, nullable=False)
    ends_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    reason: str = Field(default="", sa_type=String(500), nullable=False)
    to_location_code: str | None = Field(default=None, sa_type=ascii_column(16), foreign_key="location.code")
    created_at: datetime = Field(default_factory=clock.now, sa_type=UtcMicros, nullable=False)
    created_by: UUID | None = Field(default=None, sa_type=Uuid)


class VehicleStay(SQLModel, table=True):
    """That a vehicle is in the fleet of a class at a branch, from when until when: what figures of past days count.

    It begins when the vehicle is put into service, gets a class or comes to the branch, and ends when that is over.
    """

    __tablename__ = "vehicle_stay"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("ix_vehicle_stay_fleet", "location_code", "class_code", "market", "starts_at", "ends_at", "vehicle_id"),
    )

    vehicle_id: UUID = Field(sa_type=Uuid, primary_key=True, foreign_key="vehicle.id")
    starts_at: datetime = Field(sa_type=UtcMicros, primary_key=True)
    ends_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    market: str = Field(sa_type=ascii_column(2), nullable=False)
    location_code: str = Field(sa_type=ascii_column(16), nullable=False)
    class_code: str = Field(sa_type=ascii_column(4), nullable=False)
