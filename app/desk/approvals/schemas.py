"""Approvals as lists and the JSON API show them."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from app.core.values import UNSET, Id, Maybe, MoneyValue, Timestamp, money_value, timestamp
from app.desk.approvals.models import Approval
from app.desk.approvals.rules import ApprovalState
from app.desk.audit_trail.services import value_in_words

STATE_WORDS = {
    ApprovalState.PENDING.value: "Waiting",
    ApprovalState.APPROVED.value: "Approved",
    ApprovalState.EXECUTED.value: "Approved and done",
    ApprovalState.FAILED.value: "Approved, but failed",
    ApprovalState.REJECTED.value: "Rejected",
    ApprovalState.WITHDRAWN.value: "Withdrawn",
    ApprovalState.EXPIRED.value: "Expired",
    ApprovalState.VOIDED.value: "Void",
}


class ApprovalChange(msgspec.Struct, frozen=True):
    """One value before and after, in words, exactly as it is bound by the digest."""

    field: str
    before: str
    after: str


class ApprovalItem(msgspec.Struct):
    """A request for something that happens only after somebody else has agreed."""

    id: Id
    reference: str
    kind: str
    state: str
    subject_kind: str
    subject_id: Id
    subject_title: str
    amount: Maybe[MoneyValue]
    why: str
    maker_id: Maybe[Id]
    maker_name: str
    approver_id: Maybe[Id]
    approver_name: Maybe[str]
    note: str
    digest: str
    changes: list[ApprovalChange]
    expires_at: Timestamp
    closed_at: Maybe[Timestamp]
    version: int
    created_at: Timestamp
    updated_at: Timestamp
    state_words: str

    def __post_init__(self) -> None:
        self.state_words = STATE_WORDS[self.state]
        stored: Any = self.changes
        self.changes = changes_in_words(stored)


class ApprovalPage(msgspec.Struct):
    """A page of approvals."""

    items: list[ApprovalItem]
    next_cursor: str | None
    total: Maybe[int]
    total_is_capped: Maybe[bool]


class ApprovalBody(msgspec.Struct, forbid_unknown_fields=True):
    """Agreeing; a comment is kept in the timeline."""

    comment: str | None = None


class RejectionBody(msgspec.Struct, forbid_unknown_fields=True):
    """Why it is not to happen."""

    reason: str


def changes_in_words(changes: Mapping[str, Sequence[Any]]) -> list[ApprovalChange]:
    """Stored values before and after as people and clients read them, in the order of their names."""
    return [
        ApprovalChange(name, value_in_words(before), value_in_words(after))
        for name, (before, after) in sorted(changes.items())
    ]


def item_of(approval: Approval) -> ApprovalItem:
    """An approval of an open transaction as its list shows it."""
    stored: Any = approval.changes
    return ApprovalItem(
        id=str(approval.id),
        reference=approval.reference,
        kind=approval.kind,
        state=approval.state.value,
        subject_kind=approval.subject_kind,
        subject_id=str(approval.subject_id),
        subject_title=approval.subject_title,
        amount=money_value(approval.amount_minor, approval.amount_currency) or UNSET,
        why=approval.why,
        maker_id=str(approval.maker_id) if approval.maker_id else UNSET,
        maker_name=approval.maker_name,
        approver_id=str(approval.approver_id) if approval.approver_id else UNSET,
        approver_name=approval.approver_name or UNSET,
        note=approval.note,
        digest=approval.digest,
        changes=stored,
        expires_at=timestamp(approval.expires_at),
        closed_at=timestamp(approval.closed_at) if approval.closed_at else UNSET,
        version=approval.version,
        created_at=timestamp(approval.created_at),
        updated_at=timestamp(approval.updated_at),
        state_words="",
    )
