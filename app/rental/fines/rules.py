"""Fines and tolls: their states, who had the vehicle, and what passing one on costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from app.kit.checks import Checks
from app.kit.money import Money
from app.kit.problems import Problem

MAX_AUTHORITY, MAX_REFERENCE, MAX_PLACE, MAX_NOTE, MAX_REASON = 120, 60, 200, 1_000, 500
FEE_MINOR: Mapping[str, int] = {
    "EUR": 2_500, "CHF": 2_500, "GBP": 2_200, "USD": 2_700, "SEK": 28_000, "NOK": 29_000, "DKK": 18_500,
    "PLN": 10_500, "CZK": 62_000, "HUF": 950_000, "RON": 12_500, "MXN": 50_000,
}  # fmt: skip
"""What handling one costs the customer, tax included."""


class FineKind(StrEnum):
    FINE = "fine"
    TOLL = "toll"


class FineState(StrEnum):
    UNMATCHED = "unmatched"
    """Nobody is known who had the vehicle then."""
    MATCHED = "matched"
    CHARGED = "charged"
    DROPPED = "dropped"
    """We bear it ourselves."""


FOLLOWING: Mapping[FineState, frozenset[FineState]] = {
    FineState.UNMATCHED: frozenset({FineState.UNMATCHED, FineState.MATCHED, FineState.DROPPED}),
    FineState.MATCHED: frozenset({FineState.UNMATCHED, FineState.MATCHED, FineState.CHARGED, FineState.DROPPED}),
    FineState.CHARGED: frozenset(),
    FineState.DROPPED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Had:
    """Who had a vehicle: [since, until), open while it is not back."""

    booking_id: UUID
    since: datetime
    until: datetime | None

    def holds(self, moment: datetime) -> bool:
        return self.since <= moment and (self.until is None or moment < self.until)


def who_had(stretches: Sequence[Had], moment: datetime) -> list[UUID]:
    """The bookings that had the vehicle at a moment: one, as a rule; none, or several where records are wrong."""
    return list(dict.fromkeys(each.booking_id for each in stretches if each.holds(moment)))


def can_follow(before: FineState, after: FineState) -> bool:
    return after in FOLLOWING[before]


def handling_fee(currency: str) -> Money:
    """What handling one costs; nothing in a currency without a fee."""
    return Money(FEE_MINOR.get(currency, 0), currency)


def check_new(fields: Mapping[str, Any]) -> list[Problem]:
    """Problems of a fine or a toll that is recorded."""
    checks = Checks(fields)
    checks.required("plate", "happened_local", "authority", "authority_reference", "amount")
    checks.text("plate", 20)
    checks.text("authority", MAX_AUTHORITY)
    checks.text("authority_reference", MAX_REFERENCE)
    checks.text("place", MAX_PLACE)
    checks.text("note", MAX_NOTE)
    local = checks.value("happened_local")
    if isinstance(local, datetime) and local.tzinfo is not None:
        checks.refuse("happened_local", "malformed", "A wall time without an offset, such as 2026-06-29T10:00")
    amount = checks.value("amount")
    if isinstance(amount, Money) and amount.minor <= 0:
        checks.refuse("amount", "out_of_range", "More than nothing")
    return checks.problems
