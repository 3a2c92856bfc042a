"""Applications for credit."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Boolean, Column, Computed, Date, Index, SmallInteger, String, Uuid
from sqlmodel import Field

from app.core.records import Record, UtcMicros, ascii_column, enum_column, exact_column
from app.credit.applications.rules import ApplicationState, Product
from app.kit.money import Money

IS_UNASSIGNED = "assignee_id is null and state not in ('closed','no_offer','rejected','withdrawn','expired')"


class Application(Record, table=True):
    """An application with what was asked about the applicant; the applicant is a customer of the same market."""

    __tablename__ = "application"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("uq_application_source", "source", "source_key", unique=True),
        Index("ix_application_updated_at", "updated_at", "id", "market"),
        Index("ix_application_created_at", "created_at", "id", "market"),
        Index("ix_application_submitted_at", "submitted_at", "id", "market"),
        Index("ix_application_amount", "amount_minor", "id", "market"),
        Index("ix_application_term", "term_months", "id", "market"),
        Index("ix_application_due", "information_due_on", "id", "market"),
        Index("ix_application_state", "state", "updated_at", "id", "market"),
        Index("ix_application_state_created", "state", "created_at", "id", "market"),
        Index("ix_application_state_submitted", "state", "submitted_at", "id", "market"),
        Index("ix_application_overdue", "state", "information_due_on"),
        Index("ix_application_market", "market", "updated_at"),
        Index("ix_application_product", "product", "updated_at", "id", "market"),
        Index("ix_application_channel", "channel", "updated_at", "id", "market"),
        Index("ix_application_customer", "customer_id", "updated_at"),
        Index("ix_application_created_by", "created_by", "updated_at"),
        Index("ix_application_assignee", "assignee_id", "updated_at", "id", "market"),
        Index("ix_application_unassigned", "is_unassigned", "updated_at", "id", "market"),
    )
    record_kind: ClassVar[str] = "application"

    reference: str = Field(sa_type=ascii_column(12), unique=True, nullable=False)
    market: str = Field(sa_type=ascii_column(2), nullable=False)
    product: Product = Field(sa_type=enum_column(Product), nullable=False)  # pyright: ignore
    amount_minor: int = Field(sa_type=BigInteger, nullable=False)
    amount_currency: str = Field(sa_type=ascii_column(3), nullable=False)
    term_months: int = Field(sa_type=SmallInteger, nullable=False)
    purpose: str | None = Field(default=None, sa_type=String(200))
    customer_id: UUID | None = Field(default=None, sa_type=Uuid, foreign_key="customer.id")
    co_applicant_id: UUID | None = Field(default=None, sa_type=Uuid, foreign_key="customer.id")
    previous_id: UUID | None = Field(default=None, sa_type=Uuid, foreign_key="application.id")
    household: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, nullable=False)
    employment: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, nullable=False)
    debts: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON, nullable=False)
    consents: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON, nullable=False)
    channel: str | None = Field(default=None, sa_type=String(60))
    campaign: str | None = Field(default=None, sa_type=String(100))
    tags: list[str] = Field(default_factory=list, sa_type=JSON, nullable=False)
    state: ApplicationState = Field(
        default=ApplicationState.DRAFT,
        sa_type=enum_column(ApplicationState),
        nullable=False,  # pyright: ignore
    )
    assignee_id: UUID | None = Field(default=None, sa_type=Uuid, foreign_key="staff.id")
    is_unassigned: bool | None = Field(
        default=None, sa_column=Column(Boolean, Computed(IS_UNASSIGNED, persisted=False), nullable=True)
    )
    submitted_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    information_items: list[str] = Field(default_factory=list, sa_type=JSON, nullable=False)
    information_due_on: date | None = Field(default=None, sa_type=Date)
    decided_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    decided_reason: str | None = Field(default=None, sa_type=String(500))
    created_by: UUID | None = Field(default=None, sa_type=Uuid)
    source: str | None = Field(default=None, sa_type=ascii_column(64))
    source_key: str | None = Field(default=None, sa_type=exact_column(120))
    source_fields: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, nullable=False)

    @property
    def amount(self) -> Money:
        """What is asked for."""
        return Money(self.amount_minor, self.amount_currency)
