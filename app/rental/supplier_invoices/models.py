"""Invoices of suppliers, and their lines against what was agreed."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Index, Numeric, SmallInteger, String, Uuid
from sqlmodel import Field

from app.core.records import Record, UtcMicros, ascii_column, enum_column, exact_column
from app.kit.money import Money
from app.rental.supplier_invoices.rules import Cause, LineState, MatchedBy, Part


class SupplierInvoice(Record, table=True):
    """What a supplier wants to be paid in a market; what it says stands in the lines."""

    record_kind: ClassVar[str] = "supplier_invoice"

    __tablename__ = "supplier_invoice"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("uq_supplier_invoice_number", "supplier_id", "number", unique=True),
        Index("ix_supplier_invoice_issued", "issued_on", "id", "market"),
    )

    supplier_id: UUID = Field(sa_type=Uuid, sa_column_args=[ForeignKey("supplier.id")], nullable=False)
    number: str = Field(sa_type=exact_column(64), nullable=False)
    market: str = Field(sa_type=ascii_column(2), nullable=False)
    issued_on: date = Field(sa_type=Date, nullable=False)
    currency: str = Field(sa_type=ascii_column(3), nullable=False)


class SupplierInvoiceLine(Record, table=True):
    """One line: what is billed, what it was found to be about, and what became of it."""

    record_kind: ClassVar[str] = "supplier_invoice_line"

    __tablename__ = "supplier_invoice_line"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("uq_supplier_invoice_line_key", "invoice_id", "row_key", unique=True),
        Index("ix_supplier_invoice_line_invoice", "invoice_id", "id"),
        Index("ix_supplier_invoice_line_state", "state", "id", "market"),
        Index("ix_supplier_invoice_line_reservation", "reservation_id"),
    )

    invoice_id: UUID = Field(sa_type=Uuid, sa_column_args=[ForeignKey("supplier_invoice.id")], nullable=False)
    market: str = Field(sa_type=ascii_column(2), nullable=False)
    row_key: str = Field(sa_type=exact_column(120), nullable=False)
    """Names the line within its invoice: the same file again adds nothing."""
    supplier_number: str = Field(default="", sa_type=exact_column(64), nullable=False)
    our_reference: str = Field(default="", sa_type=exact_column(16), nullable=False)
    driver: str = Field(default="", sa_type=String(160), nullable=False)
    pickup_on: date | None = Field(default=None, sa_type=Date)
    return_on: date | None = Field(default=None, sa_type=Date)
    description: str = Field(default="", sa_type=String(300), nullable=False)
    days: int | None = Field(default=None, sa_type=SmallInteger)
    amount_minor: int = Field(sa_type=BigInteger, nullable=False)
    currency: str = Field(sa_type=ascii_column(3), nullable=False)
    tax_percent: Decimal | None = Field(default=None, sa_type=Numeric(6, 3))  # pyright: ignore
    exchange_rate: Decimal | None = Field(default=None, sa_type=Numeric(18, 8))  # pyright: ignore
    agreed_rate: Decimal | None = Field(default=None, sa_type=Numeric(18, 8))  # pyright: ignore
    reservation_id: UUID | None = Field(
        default=None, sa_type=Uuid, sa_column_args=[ForeignKey("supplier_reservation.id")]
    )
    matched_by: MatchedBy = Field(default=MatchedBy.NOTHING, sa_type=enum_column(MatchedBy), nullable=False)
    expected_minor: int = Field(default=0, sa_type=BigInteger, nullable=False)
    cause: Cause | None = Field(default=None, sa_type=enum_column(Cause))
    """The one that makes the largest part of the difference."""
    parts: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON, nullable=False)
    state: LineState = Field(default=LineState.OPEN, sa_type=enum_column(LineState), nullable=False)
    reason: str = Field(default="", sa_type=String(500), nullable=False)
    decided_by: str = Field(default="", sa_type=String(120), nullable=False)
    decided_at: datetime | None = Field(default=None, sa_type=UtcMicros)

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def expected(self) -> Money:
        return Money(self.expected_minor, self.currency)

    @property
    def difference_minor(self) -> int:
        return self.amount_minor - self.expected_minor

    @property
    def explained(self) -> list[Part]:
        """The parts of the difference."""
        return [Part(Cause(each["cause"]), int(each["minor"])) for each in self.parts]

    @property
    def name(self) -> str:
        """How people find it on the invoice."""
        return self.supplier_number or self.our_reference or self.driver or self.row_key
