"""The page around a sheet: what is chosen, where one can go, and the days above the lanes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from app.core.lists import Menu, Option
from app.rental.planner import rules
from app.rental.planner.pages.bars import Group, draft_groups, place, vehicle_groups, whole_groups
from app.rental.planner.pages.tables import TableRow, table_rows
from app.rental.planner.queries import MOST_VEHICLES
from app.rental.planner.rules import Window
from app.rental.planner.services.plans import ROWS, Asked, Plan, is_overdue
from app.rental.planner.services.usage import Sheet

LENGTH_WORDS = {1: "1 day", 3: "3 days", 7: "7 days", 14: "14 days", 30: "30 days", 90: "90 days"}
MOST_RISKS = 20


class Head(NamedTuple):
    """A day or an hour above the lanes."""

    place: str
    label: str
    is_today: bool


class RiskRow(NamedTuple):
    """A next hire that a late return would hit."""

    plate: str
    href: str
    reference: str
    due: str
    tone: str
    next_href: str
    next_reference: str
    next_at: str
    share: str
    level: float


@dataclass(frozen=True, slots=True)
class PlannerPage:
    """A sheet of the planner."""

    plan: Plan
    title_note: str
    caption: str
    counts: str
    menus: list[Menu]
    lengths: list[tuple[str, str, bool]]
    sizes: list[tuple[str, str, bool]]
    hidden: list[tuple[str, str]]
    heads: list[Head]
    groups: list[Group]
    risks: list[RiskRow]
    risks_note: str
    table: list[TableRow]
    now: str
    is_table: bool
    can_move: bool
    first: str
    here: str
    other_href: str
    today_href: str
    before_href: str
    after_href: str
    clear_href: str
    previous_href: str
    next_href: str
    range_label: str
    waiting_note: str
    waiting_href: str


def planner_page(sheet: Sheet, *, is_table: bool, can_move: bool, can_book: bool) -> PlannerPage:
    """The sheet as bars or as a table of the same bars."""
    plan = sheet.plan
    asked, window = plan.asked, plan.window
    address = Address(asked, is_table=is_table)
    groups = [] if is_table else _groups(sheet, can_move=can_move)
    step = timedelta(days=window.days)
    last = min(asked.page * asked.rows, plan.vehicles)
    return PlannerPage(
        plan=plan,
        title_note=_title_note(plan),
        caption=f"{LENGTH_WORDS[window.days]} from {window.first_day:%-d %b}",
        counts=_counts(plan),
        menus=_menus(plan),
        lengths=[(str(days), words, days == asked.days) for days, words in LENGTH_WORDS.items()],
        sizes=[(str(rows), f"{rows} vehicles", rows == asked.rows) for rows in ROWS],
        hidden=[("show", "table")] if is_table else [],
        heads=_heads(window, plan.now),
        groups=groups,
        risks=_risk_rows(sheet),
        risks_note=_risks_note(sheet),
        table=table_rows(plan, can_book=can_book) if is_table else [],
        now=place(window, plan.now, plan.now).partition(" ")[0],
        is_table=is_table,
        can_move=can_move,
        first=window.first_day.isoformat(),
        here=address.to(),
        other_href=Address(asked, is_table=not is_table).to(),
        today_href=address.to(first_day=None),
        before_href=address.to(first_day=window.first_day - step),
        after_href=address.to(first_day=window.first_day + step),
        clear_href="/planner" if len(asked.branches) > 1 or asked.classes else "",
        previous_href=address.to(page=asked.page - 1) if asked.page > 1 else "",
        next_href=address.to(page=asked.page + 1) if plan.has_more else "",
        range_label=f"{last - len(plan.rows) + 1}-{last} of {plan.vehicles}" if plan.rows else "",
        waiting_note=_waiting_note(plan),
        waiting_href=_waiting_href(plan),
    )


def _groups(sheet: Sheet, *, can_move: bool) -> list[Group]:
    drafts = draft_groups(sheet.plan, can_move=can_move)
    return [*whole_groups(sheet), *drafts, *vehicle_groups(sheet, can_move=can_move)]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a sheet is; the usual is left out."""

    asked: Asked
    is_table: bool

    def to(self, *, first_day: date | None | object = ..., page: int | None = None) -> str:
        """The same sheet at another day or page; another day begins at the first page."""
        asked = self.asked
        if first_day is not ...:
            asked = replace(asked, first_day=first_day)  # pyright: ignore[reportArgumentType]
        if page is not None:
            asked = replace(asked, page=page)
        usual = Asked()
        pairs = [("branch", code) for code in asked.branches] + [("class", code) for code in asked.classes]
        fields = {"days": "days", "first": "first_day", "rows": "rows", "page": "page"}
        changed = [name for name, key in fields.items() if getattr(asked, key) != getattr(usual, key)]
        pairs += [(name, str(getattr(asked, fields[name]))) for name in changed]
        pairs += [("show", "table")] if self.is_table else []
        return f"/planner?{urlencode(pairs)}" if pairs else "/planner"


