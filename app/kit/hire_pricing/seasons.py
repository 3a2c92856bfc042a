"""Which season a day belongs to: of ranges of dates that overlap the shortest one wins, then the later in the list."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class DateRange:
    """Both dates are included."""

    starts_on: date
    ends_on: date

    @property
    def words(self) -> str:
        return f"{self.starts_on.day} {self.starts_on:%b} - {self.ends_on.day} {self.ends_on:%b}"


@dataclass(frozen=True, slots=True)
class Run:
    """So many consecutive days of one season, by its place in the list; None is outside of all."""

    season: int | None
    days: int


class Calendar:
    """The year cut at every begin and end of a season, so that a day is found by one search."""

    __slots__ = ("_cuts", "_winners")

    def __init__(self, ranges: Sequence[DateRange]) -> None:
        spans = [(each.starts_on.toordinal(), each.ends_on.toordinal() + 1) for each in ranges]
        order = sorted(range(len(spans)), key=lambda place: (spans[place][1] - spans[place][0], -place))
        self._cuts = sorted({0, *(cut for span in spans for cut in span)})
        self._winners = [
            next((place for place in order if spans[place][0] <= cut < spans[place][1]), None) for cut in self._cuts
        ]

    def season_on(self, day: date) -> int | None:
        return self._winners[bisect_right(self._cuts, day.toordinal()) - 1]

    def runs(self, first_day: date, days: int) -> list[Run]:
        """The days from `first_day` on, parted where the season changes."""
        found: list[Run] = []
        day = first_day.toordinal()
        end = day + days
        place = bisect_right(self._cuts, day) - 1
        while day < end:
            until = min(self._cuts[place + 1] if place + 1 < len(self._cuts) else end, end)
            season = self._winners[place]
            if found and found[-1].season == season:
                found[-1] = Run(season, found[-1].days + until - day)
            else:
                found.append(Run(season, until - day))
            day, place = until, place + 1
        return found
