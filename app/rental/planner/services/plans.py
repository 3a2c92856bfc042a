"""Collects a sheet of the planner."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from app.core import clock
from app.core.actor import Actor
from app.core.errors import InvalidFields
from app.core.read_pool import ReadPool
from app.kit.problems import Problem
from app.rental.planner import queries, rules
from app.rental.planner.queries import Branch, Busy, Fleet, Hire, InFleet, Pause, PlanVehicle, Promise
from app.rental.planner.rules import Window
from app.rental.planner.services.opening import opening_branch

ROWS = (50, 100, 250, 500)
USUAL_ROWS = 100
MOST_CHOSEN = 20
MOST_PAGES = 40


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to see; without branches that with which a sheet opens."""

    branches: Sequence[str] = ()
    classes: Sequence[str] = ()
    days: int = rules.USUAL_DAYS
    first_day: date | None = None
    rows: int = USUAL_ROWS
    page: int = 1


@dataclass(slots=True)
class Row:
    """A vehicle and what it is busy with, in the order of time."""

    vehicle: PlanVehicle
    hires: list[Hire] = field(default_factory=list[Hire])
    pauses: list[Pause] = field(default_factory=list[Pause])


@dataclass(frozen=True, slots=True)
class Plan:
    """A sheet: some rows of the fleet, and the bookings above them that have no vehicle."""

    asked: Asked
    window: Window
    now: datetime
    branches: list[Branch]
    chosen: list[Branch]
    classes: list[str]
    fleet_of: Fleet
    fleet: list[InFleet]
    """Every vehicle of the filter, in the order of the rows; one more than the most when there are more."""
    rows: list[Row]
    unassigned: list[Hire]
    """The next of those without a vehicle, as many as are drawn."""
    promises: Sequence[Hire | Promise]
    """All of those without a vehicle."""
    shares: Mapping[str, float] = field(default_factory=dict[str, float])
    """How likely a late return of a hire hits the next one of its vehicle, by the hire's id."""

    @property
    def vehicles(self) -> int:
        return len(self.fleet)

    @property
    def has_more(self) -> bool:
        return self.asked.page * self.asked.rows < self.vehicles

    @property
    def is_cut(self) -> bool:
        """Whether there are more vehicles than a sheet can page through."""
        return self.vehicles > queries.MOST_VEHICLES

    @property
    def overdue(self) -> int:
        return sum(is_overdue(hire, self.now) for row in self.rows for hire in row.hires)


async def read_plan(reads: ReadPool, actor: Actor, asked: Asked) -> Plan:
    """The sheet that somebody asks for. Raises InvalidFields for a branch that they do not see."""
    branches = await queries.list_branches(reads, actor)
    if not asked.branches and branches:
        first = await opening_branch(reads, actor, [branch.code for branch in branches])
        asked = replace(asked, branches=[first])
    chosen = _chosen(branches, asked.branches)
    codes = [branch.code for branch in chosen]
    now = clock.now()
    window = _window(asked, chosen, now)
    classes = await queries.list_classes(reads, actor, codes)
    fleet_of = queries.fleet_of(actor, codes, asked.classes)
    fleet = await queries.list_fleet(reads, fleet_of)
    start = (asked.page - 1) * asked.rows
    page = [one.id for one in fleet[start : start + asked.rows]]
    rows = {vehicle.id: Row(vehicle) for vehicle in await queries.list_vehicles(reads, page)}
    await _fill(reads, actor, rows, window, now)
    promised = (codes, asked.classes, window.starts_at, window.ends_at)
    unassigned = await queries.list_unassigned(reads, *promised)
    is_drawn = len(unassigned) <= queries.MOST_UNASSIGNED
    promises = unassigned if is_drawn else await queries.list_promises(reads, *promised)
    shown = [_masked(hire, actor) for hire in unassigned[: queries.MOST_UNASSIGNED]]
    return Plan(asked, window, now, branches, chosen, classes, fleet_of, fleet, list(rows.values()), shown, promises)


