"""What the figures' page shows: every number with the one before it and a way to the rows behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple
from urllib.parse import urlencode

from app.core.filters import money
from app.core.lists import Menu, Option
from app.kit.markets import MARKETS
from app.kit.money import Money
from app.rental.figures.rules import Figures, percent
from app.rental.figures.services import PERIODS, Report

GROUP_WORDS = {"location": "Branch", "class": "Class", "month": "Month", "day": "Day"}
WIDTH, HEIGHT = 720, 120
SHEETS = (1, 3, 7, 14, 30, 90)
"""The lengths that the planner has, in days."""


class FigureTile(NamedTuple):
    label: str
    figure: str
    note: str
    href: str
    tone: str


class FigureRow(NamedTuple):
    """A group's figures in words."""

    name: str
    href: str
    utilisation: str
    rented: str
    available: str
    adr: str
    revpac: str
    revenue: str
    pickups: str
    cancelled: str
    no_shows: str


@dataclass(frozen=True, slots=True)
class FiguresPage:
    """Figures of a period."""

    span_words: str
    freshness: str
    freshness_tone: str
    has_any: bool
    tiles: list[FigureTile]
    group_title: str
    rows: list[FigureRow]
    chart: str
    """The points of the line of utilisation."""
    chart_words: str
    days: list[tuple[str, str]]
    menus: list[Menu]
    periods: list[tuple[str, str, bool]]
    groups: list[tuple[str, str, bool]]
    markets: list[tuple[str, str, bool]]
    since: str
    until: str


PERMISSIONS = {"/bookings": "bookings.view", "/planner": "planner.view", "/quotes": "quotes.view"}
"""What one must be allowed to see the rows behind a figure."""


def figures_page(
    report: Report, branches: list[tuple[str, str]], classes: list[str], may: Callable[[str], bool]
) -> FiguresPage:
    asked, span, names = report.asked, report.span, dict(branches)
    chosen_branches = tuple(Option(code, name, None, code in asked.branches) for code, name in branches)
    chosen_classes = tuple(Option(code, code, None, code in asked.classes) for code in classes)
    points = [(day, figures.utilisation or Fraction(0)) for day, figures in report.days.items()]
    return FiguresPage(
        span_words=f"{span.since:%-d %b %Y} to {span.until - timedelta(days=1):%-d %b %Y}",
        freshness=_freshness(report),
        freshness_tone="" if report.freshness and report.freshness.since <= span.since else "soon",
        has_any=bool(report.groups),
        tiles=[FigureTile(*each[:3], _open(each.href, may), each.tone) for each in _tiles(report)],
        group_title=GROUP_WORDS[asked.by],
        rows=[
            FigureRow(each.name, _open(each.href, may), *each[2:])
            for each in (_row(key, figures, report, names) for key, figures in report.groups.items())
        ],
        chart=_points(points),
        chart_words=_chart_words(points),
        days=[(day, percent(share)) for day, share in points],
        menus=[Menu("branch", "Branch", chosen_branches), Menu("class", "Class", chosen_classes)],
        periods=[(key, words, key == asked.period and not asked.since) for key, words in PERIODS.items()],
        groups=[(key, words, key == asked.by) for key, words in GROUP_WORDS.items()],
        markets=[(code, market.name, code == asked.market) for code, market in MARKETS.items()],
        since=asked.since.isoformat() if asked.since else "",
        until=asked.until.isoformat() if asked.until else "",
    )


def _open(href: str, may: Callable[[str], bool]) -> str:
    """The address, for those who may open it."""
    return href if may(PERMISSIONS[href.partition("?")[0]]) else ""


def _tiles(report: Report) -> list[FigureTile]:
    now, before = report.whole, report.before
    pickups = _bookings(report, report.span.since, report.span.until)
    lost, missed = now.cancellation_share, now.no_show_share
    return [
        _share_tile("Utilisation", now.utilisation, before.utilisation, _planner(report)),
        FigureTile("ADR", _short(now.adr), _change(now.adr, before.adr), pickups, ""),
        FigureTile("RevPAC", _short(now.revpac), _change(now.revpac, before.revpac), pickups, ""),
        FigureTile("Booked", f"{now.booked:,}", _count_change(now.booked, before.booked), _made(report), ""),
        _looks_tile(report),
        _share_tile("Cancelled", lost, before.cancellation_share, f"{pickups}&state=cancelled"),
        _share_tile("No-shows", missed, before.no_show_share, f"{pickups}&state=no_show"),
        _overdue_tile(report),
    ]


def _looks_tile(report: Report) -> FigureTile:
    """Searches for each booking from a quote; the less, the better."""
    now, before = report.looks, report.looks_before
    figure = "-" if now.per_booking is None else f"{now.per_booking:,.1f}"
    told = "" if before.per_booking is None else f", {before.per_booking:,.1f} on the days before"
    return FigureTile(
        "Looks to a booking", figure, f"{now.searches:,} searches, {now.quotes:,} quotes{told}", "/quotes", ""
    )


