"""Bookings in the JSON API."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any, ClassVar, TypeVar
from uuid import UUID

import msgspec

from app.core import clock
from app.core.values import UNSET, Day, Id, Maybe, MoneyValue, Timestamp, UnsetType, money_value, timestamp
from app.kit import acriss
from app.kit.money import Money
from app.rental.bookings import rules
from app.rental.bookings.models import Booking, BookingTerms
from app.rental.bookings.rules import BookingState

STATE_WORDS = {
    "submitting": "Being booked",
    "confirmed": "Confirmed",
    "on_request": "On request",
    "unknown": "Unknown",
    "amend_pending": "Being changed",
    "cancel_pending": "Being cancelled",
    "on_hire": "On hire",
    "returned": "Returned",
    "no_show": "No-show",
    "disputed": "Disputed",
    "closed": "Closed",
    "cancelled": "Cancelled",
    "cancelled_by_supplier": "Cancelled by supplier",
    "rejected": "Rejected",
    "failed": "Failed",
}
SOURCE_WORDS = {"own": "Own fleet", "supplier": "Supplier"}

T = TypeVar("T")

LocalTime = Annotated[
    str,
    msgspec.Meta(description="Wall time at the branch, without an offset", examples=["2026-06-29T10:00"]),
]


class BookedCustomer(msgspec.Struct, omit_defaults=True):
    """Who hires."""

    id: Id
    name: str
    phone: Maybe[str] = UNSET
    email: Maybe[str] = UNSET


class Driver(msgspec.Struct, omit_defaults=True):
    """Who drives."""

    name: str
    phone: Maybe[str] = UNSET
    email: Maybe[str] = UNSET
    born_on: Maybe[Day] = UNSET


class HireEnd(msgspec.Struct):
    """A pick-up or a return: the branch, its wall time and zone, and which moment that is."""

    location: str
    local: LocalTime
    time_zone: str
    at: Timestamp


class BookedVehicle(msgspec.Struct, omit_defaults=True):
    """The vehicle that is assigned."""

    id: Id
    title: str
    plate: Maybe[str] = UNSET
    acriss: Maybe[str] = UNSET


class BookingLine(msgspec.Struct):
    """One line of the price, with the sentence that explains it.

    It is `included` when another line contains it, `tax_inclusive` when its tax is in it, `guaranteed` when it cannot
    become another amount, and `required` when nobody chose it.
    """

    EXAMPLE: ClassVar = {
        "code": "TIME",
        "quantity": 5,
        "amount": {"amount": "390.00", "currency": "EUR"},
        "explanation": "5 days at 78.00",
        "is_included": False,
        "is_tax_inclusive": True,
        "is_guaranteed": True,
        "is_required": True,
    }

    code: str
    quantity: int
    amount: MoneyValue
    explanation: str
    is_included: bool = False
    is_tax_inclusive: bool = True
    is_guaranteed: bool = True
    is_required: bool = True


class FeeWindowItem(msgspec.Struct):
    """What cancelling costs when it is asked for by `until`, in per cent of the total; the last window has no end.

    It costs `at_least` so much where the booking was changed when cancelling was not free any more.
    """

    percent: float
    at_least: Maybe[MoneyValue] = UNSET
    until: Maybe[Timestamp] = UNSET


class ExtraChoice(msgspec.Struct, forbid_unknown_fields=True):
    """So many of an extra of the rate card."""

    code: str
    count: int = 1


class BookingChoices(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is taken with the hire, by the codes of the rate card that prices it."""

    EXAMPLE: ClassVar = {
        "product": "PREPAID",
        "covers": ["CDW"],
        "extras": [{"code": "CHILD_SEAT", "count": 2}],
        "additional_drivers": 1,
    }

    brand: Maybe[str] = UNSET
    product: Maybe[str] = UNSET
    covers: list[str] = []
    extras: list[ExtraChoice] = []
    additional_drivers: int = 0


