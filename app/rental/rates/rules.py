"""Rate cards: their states, which one a hire falls under, which hires they are for, and what a cancellation costs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from app.kit import acriss
from app.kit.checks import Checks
from app.kit.hire_pricing.card_terms import GuardTerms, ProductTerms
from app.kit.hire_pricing.days import HireTime, NoPrice, read_hire
from app.kit.hire_pricing.prices import Driven, HirePrice, price_hire
from app.kit.hire_pricing.reading import Reading
from app.kit.hire_pricing.terms import ExtraTerms, MileageTerms, RateTerms, WallTime
from app.kit.markets import MARKETS
from app.kit.problems import Problem

WILD = "*"
LONGEST_NAME, LONGEST_BRAND, LONGEST_BRANCHES = 120, 40, 250
_BRAND = re.compile(r"[A-Za-z0-9][A-Za-z0-9 &.-]{0,39}")
_BRANCH = re.compile(r"[A-Z0-9][A-Z0-9-]{1,15}", re.ASCII)


class VersionState(StrEnum):
    """A version is written, agreed to by somebody else, in force from its date, and followed by another."""

    DRAFT = "draft"
    APPROVED = "approved"
    ACTIVE = "active"
    SUPERSEDED = "superseded"
    DISCARDED = "discarded"


class CardState(StrEnum):
    """What a card is at now, as its versions make it."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    ACTIVE = "active"


MOVES: Mapping[VersionState, frozenset[VersionState]] = {
    VersionState.DRAFT: frozenset({VersionState.APPROVED, VersionState.DISCARDED}),
    VersionState.APPROVED: frozenset({VersionState.ACTIVE, VersionState.SUPERSEDED}),
    VersionState.ACTIVE: frozenset({VersionState.SUPERSEDED}),
    VersionState.SUPERSEDED: frozenset(),
    VersionState.DISCARDED: frozenset(),
}
IN_FORCE = (VersionState.APPROVED, VersionState.ACTIVE, VersionState.SUPERSEDED)
"""States of versions that price hires of their dates."""


def can_move(state: VersionState, to_state: VersionState) -> bool:
    """Whether a version may go from one state to another."""
    return to_state in MOVES[state]


class Dated(Protocol):
    """A version with the dates of pick-up that it prices: from one on, until before another."""

    number: int
    state: VersionState
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Succession:
    """What becomes of an earlier version: where it ends, and whether it never comes into force."""

    number: int
    valid_until: date
    is_over: bool


def succeed(versions: Iterable[Dated], valid_from: date) -> list[Succession]:
    """What a version that comes into force on a date does to those that were agreed to before."""
    found: list[Succession] = []
    for version in versions:
        if version.state not in (VersionState.APPROVED, VersionState.ACTIVE):
            continue
        if version.valid_from >= valid_from:
            found.append(Succession(version.number, version.valid_from, is_over=True))
        elif version.valid_until is None or version.valid_until > valid_from:
            found.append(Succession(version.number, valid_from, is_over=False))
    return found


def state_on(version: Dated, today: date) -> VersionState:
    """The state that the dates of an agreed version give it."""
    if version.state not in (VersionState.APPROVED, VersionState.ACTIVE):
        return version.state
    if version.valid_until is not None and version.valid_until <= today:
        return VersionState.SUPERSEDED
    return VersionState.ACTIVE if version.valid_from <= today else VersionState.APPROVED


def card_state(versions: Iterable[Dated]) -> CardState:
    """Active while a version is in force, scheduled while one will be."""
    states = {version.state for version in versions}
    if VersionState.ACTIVE in states:
        return CardState.ACTIVE
    return CardState.SCHEDULED if VersionState.APPROVED in states else CardState.DRAFT


class Scoped(Protocol):
    """What tells which hires a card is for."""

    @property
    def brand(self) -> str: ...
    @property
    def acriss(self) -> str: ...
    @property
    def branch_codes(self) -> Collection[str]: ...


Card = TypeVar("Card", bound=Scoped)


def matches_class(pattern: str, code: str) -> bool:
    """Whether a class falls under a pattern such as `C***`."""
    return len(code) == len(pattern) and all(
        wanted in (WILD, letter) for wanted, letter in zip(pattern, code, strict=True)
    )


def choose(cards: Iterable[Card], *, branch: str, code: str, brand: str = "") -> Card | None:
    """The card of a class at a branch: one of the brand before one of any, one of the branch before one of the whole
    market, and of patterns the one that says more letters, the earlier ones first.
    """
    fitting = [
        card
        for card in cards
        if matches_class(card.acriss, code)
        and card.brand in ("", brand)
        and (not card.branch_codes or branch in card.branch_codes)
    ]
    return max(fitting, key=_rank, default=None)


def _rank(card: Scoped) -> tuple[Any, ...]:
    letters = [letter != WILD for letter in card.acriss]
    return (bool(card.brand), bool(card.branch_codes), sum(letters), letters)


