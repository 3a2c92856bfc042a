"""Damage in the JSON API."""

from typing import Annotated, Any, ClassVar

import msgspec

from app.core.values import UNSET, Id, Maybe, MoneyValue, Timestamp, money_value, timestamp
from app.rental.damages.models import DamageCase, DamageMark
from app.rental.damages.rules import ZONES, DamageKind, Party

STATE_WORDS = {
    "open": "Open",
    "estimated": "Estimated",
    "charged": "Charged",
    "closed": "Closed",
    "dropped": "Dropped",
}
PARTY_WORDS = {
    "customer": "Customer",
    "third_party": "Third party",
    "ourselves": "Ourselves",
    "unknown": "Not known yet",
}
KIND_WORDS = {kind.value: kind.value.capitalize() for kind in DamageKind}


class MarkItem(msgspec.Struct):
    """A damage at a place of the vehicle; `x` and `y` are points of a drawing of 640 by 420."""

    EXAMPLE: ClassVar = {
        "id": "01977f3a-8c1e-7c1d-9f2b-1f6f0b7e3a11", "zone": "front_bumper", "zone_words": "Front bumper",
        "kind": "scratch", "x": 42, "y": 210, "words": "10 cm", "found_at": "2026-06-01T08:00:00.000000Z",
    }  # fmt: skip

    id: Id
    zone: str
    zone_words: str
    kind: str
    x: int
    y: int
    words: str
    found_at: Timestamp


class NewMark(msgspec.Struct, forbid_unknown_fields=True):
    """A damage that is seen; without a point it stands in the middle of its zone."""

    zone: Annotated[str, msgspec.Meta(max_length=32, examples=["front_bumper"])]
    kind: DamageKind
    words: Annotated[str, msgspec.Meta(max_length=300)] = ""
    x: Annotated[int, msgspec.Meta(ge=0, le=640)] | None = None
    y: Annotated[int, msgspec.Meta(ge=0, le=420)] | None = None


class CaseItem(msgspec.Struct):
    """New damage of a hire: what it costs, and who answers for it."""

    id: Id
    reference: str
    market: str
    branch: str
    state: str
    booking_id: Id
    booking_reference: str
    vehicle_id: Id
    vehicle_name: str
    words: str
    party: str
    estimate: Maybe[MoneyValue]
    version: int
    created_at: Timestamp
    updated_at: Timestamp


class CasePage(msgspec.Struct):
    """One page of damage cases."""

    items: list[CaseItem]
    next_cursor: str | None
    total: Maybe[int]
    total_is_capped: Maybe[bool]
    notice: Maybe[str]


class EstimateBody(msgspec.Struct, forbid_unknown_fields=True):
    """What it costs and who answers for it."""

    amount: MoneyValue
    party: Party
    words: Annotated[str, msgspec.Meta(max_length=500)] = ""


def mark_item(mark: DamageMark) -> MarkItem:
    """A mark as the API shows it."""
    return MarkItem(
        str(mark.id), mark.zone, ZONES[mark.zone].name, mark.kind.value, mark.x, mark.y, mark.words,
        timestamp(mark.found_at),
    )  # fmt: skip


def case_item(case: DamageCase) -> CaseItem:
    """A case that was just written, as the list reads it."""
    values: dict[str, Any] = {
        name: getattr(case, name)
        for name in ("reference", "market", "branch", "booking_reference", "vehicle_name", "words", "version")
    }
    return CaseItem(
        id=str(case.id),
        state=case.state.value,
        party=case.party.value,
        booking_id=str(case.booking_id),
        vehicle_id=str(case.vehicle_id),
        estimate=money_value(case.estimate_minor, case.currency) or UNSET,
        created_at=timestamp(case.created_at),
        updated_at=timestamp(case.updated_at),
        **values,
    )
