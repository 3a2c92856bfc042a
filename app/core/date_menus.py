"""Filters between two moments as one menu: presets such as this month, and the two days themselves."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from app.core.filters import day
from app.core.listing import ListQuery, ListSpec

AFTER, BEFORE = "_after", "_before"
DAY = len("2026-06-25")
Span = tuple[str, date | None, date | None]


@dataclass(frozen=True, slots=True)
class Preset:
    """One period, and the list of it."""

    label: str
    href: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class DateMenu:
    """A pair of filters, `NAME_after` and `NAME_before`, with what is set."""

    name: str
    label: str
    presets: list[Preset]
    after: str
    before: str
    summary: str


def past(today: date) -> list[Span]:
    """Label, first day, and the day after the last one; what has no last day goes on until now."""
    this_month = today.replace(day=1)
    last_month = (this_month - timedelta(days=1)).replace(day=1)
    return [
        ("Today", today, None),
        ("Yesterday", today - timedelta(days=1), today),
        ("Last 7 days", today - timedelta(days=6), None),
        ("Last 30 days", today - timedelta(days=29), None),
        ("This month", this_month, None),
        ("Last month", last_month, this_month),
        ("This year", today.replace(month=1, day=1), None),
    ]


def ahead(today: date) -> list[Span]:
    """The same of what is due."""
    tomorrow = today + timedelta(days=1)
    return [
        ("Before today", None, today),
        ("Today", today, tomorrow),
        ("Tomorrow", tomorrow, today + timedelta(days=2)),
        ("Next 7 days", today, today + timedelta(days=7)),
        ("Next 30 days", today, today + timedelta(days=30)),
    ]


def menu_names(spec: ListSpec) -> list[str]:
    """The pairs of a list that are shown as menus."""
    known = {one.name for one in spec.filters if one.kind in ("day", "moment")}
    return [name.removesuffix(AFTER) for name in known if name.endswith(AFTER) and paired(name) in known]


def paired(name: str) -> str:
    return name.removesuffix(AFTER) + BEFORE


def date_menus(spec: ListSpec, asked: ListQuery, path: str, today: date) -> Iterator[DateMenu]:
    """The menus of a list, in the order of its filters."""
    names = menu_names(spec)
    for known in spec.filters:
        name = known.name.removesuffix(AFTER)
        if known.name.endswith(AFTER) and name in names:
            label = known.label.removesuffix(" after").removesuffix(" from")
            yield _menu(name, label, asked, path, ahead(today) if name.endswith("due") else past(today))


def _menu(name: str, label: str, asked: ListQuery, path: str, spans: list[Span]) -> DateMenu:
    after, before = (next(iter(asked.chosen.get(name + end, ())), "")[:DAY] for end in (AFTER, BEFORE))
    presets = [
        Preset(
            words,
            asked.address(path, **{name + AFTER: _text(first), name + BEFORE: _text(end)}),
            (after, before) == (_text(first), _text(end)),
        )
        for words, first, end in spans
    ]
    chosen = next((preset.label for preset in presets if preset.is_chosen), "")
    typed = " ".join(
        part for part in (f"from {day(after)}" if after else "", f"before {day(before)}" if before else "") if part
    )
    return DateMenu(name, label, presets, after, before, chosen or typed)


def _text(at: date | None) -> str:
    return at.isoformat() if at else ""
