"""Check-outs and check-ins in the JSON API."""

from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec

from app.core.values import UNSET, Day, Id, Maybe, Timestamp, UnsetType, timestamp
from app.rental.bookings.models import VehicleSwap
from app.rental.damages.services import MarkItem, NewMark
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


class SwapReadingBody(msgspec.Struct, forbid_unknown_fields=True):
    """What is read in a vehicle."""

    odometer_km: Annotated[int, msgspec.Meta(ge=0, le=2_000_000)]
    fuel_percent: Percent | UnsetType = UNSET


class VehicleSwapBody(msgspec.Struct, forbid_unknown_fields=True):
    """Which vehicle takes over and why. Readings that are absent were not taken: that part costs nothing more."""

    EXAMPLE: ClassVar = {
        "vehicle_id": "01977f3a-8c1e-7c1d-9f2b-1f6f0b7e3a11", "reason": "Broke down",
        "taken": {"odometer_km": 42310, "fuel_percent": 75}, "given": {"odometer_km": 18020, "fuel_percent": 100},
    }  # fmt: skip

    vehicle_id: UUID
    reason: Annotated[str, msgspec.Meta(max_length=500)]
    taken: SwapReadingBody | UnsetType = UNSET
    given: SwapReadingBody | UnsetType = UNSET
    location: Annotated[str, msgspec.Meta(max_length=16)] | UnsetType = UNSET
    """The branch at which the one that is taken in is left; where it was last unless said."""
    marks: Annotated[list[NewMark], msgspec.Meta(max_length=20)] = []


class GaugesItem(msgspec.Struct):
    """What was read in a vehicle."""

    vehicle_id: Id
    odometer_km: Maybe[int]
    fuel_percent: Maybe[int]


class VehicleSwapItem(msgspec.Struct):
    """Another vehicle that took over during a hire; readings that are absent were not taken."""

    id: Id
    booking_id: Id
    number: int
    swapped_at: Timestamp
    swapped_by: str
    reason: str
    taken: GaugesItem
    given: GaugesItem


class VehicleSwapList(msgspec.Struct):
    """The swaps of a hire in their order."""

    items: list[VehicleSwapItem]


class AgreementBody(msgspec.Struct, forbid_unknown_fields=True):
    """Who agrees; the lines of a signature are lists of points on a paper of 600 by 200."""

    signed_name: Annotated[str, msgspec.Meta(max_length=160)]
    signature: Annotated[list[list[list[int]]], msgspec.Meta(max_length=60)] = []


class DepositBody(msgspec.Struct, forbid_unknown_fields=True):
    """The terminal's token of the card on which the deposit is held; the hire can be charged to it as well."""

    payment_token: Annotated[str, msgspec.Meta(max_length=64, examples=["tok_4q8h2m"])]
    with_hire: bool = False


def swap_item(swap: VehicleSwap) -> VehicleSwapItem:
    """A swap as the API shows it."""
    taken, given = (
        GaugesItem(str(key), UNSET if km is None else km, UNSET if fuel is None else fuel)
        for key, km, fuel in (
            (swap.taken_id, swap.taken_km, swap.taken_fuel_percent),
            (swap.given_id, swap.given_km, swap.given_fuel_percent),
        )
    )
    return VehicleSwapItem(
        str(swap.id), str(swap.booking_id), swap.number, timestamp(swap.swapped_at), swap.swapped_by, swap.reason,
        taken, given,
    )  # fmt: skip


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
