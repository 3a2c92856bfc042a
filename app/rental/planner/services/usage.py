"""How much of each class is hired out on each column of a sheet, and which next hires a late return would hit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import accumulate, pairwise

from app.core.actor import Actor
from app.core.read_pool import ReadPool
from app.rental.figures import services as figures
from app.rental.figures.rules import Delays, hit_share
from app.rental.planner.queries import Hire, InFleet, Pause, PlanVehicle
from app.rental.planner.rules import Stretch, Window
from app.rental.planner.services.plans import Asked, Plan, Row, is_overdue, read_around, read_others, read_plan

LEAST_SHARE = 0.05
"""Risks below this are not told."""
LONGEST_SLACK = timedelta(days=2)
LONGEST_LATE = timedelta(days=14)
"""What is out longer than this after it was due is nobody's next hire any more."""
SOON = timedelta(hours=24)
Delayed = tuple[Mapping[str, Delays], Mapping[tuple[str, str], Delays]]
NO_DELAYS = Delays(0, {})
Occupied = tuple[PlanVehicle | InFleet, Sequence[Stretch], Sequence[Pause]]


@dataclass(frozen=True, slots=True)
class Risk:
    """That a late return of a hire hits the next one of the same vehicle."""

    row: Row
    hire: Hire
    following: Hire
    share: float

    @property
    def key(self) -> str:
        return self.hire.id


@dataclass(slots=True)
class Usage:
    """Vehicles of a class at a branch by columns: hired out, out of hire, and promised without a vehicle."""

    columns: int
    vehicles: int = 0
    rented: list[int] = field(default_factory=list[int])
    paused: list[int] = field(default_factory=list[int])
    promised: list[int] = field(default_factory=list[int])

    def share(self, first: int, last: int) -> tuple[int, int, int]:
        """Rented, promised and available vehicle-columns of the columns [first, last)."""
        available = self.vehicles * (last - first) - sum(self.paused[first:last])
        return sum(self.rented[first:last]), sum(self.promised[first:last]), max(available, 0)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A plan with what follows from it."""

    plan: Plan
    usage: Mapping[tuple[str, str], Usage]
    """By branch and class, over every vehicle of the filter."""
    risks: list[Risk]
    """Of the vehicles that are shown, on the days that are shown."""
    soon: list[Risk]
    """Of every vehicle of the filter, what is due back within a day or late already."""


async def read_sheet(reads: ReadPool, actor: Actor, asked: Asked) -> Sheet:
    """As `read_plan`, with the use of each class and the risks of late returns."""
    plan = await read_plan(reads, actor, asked)
    codes = [branch.code for branch in plan.chosen]
    delays = await figures.read_delays(reads, codes, sorted({branch.market for branch in plan.chosen}))
    around = await read_around(reads, actor, plan, LONGEST_LATE, SOON + LONGEST_SLACK)
    risks = risks_of(plan.rows, plan.now, delays)
    soon = due_soon(risks_of(around, plan.now, delays), plan.now)
    shares = {risk.key: risk.share for risk in risks}
    return Sheet(replace(plan, shares=shares), usage_of(plan, await read_others(reads, plan)), risks, soon)


def usage_of(plan: Plan, others: Sequence[Occupied] = ()) -> dict[tuple[str, str], Usage]:
    """The use of each class at each branch by the sheet's columns; `others` are vehicles that it does not show."""
    window, vehicles = plan.window, dict[tuple[str, str], int]()
    rented, paused, promised = (_Steps(window) for _ in range(3))
    shown: list[Occupied] = [(row.vehicle, row.hires, row.pauses) for row in plan.rows]
    for vehicle, hires, pauses in [*shown, *others]:
        key = (vehicle.location, vehicle.class_code)
        vehicles[key] = vehicles.get(key, 0) + 1
        rented.add(key, hires)
        if pauses:
            rented.add(key, [pause for pause in pauses if pause.kind == "hire"])
            paused.add(key, [pause for pause in pauses if pause.kind != "hire"])
    for promise in plan.promises:
        promised.add((promise.pickup_location, promise.class_code), [promise])
    return {
        key: Usage(window.columns, count, rented.sums(key), paused.sums(key), promised.sums(key))
        for key, count in vehicles.items()
    }


class _Steps:
    """Where stretches begin and end, by column: sums of these are how many run at once."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._steps: dict[tuple[str, str], list[int]] = {}

    def add(self, key: tuple[str, str], stretches: Sequence[Stretch]) -> None:
        if not stretches:
            return
        columns, stand = self._window.columns, self._window.stand
        steps = self._steps.setdefault(key, [0] * (columns + 1))
        for stretch in stretches:
            first = min(max(stand(stretch.starts_at).edge, 0), columns)
            last = columns if stretch.ends_at is None else min(max(stand(stretch.ends_at).edge, first), columns)
            steps[first] += 1
            steps[last] -= 1

    def sums(self, key: tuple[str, str]) -> list[int]:
        steps = self._steps.get(key)
        return list(accumulate(steps[:-1])) if steps else [0] * self._window.columns


def together(usages: Iterable[Usage]) -> Usage:
    """The use of several classes as one; there is at least one."""
    all_of = list(usages)
    sums = ([sum(at) for at in zip(*lists, strict=True)] for lists in zip(*map(_lists, all_of), strict=True))
    return Usage(all_of[0].columns, sum(each.vehicles for each in all_of), *sums)


def _lists(usage: Usage) -> tuple[list[int], list[int], list[int]]:
    return usage.rented, usage.paused, usage.promised


def risks_of(rows: Iterable[Row], now: datetime, delays: Delayed) -> list[Risk]:
    """Which next hires are in danger, the likeliest first."""
    found = [risk for row in rows for risk in _risks(row, now, delays)]
    return sorted(found, key=_danger)


def due_soon(risks: Sequence[Risk], now: datetime) -> list[Risk]:
    """Those whose vehicle is due back within a day, or should be back already."""
    return [risk for risk in risks if risk.hire.ends_at < now + SOON]


def _risks(row: Row, now: datetime, delays: Delayed) -> list[Risk]:
    markets, groups = delays
    found: list[Risk] = []
    for hire, following in pairwise(row.hires):
        slack = following.starts_at - hire.free_at
        if hire.state not in ("confirmed", "on_hire") or slack > LONGEST_SLACK or not (hire.id and following.id):
            continue
        late = (now - hire.ends_at).total_seconds() / 60 if is_overdue(hire, now) else None
        near = groups.get((hire.return_location, hire.class_code), NO_DELAYS)
        levels = (markets.get(hire.market, NO_DELAYS), near)
        share = hit_share(slack.total_seconds() / 60, late, *levels)
        if share >= LEAST_SHARE:
            found.append(Risk(row, hire, following, share))
    return found


def _danger(risk: Risk) -> tuple[float, datetime]:
    return -risk.share, risk.following.starts_at
