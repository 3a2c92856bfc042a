"""Check-outs and check-ins in the JSON API."""

from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec

from app.core.values import UNSET, Day, Id, Maybe, Timestamp, UnsetType, timestamp
from app.rental.damages.services import MarkItem
from app.rental.handovers.models import Handover

Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]


class HandoverItem(msgspec.Struct):
    """A check-out (`out`) or a check-in (`in`) of a booking: what is filled, and which steps are missing."""

    id: Id
    booking_id: Id
    booking_reference: str
    direction: str
    state: str
    location: str
    vehicle_id: Maybe[Id]
    licence_number_masked: Maybe[str]
    licence_country: Maybe[str]
    licence_expires_on: Maybe[Day]
    document_kind: Maybe[str]
    document_number_masked: Maybe[str]
    odometer_km: Maybe[int]
    fuel_percent: Maybe[int]
    is_battery: bool
    note: str
    deposit_charge_id: Maybe[Id]
    signed_name: str
    agreed_at: Maybe[Timestamp]
    agreed: dict[str, Any]
    marks: list[MarkItem]
    missing: list[str]
    done_at: Maybe[Timestamp]
    version: int
    created_at: Timestamp
    updated_at: Timestamp


class HandoverChanges(msgspec.Struct, forbid_unknown_fields=True):
    """Steps of a draft that are saved; what is absent stays."""

    EXAMPLE: ClassVar = {"odometer_km": 42180, "fuel_percent": 100}

    vehicle_id: UUID | UnsetType = UNSET
    reason: Annotated[str, msgspec.Meta(max_length=500)] | UnsetType = UNSET
    licence_number: Annotated[str, msgspec.Meta(max_length=40)] | UnsetType = UNSET
    licence_country: Annotated[str, msgspec.Meta(max_length=2)] | UnsetType = UNSET
    licence_expires_on: date | UnsetType = UNSET
    document_kind: Annotated[str, msgspec.Meta(max_length=20)] | UnsetType = UNSET
    document_number: Annotated[str, msgspec.Meta(max_length=40)] | UnsetType = UNSET
    odometer_km: Annotated[int, msgspec.Meta(ge=0, le=2_000_000)] | UnsetType = UNSET
    fuel_percent: Percent | UnsetType = UNSET
    location: Annotated[str, msgspec.Meta(max_length=16)] | UnsetType = UNSET
    note: Annotated[str, msgspec.Meta(max_length=1000)] | UnsetType = UNSET


class AgreementBody(msgspec.Struct, forbid_unknown_fields=True):
    """Who agrees; the lines of a signature are lists of points on a paper of 600 by 200."""

    signed_name: Annotated[str, msgspec.Meta(max_length=160)]
    signature: Annotated[list[list[list[int]]], msgspec.Meta(max_length=60)] = []


class DepositBody(msgspec.Struct, forbid_unknown_fields=True):
    """The terminal's token of the card on which the deposit is held; the hire can be charged to it as well."""

    payment_token: Annotated[str, msgspec.Meta(max_length=64, examples=["tok_4q8h2m"])]
    with_hire: bool = False


def handover_item(handover: Handover, marks: list[MarkItem], missing: list[str]) -> HandoverItem:
    """A handover as the API shows it."""
    plain = {
        name: getattr(handover, name) or ("" if name in ("note", "signed_name") else UNSET)
        for name in (
            "booking_reference", "location", "licence_number_masked", "licence_country", "document_kind",
            "document_number_masked", "note", "signed_name",
        )
    }  # fmt: skip
    ids = {
        name: str(value) if (value := getattr(handover, name)) else UNSET
        for name in ("vehicle_id", "deposit_charge_id")
    }
    moments = {
        name: timestamp(value) if (value := getattr(handover, name)) else UNSET for name in ("agreed_at", "done_at")
    }
    counts = {
        name: UNSET if (value := getattr(handover, name)) is None else value for name in ("odometer_km", "fuel_percent")
    }
    found: dict[str, Any] = {**plain, **ids, **moments, **counts}
    return HandoverItem(
        id=str(handover.id),
        booking_id=str(handover.booking_id),
        direction=handover.direction.value,
        state=handover.state.value,
        licence_expires_on=handover.licence_expires_on.isoformat() if handover.licence_expires_on else UNSET,
        is_battery=handover.is_battery,
        agreed=handover.agreed,
        marks=marks,
        missing=missing,
        version=handover.version,
        created_at=timestamp(handover.created_at),
        updated_at=timestamp(handover.updated_at),
        **found,
    )
