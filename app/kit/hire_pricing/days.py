"""How long a hire is: whole days of 24 hours by the clocks on the wall, and what remains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.kit.problems import Problem
from app.kit.wall_times import NoSuchTime, moment_of, read_local, zones

MINUTES_OF_DAY = 24 * 60
MAX_DAYS = 3_660
DEFAULT_GRACE_MINUTES = 29


@dataclass(frozen=True, slots=True)
class HireTime:
    """From a local date, so many whole days and minutes; clock changes and zones do not count."""

    first_day: date
    days: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Charged:
    """Charged days and hours, and what they cost in minor units.

    `is_capped` tells that the remainder is charged as a day, `free_minutes` what the grace forgives.
    """

    days: int
    hours: int
    minor: int
    is_capped: bool = False
    free_minutes: int = 0

    @property
    def counted_days(self) -> int:
        """Days for extras and kilometres: a part-day charged by the hour is one, a free remainder none."""
        return self.days + (self.hours > 0)


class NoPrice(LookupError):
    """A length that the rate has no price for; `field` is where its prices stand."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


def time_between(pickup: datetime, pickup_zone: str, back: datetime, back_zone: str) -> HireTime | Problem:
    """The length of a hire between two wall times of known zones."""
    moments: list[datetime] = []
    for field, local, zone in (("pickup", pickup, pickup_zone), ("return", back, back_zone)):
        try:
            moments.append(moment_of(local, zone))
        except NoSuchTime as error:
            return Problem(f"{field}.local", "no_such_time", str(error))
    if back <= pickup or moments[1] <= moments[0]:
        return Problem("return.local", "out_of_range", "The return is not after the pick-up")
    minutes = (back - pickup) // timedelta(minutes=1)
    if minutes > MAX_DAYS * MINUTES_OF_DAY:
        return Problem("return.local", "out_of_range", f"A hire lasts {MAX_DAYS} days at most")
    return HireTime(pickup.date(), *divmod(minutes, MINUTES_OF_DAY))


def read_hire(pickup: tuple[str, str], back: tuple[str, str]) -> HireTime | list[Problem]:
    """The length of a hire between two pairs of local time and zone as they were given, or what is wrong with them."""
    problems: list[Problem] = []
    locals_: list[datetime] = []
    for field, (text, zone) in (("pickup", pickup), ("return", back)):
        try:
            locals_.append(read_local(text))
        except NoSuchTime as error:
            problems.append(Problem(f"{field}.local", "malformed", str(error)))
        if zone not in zones():
            problems.append(Problem(f"{field}.time_zone", "unknown_value", "Not an IANA zone such as Europe/Paris"))
    if problems:
        return problems
    found = time_between(locals_[0], pickup[1], locals_[1], back[1])
    return [found] if isinstance(found, Problem) else found


def charge_time(
    time: HireTime, cost_of: Callable[[int], int], *, hour_price_minor: int | None, grace_minutes: int
) -> Charged:
    """What the time costs, where `cost_of` gives the cost of so many whole days and may raise NoPrice.

    A remainder of at most the grace after a whole day is free. Otherwise it is charged by started hours as long as
    that is cheaper than one more day, which it never exceeds; without an hour price it is one more day.
    """
    days, minutes = time.days, time.minutes
    if minutes == 0 or (days and minutes <= grace_minutes):
        return Charged(days, 0, cost_of(days), free_minutes=minutes)
    with_another_day = cost_of(days + 1)
    if hour_price_minor is not None:
        hours = -(-minutes // 60)
        try:
            by_the_hour = (cost_of(days) if days else 0) + hours * hour_price_minor
        except NoPrice:
            by_the_hour = with_another_day
        if by_the_hour < with_another_day:
            return Charged(days, hours, by_the_hour)
    return Charged(days + 1, 0, with_another_day, is_capped=True)
