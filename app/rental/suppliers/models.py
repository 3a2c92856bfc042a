"""Suppliers of cars, their branches, and what is reserved with them."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Computed,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    String,
    Uuid,
    text,
)
from sqlalchemy.dialects import mysql
from sqlmodel import Field, SQLModel

from app.core import clock
from app.core.records import Record, UtcMicros, ascii_column, enum_column, exact_column
from app.kit.fee_windows import FeeWindow, read_windows
from app.kit.money import Money
from app.rental.locations.rules import Delivery
from app.rental.suppliers.rules import OPEN, Dialect, ReservationState

_OPEN = ",".join(f"'{state}'" for state in sorted(OPEN))
LIMBO = f"case when state in ({_OPEN}) then coalesce(boundary_at, created_at) end"
"""What hangs, ordered by when it becomes dearer; what cannot become dearer any more comes first."""


class Supplier(Record, table=True):
    """Somebody whose cars we sell: where it is spoken to, how, and what it can do."""

    record_kind: ClassVar[str] = "supplier"

    __tablename__ = "supplier"  # pyright: ignore[reportAssignmentType]

    code: str = Field(sa_type=ascii_column(32), unique=True, nullable=False)
    name: str = Field(sa_type=String(120), nullable=False)
    dialect: Dialect = Field(sa_type=enum_column(Dialect), nullable=False)
    base_url: str = Field(sa_type=String(300), nullable=False)
    account: str = Field(default="", sa_type=String(120), nullable=False)
    secret_sealed: bytes | None = Field(default=None, sa_type=LargeBinary(1000))
    webhook_sealed: bytes | None = Field(default=None, sa_type=LargeBinary(1000))
    """What it signs its messages with, and below what it signed them with before."""
    webhook_before_sealed: bytes | None = Field(default=None, sa_type=LargeBinary(1000))
    phone: str = Field(default="", sa_type=String(40), nullable=False)
    """Whom people call when a machine does not say."""
    currency: str = Field(sa_type=ascii_column(3), nullable=False)
    capabilities: list[str] = Field(default_factory=list, sa_type=JSON, nullable=False)
    has_period_quirk: bool = Field(default=False, sa_type=Boolean, nullable=False)
    """It writes kilometres per RentalPeriod and means each day."""
    stops: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, nullable=False)
    """What is switched off, by market or `*`."""
    search_milliseconds: int = Field(default=4_000, sa_type=Integer, nullable=False)
    most_calls: int = Field(default=8, sa_type=SmallInteger, nullable=False)
    limits: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, nullable=False)
    """What it never hires out, so that nobody asks for it: see `kit.hire_limits`."""
    is_active: bool = Field(default=True, sa_type=Boolean, nullable=False)
    has_net_prices: bool = Field(
        default=False, sa_type=Boolean, nullable=False, sa_column_kwargs={"server_default": text("0")}
    )
    """What it asks for is, or was, what we pay: only those who may see margins see it, from then on."""
    branches_read_at: datetime | None = Field(default=None, sa_type=UtcMicros)

    @property
    def partner_key(self) -> str:
        return f"supplier.{self.code}"


class SupplierBranch(Record, table=True):
    """A branch as the supplier tells of it, and which of our locations it is; invisible until somebody says so."""

    record_kind: ClassVar[str] = "supplier_branch"

    __tablename__ = "supplier_branch"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("uq_supplier_branch_code", "supplier_id", "code", unique=True),
        Index("ix_supplier_branch_location", "location_code", "supplier_id"),
    )

    supplier_id: UUID = Field(sa_type=Uuid, sa_column_args=[ForeignKey("supplier.id")], nullable=False)
    code: str = Field(sa_type=exact_column(64), nullable=False)
    name: str = Field(sa_type=String(200), nullable=False)
    city: str = Field(default="", sa_type=String(120), nullable=False)
    country: str = Field(default="", sa_type=ascii_column(2), nullable=False)
    iata: str = Field(default="", sa_type=ascii_column(3), nullable=False)
    latitude: Decimal | None = Field(default=None, sa_type=Numeric(9, 6))  # pyright: ignore
    longitude: Decimal | None = Field(default=None, sa_type=Numeric(9, 6))  # pyright: ignore
    location_code: str | None = Field(default=None, sa_type=ascii_column(16))
    delivery: Delivery | None = Field(default=None, sa_type=enum_column(Delivery))
    """Where people get their car there, where the supplier says so."""
    is_gone: bool = Field(default=False, sa_type=Boolean, nullable=False)
    """The supplier no longer names it."""


class SupplierReservation(Record, table=True):
    """What we reserved, or mean to, with a supplier. The intent is kept before anybody is asked."""

    record_kind: ClassVar[str] = "supplier_reservation"

    __tablename__ = "supplier_reservation"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("ix_supplier_reservation_state", "state", "next_poll_at", "id"),
        Index("ix_supplier_reservation_supplier", "supplier_id", "id"),
        Index("ix_supplier_reservation_subject", "subject_kind", "subject_id"),
        Index(
            "ix_supplier_reservation_health",
            "supplier_id",
            "state",
            "created_at",
            "market",
            "currency",
            "offered_minor",
            "confirmed_minor",
        ),
        Index("ix_supplier_reservation_number", "supplier_number", "supplier_id"),
        Index("ix_supplier_reservation_location", "pickup_location", "id"),
        Index("ix_supplier_reservation_pickup", "supplier_id", "pickup_local"),
        Index("ix_supplier_reservation_limbo", "limbo_at", "id", "market", "pickup_location"),
    )

    reference: str = Field(sa_type=ascii_column(16), unique=True, nullable=False)
    """Ours, and what the supplier knows it by as well."""
    supplier_id: UUID = Field(sa_type=Uuid, sa_column_args=[ForeignKey("supplier.id")], nullable=False)
    state: ReservationState = Field(
        default=ReservationState.SUBMITTING, sa_type=enum_column(ReservationState), nullable=False
    )
    market: str = Field(sa_type=ascii_column(2), nullable=False)
    pickup_location: str = Field(sa_type=ascii_column(16), nullable=False)
    return_location: str = Field(sa_type=ascii_column(16), nullable=False)
    pickup_branch: str = Field(sa_type=exact_column(64), nullable=False)
    return_branch: str = Field(sa_type=exact_column(64), nullable=False)
    pickup_local: datetime = Field(sa_type=mysql.DATETIME, nullable=False)
    return_local: datetime = Field(sa_type=mysql.DATETIME, nullable=False)
    time_zone: str = Field(sa_type=ascii_column(64), nullable=False)
    surname: str = Field(sa_type=String(100), nullable=False)
    given_name: str = Field(default="", sa_type=String(100), nullable=False)
    driver_age: int = Field(sa_type=SmallInteger, nullable=False)
    acriss: str = Field(sa_type=ascii_column(4), nullable=False)
    rate_key: str = Field(sa_type=exact_column(500), nullable=False)
    offered_minor: int = Field(sa_type=Integer, nullable=False)
    confirmed_minor: int | None = Field(default=None, sa_type=Integer)
    currency: str = Field(sa_type=ascii_column(3), nullable=False)
    offer: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, nullable=False)
    supplier_number: str | None = Field(default=None, sa_type=exact_column(64))
    reason: str = Field(default="", sa_type=String(500), nullable=False)
    sent_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    """Since when the supplier may have been asked to book: from then on it is never asked a second time."""
    polls: int = Field(default=0, sa_type=SmallInteger, nullable=False)
    next_poll_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    subject_kind: str | None = Field(default=None, sa_type=ascii_column(32))
    subject_id: UUID | None = Field(default=None, sa_type=Uuid)
    amendment: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    """The columns that it has once the supplier agrees to a change; nothing while none is asked for."""
    cancel_asked_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    """Since when what is on request only is not wanted any more."""
    drift: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON, nullable=False)
    """The lines that were confirmed at another amount than they were offered at."""
    fee_windows: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON, nullable=False)
    boundary_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    """When cancelling becomes dearer next, as it was last worked out."""
    exposed_minor: int = Field(default=0, sa_type=Integer, nullable=False)
    """What cancelling costs once that moment is past."""
    fee_minor: int | None = Field(default=None, sa_type=Integer)
    """What cancelling costs, frozen when it was asked for."""
    limbo_at: datetime | None = Field(default=None, sa_column=Column(UtcMicros, Computed(LIMBO, persisted=True)))

    @property
    def pickup_at(self) -> datetime:
        """The moment of the pick-up; of a wall time that occurs twice, the first."""
        return self.pickup_local.replace(tzinfo=ZoneInfo(self.time_zone)).astimezone(UTC)

    @property
    def windows(self) -> list[FeeWindow]:
        """What cancelling costs, by when it is asked for."""
        return read_windows(self.fee_windows)

    @property
    def total(self) -> Money:
        """What it costs: as confirmed, else as offered."""
        return self.confirmed or self.offered

    @property
    def drifted(self) -> list[tuple[str, Money, Money]]:
        """The lines that were confirmed at another amount: in words, as offered and as confirmed."""
        found: list[tuple[str, Money, Money]] = []
        for each in self.drift:
            offered, confirmed = Money.parse(*each["offered"].values()), Money.parse(*each["confirmed"].values())
            found.append((each["words"] or each["code"], offered, confirmed))
        return found

    @property
    def wanted(self) -> str:
        """The change that the supplier is asked for: `2026-06-29 10:00 TLL to 2026-07-04 10:00 TLL`."""
        asked = self.amendment
        if asked is None:
            return ""
        ends = (
            (asked[f"{end}_local"][:16].replace("T", " "), asked[f"{end}_location"]) for end in ("pickup", "return")
        )
        return " to ".join(f"{local} {location}" for local, location in ends)

    @property
    def offered(self) -> Money:
        return Money(self.offered_minor, self.currency)

    @property
    def confirmed(self) -> Money | None:
        return None if self.confirmed_minor is None else Money(self.confirmed_minor, self.currency)


class SupplierNotification(SQLModel, table=True):
    """A message that a supplier sent by itself; each of its ids once."""

    __tablename__ = "supplier_notification"  # pyright: ignore[reportAssignmentType]

    supplier_id: UUID = Field(
        primary_key=True, sa_type=Uuid, sa_column_args=[ForeignKey("supplier.id")], nullable=False
    )
    message_id: str = Field(primary_key=True, sa_type=exact_column(100), nullable=False)
    received_at: datetime = Field(default_factory=clock.now, sa_type=UtcMicros, nullable=False)
    number: str = Field(default="", sa_type=exact_column(64), nullable=False)
    reservation_id: UUID | None = Field(default=None, sa_type=Uuid)


class SupplierDrift(SQLModel, table=True):
    """How often a price was checked again in an hour, how often it had moved, and by how much in all."""

    __tablename__ = "supplier_drift"  # pyright: ignore[reportAssignmentType]

    slot_at: datetime = Field(sa_type=UtcMicros, primary_key=True)
    supplier_id: UUID = Field(primary_key=True, sa_type=Uuid, sa_column_args=[ForeignKey("supplier.id")])
    market: str = Field(sa_type=ascii_column(2), primary_key=True)
    checks: int = Field(sa_type=Integer, nullable=False)
    moved: int = Field(sa_type=Integer, nullable=False)
    basis_points: int = Field(sa_type=Integer, nullable=False)
