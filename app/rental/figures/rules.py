"""What figures mean, and how late vehicles come back.

Identities (`domain` of car hire): utilisation = rented days / available vehicle-days; ADR = revenue / rented days;
RevPAC = revenue / available vehicle-days = ADR x utilisation.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise

from app.kit.money import Money

MINUTES_A_DAY = 1_440
STEP_MINUTES = 15
EARLIEST_STEP, LATEST_STEP = -96, 192
"""A day early and two days late: what lies beyond counts as that."""

PRIOR_LATE = (
    (-1_440, 1.0), (-230, 0.95), (0, 0.575), (9, 0.5), (30, 0.372), (60, 0.268), (67, 0.25), (120, 0.156), (193, 0.10),
    (398, 0.05), (1_491, 0.01), (2_880, 0.0),
)  # fmt: skip
"""Minutes and the share of returns that are later than that: the quantiles p5 to p99 and the shares above 0, 30, 60 and
120 minutes of 21,310 public rentals (Getaround's delay analysis); the two ends are ours."""
PRIOR_WEIGHT = 30
"""How many cases of one's own count as much as what is known from further away."""


class Level(StrEnum):
    """What a row of counted days is of. Sums are kept beside the rows that they are of, for what asks for no more."""

    DETAIL = "detail"
    BRANCH = "branch"
    CLASS = "class"
    MARKET = "market"

    @classmethod
    def of(cls, *, branches: bool, classes: bool) -> Level:
        """The coarsest that still tells branches or classes apart."""
        if branches:
            return cls.DETAIL if classes else cls.BRANCH
        return cls.CLASS if classes else cls.MARKET


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums over days, branches and classes in one currency. Minutes are of vehicles, money is in minor units."""

    rented_minutes: int = 0
    available_minutes: int = 0
    revenue: Money | None = None
    booked: int = 0
    pickups: int = 0
    cancelled: int = 0
    no_shows: int = 0

    @property
    def rented_days(self) -> Fraction:
        return Fraction(self.rented_minutes, MINUTES_A_DAY)

    @property
    def available_days(self) -> Fraction:
        return Fraction(self.available_minutes, MINUTES_A_DAY)

    @property
    def utilisation(self) -> Fraction | None:
        """Rented by available vehicle-days; above 1 when more was hired out than stood here."""
        return Fraction(self.rented_minutes, self.available_minutes) if self.available_minutes else None

    @property
    def exact_adr(self) -> Fraction | None:
        """Average daily rate in minor units, before it is rounded."""
        return self._revenue / self.rented_days if self.rented_minutes and self.revenue else None

    @property
    def exact_revpac(self) -> Fraction | None:
        """Revenue per available car and day in minor units, before it is rounded."""
        return self._revenue / self.available_days if self.available_minutes and self.revenue else None

    @property
    def adr(self) -> Money | None:
        return self._money(self.exact_adr)

    @property
    def revpac(self) -> Money | None:
        return self._money(self.exact_revpac)

    @property
    def cancellation_share(self) -> Fraction | None:
        """Of what was to be picked up, what was cancelled."""
        return share(self.cancelled, self.pickups + self.cancelled + self.no_shows)

    @property
    def no_show_share(self) -> Fraction | None:
        return share(self.no_shows, self.pickups + self.no_shows)

    @property
    def _revenue(self) -> Fraction:
        return Fraction(self.revenue.minor if self.revenue else 0)

    def _money(self, minor: Fraction | None) -> Money | None:
        """Rounded half away from zero; revenue is never negative."""
        if minor is None or self.revenue is None:
            return None
        return Money(int(minor + Fraction(1, 2)), self.revenue.currency)


def share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def percent(value: Fraction | None) -> str:
    """`81 %`, or nothing where there is nothing to divide by."""
    return "" if value is None else f"{Decimal(value.numerator) * 100 / Decimal(value.denominator):.0f} %"


@dataclass(frozen=True)
class Delays:
    """How many returns came so many steps of a quarter of an hour late."""

    cases: int
    by_step: Mapping[int, int]

    @cached_property
    def _tail(self) -> tuple[list[int], list[int]]:
        """The steps in order, and for each how many returns came then or later; nothing comes after the last."""
        steps = sorted(self.by_step)
        sums = list(accumulate(self.by_step[step] for step in reversed(steps)))
        return steps, [*reversed(sums), 0]

    def later_than(self, minutes: float) -> int:
        """Those whose whole quarter lies beyond."""
        steps, later = self._tail
        return later[bisect_left(steps, minutes / STEP_MINUTES)]


@lru_cache(4_096)
def prior_late(minutes: float) -> float:
    """The share of returns later than that by `PRIOR_LATE`, straight lines between its points."""
    if minutes <= PRIOR_LATE[0][0]:
        return 1.0
    for (low, above), (high, below) in pairwise(PRIOR_LATE):
        if minutes <= high:
            return above + (below - above) * (minutes - low) / (high - low)
    return 0.0


def late_share(minutes: float, *levels: Delays) -> float:
    """The probability that a return is later than that: P(D > minutes).

    Levels come from the widest to the nearest (market, then class at the branch). Each shrinks towards the one before:
    P_k = (later cases of k + w x P_(k-1)) / (cases of k + w), with w = `PRIOR_WEIGHT` and P_0 the public prior. With no
    cases of one's own it is the prior, with hundreds it is one's own share (a beta-binomial mean with w pseudo-cases).
    """
    found = prior_late(minutes)
    for level in levels:
        found = (level.later_than(minutes) + PRIOR_WEIGHT * found) / (level.cases + PRIOR_WEIGHT)
    return found


def hit_share(slack_minutes: float, late_already: float | None, *levels: Delays) -> float:
    """The probability that the next hire of the vehicle is hit: that the return is later than the slack before it.

    The slack is the time between the agreed return with its turnaround and the next pick-up. Of a vehicle that is out
    and late already, it is conditional: P(D > slack | D > e) = P(D > max(slack, e)) / P(D > e).
    """
    if late_already is None or late_already <= 0:
        return late_share(slack_minutes, *levels)
    still = late_share(late_already, *levels)
    return min(late_share(max(slack_minutes, late_already), *levels) / still, 1.0) if still else 1.0
