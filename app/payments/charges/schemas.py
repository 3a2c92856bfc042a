"""Charges in the JSON API."""

from typing import Annotated
from uuid import UUID

import msgspec

from app.core.values import UNSET, Id, Maybe, MoneyValue, Timestamp, UnsetType, money_value, timestamp
from app.payments.charges.models import Charge, ChargeOperation
from app.payments.charges.rules import OperationKind, Purpose

STATE_WORDS = {
    "planned": "Planned",
    "held": "Held",
    "captured": "Captured",
    "released": "Released",
    "refunded": "Refunded",
    "failed": "Failed",
    "unknown": "Not known",
    "waived": "Waived",
}
PURPOSE_WORDS = {
    "hire": "Hire",
    "deposit": "Deposit",
    "excess_mileage": "Excess mileage",
    "fuel": "Fuel",
    "damage": "Damage",
    "cancellation_fee": "Cancellation fee",
    "no_show": "No-show fee",
    "one_way": "One-way fee",
    "late_return": "Late return",
    "extra": "Extra",
    "fine": "Fine",
    "toll": "Toll",
    "admin_fee": "Handling fee",
}
OPERATION_WORDS = {
    OperationKind.HOLD: "Hold",
    OperationKind.INCREASE: "Increase",
    OperationKind.SALE: "Charge the card",
    OperationKind.CAPTURE: "Capture",
    OperationKind.RELEASE: "Release",
    OperationKind.REFUND: "Refund",
}
BEING = {
    OperationKind.HOLD: "being held",
    OperationKind.INCREASE: "being increased",
    OperationKind.SALE: "being charged",
    OperationKind.CAPTURE: "being captured",
    OperationKind.RELEASE: "being released",
    OperationKind.REFUND: "being refunded",
}


class ChargeItem(msgspec.Struct):
    """What somebody owes for something, and how much of it was held, taken and given back."""

    id: Id
    reference: str
    subject_kind: str
    subject_id: Id
    subject_name: str
    market: str
    branch: Maybe[str]
    purpose: str
    words: str
    state: str
    amount: MoneyValue
    held: MoneyValue
    captured: MoneyValue
    refunded: MoneyValue
    card_words: str
    covered_by_id: Maybe[Id]
    reason: str
    version: int
    created_at: Timestamp
    updated_at: Timestamp


class ChargePage(msgspec.Struct):
    """One page of charges."""

    items: list[ChargeItem]
    next_cursor: str | None
    total: Maybe[int]
    total_is_capped: Maybe[bool]
    notice: Maybe[str]


class OperationItem(msgspec.Struct):
    """Something that is or was asked of the provider about a charge; it is settled when it is `done` or `refused`."""

    id: Id
    charge_id: Id
    kind: str
    state: str
    amount: MoneyValue
    reason: str
    asked_by: str
    asked_at: Timestamp
    ended_at: Maybe[Timestamp]


class OperationList(msgspec.Struct):
    """What was asked about a charge, the newest first."""

    items: list[OperationItem]


class NewCharge(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Something that is to be paid for a record. Clients may choose its id."""

    subject_kind: Annotated[str, msgspec.Meta(max_length=32, examples=["booking"])]
    subject_id: UUID
    purpose: Purpose
    amount: MoneyValue
    words: Annotated[str, msgspec.Meta(max_length=200)] = ""
    id: UUID | UnsetType = UNSET


class HoldBody(msgspec.Struct, forbid_unknown_fields=True):
    """On which card; all that is planned unless an amount says less."""

    payment_token: Annotated[str, msgspec.Meta(max_length=64, examples=["tok_4q8h2m"])]
    amount: MoneyValue | UnsetType = UNSET


class AmountBody(msgspec.Struct, forbid_unknown_fields=True):
    """How much."""

    amount: MoneyValue
    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""


class CaptureBody(msgspec.Struct, forbid_unknown_fields=True):
    """How much of what is held; everything unless an amount says less. A card is needed where nothing is held."""

    amount: MoneyValue | UnsetType = UNSET
    payment_token: Annotated[str, msgspec.Meta(max_length=64)] | UnsetType = UNSET


class ChargeReasonBody(msgspec.Struct, forbid_unknown_fields=True):
    """Why."""

    reason: Annotated[str, msgspec.Meta(max_length=500)]


def charge_item(charge: Charge) -> ChargeItem:
    """A charge that was just written, as the list reads it."""
    return ChargeItem(
        id=str(charge.id),
        subject_id=str(charge.subject_id),
        branch=charge.branch or UNSET,
        purpose=charge.purpose.value,
        state=charge.state.value,
        **{name: _money(getattr(charge, f"{name}_minor"), charge.currency) for name in AMOUNTS},
        covered_by_id=str(charge.covered_by_id) if charge.covered_by_id else UNSET,
        created_at=timestamp(charge.created_at),
        updated_at=timestamp(charge.updated_at),
        **{name: getattr(charge, name) for name in PLAIN},
    )


AMOUNTS = ("amount", "held", "captured", "refunded")
PLAIN = (
    "reference", "subject_kind", "subject_name", "market", "words", "card_words", "reason", "version",
)  # fmt: skip


def operation_item(operation: ChargeOperation, currency: str) -> OperationItem:
    """An operation as the API shows it."""
    return OperationItem(
        id=str(operation.id),
        charge_id=str(operation.charge_id),
        kind=operation.kind.value,
        state=operation.state.value,
        amount=_money(operation.minor, currency),
        reason=operation.reason,
        asked_by=operation.asked_by,
        asked_at=timestamp(operation.asked_at),
        ended_at=timestamp(operation.ended_at) if operation.ended_at else UNSET,
    )


def _money(minor: int, currency: str) -> MoneyValue:
    value = money_value(minor, currency)
    assert value is not None
    return value
