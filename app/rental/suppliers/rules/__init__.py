"""What a supplier can do, what it answered, and what follows from it: values in, values out."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.kit.checks import Checks
from app.kit.hire_limits import check_limits
from app.kit.money import EXPONENTS, Money
from app.kit.problems import Problem
from app.rental.locations.rules import Delivery


class Dialect(StrEnum):
    OTA_XML = "ota_xml"
    JSON_REST = "json_rest"


class Operation(StrEnum):
    LOCATIONS = "locations"
    SEARCH = "search"
    RECHECK = "recheck"
    BOOK = "book"
    RETRIEVE = "retrieve"
    RETRIEVE_BY_OURS = "retrieve_by_ours"
    """Finding a reservation by our reference: what an unknown outcome is resolved by."""
    AMEND = "amend"
    CANCEL = "cancel"


class ErrorKind(StrEnum):
    """Every supplier's errors in our own words."""

    SYSTEM = "system"
    KNOWN = "known"
    TIMEOUT = "timeout"
    NO_RESULTS = "no_results"
    SOLD_OUT = "sold_out"
    EXPIRED = "expired"
    BAD_INPUT = "bad_input"
    UNKNOWN_LOCATION = "unknown_location"
    NOT_FOUND = "not_found"
    ALREADY_CANCELLED = "already_cancelled"
    UNSUPPORTED = "unsupported"


class Absence(StrEnum):
    """Why a supplier has no offer in a search, besides the kinds of errors."""

    NOT_MAPPED = "not_mapped"
    STOPPED = "stopped"
    HELD_OFF = "held_off"
    BUSY = "busy"
    LATE = "late"


class Stop(StrEnum):
    """What is switched off: new sales, or every call."""

    SALE = "sale"
    ALL = "all"


EVERYWHERE = "*"
SEES_MARGINS = "margins.view"
"""The permission to see what suppliers charge us and what we earn."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when a car changes hands: the supplier's own branch code, and wall time there."""

    branch: str
    local: datetime


@dataclass(frozen=True, slots=True)
class HireAsk:
    """What is asked of one supplier."""

    pickup: Place
    back: Place
    driver_age: int
    residence: str = ""


@dataclass(frozen=True, slots=True)
class Mileage:
    """Kilometres that are included in the whole hire; none means any number."""

    included_km: int | None
    is_doubtful: bool = False
    """Few enough for a hire of this length that the supplier may mean each day."""


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One part of a price, as the supplier calls it. What is included is within the rate already."""

    code: str
    words: str
    amount: Money
    is_included: bool = False
    is_tax_inclusive: bool = True
    is_guaranteed: bool = True
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class Cover:
    """A cover that is in the price, with what the driver still pays."""

    code: str
    excess: Money | None


@dataclass(frozen=True, slots=True)
class SupplierOffer:
    """A car at its price, by the supplier's rate key."""

    key: str
    acriss: str
    model: str
    total: Money
    lines: tuple[PriceLine, ...]
    mileage: Mileage
    covers: tuple[Cover, ...]
    is_on_request: bool
    free_hours: int | None = None
    """How long before the pick-up cancelling is free, where the supplier says so."""


@dataclass(frozen=True, slots=True)
class BranchFound:
    """A branch as the supplier tells of it."""

    code: str
    name: str
    city: str
    country: str
    iata: str
    latitude: Decimal | None
    longitude: Decimal | None
    delivery: Delivery | None = None
    """Where people get their car, where the supplier says so."""


@dataclass(frozen=True, slots=True)
class ReservationFound:
    """A reservation as the supplier has it; with the wall times of pick-up and return where it says them."""

    number: str
    state: ReservationState
    our_reference: str
    offer: SupplierOffer | None
    times: tuple[datetime, datetime] | None = None


class ReservationState(StrEnum):
    SUBMITTING = "submitting"
    UNKNOWN = "unknown"
    ON_REQUEST = "on_request"
    CONFIRMED = "confirmed"
    AMEND_PENDING = "amend_pending"
    CANCEL_PENDING = "cancel_pending"
    REJECTED = "rejected"
    FAILED = "failed"
    CANCELLED = "cancelled"
    CANCELLED_BY_SUPPLIER = "cancelled_by_supplier"