def _title_note(plan: Plan) -> str:
    names = ", ".join(branch.name for branch in plan.chosen[:3])
    more = f" and {len(plan.chosen) - 3} more" if len(plan.chosen) > 3 else ""
    count = f"more than {plan.vehicles - 1:,}" if plan.is_cut else f"{plan.vehicles:,}"
    return f"{names}{more}, {count} vehicle{'' if plan.vehicles == 1 else 's'}" if names else ""


def _counts(plan: Plan) -> str:
    parts = [f"{plan.overdue} overdue"] if plan.overdue else []
    parts += [f"{len(plan.promises):,} not assigned"] if plan.promises else []
    return ", ".join(parts)


def _waiting_note(plan: Plan) -> str:
    """What is said where not every booking without a vehicle is drawn."""
    drawn, total = len(plan.unassigned), len(plan.promises)
    if drawn == total:
        return ""
    return f"The next {drawn} of {total:,} bookings without a vehicle are shown; what is hired out counts them all."


def _waiting_href(plan: Plan) -> str:
    """The list of bookings without a vehicle at these branches, on these days."""
    window, asked = plan.window, plan.asked
    pairs = [("assigned", "no"), ("state", "confirmed"), ("source", "own")]
    pairs += [("pickup_location", code) for code in asked.branches] + [("class_code", code) for code in asked.classes]
    pairs += [("return_after", _utc(window.starts_at)), ("pickup_before", _utc(window.ends_at)), ("sort", "pickup_at")]
    return f"/bookings?{urlencode(pairs)}"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def _menus(plan: Plan) -> list[Menu]:
    chosen, asked = {branch.code for branch in plan.chosen}, plan.asked
    branches = tuple(Option(each.code, each.name, None, each.code in chosen) for each in plan.branches)
    known = sorted({*plan.classes, *asked.classes})
    classes = tuple(Option(code, code, None, code in asked.classes) for code in known)
    return [Menu("branch", "Branch", branches), Menu("class", "Class", classes)]


def _heads(window: Window, now: datetime) -> list[Head]:
    today = now.astimezone(window.time_zone).date()
    a_day = rules.COLUMNS_A_DAY[window.days]
    form = (
        "%-d %b" if window.days > rules.LONGEST_BY_DAYS else "%-d" if window.days == rules.LONGEST_BY_DAYS else "%a %-d"
    )
    heads: list[Head] = []
    for number, (first, span) in enumerate(window.cells):
        day = window.first_day + timedelta(days=(first - 1) // a_day)
        is_today = window.days > 1 and day <= today < day + timedelta(days=max(span // a_day, 1))
        label = f"{number:02}" if window.days == 1 else f"{day:{form}}"
        heads.append(Head(f"from-{first} span-{span}", label, is_today=is_today))
    return heads


def _risks_note(sheet: Sheet) -> str:
    more, vehicles = len(sheet.soon) - MOST_RISKS, min(sheet.plan.vehicles, MOST_VEHICLES)
    whose = f"next hires that a late return would hit, of {vehicles:,} vehicle{'' if vehicles == 1 else 's'}"
    return f"{whose}; the likeliest {MOST_RISKS} of {len(sheet.soon)}" if more > 0 else whose


def _risk_rows(sheet: Sheet) -> list[RiskRow]:
    """The next hires in danger of every vehicle of the filter that is due within a day, the likeliest first."""
    plan, window = sheet.plan, sheet.plan.window
    return [
        RiskRow(
            risk.row.vehicle.plate,
            f"/bookings/{risk.hire.id}",
            f"{risk.hire.reference} {risk.hire.driver_name}",
            window.stand(risk.hire.ends_at).words,
            "act" if is_overdue(risk.hire, plan.now) else "",
            f"/bookings/{risk.following.id}",
            f"{risk.following.reference} {risk.following.driver_name}",
            window.stand(risk.following.starts_at).words,
            f"{risk.share:.0%}",
            round(risk.share, 3),
        )
        for risk in sheet.soon[:MOST_RISKS]
    ]
