"""Suppliers and what they offer, in the JSON API and in lists."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import msgspec

from app.core.values import UNSET, Id, Maybe, MoneyValue, Timestamp, UnsetType

LocalTime = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$", examples=["2027-05-03T10:00"])]


class SupplierLimits(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """What it never hires out, so that it is not asked; without a number there is no limit. Days are started ones."""

    EXAMPLE: ClassVar = {"min_days": 2, "min_age": 23, "advance_hours": 12, "is_one_way_allowed": False}

    min_days: Annotated[int, msgspec.Meta(ge=1, le=366)] | None = None
    max_days: Annotated[int, msgspec.Meta(ge=1, le=366)] | None = None
    min_age: Annotated[int, msgspec.Meta(ge=16, le=99)] | None = None
    max_age: Annotated[int, msgspec.Meta(ge=16, le=99)] | None = None
    advance_hours: Annotated[int, msgspec.Meta(ge=0, le=2160)] | None = None
    is_one_way_allowed: bool = True


def limits_of(stored: Any) -> SupplierLimits:
    """Limits as they are kept."""
    return msgspec.convert(msgspec.json.decode(stored) if isinstance(stored, str) else stored, SupplierLimits)


class SupplierItem(msgspec.Struct):
    """Somebody whose cars we sell."""

    id: Id
    code: str
    name: str
    dialect: str
    base_url: str
    account: str
    phone: str
    currency: str
    capabilities: list[str]
    has_period_quirk: bool
    search_milliseconds: int
    most_calls: int
    limits: SupplierLimits
    has_credentials: bool
    has_webhook_key: bool
    stops: dict[str, Any]
    is_active: bool
    branches_read_at: Maybe[Timestamp]
    branches: int
    unmapped_branches: int
    version: int
    created_at: Timestamp
    updated_at: Timestamp

    def __post_init__(self) -> None:
        if not isinstance(self.limits, SupplierLimits):  # pyright: ignore[reportUnnecessaryIsInstance] - as it is kept
            self.limits = limits_of(self.limits)


Capability = Literal["locations", "search", "recheck", "book", "retrieve", "retrieve_by_ours", "amend", "cancel"]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
Address = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
Secret = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
Milliseconds = Annotated[int, msgspec.Meta(ge=200, le=4_400)]
Calls = Annotated[int, msgspec.Meta(ge=1, le=64)]


class NewSupplier(msgspec.Struct, forbid_unknown_fields=True):
    """Somebody whose cars are to be sold. `secret` and `webhook_key` are written only. Clients may choose the `id`."""

    code: Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9-]{1,30}$", examples=["nordrive"])]
    name: Name
    dialect: Literal["ota_xml", "json_rest"]
    base_url: Address
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$", examples=["EUR"])]
    account: Annotated[str, msgspec.Meta(max_length=120)] | UnsetType = UNSET
    phone: Annotated[str, msgspec.Meta(max_length=40)] | UnsetType = UNSET
    capabilities: list[Capability] | UnsetType = UNSET
    has_period_quirk: bool | UnsetType = UNSET
    search_milliseconds: Milliseconds | UnsetType = UNSET
    most_calls: Calls | UnsetType = UNSET
    limits: SupplierLimits | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    secret: Secret | UnsetType = UNSET
    webhook_key: Secret | UnsetType = UNSET
    id: UUID | UnsetType = UNSET


class SupplierFields(msgspec.Struct, forbid_unknown_fields=True):
    """What is changed of a supplier. Another address needs the `secret` again."""

    name: Name | UnsetType = UNSET
    dialect: Literal["ota_xml", "json_rest"] | UnsetType = UNSET
    base_url: Address | UnsetType = UNSET
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$", examples=["EUR"])] | UnsetType = UNSET
    account: Annotated[str, msgspec.Meta(max_length=120)] | UnsetType = UNSET
    phone: Annotated[str, msgspec.Meta(max_length=40)] | UnsetType = UNSET
    capabilities: list[Capability] | UnsetType = UNSET
    has_period_quirk: bool | UnsetType = UNSET
    search_milliseconds: Milliseconds | UnsetType = UNSET
    most_calls: Calls | UnsetType = UNSET
    limits: SupplierLimits | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    secret: Secret | UnsetType = UNSET
    webhook_key: Secret | UnsetType = UNSET


class ExchangeAnswer(msgspec.Struct, frozen=True):
    """What came of one exchange, masked as it is kept."""

    id: Id
    operation: str
    outcome: str
    status: Maybe[int]
    milliseconds: int
    reason: str
    body: str
    at: Timestamp


class ConnectionTestAnswer(msgspec.Struct, frozen=True):
    """What a supplier answered; nothing when nobody was asked."""

    exchange: Maybe[ExchangeAnswer]


class NewReplay(msgspec.Struct, forbid_unknown_fields=True):
    """Which kept exchange is sent again."""

    exchange_id: UUID


class ReplayAnswer(msgspec.Struct, frozen=True):
    """What came of it then, and what comes of it now."""

    before: ExchangeAnswer
    after: Maybe[ExchangeAnswer]
    changed_lines: int


class SupplierPage(msgspec.Struct):
    """A page of suppliers; `total` comes when it is asked for."""

    items: list[SupplierItem]
    next_cursor: str | None
    total: Maybe[int]
    total_is_capped: Maybe[bool]


class ReservationItem(msgspec.Struct):
    """What we reserved, or mean to, with a supplier; a net price is told to those who may see margins alone."""

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
    offered: Maybe[MoneyValue]
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


class ToldBody(msgspec.Struct, forbid_unknown_fields=True):
    """Who of the supplier's people said it, and when."""

    spoke_with: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    said_at: Annotated[datetime, msgspec.Meta(tz=True)]


