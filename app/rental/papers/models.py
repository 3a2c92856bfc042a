"""Invoices, and the series of their numbers."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Date, Integer, SmallInteger, String, Uuid
from sqlmodel import Field, SQLModel

from app.core import clock
from app.core.records import UtcMicros, ascii_column
from app.kit.ids import new_id
from app.kit.money import Money


class InvoiceSeries(SQLModel, table=True):
    """The last number that was given in a market and a year."""

    __tablename__ = "invoice_series"  # pyright: ignore[reportAssignmentType]

    market: str = Field(primary_key=True, sa_type=ascii_column(2))
    year: int = Field(primary_key=True, sa_type=SmallInteger, sa_column_kwargs={"autoincrement": False})
    last_number: int = Field(default=0, sa_type=Integer, nullable=False)


class Invoice(SQLModel, table=True):
    """What a customer was billed for a hire; it is never changed."""

    __tablename__ = "invoice"  # pyright: ignore[reportAssignmentType]

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    number: str = Field(sa_type=ascii_column(20), unique=True, nullable=False)
    market: str = Field(sa_type=ascii_column(2), nullable=False)
    booking_id: UUID = Field(sa_type=Uuid, nullable=False, unique=True, foreign_key="booking.id")
    issued_on: date = Field(sa_type=Date, nullable=False)
    issued_at: datetime = Field(default_factory=clock.now, sa_type=UtcMicros, nullable=False)
    issued_by: str = Field(sa_type=String(120), nullable=False)
    customer: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, nullable=False)
    lines: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON, nullable=False)
    vat_percent: str = Field(sa_type=ascii_column(8), nullable=False)
    net_minor: int = Field(sa_type=BigInteger, nullable=False)
    tax_minor: int = Field(sa_type=BigInteger, nullable=False)
    gross_minor: int = Field(sa_type=BigInteger, nullable=False)
    currency: str = Field(sa_type=ascii_column(3), nullable=False)

    def money(self, minor: int) -> Money:
        """An amount of the invoice."""
        return Money(minor, self.currency)
