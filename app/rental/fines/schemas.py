"""Fines and tolls in the JSON API."""

from datetime import datetime
from typing import Annotated, Any, ClassVar

import msgspec

from app.core.values import UNSET, Id, Maybe, MoneyValue, Timestamp, UnsetType, money_value, timestamp
from app.rental.fines.models import Fine
from app.rental.fines.rules import FineKind

STATE_WORDS = {"unmatched": "Nobody known", "matched": "Driver known", "charged": "Charged", "dropped": "Borne by us"}
KIND_WORDS = {"fine": "Fine", "toll": "Toll"}


class FineItem(msgspec.Struct):
    """A fine or a toll of a vehicle at a moment, and who had the vehicle then."""

    id: Id
    reference: str
    market: str
    branch: Maybe[str]
    kind: str
    state: str
    authority: str
    authority_reference: str
    vehicle_id: Id
    vehicle_name: str
    happened_local: str
    time_zone: str
    happened_at: Timestamp
    place: str
    amount: MoneyValue
    fee: MoneyValue
    booking_id: Maybe[Id]
    booking_reference: Maybe[str]
    driver_name: str
    charge_id: Maybe[Id]
    invoice_id: Maybe[Id]
    reason: str
    version: int
    created_at: Timestamp
    updated_at: Timestamp


class FinePage(msgspec.Struct):
    """One page of fines and tolls."""

    items: list[FineItem]
    next_cursor: str | None
    total: Maybe[int]
    total_is_capped: Maybe[bool]
    notice: Maybe[str]


class NewFine(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What an authority sent. The wall time is that of the vehicle's branch, or of `location`."""

    EXAMPLE: ClassVar = {
        "kind": "fine", "plate": "123 ABC", "happened_local": "2026-06-11T14:05", "place": "E263, km 21",
        "authority": "Police", "authority_reference": "2400-26-118", "amount": {"amount": "80.00", "currency": "EUR"},
    }  # fmt: skip

    kind: FineKind
    plate: Annotated[str, msgspec.Meta(max_length=20)]
    happened_local: Annotated[str, msgspec.Meta(max_length=19, examples=["2026-06-11T14:05"])]
    authority: Annotated[str, msgspec.Meta(max_length=120)]
    authority_reference: Annotated[str, msgspec.Meta(max_length=60)]
    amount: MoneyValue
    fee: MoneyValue | UnsetType = UNSET
    place: Annotated[str, msgspec.Meta(max_length=200)] = ""
    note: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    location: Annotated[str, msgspec.Meta(max_length=16)] | UnsetType = UNSET


class FineReasonBody(msgspec.Struct, forbid_unknown_fields=True):
    """Why."""

    reason: Annotated[str, msgspec.Meta(max_length=500)]


def fine_item(fine: Fine) -> FineItem:
    """A fine that was just written, as the list reads it."""
    plain: dict[str, Any] = {
        name: getattr(fine, name)
        for name in (
            "reference", "market", "authority", "authority_reference", "vehicle_name", "time_zone", "place",
            "driver_name", "reason", "version",
        )
    }  # fmt: skip
    ids: dict[str, Any] = {
        name: str(value) if (value := getattr(fine, name)) else UNSET
        for name in ("branch", "booking_id", "booking_reference", "charge_id", "invoice_id")
    }
    amount, fee = (money_value(minor, fine.currency) for minor in (fine.amount_minor, fine.fee_minor))
    assert amount is not None
    assert fee is not None
    return FineItem(
        id=str(fine.id),
        kind=fine.kind.value,
        state=fine.state.value,
        vehicle_id=str(fine.vehicle_id),
        happened_local=wall_time(fine.happened_local),
        happened_at=timestamp(fine.happened_at),
        amount=amount,
        fee=fee,
        created_at=timestamp(fine.created_at),
        updated_at=timestamp(fine.updated_at),
        **plain,
        **ids,
    )


def wall_time(local: datetime) -> str:
    """`2026-06-11T14:05`."""
    return f"{local:%Y-%m-%dT%H:%M}"
