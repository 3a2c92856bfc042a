"""Branches, stations and other places where vehicles are handed over."""

from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import JSON, Boolean, Index, Numeric, SmallInteger, String, text
from sqlmodel import Field

from app.core.records import Record, ascii_column, enum_column
from app.rental.locations.rules import LONGEST_NOTE, Delivery, OpeningHours, read_hours


class Location(Record, table=True):
    """A place with a code, a zone and hours. Vehicles refer to it by its code."""

    __tablename__ = "location"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("ix_location_market", "market", "code"), Index("ix_location_name", "name", "id"))
    record_kind: ClassVar[str] = "location"

    code: str = Field(sa_type=ascii_column(16), unique=True, nullable=False)
    name: str = Field(sa_type=String(120), nullable=False)
    kind: str = Field(sa_type=ascii_column(16), nullable=False)
    address: str | None = Field(default=None, sa_type=String(300))
    city: str = Field(sa_type=String(120), nullable=False)
    country: str = Field(sa_type=ascii_column(2), nullable=False)
    market: str = Field(sa_type=ascii_column(2), nullable=False)
    latitude: Decimal | None = Field(default=None, sa_type=Numeric(9, 6))  # pyright: ignore
    longitude: Decimal | None = Field(default=None, sa_type=Numeric(9, 6))  # pyright: ignore
    time_zone: str = Field(sa_type=ascii_column(64), nullable=False)
    opening_hours: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, nullable=False)
    allows_out_of_hours: bool = Field(
        default=False, sa_type=Boolean, nullable=False, sa_column_kwargs={"server_default": text("0")}
    )
    """Whether it hands over outside its hours, for an extra, on days when it opens at all."""
    turnaround_minutes: int = Field(
        default=0, sa_type=SmallInteger, nullable=False, sa_column_kwargs={"server_default": text("0")}
    )
    """How long a vehicle that came back here is made ready before it can be handed over again."""
    delivery: Delivery = Field(
        default=Delivery.AT_BRANCH,
        sa_type=enum_column(Delivery),
        nullable=False,
        sa_column_kwargs={"server_default": Delivery.AT_BRANCH.value},
    )
    delivery_note: str | None = Field(default=None, sa_type=String(LONGEST_NOTE))
    """What people are told about the way to the desk."""
    is_active: bool = Field(default=True, sa_type=Boolean, nullable=False)

    @property
    def hours(self) -> OpeningHours:
        """The opening hours as rules take them."""
        return read_hours(self.opening_hours)
