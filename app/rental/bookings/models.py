"""Bookings of our own fleet and of suppliers, and the terms that they had before they were changed."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Boolean, Date, DateTime, Index, Integer, SmallInteger, String, Uuid, text
from sqlmodel import Field, SQLModel

from app.core import clock
from app.core.records import Record, UtcMicros, ascii_column, enum_column
from app.kit.fee_windows import FeeWindow, read_windows
from app.kit.ids import new_id
from app.kit.money import Money
from app.rental.bookings.rules import BookingState, Choices, Source, read_choices

_ORDERS = ("updated_at", "created_at", "pickup_at", "return_at", "total_minor")
_SCOPE = ("market", "pickup_location")
_FILTERS = ("state", "class_code", "return_location")
"""What the list filters by is in the index of each order: a rare value is then looked for in the index alone."""


REFERENCE = "uq_booking_reference"
"""No two bookings have one reference."""


class Booking(Record, table=True):
    """Who hires what from when until when, for how much. It belongs to the branch of the pick-up."""

    __tablename__ = "booking"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        *(Index(f"ix_booking_{order}", order, "id", *_SCOPE, *_FILTERS) for order in _ORDERS),
        Index("ix_booking_state", "state", "pickup_at", "id", *_SCOPE),
        Index("ix_booking_stretch", "return_at", "pickup_at"),
        Index("ix_booking_state_return", "state", "return_at", "id", *_SCOPE),
        Index("ix_booking_class", "class_code", "pickup_at", "id", *_SCOPE),
        Index("ix_booking_branch", "pickup_location", "pickup_at", "id", "market"),
        Index("ix_booking_return_branch", "return_location", "return_at", "id", "market"),
        Index("ix_booking_customer", "customer_id", "pickup_at", "id", *_SCOPE),
        Index("ix_booking_vehicle", "vehicle_id", "pickup_at", "id", *_SCOPE),
        Index("ix_booking_vehicle_return", "vehicle_id", "return_at", "pickup_at", "state"),
        Index("ix_booking_driver", "driver_name"),
        Index("ix_booking_phone", "driver_phone"),
        Index("ix_booking_supplier", "supplier_code", "pickup_at", "id", *_SCOPE),
        Index("ix_booking_supplier_updated", "supplier_code", "updated_at", "id", *_SCOPE),
        Index("ix_booking_supplier_reference", "supplier_reference"),
        Index("uq_booking_quote", "quote_id", unique=True),
        Index("ix_booking_replaces", "replaces_id"),
    )
    record_kind: ClassVar[str] = "booking"

    reference: str = Field(sa_type=ascii_column(12), unique=True, nullable=False)
    market: str = Field(sa_type=ascii_column(2), nullable=False)
    source: Source = Field(default=Source.OWN, sa_type=enum_column(Source), nullable=False)  # pyright: ignore
    state: BookingState = Field(sa_type=enum_column(BookingState), nullable=False)  # pyright: ignore
    customer_id: UUID = Field(sa_type=Uuid, nullable=False, foreign_key="customer.id")
    driver_name: str = Field(sa_type=String(160), nullable=False)
    driver_phone: str | None = Field(default=None, sa_type=ascii_column(20))
    driver_email: str | None = Field(default=None, sa_type=String(254))
    driver_born_on: date | None = Field(default=None, sa_type=Date)
    pickup_location: str = Field(sa_type=ascii_column(16), nullable=False, foreign_key="location.code")
    pickup_local: datetime = Field(sa_type=DateTime, nullable=False)
    pickup_zone: str = Field(sa_type=ascii_column(64), nullable=False)
    pickup_at: datetime = Field(sa_type=UtcMicros, nullable=False)
    return_location: str = Field(sa_type=ascii_column(16), nullable=False, foreign_key="location.code")
    return_local: datetime = Field(sa_type=DateTime, nullable=False)
    return_zone: str = Field(sa_type=ascii_column(64), nullable=False)
    return_at: datetime = Field(sa_type=UtcMicros, nullable=False)
    class_code: str = Field(sa_type=ascii_column(4), nullable=False)
    vehicle_id: UUID | None = Field(default=None, sa_type=Uuid, foreign_key="vehicle.id")
    choices: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSON, nullable=False, sa_column_kwargs={"server_default": text("'{}'")}
    )
    """What is taken with the hire: brand, product, covers, extras, additional drivers."""
    total_minor: int = Field(sa_type=BigInteger, nullable=False)
    total_currency: str = Field(sa_type=ascii_column(3), nullable=False)
    price_lines: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON, nullable=False)
    rate_snapshot: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, nullable=False)
    margin: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    """What a supplier's car was sold for and what it earns, by which terms: see `supplier_terms.rules.Margin`."""
    fee_windows: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON, nullable=False)
    fee_minor: int | None = Field(default=None, sa_type=BigInteger)
    """What cancelling or not coming costs, frozen when it was asked for."""
    cancel_requested_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    picked_up_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    returned_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    """When the vehicle really left and really came back; `pickup_at` and `return_at` are what was agreed."""
    pending_terms: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    """What it becomes once the supplier agrees to a change; nothing while none is asked for."""
    terms_number: int = Field(default=1, sa_type=Integer, nullable=False)
    supplier_code: str | None = Field(default=None, sa_type=ascii_column(32))
    """Whose car it is; nothing for one of ours. It stays what it was when it was booked."""
    supplier_reference: str | None = Field(default=None, sa_type=ascii_column(40))
    quote_id: UUID | None = Field(default=None, sa_type=Uuid)
    """The quote that it was made from, whose price it took; one booking at most is made from one."""
    replaces_id: UUID | None = Field(default=None, sa_type=Uuid)
    """The booking whose place it took, because there was no car for it."""
    note: str | None = Field(default=None, sa_type=String(2000))
    tags: list[str] = Field(
        default_factory=list, sa_type=JSON, nullable=False, sa_column_kwargs={"server_default": text("'[]'")}
    )
    created_by: UUID | None = Field(default=None, sa_type=Uuid)
    batch: str | None = Field(default=None, sa_type=ascii_column(32))
    """The batch of many that it came with, such as `seed-7`."""

    @property
    def total(self) -> Money:
        """What the hire costs."""
        return Money(self.total_minor, self.total_currency)

    @property
    def fee(self) -> Money | None:
        """The fee of the cancellation or the no-show, once there is one."""
        return None if self.fee_minor is None else Money(self.fee_minor, self.total_currency)

    @property
    def chosen(self) -> Choices:
        """What is taken with the hire, as rules take it."""
        return read_choices(self.choices)

    @property
    def windows(self) -> list[FeeWindow]:
        """What cancelling costs, by when it is asked for."""
        return read_windows(self.fee_windows)


