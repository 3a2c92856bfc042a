"""Vehicles in the JSON API."""

from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

import msgspec

from app.core import clock
from app.core.values import UNSET, Day, Id, Maybe, MoneyValue, Timestamp, UnsetType, money_value, timestamp
from app.kit import acriss
from app.rental.vehicles.models import Vehicle
from app.rental.vehicles.rules import DOCUMENTS, due

STATE_WORDS = {
    "ordered": "Ordered",
    "in_service": "In service",
    "blocked": "Blocked",
    "in_maintenance": "In maintenance",
    "in_transit": "In transit",
    "on_hire": "On hire",
    "for_sale": "For sale",
    "retired": "Retired",
}


class DueDocument(msgspec.Struct, frozen=True):
    """A document that is over or ends within 30 days; `days` is negative when it is over."""

    document: str
    expires_on: Day
    days: int
    tone: str


class VehicleItem(msgspec.Struct):
    """A vehicle."""

    id: Id
    market: str
    make: str
    model: Maybe[str]
    year: Maybe[int]
    fleet_number: Maybe[str]
    plate: Maybe[str]
    vin: Maybe[str]
    acriss: Maybe[str]
    category: Maybe[str]
    body_type: Maybe[str]
    transmission: Maybe[str]
    fuel: Maybe[str]
    air_conditioning: Maybe[bool]
    seats: Maybe[int]
    doors: Maybe[int]
    bags: Maybe[int]
    power_kw: Maybe[int]
    colour: Maybe[str]
    odometer_km: Maybe[int]
    fuel_level_percent: Maybe[int]
    equipment: list[str]
    day_price: Maybe[MoneyValue]
    home_location: Maybe[str]
    location: Maybe[str]
    registration_expires_on: Maybe[Day]
    insurance_expires_on: Maybe[Day]
    inspection_expires_on: Maybe[Day]
    owner: Maybe[str]
    tags: list[str]
    state: str
    version: int
    created_at: Timestamp
    updated_at: Timestamp
    state_words: str
    class_words: Maybe[str]
    due: list[DueDocument]

    def __post_init__(self) -> None:
        self.state_words = STATE_WORDS[self.state]
        parts = (self.category, self.body_type, self.transmission, self.fuel, self.air_conditioning)
        self.class_words = _class_in_words(self.acriss, *parts)
        documents: dict[str, date | None] = {}
        for name in DOCUMENTS:
            expires_on = getattr(self, f"{name}_expires_on")
            if isinstance(expires_on, date):
                setattr(self, f"{name}_expires_on", expires_on.isoformat())
                documents[name] = expires_on
        self.due = [
            DueDocument(found.document, found.expires_on.isoformat(), found.days, found.tone)
            for found in due(documents, clock.today())
        ]


@lru_cache(maxsize=4_096)
def _class_in_words(code: Maybe[str], *parts: Maybe[str] | Maybe[bool]) -> Maybe[str]:
    """The words of a class; a fleet has far fewer classes than vehicles."""
    known = [None if isinstance(part, UnsetType) else part for part in parts]
    return acriss.decode(code) if code else acriss.describe(*known) or UNSET  # pyright: ignore


class VehiclePage(msgspec.Struct):
    """A page of vehicles. `notice` says when it is less than it could be; `total` comes when it is asked for."""

    items: list[VehicleItem]
    next_cursor: str | None
    total: Maybe[int]
    total_is_capped: Maybe[bool]
    notice: Maybe[str]


COLUMN_OF = {"home_location": "home_location_code", "location": "location_code"}


def item_of(vehicle: Vehicle) -> VehicleItem:
    """A vehicle of an open transaction as its list shows it; the lists' own reads do not see it before the commit."""
    found: dict[str, object] = {"state_words": "", "class_words": UNSET, "due": []}
    for field in msgspec.structs.fields(VehicleItem):
        if field.name not in found:
            value: object = getattr(vehicle, COLUMN_OF.get(field.name, field.name))
            found[field.name] = UNSET if value is None else value
    found["id"], found["state"] = str(vehicle.id), vehicle.state.value
    found["day_price"] = money_value(vehicle.day_price_minor, vehicle.day_price_currency) or UNSET
    found["created_at"], found["updated_at"] = timestamp(vehicle.created_at), timestamp(vehicle.updated_at)
    return VehicleItem(**found)  # pyright: ignore[reportArgumentType]


class VehicleFields(msgspec.Struct, forbid_unknown_fields=True):
    """What a client may set. In a change, an absent field stays as it is and null clears it."""

    market: str | None | UnsetType = UNSET
    make: str | None | UnsetType = UNSET
    model: str | None | UnsetType = UNSET
    year: int | None | UnsetType = UNSET
    fleet_number: str | None | UnsetType = UNSET
    plate: str | None | UnsetType = UNSET
    vin: str | None | UnsetType = UNSET
    acriss: str | None | UnsetType = UNSET
    category: str | None | UnsetType = UNSET
    body_type: str | None | UnsetType = UNSET
    transmission: str | None | UnsetType = UNSET
    fuel: str | None | UnsetType = UNSET
    air_conditioning: bool | None | UnsetType = UNSET
    seats: int | None | UnsetType = UNSET
    doors: int | None | UnsetType = UNSET
    bags: int | None | UnsetType = UNSET
    power_kw: int | None | UnsetType = UNSET
    colour: str | None | UnsetType = UNSET
    odometer_km: int | None | UnsetType = UNSET
    fuel_level_percent: int | None | UnsetType = UNSET
    equipment: list[str] | None | UnsetType = UNSET
    day_price: MoneyValue | None | UnsetType = UNSET
    home_location: str | None | UnsetType = UNSET
    location: str | None | UnsetType = UNSET
    registration_expires_on: date | None | UnsetType = UNSET
    insurance_expires_on: date | None | UnsetType = UNSET
    inspection_expires_on: date | None | UnsetType = UNSET
    owner: str | None | UnsetType = UNSET


class NewVehicle(VehicleFields, forbid_unknown_fields=True, kw_only=True):
    """A vehicle to be added; clients may choose its id."""

    make: str  # pyright: ignore - required here, unlike in a change
    market: str  # pyright: ignore
    id: UUID | UnsetType = UNSET


class MoveBody(msgspec.Struct, forbid_unknown_fields=True):
    """Why, and for moves that last, from when and until when."""

    reason: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None


class TransferBody(MoveBody, forbid_unknown_fields=True, kw_only=True):
    """A transfer also says where to."""

    to_location: str


class RetirementBody(msgspec.Struct, forbid_unknown_fields=True):
    """Why a vehicle leaves the fleet."""

    reason: str


class ReasonBody(msgspec.Struct, forbid_unknown_fields=True):
    """Why something was begun or ended; may be left out."""

    reason: str | None = None
