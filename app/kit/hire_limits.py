"""What somebody never hires out: too short, too long, to whom, too soon, one-way. Values in, the first refusal out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from app.kit.checks import Checks

DAY = timedelta(days=1)
YOUNGEST, OLDEST = 16, 99
LONGEST_DAYS = 366
LONGEST_LEAD_HOURS = 24 * 90


class Limit(StrEnum):
    """The limits, as the guards of rate cards are called too."""

    MIN_DAYS = "min_days"
    MAX_DAYS = "max_days"
    MIN_AGE = "min_age"
    MAX_AGE = "max_age"
    ADVANCE_HOURS = "advance_hours"
    ONE_WAY = "is_one_way_allowed"


@dataclass(frozen=True, slots=True)
class HireLimits:
    """None where there is no limit; days are started ones, hours those before the pick-up."""

    min_days: int | None = None
    max_days: int | None = None
    min_age: int | None = None
    max_age: int | None = None
    advance_hours: int | None = None
    is_one_way_allowed: bool = True

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> HireLimits:
        """As they are kept; what is unknown is left out."""
        known = {each.name for each in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})

    def words(self) -> list[str]:
        """Each limit in words."""
        told = {
            "from {} days": self.min_days,
            "up to {} days": self.max_days,
            "drivers from {}": self.min_age,
            "drivers up to {}": self.max_age,
            "{} h ahead": self.advance_hours,
        }
        one_way = [] if self.is_one_way_allowed else ["no one-way hires"]
        return [words.format(value) for words, value in told.items() if value is not None] + one_way


@dataclass(frozen=True, slots=True)
class AskedHire:
    """A hire as limits look at it; `now_local` is what the clocks of the pick-up show."""

    pickup_local: datetime
    return_local: datetime
    driver_age: int
    is_one_way: bool
    now_local: datetime


@dataclass(frozen=True, slots=True)
class LimitRefusal:
    """Which limit, where it is, and in words."""

    limit: Limit
    value: int
    words: str


def refusal(limits: HireLimits, hire: AskedHire) -> LimitRefusal | None:
    """The first limit that stands against a hire."""
    days = max(1, math.ceil((hire.return_local - hire.pickup_local) / DAY))
    hours = math.floor((hire.pickup_local - hire.now_local) / timedelta(hours=1))
    age = hire.driver_age
    for limit, value, asked, is_least, words in (
        (Limit.MIN_DAYS, limits.min_days, days, True, "from {} days, asked for {}"),
        (Limit.MAX_DAYS, limits.max_days, days, False, "up to {} days, asked for {}"),
        (Limit.MIN_AGE, limits.min_age, age, True, "drivers from {}, asked for {}"),
        (Limit.MAX_AGE, limits.max_age, age, False, "drivers up to {}, asked for {}"),
        (Limit.ADVANCE_HOURS, limits.advance_hours, hours, True, "{} h ahead, asked for {}"),
    ):
        if value is not None and (asked < value if is_least else asked > value):
            return LimitRefusal(limit, value, words.format(value, asked))
    if not limits.is_one_way_allowed and hire.is_one_way:
        return LimitRefusal(Limit.ONE_WAY, 0, "no one-way hires")
    return None


def check_limits(checks: Checks | None) -> None:
    """Refuse numbers that are none, or that stand against each other."""
    if checks is None:
        return
    for name, least, most in (
        ("min_days", 1, LONGEST_DAYS),
        ("max_days", 1, LONGEST_DAYS),
        ("min_age", YOUNGEST, OLDEST),
        ("max_age", YOUNGEST, OLDEST),
        ("advance_hours", 0, LONGEST_LEAD_HOURS),
    ):
        checks.whole(name, least, most)
    checks.fact("is_one_way_allowed")
    if checks.problems:
        return
    for least, most in (("min_days", "max_days"), ("min_age", "max_age")):
        low, high = checks.value(least), checks.value(most)
        if low is not None and high is not None and low > high:
            checks.refuse(most, "out_of_range", f"Not less than {low}")
