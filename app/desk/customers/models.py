"""People and companies that hire or borrow."""

from datetime import date
from typing import Any, ClassVar

from sqlalchemy import JSON, VARBINARY, Date, Index, String, text
from sqlmodel import Field

from app.core.records import Record, ascii_column, enum_column, exact_column
from app.desk.customers.rules import CustomerKind


class Customer(Record, table=True):
    """A customer. Identity number and IBAN are kept sealed and masked; a keyed hash of the number finds doubles."""

    __tablename__ = "customer"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("uq_customer_source", "source", "source_key", unique=True),
        Index("ix_customer_updated_at", "updated_at", "id", "market"),
        Index("ix_customer_created_at", "created_at", "id", "market"),
        Index("ix_customer_name", "name", "id", "market"),
        Index("ix_customer_family_name", "family_name"),
        Index("ix_customer_market", "market", "updated_at"),
        Index("ix_customer_kind", "kind", "updated_at", "id", "market"),
        Index("ix_customer_identity_number_hash", "identity_number_hash"),
        Index("ix_customer_email", "email"),
        Index("ix_customer_phone", "phone"),
    )
    record_kind: ClassVar[str] = "customer"

    market: str = Field(sa_type=ascii_column(2), nullable=False)
    kind: CustomerKind = Field(sa_type=enum_column(CustomerKind, 16), nullable=False)  # pyright: ignore
    name: str = Field(sa_type=String(250), nullable=False)
    given_name: str | None = Field(default=None, sa_type=String(120))
    family_name: str | None = Field(default=None, sa_type=String(120))
    company_name: str | None = Field(default=None, sa_type=String(120))
    born_on: date | None = Field(default=None, sa_type=Date)
    identity_number_sealed: bytes | None = Field(default=None, sa_type=VARBINARY(255))  # pyright: ignore
    identity_number_masked: str | None = Field(default=None, sa_type=String(16))
    identity_number_hash: str | None = Field(default=None, sa_type=ascii_column(64))
    email: str | None = Field(default=None, sa_type=String(254))
    phone: str | None = Field(default=None, sa_type=ascii_column(20))
    address: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, nullable=False)
    iban_sealed: bytes | None = Field(default=None, sa_type=VARBINARY(255))  # pyright: ignore
    iban_masked: str | None = Field(default=None, sa_type=String(16))
    language: str | None = Field(default=None, sa_type=ascii_column(2))
    tags: list[str] = Field(
        default_factory=list, sa_type=JSON, nullable=False, sa_column_kwargs={"server_default": text("'[]'")}
    )
    source: str | None = Field(default=None, sa_type=ascii_column(64))
    source_key: str | None = Field(default=None, sa_type=exact_column(120))
    source_fields: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, nullable=False)
