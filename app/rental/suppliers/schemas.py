"""Suppliers and what they offer, in the JSON API and in lists."""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from app.core.values import UNSET, Id, Maybe, MoneyValue, Timestamp, UnsetType

LocalTime = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$", examples=["2027-05-03T10:00"])]


class SupplierItem(msgspec.Struct):
    """Somebody whose cars we sell."""

    id: Id
    code: str
    name: str
    dialect: str
    currency: str
    capabilities: list[str]
    stops: dict[str, Any]
    is_active: bool
    branches_read_at: Maybe[Timestamp]
    branches: int
    unmapped_branches: int
    version: int
    created_at: Timestamp
    updated_at: Timestamp


class SupplierPage(msgspec.Struct):
    """A page of suppliers; `total` comes when it is asked for."""

    items: list[SupplierItem]
    next_cursor: str | None
    total: Maybe[int]
    total_is_capped: Maybe[bool]


class ReservationItem(msgspec.Struct):
    """What we reserved, or mean to, with a supplier."""

    id: Id
    reference: str
    supplier: str
    state: str
    supplier_number: Maybe[str]
    acriss: str
    pickup_location: str
    return_location: str
    pickup_local: str
    return_local: str
    offered: MoneyValue
    polls: int
    next_poll_at: Maybe[Timestamp]
    reason: str
    version: int
    created_at: Timestamp
    updated_at: Timestamp

    def __post_init__(self) -> None:
        self.pickup_local, self.return_local = self.pickup_local[:16], self.return_local[:16]


class SearchPlace(msgspec.Struct, forbid_unknown_fields=True):
    """One end of a hire: a location's code, and wall time there."""

    location: Annotated[str, msgspec.Meta(max_length=16, examples=["TLL"])]
    local: LocalTime


class SupplierSearch(msgspec.Struct, forbid_unknown_fields=True, rename={"back": "return"}):
    """What is asked of every supplier that has a branch at both locations."""

    pickup: SearchPlace
    back: SearchPlace
    driver_age: Annotated[int, msgspec.Meta(ge=16, le=99, examples=[35])] = 30
    residence: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$", examples=["EE"])] | UnsetType = UNSET


class NewReservation(msgspec.Struct, forbid_unknown_fields=True, rename={"back": "return"}):
    """An offer of a search to be reserved, at the price that was seen. Clients may choose the `id`."""

    supplier: Annotated[str, msgspec.Meta(max_length=32, examples=["baltic"])]
    key: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    pickup: SearchPlace
    back: SearchPlace
    expected: MoneyValue
    surname: Annotated[str, msgspec.Meta(min_length=1, max_length=100, examples=["Kask"])]
    given_name: Annotated[str, msgspec.Meta(max_length=100)] = ""
    driver_age: Annotated[int, msgspec.Meta(ge=16, le=99, examples=[35])] = 30
    id: UUID | UnsetType = UNSET


class ReservationPage(msgspec.Struct):
    """A page of reservations with suppliers; `total` comes when it is asked for."""

    items: list[ReservationItem]
    next_cursor: str | None
    total: Maybe[int]
    total_is_capped: Maybe[bool]


class CancellationBody(msgspec.Struct, forbid_unknown_fields=True):
    """Why it is cancelled."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class OutcomeBody(msgspec.Struct, forbid_unknown_fields=True):
    """To which end it came, the supplier's number when it is confirmed, and how that is known."""

    outcome: Literal["confirmed", "rejected", "failed", "cancelled"]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    number: Annotated[str, msgspec.Meta(min_length=1, max_length=64)] | UnsetType = UNSET


class OfferLine(msgspec.Struct, frozen=True):
    """One part of a price."""

    code: str
    words: str
    amount: MoneyValue


class OfferItem(msgspec.Struct, frozen=True):
    """A supplier's car at its price."""

    supplier: str
    supplier_name: str
    key: str
    acriss: str
    model: str
    total: MoneyValue
    lines: list[OfferLine]
    included_km: Maybe[int]
    mileage_is_doubtful: bool
    is_on_request: bool
    pickup_branch: str
    return_branch: str


class AbsenceItem(msgspec.Struct, frozen=True):
    """A supplier without an offer, and why."""

    supplier: str
    supplier_name: str
    reason: str
    words: str
    detail: str


class SupplierSearchAnswer(msgspec.Struct, frozen=True):
    """What the suppliers offer, and who has nothing to offer."""

    items: list[OfferItem]
    absent: list[AbsenceItem]
    milliseconds: int
