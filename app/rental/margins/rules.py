"""What the margins of many bookings come to, and which bookings they are of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from app.kit.money import Money
from app.rental.bookings.rules import BookingState as B
from app.rental.supplier_terms.rules import Margin

STANDING = (B.CONFIRMED, B.AMEND_PENDING, B.ON_HIRE, B.RETURNED, B.CLOSED, B.DISPUTED)
"""States of bookings whose margin counts, as long as no fee has taken the place of the price."""
LOST = (B.CANCELLED, B.CANCEL_PENDING, B.CANCELLED_BY_SUPPLIER, B.NO_SHOW)
"""States of those that came to nothing; what is closed with a fee was not come for either."""


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


def month_of(day: date, ahead: int = 0) -> date:
    """The first day of the month of a day, or of one so many months later, or earlier where it is less than none."""
    number = day.year * 12 + day.month - 1 + ahead
    return date(number // 12, number % 12 + 1, 1)


def months_between(first: date, last: date) -> int:
    """How many months there are from one to another, both of them counted."""
    return (last.year - first.year) * 12 + last.month - first.month + 1
