"""Branches, stations and other places where vehicles are handed over."""

from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import JSON, Boolean, Index, Numeric, String
from sqlmodel import Field

from app.core.records import Record, ascii_column


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
    is_active: bool = Field(default=True, sa_type=Boolean, nullable=False)