class OutcomeBody(msgspec.Struct, forbid_unknown_fields=True):
    """To which end it came, the supplier's number when it is confirmed, and how that is known.

    `amended_total` is the price after a change that the supplier agreed to; without it the change was declined.
    """

    outcome: Literal["confirmed", "rejected", "failed", "cancelled"]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    number: Annotated[str, msgspec.Meta(min_length=1, max_length=64)] | UnsetType = UNSET
    amended_total: MoneyValue | UnsetType = UNSET
    told: ToldBody | UnsetType = UNSET


class OfferLine(msgspec.Struct, frozen=True):
    """One part of a price."""

    code: str
    words: str
    amount: MoneyValue


class OfferItem(msgspec.Struct, frozen=True):
    """A supplier's car at its price; a net price is told to those who may see margins alone."""

    supplier: str
    supplier_name: str
    key: str
    acriss: str
    model: str
    total: Maybe[MoneyValue]
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


class ErrorCount(msgspec.Struct, frozen=True):
    """How often something went wrong in one way."""

    kind: str
    words: str
    calls: int


class MeasuredItem(msgspec.Struct, frozen=True):
    """How calls did: times in milliseconds to within a tenth, the share that did not fail, and what went wrong."""

    calls: int
    p50_ms: int
    p95_ms: int
    answered_percent: Maybe[float]
    errors: list[ErrorCount]


class DriftItem(msgspec.Struct, frozen=True):
    """How prices moved: how many were compared, how many had moved, by how many per cent on average."""

    compared: int
    moved: int
    mean_percent: Maybe[float]


class OperationHealth(msgspec.Struct, frozen=True):
    """How one operation did."""

    operation: str
    measured: MeasuredItem


class HealthPoint(msgspec.Struct, frozen=True):
    """One slot of the window."""

    at: Timestamp
    calls: int
    failed: int
    p95_ms: Maybe[int]


class SupplierHealth(msgspec.Struct, frozen=True):
    """How one supplier did. `is_held_off` tells of the process that answers."""

    supplier: str
    name: str
    is_held_off: bool
    measured: MeasuredItem
    confirmed: int
    decided: int
    confirmed_percent: Maybe[float]
    at_recheck: DriftItem
    at_confirmation: DriftItem
    last_success_at: Maybe[Timestamp]
    points: list[HealthPoint]
    operations: list[OperationHealth]


class SupplierHealthList(msgspec.Struct, frozen=True):
    """Suppliers in one window and market, by name."""

    window: str
    market: Maybe[str]
    since: Timestamp
    items: list[SupplierHealth]
