"""Searches while they run, quotes, and how much is asked for."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Date, DateTime, ForeignKey, Index, Integer, SmallInteger, String, Uuid
from sqlmodel import Field, SQLModel

from app.core import clock
from app.core.records import Record, UtcMicros, ascii_column, enum_column, exact_column
from app.kit.ids import new_id
from app.kit.money import Money
from app.rental.quotes.rules import OWN, QuoteState, state_at


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


class Quote(Record, table=True):
    """A hire at a price that is frozen for a quarter of an hour. It belongs to the branch of the pick-up."""

    __tablename__ = "quote"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("ix_quote_created_at", "created_at", "id", "market", "pickup_location"),
        Index("ix_quote_due", "state", "expires_at"),
        Index("ix_quote_state", "state", "created_at", "id", "market", "pickup_location"),
        Index("ix_quote_market", "market", "created_at", "id", "pickup_location"),
        Index("ix_quote_source", "source", "created_at", "id", "market", "pickup_location"),
        Index("ix_quote_class", "class_code", "created_at", "id", "market", "pickup_location"),
        Index("ix_quote_branch", "pickup_location", "created_at", "id", "market"),
        Index("uq_quote_booking", "booking_id", unique=True),
    )
    record_kind: ClassVar[str] = "quote"

    reference: str = Field(sa_type=ascii_column(12), unique=True, nullable=False)
    market: str = Field(sa_type=ascii_column(2), nullable=False)
    state: QuoteState = Field(default=QuoteState.OPEN, sa_type=enum_column(QuoteState), nullable=False)  # pyright: ignore
    source: str = Field(sa_type=ascii_column(32), nullable=False)
    source_name: str = Field(sa_type=String(120), nullable=False)
    pickup_location: str = Field(sa_type=ascii_column(16), nullable=False, foreign_key="location.code")
    pickup_local: datetime = Field(sa_type=DateTime, nullable=False)
    pickup_zone: str = Field(sa_type=ascii_column(64), nullable=False)
    pickup_at: datetime = Field(sa_type=UtcMicros, nullable=False)
    return_location: str = Field(sa_type=ascii_column(16), nullable=False, foreign_key="location.code")
    return_local: datetime = Field(sa_type=DateTime, nullable=False)
    return_zone: str = Field(sa_type=ascii_column(64), nullable=False)
    return_at: datetime = Field(sa_type=UtcMicros, nullable=False)
    class_code: str = Field(sa_type=ascii_column(4), nullable=False)
    model: str = Field(default="", sa_type=String(200), nullable=False)
    driver_age: int = Field(sa_type=SmallInteger, nullable=False)
    residence: str = Field(default="", sa_type=ascii_column(2), nullable=False)
    choices: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, nullable=False)
    total_minor: int = Field(sa_type=BigInteger, nullable=False)
    total_currency: str = Field(sa_type=ascii_column(3), nullable=False)
    price_lines: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON, nullable=False)
    rate_snapshot: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, nullable=False)
    fee_windows: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON, nullable=False)
    stages: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON, nullable=False)
    """Its price as it was told at each stage, line by line and without what was chosen besides: search, recheck."""
    currencies: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))  # pyright: ignore
    """What was locked with the price: currencies of rate, sale and settlement, what was compared, by which rates."""
    margin: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))  # pyright: ignore
    """What a supplier's car was sold for and what it earns, by which terms: see `supplier_terms.rules.Margin`."""
    offer: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, nullable=False)
    """A supplier's offer as it said it last."""
    rate_key: str = Field(default="", sa_type=exact_column(500), nullable=False)
    expires_at: datetime = Field(sa_type=UtcMicros, nullable=False)
    replaces_id: UUID | None = Field(default=None, sa_type=Uuid)
    replaced_by_id: UUID | None = Field(default=None, sa_type=Uuid)
    replaces_booking_id: UUID | None = Field(default=None, sa_type=Uuid)
    """The booking that lost its car, whose place is taken by what is booked from it."""
    booking_id: UUID | None = Field(default=None, sa_type=Uuid)
    created_by: UUID | None = Field(default=None, sa_type=Uuid)

    @property
    def total(self) -> Money:
        """What the hire costs with what was chosen."""
        return Money(self.total_minor, self.total_currency)

    @property
    def is_own(self) -> bool:
        return self.source == OWN

    def state_at(self, now: datetime) -> QuoteState:
        """Its state, whether or not anybody has written that its time is over."""
        return state_at(self.state, self.expires_at, now)


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
