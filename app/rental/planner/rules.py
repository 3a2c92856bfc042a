"""The planner's sheet: which days it shows, in which column a moment stands, and which bars share a lane.

Moments are placed by the clocks of the branch, so that ten in the morning stands in one place on every day, also on the
days on which clocks change.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import NamedTuple, Protocol, TypeVar
from zoneinfo import ZoneInfo

COLUMNS_A_DAY = {1: 96, 3: 48, 7: 24, 14: 12, 30: 6, 90: 2}
"""How finely each length of the sheet is ruled: a quarter of an hour on one day, half a day on ninety."""
USUAL_DAYS = 14
DAYS_BEFORE_TODAY = {1: 0, 3: 0, 7: 1, 14: 2, 30: 3, 90: 7}
WEEK = 7
LONGEST_BY_DAYS = 30
"""A longer sheet has a cell for each week in its head."""
MOST_COLUMNS = max(days * columns for days, columns in COLUMNS_A_DAY.items())


class Stretch(Protocol):
    """A half-open stretch of time; without an end it goes on."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime | None: ...


S = TypeVar("S", bound=Stretch)


class Stand(NamedTuple):
    """The line nearest to a moment (0 is the sheet's left border), and its wall time as it is sent and said."""

    edge: int
    local: str
    words: str


@dataclass(frozen=True)
class Window:
    """Whole days by the clocks of a zone."""

    first_day: date
    days: int
    zone: str

    @cached_property
    def time_zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @cached_property
    def _midnight(self) -> datetime:
        return datetime.combine(self.first_day, time())

    @cached_property
    def _seconds(self) -> float:
        return 86_400 / COLUMNS_A_DAY[self.days]

    @cached_property
    def _stands(self) -> dict[datetime, Stand]:
        return {}

    @cached_property
    def columns(self) -> int:
        return self.days * COLUMNS_A_DAY[self.days]

    @cached_property
    def starts_at(self) -> datetime:
        return self._midnight.replace(tzinfo=self.time_zone).astimezone(UTC)

    @cached_property
    def ends_at(self) -> datetime:
        return (self._midnight + timedelta(days=self.days)).replace(tzinfo=self.time_zone).astimezone(UTC)

    @property
    def cells(self) -> list[tuple[int, int]]:
        """First column, counted from 1, and how many, of each cell of the head: hours of one day, weeks of ninety."""
        a_day = COLUMNS_A_DAY[self.days]
        step = a_day // 24 if self.days == 1 else a_day * WEEK if self.days > LONGEST_BY_DAYS else a_day
        return [(first + 1, min(step, self.columns - first)) for first in range(0, self.columns, step)]

    def stand(self, moment: datetime) -> Stand:
        """Where a moment stands; each is reckoned once, for hires share their minutes all over a fleet."""
        found = self._stands.get(moment)
        if found is None:
            local = moment.astimezone(self.time_zone).replace(tzinfo=None)
            edge = round((local - self._midnight).total_seconds() / self._seconds)
            found = self._stands[moment] = Stand(edge, local.isoformat(timespec="minutes"), f"{local:%a %-d %b %H:%M}")
        return found

    def place(self, starts_at: datetime, ends_at: datetime | None) -> tuple[int, int] | None:
        """The first column, counted from 1, and how many; None outside. What is short still has one column."""
        if starts_at >= self.ends_at or (ends_at is not None and ends_at <= self.starts_at):
            return None
        first = min(max(self.stand(starts_at).edge, 0), self.columns - 1)
        last = self.columns if ends_at is None else min(self.stand(ends_at).edge, self.columns)
        return first + 1, max(last - first, 1)


def first_day(days: int, today: date) -> date:
    """Where a sheet of this length begins when nobody says: a little before today, for what runs already."""
    return today - timedelta(days=DAYS_BEFORE_TODAY[days])


def pack(stretches: Iterable[S], forever: datetime) -> list[list[S]]:
    """As few lanes as possible in which no two stretches share a moment: each goes where it fits first."""
    lanes: list[list[S]] = []
    ends: list[datetime] = []
    for stretch in sorted(stretches, key=lambda one: one.starts_at):
        end = stretch.ends_at or forever
        for number, taken_until in enumerate(ends):
            if taken_until <= stretch.starts_at:
                lanes[number].append(stretch)
                ends[number] = end
                break
        else:
            lanes.append([stretch])
            ends.append(end)
    return lanes


def overlaps(stretches: Sequence[Stretch], other: Stretch) -> bool:
    """Whether one of the stretches shares a moment with another."""
    return any(
        (one.ends_at is None or other.starts_at < one.ends_at)
        and (other.ends_at is None or one.starts_at < other.ends_at)
        for one in stretches
    )
