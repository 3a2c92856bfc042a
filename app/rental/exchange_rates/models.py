"""Sheets of exchange rates, and their rates."""

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Date, ForeignKey, Index, Numeric, String, Uuid
from sqlmodel import Field, SQLModel

from app.core.records import UtcMicros, ascii_column
from app.rental.agreed_sheets.models import Sheet


class ExchangeRateSheet(Sheet, table=True):
    """Rates of one day from one source. Nothing of it is ever changed: a later sheet takes its place."""

    record_kind: ClassVar[str] = "exchange_rate_sheet"

    __tablename__ = "exchange_rate_sheet"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("ix_exchange_rate_sheet_valid", "valid_from", "id"),)

    source: str = Field(sa_type=String(80), nullable=False)

    @property
    def name(self) -> str:
        return f"Rates of {self.valid_from}, {self.source}"


class ExchangeRate(SQLModel, table=True):
    """Units of a currency for one of the base, from a day on; counts once somebody has agreed."""

    __tablename__ = "exchange_rate"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("ix_exchange_rate_valid", "valid_from", "agreed_at", "base", "currency", "rate"),)

    sheet_id: UUID = Field(primary_key=True, sa_type=Uuid, sa_column_args=[ForeignKey("exchange_rate_sheet.id")])
    base: str = Field(primary_key=True, sa_type=ascii_column(3), nullable=False)
    currency: str = Field(primary_key=True, sa_type=ascii_column(3), nullable=False)
    valid_from: date = Field(sa_type=Date, nullable=False)
    rate: Decimal = Field(sa_type=Numeric(18, 8), nullable=False)  # pyright: ignore
    agreed_at: datetime | None = Field(default=None, sa_type=UtcMicros)