_S = ReservationState
MOVES: Mapping[ReservationState, frozenset[ReservationState]] = {
    _S.SUBMITTING: frozenset({_S.CONFIRMED, _S.ON_REQUEST, _S.REJECTED, _S.UNKNOWN}),
    _S.UNKNOWN: frozenset({_S.CONFIRMED, _S.ON_REQUEST, _S.REJECTED, _S.CANCEL_PENDING, _S.FAILED}),
    _S.ON_REQUEST: frozenset({_S.CONFIRMED, _S.REJECTED, _S.CANCELLED}),
    _S.CONFIRMED: frozenset({_S.AMEND_PENDING, _S.CANCEL_PENDING, _S.CANCELLED_BY_SUPPLIER}),
    _S.AMEND_PENDING: frozenset({_S.CONFIRMED, _S.UNKNOWN}),
    _S.CANCEL_PENDING: frozenset({_S.CANCELLED, _S.CONFIRMED, _S.UNKNOWN}),
    _S.REJECTED: frozenset(),
    _S.FAILED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.CANCELLED_BY_SUPPLIER: frozenset(),
}
OPEN = frozenset({_S.SUBMITTING, _S.UNKNOWN, _S.ON_REQUEST, _S.AMEND_PENDING, _S.CANCEL_PENDING})
"""States that somebody has to bring to an end: the worker asks the supplier until it knows."""
POLLS_BEFORE_TASK = 6
PRESSING = timedelta(hours=2)
"""This near to the next boundary of the fee people are asked, however often the supplier was."""
LEAST_KM_PER_DAY = 60


CONFIRMED = frozenset({_S.CONFIRMED, _S.AMEND_PENDING, _S.CANCEL_PENDING, _S.CANCELLED})
NOT_CONFIRMED = frozenset({_S.REJECTED, _S.FAILED, _S.CANCELLED_BY_SUPPLIER})


def can_move(before: ReservationState, after: ReservationState) -> bool:
    """Whether the table of states allows a move."""
    return after in MOVES[before]


def next_poll(polls: int) -> timedelta:
    """When to ask again: soon at first, at most every half hour."""
    return min(timedelta(seconds=5) * 2**polls, timedelta(minutes=30))


def is_pressing(boundary_at: datetime | None, now: datetime) -> bool:
    """Whether people have to know now: cancelling becomes dearer soon, or cannot become dearer any more."""
    return boundary_at is None or boundary_at - now <= PRESSING


def stop_for(stops: Mapping[str, str], market: str) -> Stop | None:
    """What is switched off in a market: the harder of the market's own and of everywhere."""
    found = {stops[key] for key in (market, EVERYWHERE) if key in stops}
    return Stop(Stop.ALL if Stop.ALL in found else found.pop()) if found else None


def missing(capabilities: Iterable[str], operation: Operation) -> bool:
    """Whether people have to do it by hand."""
    return operation.value not in set(capabilities)


def is_doubtful(included_km: int, days: int) -> bool:
    """Whether kilometres for the whole hire look like kilometres for a day."""
    return days > 1 and included_km < LEAST_KM_PER_DAY * days


def hire_days(ask: HireAsk) -> int:
    """Started days of 24 hours between the two wall times."""
    return max(1, math.ceil((ask.back.local - ask.pickup.local) / timedelta(days=1)))


def drift_percent(before: Money, after: Money) -> Decimal | None:
    """By how much a price moved; nothing for different currencies."""
    if before.currency != after.currency or before.minor == 0:
        return None
    return round(Decimal(after.minor - before.minor) * 100 / before.minor, 2)


_CODE = re.compile(r"[a-z0-9][a-z0-9-]{1,30}", re.ASCII)
_PHONE = re.compile(r"[0-9+() /-]{3,40}", re.ASCII)
SEARCH_MILLISECONDS, MOST_CALLS = (200, 4_400), (1, 64)
"""Least and most: a search of all suppliers ends after 4.5 s."""


def check_supplier(fields: Mapping[str, Any], *, is_new: bool) -> list[Problem]:
    """What is wrong with the fields of a supplier; its address is looked at where networks are known."""
    checks = Checks(fields)
    checks.required("name", "dialect", "base_url", "currency", is_new=is_new)
    if is_new:
        checks.required("code")
        checks.text("code", 32, _CODE, "Small letters, digits and -, such as baltic")
    checks.text("name", 120)
    checks.text("base_url", 300)
    checks.text("account", 120)
    checks.text("phone", 40, _PHONE, "A telephone number")
    checks.text("secret", 300)
    checks.text("webhook_key", 300)
    checks.choice("dialect", [each.value for each in Dialect])
    currency = checks.text("currency", 3)
    if currency is not None and currency not in EXPONENTS:
        checks.refuse("currency", "unknown_value", "Not a currency that we know")
    if set(fields.get("capabilities") or ()) - set(Operation):
        checks.refuse("capabilities", "unknown_value", f"Not one of {', '.join(Operation)}")
    checks.whole("search_milliseconds", *SEARCH_MILLISECONDS)
    checks.whole("most_calls", *MOST_CALLS)
    check_limits(checks.group("limits"))
    return checks.problems
