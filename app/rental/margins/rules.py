"""What the margins of many bookings come to, and which bookings they are of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

from app.kit.money import Money
from app.rental.bookings.rules import BookingState as B
from app.rental.supplier_terms.rules import Margin

STANDING = (B.CONFIRMED, B.AMEND_PENDING, B.ON_HIRE, B.RETURNED, B.CLOSED, B.DISPUTED)
"""States of bookings whose margin counts, as long as no fee has taken the place of the price."""
LOST = (B.CANCELLED, B.CANCEL_PENDING, B.CANCELLED_BY_SUPPLIER, B.NO_SHOW)
"""States of those that came to nothing; what is closed with a fee was not come for either."""
CLOCKS = timedelta(days=1)
"""No branch's clocks are further from UTC than that."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Bookings in one currency: how many, and what those that stand earn together."""

    earned: Margin
    bookings: int = 0
    lost: int = 0
    unkept: int = 0

    @property
    def currency(self) -> str:
        return self.earned.currency

    @property
    def share(self) -> Fraction | None:
        """The margin of what customers pay; nothing where they pay nothing."""
        return Fraction(self.earned.margin_minor, self.earned.retail_minor) if self.earned.retail_minor else None

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency)


class Mark(NamedTuple):
    """Which bookings a month has, and which version of each: how many, and a sum of their ids and versions.

    Every change of a booking gives it another version, so that two states of a month have one mark by chance alone
    (1 of 2^60). It says nothing of time: neither clocks nor how long a transaction took can hide a change.
    """

    bookings: int = 0
    versions: int = 0


def changed_months(months: Iterable[date], counted: Mapping[date, Mark], present: Mapping[date, Mark]) -> list[date]:
    """Those that were never counted, or whose bookings are not those of the count any more."""
    return [month for month in months if counted.get(month) != present.get(month, Mark())]


def month_of(day: date, ahead: int = 0) -> date:
    """The first day of the month of a day, or of one so many months later, or earlier where it is less than none."""
    number = day.year * 12 + day.month - 1 + ahead
    return date(number // 12, number % 12 + 1, 1)


def months_between(first: date, last: date) -> int:
    """How many months there are from one to another, both of them counted."""
    return (last.year - first.year) * 12 + last.month - first.month + 1


def bounds_of(first: date, last: date) -> dict[str, date | datetime]:
    """Where the pick-ups of some months are, for `models.OF_MONTHS`.

    By the clocks of their branches, and in UTC, by which an index has them: whatever those clocks say, between these.
    """
    until, midnight = month_of(last, 1), datetime.min.time()
    return {
        "since": first,
        "until": until,
        "since_moment": datetime.combine(first, midnight) - CLOCKS,
        "until_moment": datetime.combine(until, midnight) + CLOCKS,
    }
