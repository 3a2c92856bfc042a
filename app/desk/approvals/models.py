"""Requests for something that happens only after somebody else has agreed."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, Computed, Index, String, Uuid
from sqlmodel import Field

from app.core.records import Record, UtcMicros, ascii_column, enum_column
from app.desk.approvals.rules import LONGEST_TEXT, ApprovalState, canonical, digest
from app.kit.money import Money

_DECISIONS = "'approved','executed','failed','rejected'"


class Approval(Record, table=True):
    """One request, bound by its digest to exactly what will happen; only its state and who decided ever change."""

    __tablename__ = "approval"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        CheckConstraint("approver_id IS NULL OR maker_id IS NULL OR approver_id <> maker_id", name="four_eyes"),
        CheckConstraint("approver_id IS NULL OR approver_id <> subject_id", name="not_own_rights"),
        CheckConstraint(f"(state IN ({_DECISIONS})) = (approver_id IS NOT NULL)", name="decided_by_somebody"),
        CheckConstraint("(state = 'executed') = (executed_at IS NOT NULL)", name="executed_once"),
        Index("ix_approval_state", "state", "id"),
        Index("ix_approval_maker", "maker_id", "id"),
        Index("ix_approval_subject", "subject_kind", "subject_id", "state"),
        Index("ix_approval_expires_at", "state", "expires_at", "id"),
    )
    record_kind: ClassVar[str] = "approval"

    reference: str = Field(sa_type=ascii_column(16), unique=True, nullable=False)
    kind: str = Field(sa_type=ascii_column(64), nullable=False)
    seen_with: str = Field(sa_type=ascii_column(64), nullable=False)
    decided_with: str = Field(sa_type=ascii_column(64), nullable=False)
    subject_kind: str = Field(sa_type=ascii_column(32), nullable=False)
    subject_id: UUID = Field(sa_type=Uuid, nullable=False)
    subject_title: str = Field(sa_type=String(200), nullable=False)
    market: str | None = Field(default=None, sa_type=ascii_column(2))
    branch_code: str | None = Field(default=None, sa_type=ascii_column(16))
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, nullable=False)
    changes: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, nullable=False)
    digest: str = Field(sa_type=ascii_column(64), nullable=False)
    amount_minor: int | None = Field(default=None, sa_type=BigInteger)
    amount_currency: str | None = Field(default=None, sa_type=ascii_column(3))
    why: str = Field(default="", sa_type=String(LONGEST_TEXT), nullable=False)
    state: ApprovalState = Field(
        default=ApprovalState.PENDING,
        sa_type=enum_column(ApprovalState),
        nullable=False,  # pyright: ignore
    )
    maker_id: UUID | None = Field(default=None, sa_type=Uuid)
    maker_name: str = Field(sa_type=String(200), nullable=False)
    approver_id: UUID | None = Field(default=None, sa_type=Uuid)
    approver_name: str | None = Field(default=None, sa_type=String(200))
    note: str = Field(default="", sa_type=String(LONGEST_TEXT), nullable=False)
    expires_at: datetime = Field(sa_type=UtcMicros, nullable=False)
    closed_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    executed_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    live_key: str | None = Field(
        default=None,
        sa_type=ascii_column(128),
        unique=True,
        sa_column_args=[
            Computed("case when `state` = 'pending' then concat(`kind`,':',`subject_id`) end", persisted=True)
        ],
    )

    @property
    def amount(self) -> Money | None:
        """The amount that limits are about."""
        if self.amount_minor is None or self.amount_currency is None:
            return None
        return Money(self.amount_minor, self.amount_currency)

    def digest_with(self, snapshot: dict[str, Any]) -> str:
        """The digest of this request if the subject is like this."""
        return digest(
            canonical(
                kind=self.kind,
                subject=(self.subject_kind, self.subject_id),
                snapshot=snapshot,
                payload=self.payload,
                changes=self.changes,
            )
        )
