"""The lanes of a sheet. Places are names of grid classes, for the content policy allows no style attributes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import groupby
from typing import NamedTuple

from app.kit import acriss
from app.rental.planner import rules
from app.rental.planner.queries import Hire, Pause
from app.rental.planner.rules import Window
from app.rental.planner.services.plans import Plan, Row, is_overdue
from app.rental.planner.services.usage import Sheet, Usage, together

PAUSE_WORDS = {
    "block": "Blocked",
    "maintenance": "Maintenance",
    "transfer": "Transfer",
    "sale_listing": "For sale",
    "hire": "Hire",
}
TOLD_SHARE = 0.15
"""From which risk on a bar is marked."""
MOVABLE = frozenset({"confirmed", "on_hire"})


class Bar(NamedTuple):
    """A bar of a lane. `move` says what dragging it may change: nothing, its end, or everything."""

    place: str
    href: str
    label: str
    words: str
    kind: str = ""
    tone: str = ""
    id: str = ""
    move: str = ""
    after: str = ""
    """The place of the turnaround that follows."""
    starts: str = ""
    ends: str = ""


class Lane(NamedTuple):
    """A row of the sheet."""

    name: str
    note: str
    href: str
    id: str
    bars: list[Bar]


class Cell(NamedTuple):
    """How much of a class is hired out on a day."""

    place: str
    label: str
    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class Group:
    """Lanes under one heading."""

    title: str
    note: str
    lanes: list[Lane]
    cells: list[Cell]
    is_draft: bool = False
    begins: bool = False
    """Whether it is the first of its branch: on paper each branch begins a page."""


def vehicle_groups(sheet: Sheet, *, can_move: bool) -> list[Group]:
    """The lanes of each class at each branch."""
    plan = sheet.plan
    names = {branch.code: branch.name for branch in plan.branches}
    found: list[Group] = []
    before = ""
    for (location, code), rows in groupby(plan.rows, key=lambda row: (row.vehicle.location, row.vehicle.class_code)):
        words = f"{code} {acriss.decode(code)}" if code else "Without a class"
        lanes = [_lane(row, plan, can_move=can_move) for row in rows]
        usage = sheet.usage[location, code]
        note = _utilisation(usage) + (
            f" of all {usage.vehicles}, {len(lanes)} here" if len(lanes) < usage.vehicles else ""
        )
        title, begins = f"{words}, {names.get(location, location)}", location != before
        found.append(Group(title, note, lanes, _cells(usage, plan), begins=begins))
        before = location
    return found


def whole_groups(sheet: Sheet) -> list[Group]:
    """How much of every vehicle of the filter is hired out, where that is more than one class on this page."""
    if len(sheet.usage) < 2:
        return []
    usage = together(sheet.usage.values())
    return [Group(f"All {usage.vehicles:,} vehicles", _utilisation(usage), [], _cells(usage, sheet.plan))]


def _utilisation(usage: Usage) -> str:
    rented, _, available = usage.share(0, usage.columns)
    return f"utilisation {rented / available:.0%}" if available else "none available"


def _cells(usage: Usage, plan: Plan) -> list[Cell]:
    """What is hired out of what could be; red where more is promised than there is."""
    cells: list[Cell] = []
    for first, span in plan.window.cells:
        rented, promised, available = usage.share(first - 1, first - 1 + span)
        label = f"{rented / available:.0%}" if available else ""
        is_over = rented + promised > available
        words = f"{rented / span:.1f} hired out, {promised / span:.1f} promised, of {available / span:.1f}"
        cells.append(Cell(f"from-{first} span-{span}", label, words, "act" if is_over else ""))
    return cells


def draft_groups(plan: Plan, *, can_move: bool) -> list[Group]:
    """Bookings without a vehicle, in as few lanes of each class as they fit into."""
    if not plan.unassigned:
        return []
    lanes: list[Lane] = []
    for code in sorted({hire.class_code for hire in plan.unassigned}):
        of_class = [hire for hire in plan.unassigned if hire.class_code == code]
        for packed in rules.pack(of_class, plan.window.ends_at):
            bars = [bar for hire in packed if (bar := _hire_bar(hire, plan, can_move=can_move, is_draft=True))]
            lanes.append(Lane(code, acriss.decode(code), "", "", bars))
    return [Group(f"Not assigned, {len(plan.promises):,}", "", lanes, [], is_draft=True)]


def _lane(row: Row, plan: Plan, *, can_move: bool) -> Lane:
    vehicle = row.vehicle
    bars = [bar for hire in row.hires if (bar := _hire_bar(hire, plan, can_move=can_move))]
    bars += [bar for pause in row.pauses if (bar := _pause_bar(pause, plan.window, vehicle.id))]
    bars.sort(key=_column)
    return Lane(vehicle.plate or "No plate", vehicle.title, f"/vehicles/{vehicle.id}", vehicle.id, bars)


def _column(bar: Bar) -> int:
    return int(bar.place[5 : bar.place.index(" ")])


def _hire_bar(hire: Hire, plan: Plan, *, can_move: bool, is_draft: bool = False) -> Bar | None:
    window, now = plan.window, plan.now
    is_late = is_overdue(hire, now)
    starts, ends = window.stand(hire.starts_at), window.stand(hire.ends_at)
    last = window.stand(now).edge if is_late else ends.edge
    where = _between(window, starts.edge, max(last, starts.edge + 1))
    if not where:
        return None
    span = f"{starts.words} to {ends.words}"
    if not hire.id:
        return Bar(where, "", "Another branch's hire", f"Hire of another branch, {span}", "hidden")
    label = f"{hire.reference} {hire.driver_name}"
    if is_late:
        label += f": due back {_ago(now - hire.ends_at)} ago"
    way = f", {hire.pickup_location} to {hire.return_location}" if hire.return_location != hire.pickup_location else ""
    risk = plan.shares.get(hire.id, 0.0)
    if risk:
        span += f", {risk:.0%} risk that a late return hits the next hire"
    move = ("end" if hire.state == "on_hire" else "all") if can_move and hire.state in MOVABLE else ""
    return Bar(
        where,
        f"/bookings/{hire.id}",
        label + way,
        f"{hire.reference} {hire.driver_name}, {hire.class_code}, {span}{way}, {_in_words(hire.state)}",
        "draft" if is_draft else hire.state,
        "act" if is_late else "soon" if risk >= TOLD_SHARE else "",
        hire.id,
        move,
        "" if is_draft or is_late else _between(window, ends.edge, window.stand(hire.free_at).edge),
        starts.local,
        ends.local,
    )


@cache
def _in_words(state: str) -> str:
    return state.replace("_", " ")


def _pause_bar(pause: Pause, window: Window, vehicle_id: str) -> Bar | None:
    where = place(window, pause.starts_at, pause.ends_at)
    if not where:
        return None
    what = pause_words(pause)
    ends = f"to {window.stand(pause.ends_at).words}" if pause.ends_at else "without an end"
    words = f"{what}, {window.stand(pause.starts_at).words} {ends}"
    return Bar(where, f"/vehicles/{vehicle_id}", what, f"{words}{': ' + pause.reason if pause.reason else ''}", "block")


def pause_words(pause: Pause) -> str:
    return f"{PAUSE_WORDS[pause.kind]}{f' to {pause.to_location}' if pause.to_location else ''}"


def _between(window: Window, first: int, last: int) -> str:
    """The names of the grid classes between two lines of the sheet; nothing outside of it, or where they are one."""
    columns = window.columns
    if first >= columns or last <= 0 or first == last:
        return ""
    left = max(first, 0)
    return f"from-{left + 1} span-{min(last, columns) - left}"


def place(window: Window, starts_at: datetime, ends_at: datetime | None) -> str:
    """The names of the grid classes, or nothing outside of the sheet."""
    found = window.place(starts_at, ends_at)
    return f"from-{found[0]} span-{found[1]}" if found else ""


def _ago(delay: timedelta) -> str:
    minutes = int(delay.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"