class VehicleSwap(SQLModel, table=True):
    """Another vehicle that took over during a hire, and what was read in both; None where nobody could read it."""

    __tablename__ = "vehicle_swap"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("uq_vehicle_swap_number", "booking_id", "number", unique=True),
        Index("ix_vehicle_swap_taken", "taken_id", "swapped_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    booking_id: UUID = Field(sa_type=Uuid, nullable=False, foreign_key="booking.id")
    number: int = Field(sa_type=SmallInteger, nullable=False)
    swapped_at: datetime = Field(default_factory=clock.now, sa_type=UtcMicros, nullable=False)
    swapped_by: str = Field(sa_type=String(120), nullable=False)
    reason: str = Field(sa_type=String(500), nullable=False)
    taken_id: UUID = Field(sa_type=Uuid, nullable=False, foreign_key="vehicle.id")
    """The vehicle that was taken in."""
    taken_km: int | None = Field(default=None, sa_type=Integer)
    taken_fuel_percent: int | None = Field(default=None, sa_type=SmallInteger)
    given_id: UUID = Field(sa_type=Uuid, nullable=False, foreign_key="vehicle.id")
    """The vehicle that was given out."""
    given_km: int | None = Field(default=None, sa_type=Integer)
    given_fuel_percent: int | None = Field(default=None, sa_type=SmallInteger)
    is_battery: bool = Field(default=False, sa_type=Boolean, nullable=False)
    """Whether the one that was given out runs on a battery."""


class BookingTerms(SQLModel, table=True):
    """The terms that a booking had before it was amended or extended."""

    __tablename__ = "booking_terms"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("uq_booking_terms_number", "booking_id", "number", unique=True),)

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    booking_id: UUID = Field(sa_type=Uuid, nullable=False, foreign_key="booking.id")
    number: int = Field(sa_type=Integer, nullable=False)
    terms: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, nullable=False)
    total_minor: int = Field(sa_type=BigInteger, nullable=False)
    total_currency: str = Field(sa_type=ascii_column(3), nullable=False)
    replaced_at: datetime = Field(default_factory=clock.now, sa_type=UtcMicros, nullable=False)
    replaced_by: str = Field(sa_type=String(120), nullable=False)
    reason: str = Field(default="", sa_type=String(500), nullable=False)

    @property
    def total(self) -> Money:
        """What the hire cost by these terms."""
        return Money(self.total_minor, self.total_currency)
