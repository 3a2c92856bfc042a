"""What may become of a quote, why a car is not offered, and how prices drift."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.kit import acriss
from app.kit.money import Money

OWN = "own"
"""The source of our own fleet, beside the codes of suppliers."""
OPEN_FOR = timedelta(minutes=15)
SEARCH_KEPT_FOR = timedelta(minutes=30)
TOLERANCE_PERCENT = Decimal("0.5")


class QuoteState(StrEnum):
    """A quote is open for a quarter of an hour, and then ends in one of three ways."""

    OPEN = "open"
    EXPIRED = "expired"
    REPRICED = "repriced"
    CONSUMED = "consumed"


MOVES: Mapping[QuoteState, frozenset[QuoteState]] = {
    QuoteState.OPEN: frozenset({QuoteState.EXPIRED, QuoteState.REPRICED, QuoteState.CONSUMED}),
    QuoteState.EXPIRED: frozenset(),
    QuoteState.REPRICED: frozenset(),
    QuoteState.CONSUMED: frozenset(),
}


def can_move(before: QuoteState, after: QuoteState) -> bool:
    """Whether the table of states allows a move."""
    return after in MOVES[before]


def state_at(state: QuoteState, expires_at: datetime, now: datetime) -> QuoteState:
    """What a quote is at a moment, whether or not anybody has written that its time is over."""
    return QuoteState.EXPIRED if state is QuoteState.OPEN and expires_at <= now else state


class Reason(StrEnum):
    """Why a class of our own is not offered at a branch; suppliers have reasons of their own, besides the last."""

    CLOSED_AT_PICKUP = "closed_at_pickup"
    CLOSED_AT_RETURN = "closed_at_return"
    BOOKABLE_FROM = "bookable_from"
    BOOKABLE_UNTIL = "bookable_until"
    PICKUP_FROM = "pickup_from"
    PICKUP_UNTIL = "pickup_until"
    ADVANCE_HOURS = "advance_hours"
    MIN_DAYS = "min_days"
    MAX_DAYS = "max_days"
    MIN_AGE = "min_age"
    MAX_AGE = "max_age"
    ONE_WAY = "is_one_way_allowed"
    NO_LENGTH = "no_length"
    NO_PRICE = "no_price"
    NO_VEHICLE = "no_vehicle"
    SOLD_OUT = "sold_out"
    OTHER_CLASSES = "other_classes"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason, with what is known of it: a limit, an opening time, numbers."""

    reason: Reason
    detail: str = ""
    limit: int | date | datetime | None = None
    numbers: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Hire:
    """A class at a branch, for a time: what is judged, and judged again with one thing changed."""

    pickup: str
    pickup_local: datetime
    back: str
    return_local: datetime
    class_code: str
    driver_age: int | None = None
    product: str = ""


def transmission_of(code: str) -> str:
    """`automatic` or `manual`, by the third letter of a class."""
    return "automatic" if code[2] in "ABD" else "manual"


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the offers is wanted; nothing means everything."""

    buckets: frozenset[str] = frozenset()
    transmission: str = ""
    classes: tuple[str, ...] = ()
    sources: frozenset[str] = frozenset()

    def take(self, class_code: str, source: str) -> bool:
        """Whether an offer is wanted."""
        return (
            (not self.buckets or acriss.bucket(class_code) in self.buckets)
            and self.transmission in ("", transmission_of(class_code))
            and (not self.sources or source in self.sources)
            and (not self.classes or any(acriss.matches(pattern, class_code) for pattern in self.classes))
        )

    def distance(self, class_code: str) -> int:
        """How far a class is from what is wanted: letters other than in the nearest pattern, bucket and gears."""
        letters = min((_differing(pattern, class_code) for pattern in self.classes), default=0)
        is_of_bucket = not self.buckets or acriss.bucket(class_code) in self.buckets
        has_gears = self.transmission in ("", transmission_of(class_code))
        return letters + (not is_of_bucket) + (not has_gears)


def _differing(pattern: str, class_code: str) -> int:
    return sum(wanted not in ("*", letter) for wanted, letter in zip(pattern, class_code, strict=True))


@dataclass(frozen=True, slots=True)
class Moved:
    """One line of a price before and after; None where it was not there."""

    code: str
    before: Money | None
    after: Money | None

    @property
    def delta(self) -> Money | None:
        """By how much it moved, when both are of one currency."""
        known = [each for each in (self.before, self.after) if each is not None]
        if len({each.currency for each in known}) != 1:
            return None
        after = self.after.minor if self.after else 0
        return Money(after - (self.before.minor if self.before else 0), known[0].currency)


def drift(before: Iterable[tuple[str, Money]], after: Iterable[tuple[str, Money]]) -> list[Moved]:
    """The lines of two prices beside each other by their codes, in the order of the first; same codes are added up."""
    first, second = _by_code(before), _by_code(after)
    return [Moved(code, first.get(code), second.get(code)) for code in dict.fromkeys((*first, *second))]


def remainder(whole: Iterable[tuple[str, Money]], part: Iterable[tuple[str, Money]]) -> list[tuple[str, Money]]:
    """What is left of a price without a part of it, code by code; what comes to nothing is left out."""
    left, taken = _by_code(whole), _by_code(part)
    found = {code: amount - taken[code] if code in taken else amount for code, amount in left.items()}
    missing = {code: Money(-amount.minor, amount.currency) for code, amount in taken.items() if code not in left}
    return [(code, amount) for code, amount in (found | missing).items() if amount.minor]


def _by_code(lines: Iterable[tuple[str, Money]]) -> dict[str, Money]:
    found: dict[str, Money] = {}
    for code, amount in lines:
        before = found.get(code)
        found[code] = amount if before is None else Money(before.minor + amount.minor, amount.currency)
    return found


def is_beyond_tolerance(before: Money, after: Money) -> bool:
    """Whether a price moved by more than half a per cent, or into another currency."""
    if before.currency != after.currency:
        return True
    return abs(after.minor - before.minor) * 100 > abs(before.minor) * TOLERANCE_PERCENT


def changed_parts(before: Hire, after: Hire) -> dict[str, Any]:
    """What was changed of a hire, by name."""
    return {name: getattr(after, name) for name in Hire.__slots__ if getattr(before, name) != getattr(after, name)}


SHIFTS_NEAR: Sequence[timedelta] = tuple(timedelta(hours=sign * hours) for hours in (1, 2, 3) for sign in (1, -1))
SHIFTS_FAR: Sequence[timedelta] = tuple(
    timedelta(hours=sign * hours) for hours in (6, 12, 24, 48, 72) for sign in (1, -1)
)
FARTHEST = timedelta(days=7)
"""How far from what was asked a change is looked for."""


def by_total(totals: Mapping[str, Money | None]) -> list[str]:
    """Ids of offers by their converted total; those that cannot be compared come last."""
    return sorted(totals, key=lambda key: (totals[key] is None, total.minor if (total := totals[key]) else 0, key))
