"""Agreements with suppliers: what their prices are to us, and what we earn by them."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Uuid
from sqlmodel import Field

from app.core.records import UtcMicros, ascii_column
from app.rental.agreed_sheets.models import Sheet
from app.rental.supplier_terms.rules import Terms, TermsLine


class SupplierTerms(Sheet, table=True):
    """The terms of one supplier for what is quoted from a day on. Nothing of it is ever changed."""

    record_kind: ClassVar[str] = "supplier_terms"

    __tablename__ = "supplier_terms"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        CheckConstraint("(state = 'in_force') = (agreed_at IS NOT NULL)", name="agreed"),
        Index("ix_supplier_terms_valid", "valid_from", "id"),
        Index("ix_supplier_terms_supplier", "supplier_id", "valid_from", "agreed_at"),
    )

    supplier_id: UUID = Field(sa_type=Uuid, sa_column_args=[ForeignKey("supplier.id")], nullable=False)
    currency: str = Field(sa_type=ascii_column(3), nullable=False)
    """The supplier's, when the terms were entered: that of every amount in them."""
    lines: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON, nullable=False)
    note: str = Field(default="", sa_type=String(500), nullable=False)
    agreed_at: datetime | None = Field(default=None, sa_type=UtcMicros)

    @property
    def name(self) -> str:
        return f"Terms from {self.valid_from}"

    @property
    def terms(self) -> Terms:
        """As offers are sold by it."""
        return Terms(str(self.id), self.valid_from, self.currency, msgspec.convert(self.lines, list[TermsLine]))
