"""A sheet as a table: every bar in words."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from app.rental.planner.pages.bars import MOVABLE, pause_words
from app.rental.planner.queries import Hire, Pause
from app.rental.planner.services.plans import Plan, is_overdue


class TableRow(NamedTuple):
    """A bar in words."""

    vehicle: str
    vehicle_href: str
    title: str
    group: str
    what: str
    href: str
    who: str
    starts: str
    ends: str
    state: str
    tone: str
    change_href: str


def table_rows(plan: Plan, *, can_book: bool) -> list[TableRow]:
    """Every bar of the sheet in words, the bookings without a vehicle first."""
    rows = [_hire_row(hire, plan, ("Not assigned", "", ""), can_book=can_book) for hire in plan.unassigned]
    for row in plan.rows:
        vehicle = row.vehicle
        whose = (vehicle.plate or "No plate", f"/vehicles/{vehicle.id}", vehicle.title)
        found = [(hire.starts_at, _hire_row(hire, plan, whose, can_book=can_book)) for hire in row.hires]
        found += [(pause.starts_at, _pause_row(pause, plan, whose, vehicle.class_code)) for pause in row.pauses]
        found.sort(key=_first)
        rows += [one for _, one in found] or [TableRow(*whose, vehicle.class_code, "Free", "", "", "", "", "", "", "")]
    return rows


def _first(pair: tuple[datetime, TableRow]) -> datetime:
    return pair[0]


def _hire_row(hire: Hire, plan: Plan, whose: tuple[str, str, str], *, can_book: bool) -> TableRow:
    is_late, window = is_overdue(hire, plan.now), plan.window
    state = hire.state.replace("_", " ").capitalize() + (", overdue" if is_late else "")
    change = f"/bookings/{hire.id}/move" if can_book and hire.id and hire.state in MOVABLE else ""
    return TableRow(
        *whose,
        hire.class_code,
        hire.reference or "Another branch's hire",
        f"/bookings/{hire.id}" if hire.id else "",
        hire.driver_name,
        window.stand(hire.starts_at).words,
        window.stand(hire.ends_at).words,
        state,
        "act" if is_late else "",
        change,
    )


def _pause_row(pause: Pause, plan: Plan, whose: tuple[str, str, str], code: str) -> TableRow:
    window = plan.window
    ends = window.stand(pause.ends_at).words if pause.ends_at else "without an end"
    starts = window.stand(pause.starts_at).words
    return TableRow(*whose, code, pause_words(pause), "", pause.reason, starts, ends, "", "", "")