class BookingItem(msgspec.Struct, rename={"back": "return"}):
    """A booking."""

    id: Id
    reference: str
    market: str
    source: str
    state: str
    customer: BookedCustomer
    driver: Driver
    pickup: HireEnd
    back: HireEnd
    class_code: str
    choices: BookingChoices
    vehicle: Maybe[BookedVehicle]
    total: MoneyValue
    price_lines: list[BookingLine]
    fee_windows: list[FeeWindowItem]
    cancellation_fee: Maybe[MoneyValue]
    cancel_requested_at: Maybe[Timestamp]
    picked_up_at: Maybe[Timestamp]
    returned_at: Maybe[Timestamp]
    terms_number: int
    supplier: Maybe[str]
    """The code of whose car it is; absent for one of ours."""
    supplier_reference: Maybe[str]
    replaces_id: Maybe[Id]
    """The booking whose place it took."""
    note: Maybe[str]
    tags: list[str]
    version: int
    created_at: Timestamp
    updated_at: Timestamp
    state_words: str
    class_words: str
    is_overdue: bool

    def __post_init__(self) -> None:
        self.customer, self.driver = _read(BookedCustomer, self.customer), _read(Driver, self.driver)
        self.pickup, self.back = _read(HireEnd, self.pickup), _read(HireEnd, self.back)
        self.vehicle = _read(BookedVehicle, self.vehicle) if self.vehicle else UNSET
        self.choices = msgspec.convert(_decoded(self.choices), BookingChoices)
        if self.price_lines:
            self.price_lines = msgspec.convert(self.price_lines, list[BookingLine])
        windows: list[Any] = self.fee_windows
        self.fee_windows = [_read(FeeWindowItem, window) for window in windows]
        self.state_words = STATE_WORDS[self.state]
        self.class_words = _class_in_words(self.class_code)
        state = BookingState(self.state)
        self.is_overdue = state is BookingState.ON_HIRE and rules.is_overdue(
            state, datetime.fromisoformat(self.back.at), clock.now()
        )


class BookingPage(msgspec.Struct):
    """One page of bookings."""

    items: list[BookingItem]
    next_cursor: str | None
    total: Maybe[int]
    total_is_capped: Maybe[bool]
    notice: Maybe[str]


def booking_item(booking: Booking, customer: Mapping[str, Any], vehicle: Mapping[str, Any] | None) -> BookingItem:
    """A booking that was just written, as the API shows it."""
    values: dict[str, Any] = {name: getattr(booking, name, None) for name in BookingItem.__struct_fields__}
    for name in ("created_at", "updated_at", "cancel_requested_at", "picked_up_at", "returned_at"):
        values[name] = timestamp(values[name]) if values[name] else None
    values |= {
        "id": str(booking.id),
        "replaces_id": str(booking.replaces_id) if booking.replaces_id else None,
        "customer": dict(customer),
        "driver": {
            "name": booking.driver_name,
            "phone": booking.driver_phone,
            "email": booking.driver_email,
            "born_on": booking.driver_born_on.isoformat() if booking.driver_born_on else None,
        },
        "vehicle": dict(vehicle) if vehicle else None,
        "total": money_value(booking.total_minor, booking.total_currency),
        "cancellation_fee": money_value(booking.fee_minor, booking.total_currency),
        "supplier": booking.supplier_code,
    }
    for name, column in (("pickup", "pickup"), ("back", "return")):
        values[name] = {
            "location": getattr(booking, f"{column}_location"),
            "local": getattr(booking, f"{column}_local").isoformat(timespec="minutes"),
            "time_zone": getattr(booking, f"{column}_zone"),
            "at": timestamp(getattr(booking, f"{column}_at")),
        }
    found: Any = {name: UNSET if value is None else value for name, value in values.items()}
    return BookingItem(**found)


class TermsItem(msgspec.Struct):
    """Terms that a booking had before it was amended or extended."""

    number: int
    total: MoneyValue
    terms: dict[str, Any]
    reason: str
    replaced_at: Timestamp
    replaced_by: str


class TermsList(msgspec.Struct):
    """The earlier terms of a booking, the latest first."""

    items: list[TermsItem]