async def read_around(reads: ReadPool, actor: Actor, plan: Plan, back: timedelta, ahead: timedelta) -> list[Row]:
    """The vehicles of the filter that are busy around this moment, whatever days and rows the sheet shows."""
    held = await queries.list_around(reads, plan.fleet_of, plan.now - back, plan.now + ahead) if plan.fleet else []
    hires: dict[str, list[Hire]] = {}
    for hire in _in_time(held):
        hires.setdefault(str(hire.vehicle_id), []).append(_masked(hire, actor))
    vehicles = await queries.list_vehicles(reads, [each for each, found in hires.items() if len(found) > 1])
    return [Row(vehicle, hires[vehicle.id]) for vehicle in vehicles]


async def read_others(reads: ReadPool, plan: Plan) -> list[tuple[InFleet, list[Busy], list[Pause]]]:
    """What the vehicles of the filter are busy with that the sheet shows on other pages."""
    shown = {row.vehicle.id for row in plan.rows}
    fleet = plan.fleet[: queries.MOST_VEHICLES]
    others = {one.id: (one, list[Busy](), list[Pause]()) for one in fleet if one.id not in shown}
    if not others:
        return []
    span = (plan.fleet_of, plan.window.starts_at, plan.window.ends_at)
    for busy in await queries.list_busy(reads, *span, plan.now):
        if busy.vehicle_id in others:
            others[busy.vehicle_id][1].append(busy)
    for pause in await queries.list_stops(reads, *span):
        if pause.vehicle_id in others:
            _, hires, pauses = others[pause.vehicle_id]
            if pause.kind != "hire" or not rules.overlaps(hires, pause):
                pauses.append(pause)
    return list(others.values())


def is_overdue(hire: Hire, now: datetime) -> bool:
    """Out with the customer although it should be back."""
    return hire.state == "on_hire" and hire.ends_at < now


def _chosen(branches: Sequence[Branch], asked: Sequence[str]) -> list[Branch]:
    known = {branch.code: branch for branch in branches}
    if unknown := [code for code in asked if code not in known]:
        raise InvalidFields([Problem("branch", "unknown_branch", f"There is no branch {unknown[0]} in your scope")])
    return [known[code] for code in dict.fromkeys(asked)]


def _window(asked: Asked, chosen: Sequence[Branch], now: datetime) -> Window:
    zone = chosen[0].time_zone if chosen else "UTC"
    today = Window(now.date(), asked.days, zone)
    first = asked.first_day or rules.first_day(asked.days, now.astimezone(today.time_zone).date())
    return Window(first, asked.days, zone)


async def _fill(reads: ReadPool, actor: Actor, rows: dict[str, Row], window: Window, now: datetime) -> None:
    if not rows:
        return
    ids, starts_at, ends_at = list(rows), window.starts_at, window.ends_at
    held = await queries.list_holds(reads, ids, starts_at, ends_at)
    past = await queries.list_past(reads, ids, starts_at, min(ends_at, now)) if starts_at < now else []
    seen = {hire.id for hire in held}
    for hire in _in_time(held + [hire for hire in past if hire.id not in seen]):
        rows[str(hire.vehicle_id)].hires.append(_masked(hire, actor))
    for pause in await queries.list_pauses(reads, ids, starts_at, ends_at):
        row = rows[pause.vehicle_id]
        if pause.kind != "hire" or not rules.overlaps(row.hires, pause):
            row.pauses.append(pause)


def _in_time(hires: Iterable[Hire]) -> list[Hire]:
    return sorted(hires, key=_start)


def _start(hire: Hire) -> Any:
    return hire.starts_at


def _masked(hire: Hire, actor: Actor) -> Hire:
    """Of a booking outside the actor's scope only that it has the vehicle."""
    if actor.sees(market=hire.market, branch=hire.pickup_location):
        return hire
    return Hire(*hire[:4], "", "", "", hire.state, hire.market, hire.pickup_location, "", hire.class_code, 0)
