"""Searches while they run, what each source answered, exchange rates, and how much is asked for."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Date, ForeignKey, Index, Integer, Numeric, Uuid
from sqlmodel import Field, SQLModel

from app.core import clock
from app.core.records import UtcMicros, ascii_column
from app.kit.ids import new_id


class CarSearch(SQLModel, table=True):
    """What somebody looks for. Its answers are rows, so that every web process can tell how far it is."""

    __tablename__ = "car_search"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("ix_car_search_expires_at", "expires_at"),)

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    market: str = Field(sa_type=ascii_column(2), nullable=False)
    currency: str = Field(sa_type=ascii_column(3), nullable=False)
    locations: list[str] = Field(default_factory=list, sa_type=JSON, nullable=False)
    question: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, nullable=False)
    notes: list[str] = Field(default_factory=list, sa_type=JSON, nullable=False)
    rates: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON, nullable=False)
    """By which totals are compared, whenever it is looked at."""
    created_by: UUID | None = Field(default=None, sa_type=Uuid)
    created_at: datetime = Field(default_factory=clock.now, sa_type=UtcMicros, nullable=False)
    deadline_at: datetime = Field(sa_type=UtcMicros, nullable=False)
    """After this nobody is waited for: who has not answered by then is late, even if the process that asked died."""
    expires_at: datetime = Field(sa_type=UtcMicros, nullable=False)


class SearchAnswer(SQLModel, table=True):
    """What one source said of one branch; without content it is still being asked."""

    __tablename__ = "car_search_answer"  # pyright: ignore[reportAssignmentType]

    search_id: UUID = Field(
        primary_key=True, sa_type=Uuid, sa_column_args=[ForeignKey("car_search.id", ondelete="CASCADE")], nullable=False
    )
    source: str = Field(primary_key=True, sa_type=ascii_column(32), nullable=False)
    pickup_location: str = Field(primary_key=True, sa_type=ascii_column(16), nullable=False)
    source_name: str = Field(nullable=False, max_length=120)
    content: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))  # pyright: ignore
    milliseconds: int = Field(default=0, sa_type=Integer, nullable=False)


class ExchangeRate(SQLModel, table=True):
    """Units of a currency for one euro, from a day on. Offers are compared by it, never charged."""

    __tablename__ = "exchange_rate"  # pyright: ignore[reportAssignmentType]

    currency: str = Field(primary_key=True, sa_type=ascii_column(3), nullable=False)
    valid_from: date = Field(primary_key=True, sa_type=Date, nullable=False)
    per_euro: Decimal = Field(sa_type=Numeric(18, 8), nullable=False)  # pyright: ignore


class SearchDay(SQLModel, table=True):
    """How much was looked for, quoted and booked from quotes at a branch on a day."""

    __tablename__ = "search_day"  # pyright: ignore[reportAssignmentType]

    day: date = Field(primary_key=True, sa_type=Date, nullable=False)
    location_code: str = Field(primary_key=True, sa_type=ascii_column(16), nullable=False)
    market: str = Field(sa_type=ascii_column(2), nullable=False)
    searches: int = Field(default=0, sa_type=Integer, nullable=False)
    without_offer: int = Field(default=0, sa_type=Integer, nullable=False)
    quotes: int = Field(default=0, sa_type=Integer, nullable=False)
    bookings: int = Field(default=0, sa_type=Integer, nullable=False)