def terms_item(terms: BookingTerms) -> TermsItem:
    total = money_value(terms.total_minor, terms.total_currency)
    assert total is not None
    shown = {name: value for name, value in terms.terms.items() if name != "margin"}
    return TermsItem(terms.number, total, shown, terms.reason, timestamp(terms.replaced_at), terms.replaced_by)


class EndFields(msgspec.Struct, forbid_unknown_fields=True):
    """A branch and a wall time there."""

    location: str
    local: LocalTime


class DriverFields(msgspec.Struct, forbid_unknown_fields=True):
    """Who drives; the phone with its country."""

    name: str
    phone: str | None = None
    email: str | None = None
    born_on: date | None = None


class NewBooking(msgspec.Struct, forbid_unknown_fields=True, rename={"back": "return"}, kw_only=True):
    """A booking to be made from our own fleet. Clients may choose its id; a vehicle may come later."""

    customer_id: UUID
    driver: DriverFields
    pickup: EndFields
    back: EndFields
    class_code: str
    choices: BookingChoices | UnsetType = UNSET
    vehicle_id: UUID | None = None
    note: str | None = None
    id: UUID | UnsetType = UNSET


class BookingAmendmentBody(msgspec.Struct, forbid_unknown_fields=True, rename={"back": "return"}):
    """Other times, branches, class or choices; what is absent stays. Choices are given as a whole."""

    reason: str
    pickup: EndFields | UnsetType = UNSET
    back: EndFields | UnsetType = UNSET
    class_code: str | UnsetType = UNSET
    choices: BookingChoices | UnsetType = UNSET


class AmendmentPreviewBody(msgspec.Struct, forbid_unknown_fields=True, rename={"back": "return"}):
    """What would be amended; what is absent stays."""

    pickup: EndFields | UnsetType = UNSET
    back: EndFields | UnsetType = UNSET
    class_code: str | UnsetType = UNSET
    choices: BookingChoices | UnsetType = UNSET


class ExtensionPreviewBody(msgspec.Struct, forbid_unknown_fields=True, rename={"back": "return"}):
    """The return that would be another."""

    back: EndFields


class ChangePreviewItem(msgspec.Struct):
    """What a change would make of the price; the difference is negative when it is cheaper.

    `fee_before` and `fee` are what cancelling costs at this moment, without the change and with it.
    """

    before: MoneyValue
    total: MoneyValue
    difference: MoneyValue
    fee_before: MoneyValue
    fee: MoneyValue
    price_lines: list[BookingLine]
    fee_windows: list[FeeWindowItem]


def preview_item(amounts: Mapping[str, Money], lines: Any, fee_windows: Any) -> ChangePreviewItem:
    return ChangePreviewItem(
        **{name: MoneyValue(amount.amount, amount.currency) for name, amount in amounts.items()},
        price_lines=msgspec.convert(lines, list[BookingLine]),
        fee_windows=[_read(FeeWindowItem, window) for window in fee_windows],
    )


class BookingExtensionBody(msgspec.Struct, forbid_unknown_fields=True, rename={"back": "return"}):
    """Another return of a hire that runs."""

    reason: str
    back: EndFields


class VehicleAssignmentBody(msgspec.Struct, forbid_unknown_fields=True):
    """The vehicle."""

    vehicle_id: UUID
    reason: str | None = None


class BookingUpgradeBody(msgspec.Struct, forbid_unknown_fields=True):
    """The class that is promised instead, and why."""

    class_code: str
    reason: str


class BookingReasonBody(msgspec.Struct, forbid_unknown_fields=True):
    """Why."""

    reason: str


def _read(kind: type[T], stored: Any) -> T:
    """An object as the list's statement writes it, without nulls; or what was stored, without what is not there."""
    if isinstance(stored, str):
        return _decoder(kind).decode(stored)
    return kind(**{name: value for name, value in stored.items() if value is not None})


@lru_cache
def _decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    return msgspec.json.Decoder(kind)


def _decoded(stored: Any) -> Any:
    return msgspec.json.decode(stored) if isinstance(stored, str) else stored


_class_in_words = lru_cache(2_000)(acriss.decode)