def _share_tile(label: str, now: Fraction | None, before: Fraction | None, href: str) -> FigureTile:
    return FigureTile(label, percent(now) or "-", _points_change(now, before), href, "")


def _overdue_tile(report: Report) -> FigureTile:
    tone = "act" if report.overdue else ""
    return FigureTile("Overdue now", f"{report.overdue:,}", "out and not back", _overdue(report), tone)


def _row(key: str, figures: Figures, report: Report, names: dict[str, str]) -> FigureRow:
    return FigureRow(
        names.get(key, key) if report.asked.by == "location" else key,
        _row_href(key, report),
        percent(figures.utilisation),
        f"{float(figures.rented_days):,.1f}",
        f"{float(figures.available_days):,.1f}",
        money(figures.adr),
        money(figures.revpac),
        money(figures.revenue),
        f"{figures.pickups:,}",
        f"{figures.cancelled:,}",
        f"{figures.no_shows:,}",
    )


def _row_href(key: str, report: Report) -> str:
    span, by = report.span, report.asked.by
    if by == "location":
        return _bookings(report, span.since, span.until, pickup_location=key)
    if by == "class":
        return _bookings(report, span.since, span.until, class_code=key)
    if by == "day":
        day = date.fromisoformat(key)
        return _bookings(report, day, day + timedelta(days=1))
    first = date.fromisoformat(f"{key}-01")
    return _bookings(report, first, (first + timedelta(days=31)).replace(day=1))


def _bookings(report: Report, since: date, until: date, **more: str) -> str:
    asked = report.asked
    pairs = [("pickup_after", since.isoformat()), ("pickup_before", until.isoformat()), *more.items()]
    pairs += [("pickup_location", code) for code in asked.branches if "pickup_location" not in more]
    pairs += [("class_code", code) for code in asked.classes if "class_code" not in more]
    pairs += [("market", asked.market)] if asked.market else []
    return f"/bookings?{urlencode(pairs)}&source=own&sort=pickup_at"


def _planner(report: Report) -> str:
    """The sheet of the same branches, classes and first day."""
    asked, span = report.asked, report.span
    days = next((days for days in SHEETS if days >= (span.until - span.since).days), SHEETS[-1])
    pairs = [("branch", code) for code in asked.branches] + [("class", code) for code in asked.classes]
    return f"/planner?{urlencode([*pairs, ('days', str(days)), ('first', span.since.isoformat())])}"


def _made(report: Report) -> str:
    return f"{_bookings(report, report.span.since, report.span.until).split('&sort')[0]}&sort=-created_at"


def _overdue(report: Report) -> str:
    pairs = [("state", "on_hire"), ("sort", "return_at")]
    pairs += [("pickup_location", code) for code in report.asked.branches]
    return f"/bookings?{urlencode(pairs)}"


def _short(amount: Money | None) -> str:
    return money(amount) if amount else "-"


def _points_change(now: Fraction | None, before: Fraction | None) -> str:
    if now is None or before is None:
        return "nothing before to compare with"
    points = round(float(now - before) * 100)
    return f"{points:+d} points on the days before" if points else "as in the days before"


def _change(now: Money | None, before: Money | None) -> str:
    if now is None:
        return "several currencies: choose a market"
    if before is None or not before.minor or before.currency != now.currency:
        return "nothing before to compare with"
    return _percent_change(Fraction(now.minor, before.minor))


def _count_change(now: int, before: int) -> str:
    return _percent_change(Fraction(now, before)) if before else "nothing before to compare with"


def _percent_change(ratio: Fraction) -> str:
    change = round(float(ratio - 1) * 100)
    return f"{change:+d} % on the days before" if change else "as in the days before"


def _freshness(report: Report) -> str:
    found = report.freshness
    if found is None:
        return "Nothing was counted yet: the worker counts every quarter of an hour."
    counted = f"Counted {found.counted_at[:16].replace('T', ' ')} UTC"
    if found.since > report.span.since:
        return f"{counted}; only days from {found.since:%-d %b %Y} on are counted."
    return f"{counted}. Days and money by what was agreed; the fleet of each day by where its vehicles were."


def _points(points: list[tuple[str, Fraction]]) -> str:
    """`x,y` pairs of a line; the full height is everything hired out."""
    if len(points) < 2:
        return ""
    step = WIDTH / (len(points) - 1)
    return " ".join(
        f"{number * step:.1f},{HEIGHT - min(float(share), 1) * HEIGHT:.1f}" for number, (_, share) in enumerate(points)
    )


def _chart_words(points: list[tuple[str, Fraction]]) -> str:
    if not points:
        return ""
    shares = [share for _, share in points]
    return f"Utilisation by day, from {percent(min(shares))} to {percent(max(shares))}"