def check_card(fields: Mapping[str, Any]) -> list[Problem]:
    """Problems of what a card is for."""
    checks = Checks(fields)
    checks.required("name", "market", "acriss")
    checks.market()
    checks.text("name", LONGEST_NAME)
    checks.text("brand", LONGEST_BRAND, _BRAND, "Letters, digits, blanks")
    problems = [*checks.problems]
    pattern = fields.get("acriss") or ""
    if isinstance(pattern, str) and pattern and (found := check_pattern(pattern)):
        problems.append(Problem("acriss", "malformed", found))
    branches = fields.get("branches") or []
    if any(not _BRANCH.fullmatch(code) for code in branches) or len(",".join(branches)) > LONGEST_BRANCHES:
        problems.append(Problem("branches", "malformed", f"Codes of branches, {LONGEST_BRANCHES} characters in all"))
    return problems


def check_pattern(pattern: str) -> str:
    """What is wrong with a class or pattern; empty when nothing is."""
    try:
        acriss.parse_pattern(pattern)
    except acriss.AcrissError as error:
        return str(error)
    return ""


def currency_of(market: str) -> str:
    return MARKETS[market].currency


@dataclass(frozen=True, slots=True)
class Asked:
    """What guards ask of a hire; ages and moments in the zone of the pick-up branch."""

    time: HireTime
    pickup: datetime
    booked: datetime
    is_one_way: bool = False
    driver_age: int | None = None


LEAST: Mapping[str, str] = {
    "bookable_from": "Can be booked from {} on",
    "pickup_from": "For pick-ups from {} on",
    "advance_hours": "Booked at least {} h ahead",
    "min_days": "For {} days or more",
    "min_age": "For drivers of {} or older",
}
MOST: Mapping[str, str] = {
    "bookable_until": "Could be booked until {}",
    "pickup_until": "For pick-ups until {}",
    "max_days": "For {} days at most",
    "max_age": "For drivers of {} at most",
}


def refusals(guards: GuardTerms, asked: Asked) -> list[Problem]:
    """Why a card is not for a hire, each by the guard that refuses it; empty when it is."""
    days = asked.time.days + (asked.time.minutes > 0)
    hours = (asked.pickup - asked.booked) // timedelta(hours=1)
    values: dict[str, Any] = {
        **dict.fromkeys(("bookable_from", "bookable_until"), asked.booked.date()),
        **dict.fromkeys(("pickup_from", "pickup_until"), asked.pickup.date()),
        **dict.fromkeys(("min_days", "max_days"), days),
        **dict.fromkeys(("min_age", "max_age"), asked.driver_age),
        "advance_hours": hours,
    }
    found: list[Problem] = []
    for name, words in (*LEAST.items(), *MOST.items()):
        limit, value = getattr(guards, name), values[name]
        if limit is not None and value is not None and (value < limit if name in LEAST else value > limit):
            found.append(Problem(name, "not_for_this_hire", words.format(limit)))
    if asked.is_one_way and not guards.is_one_way_allowed:
        found.append(Problem("is_one_way_allowed", "not_for_this_hire", "Returned where it was picked up"))
    return found


def cancellation_percent(product: ProductTerms, until_pickup: timedelta) -> Decimal:
    """The share of the price that a cancellation costs so long before the pick-up: that of the longest window that is
    still kept, the whole when none is.
    """
    kept = [window for window in product.cancellation if until_pickup >= timedelta(hours=window.hours_before)]
    if not kept:
        return Decimal(100 if product.cancellation else 0)
    return Decimal(max(kept, key=lambda window: window.hours_before).percent)


@dataclass(frozen=True, slots=True)
class Trial:
    """A rate and a hire to try it on."""

    currency: str
    rate: RateTerms
    pickup: WallTime
    back: WallTime
    extras: Sequence[ExtraTerms] = field(default_factory=tuple)
    adjustment_percent: str | None = None
    mileage: MileageTerms | None = None
    driven_km: int = 0


def try_rate(trial: Trial) -> HirePrice | list[Problem]:
    """The price of the hire, or everything that is wrong with the trial."""
    reading = Reading(trial.currency)
    tariff = reading.tariff(trial.rate)
    extras = reading.extras(trial.extras)
    percents = [] if trial.adjustment_percent is None else [trial.adjustment_percent]
    adjustments = [reading.percent(text, "adjustment_percent") for text in percents]
    driven = None if trial.mileage is None else Driven(reading.mileage(trial.mileage), trial.driven_km)
    time = read_hire((trial.pickup.local, trial.pickup.time_zone), (trial.back.local, trial.back.time_zone))
    if isinstance(time, list):
        return [*reading.problems, *time]
    if reading.problems:
        return reading.problems
    try:
        return price_hire(tariff, time, adjustments=adjustments, extras=extras, driven=driven)
    except NoPrice as error:
        return [Problem(error.field, "no_price", str(error))]
