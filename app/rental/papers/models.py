"""Invoices and credit notes, and the series of their numbers."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Index, Integer, SmallInteger, String, Uuid
from sqlmodel import Field, SQLModel

from app.core import clock
from app.core.records import UtcMicros, ascii_column, enum_column
from app.kit.ids import new_id
from app.kit.money import Money
from app.rental.papers.rules import InvoiceKind, InvoiceLine, RateTotal


class InvoiceSeries(SQLModel, table=True):
    """The last number that was given in a market and a year."""

    __tablename__ = "invoice_series"  # pyright: ignore[reportAssignmentType]

    market: str = Field(primary_key=True, sa_type=ascii_column(2))
    year: int = Field(primary_key=True, sa_type=SmallInteger, sa_column_kwargs={"autoincrement": False})
    kind: InvoiceKind = Field(
        primary_key=True,
        sa_type=enum_column(InvoiceKind),  # pyright: ignore
        sa_column_kwargs={"server_default": "invoice"},
    )
    last_number: int = Field(default=0, sa_type=Integer, nullable=False)


class Invoice(SQLModel, table=True):
    """What a customer was billed for a hire, or what of it was taken back; it is never changed.

    The amounts of a credit note are negative, and each of its lines names the line of the invoice that it reverses.
    """

    __tablename__ = "invoice"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("ix_invoice_booking", "booking_id", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    kind: InvoiceKind = Field(
        default=InvoiceKind.INVOICE,
        sa_type=enum_column(InvoiceKind),  # pyright: ignore
        nullable=False,
        sa_column_kwargs={"server_default": "invoice"},
    )
    number: str = Field(sa_type=ascii_column(20), unique=True, nullable=False)
    refers_to_id: UUID | None = Field(default=None, sa_type=Uuid, sa_column_args=[ForeignKey("invoice.id")])
    """The invoice that a credit note reverses."""
    reason: str = Field(default="", sa_type=String(500), nullable=False, sa_column_kwargs={"server_default": ""})
    market: str = Field(sa_type=ascii_column(2), nullable=False)
    booking_id: UUID = Field(sa_type=Uuid, nullable=False, foreign_key="booking.id")
    issued_on: date = Field(sa_type=Date, nullable=False)
    issued_at: datetime = Field(default_factory=clock.now, sa_type=UtcMicros, nullable=False)
    issued_by: str = Field(sa_type=String(120), nullable=False)
    customer: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, nullable=False)
    lines: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON, nullable=False)
    vat_percent: str = Field(sa_type=ascii_column(8), nullable=False)
    taxes: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON, nullable=False)
    """Net, tax and gross of each rate."""
    net_minor: int = Field(sa_type=BigInteger, nullable=False)
    tax_minor: int = Field(sa_type=BigInteger, nullable=False)
    gross_minor: int = Field(sa_type=BigInteger, nullable=False)
    currency: str = Field(sa_type=ascii_column(3), nullable=False)

    @property
    def billed(self) -> list[InvoiceLine]:
        """The lines; those that were issued before lines had keys have an empty one."""
        return [
            InvoiceLine(
                line.get("key", ""), line["words"], line["explanation"],
                Money.parse(line["amount"]["amount"], line["amount"]["currency"]), line["is_taxed"],
                line.get("number", 0),
            )
            for line in self.lines
        ]  # fmt: skip

    @property
    def rates(self) -> list[RateTotal]:
        """Net and tax of each rate."""
        return [
            RateTotal(Decimal(each["percent"]), self.money(each["net_minor"]), self.money(each["tax_minor"]))
            for each in self.taxes
        ]

    def money(self, minor: int) -> Money:
        """An amount of the invoice."""
        return Money(minor, self.currency)
