"""Reading what was counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import col

from app.core.actor import Actor
from app.core.db import AsyncSession
from app.core.read_pool import ReadPool
from app.core.reads import ascii_text, scope_sql
from app.kit.money import Money
from app.rental.figures.rules import Delays, Figures, Level
from app.rental.locations.models import Location

MOST_ROWS = 1_000
MOST_ZONES = 500
GROUPS = {"location": "location_code", "class": "class_code", "month": "DATE_FORMAT(day, '%%Y-%%m')", "day": "day"}
"""What figures are shown by, and the expression of it."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days [since, until), and which of the branches, classes and markets."""

    since: date
    until: date
    locations: Sequence[str] = ()
    classes: Sequence[str] = ()
    market: str = ""


class Freshness(NamedTuple):
    """When figures were counted, and from which day on there are any."""

    counted_at: str
    since: date


async def read_figures(reads: ReadPool, actor: Actor, span: Span, by: str = "") -> dict[str, Figures]:
    """Figures by group, under "" for the whole, in two statements; money only where it is all in one currency."""
    group = GROUPS.get(by, "''")
    where, values = _where(actor, span, by)
    fleet = f"SELECT {group} AS g, SUM(available_minutes) FROM day_fleet WHERE {where} GROUP BY g LIMIT {MOST_ROWS}"  # noqa: S608
    sql = (
        f"SELECT {group} AS g, SUM(rented_minutes), SUM(revenue_minor), MIN(currency), COUNT(DISTINCT currency), "  # noqa: S608
        f"SUM(booked), SUM(pickups), SUM(cancelled), SUM(no_shows) FROM day_figure WHERE {where} "
        f"GROUP BY g ORDER BY g LIMIT {MOST_ROWS}"
    )
    available = {str(row[0]): int(row[1]) for row in await reads.fetch(fleet, values)}
    found = {key: Figures(available_minutes=minutes) for key, minutes in available.items()}
    for key, rented, minor, currency, currencies, *counts in await reads.fetch(sql, values):
        money = Money(int(minor), str(currency)) if currencies == 1 else None
        found[str(key)] = Figures(int(rented), available.get(str(key), 0), money, *(int(count) for count in counts))
    return dict(sorted(found.items()))


async def read_freshness(reads: ReadPool, kind: str = "days") -> Freshness | None:
    """None before anything of this kind was counted."""
    rows = await reads.fetch("SELECT counted_at, since FROM figure_state WHERE kind = %s", [kind])
    return Freshness(str(rows[0][0]), rows[0][1]) if rows else None


async def find_stop(reads: ReadPool) -> date | None:
    """The next day of a count that was stopped."""
    rows = await reads.fetch("SELECT since FROM figure_state WHERE kind = 'recount'")
    return rows[0][0] if rows else None


async def are_delays_old(reads: ReadPool, after: timedelta) -> bool:
    """Whether late returns were last counted so long ago, or never."""
    asked = "SELECT 1 FROM figure_state WHERE kind = 'delays' AND counted_at > UTC_TIMESTAMP(6) - INTERVAL %s SECOND"
    return not await reads.fetch(asked, [int(after.total_seconds())])


async def find_largest_fleet(reads: ReadPool, actor: Actor, day: date) -> str:
    """The branch with the most vehicles in service on a day that was counted; empty when none was."""
    scope, allowed = scope_sql(actor, market="market", branch="location_code")
    sql = (
        f"SELECT location_code FROM day_fleet WHERE level = %s AND day = %s{scope} "  # noqa: S608
        "ORDER BY vehicles DESC, location_code LIMIT 1"
    )
    rows = await reads.fetch(sql, [Level.BRANCH.value, day.isoformat(), *allowed])
    return str(rows[0][0]) if rows else ""


async def count_overdue(reads: ReadPool, actor: Actor, span: Span) -> int:
    """Vehicles that are out although they should be back, at this moment."""
    where, values = _booking_where(actor, span)
    sql = (
        "SELECT COUNT(*) FROM booking FORCE INDEX (ix_booking_state_return) WHERE state = 'on_hire' "  # noqa: S608
        f"AND return_at < UTC_TIMESTAMP(6){where}"
    )
    return int((await reads.fetch(sql, values))[0][0])


async def read_delays(
    reads: ReadPool, locations: Sequence[str], markets: Sequence[str]
) -> tuple[dict[str, Delays], dict[tuple[str, str], Delays]]:
    """How late vehicles came back, by market, and by (branch, class) of these branches."""
    sql = (
        f"SELECT market, '' AS l, '' AS c, step, SUM(cases) FROM return_delay WHERE market IN ({_places(markets)}) "  # noqa: S608
        "GROUP BY market, step UNION ALL SELECT market, location_code, class_code, step, cases FROM return_delay "
        f"WHERE market IN ({_places(markets)}) AND location_code IN ({_places(locations)})"
    )
    steps: dict[tuple[str, ...], dict[int, int]] = {}
    for market, location, code, step, cases in await reads.fetch(sql, [*markets, *markets, *locations]):
        key = (str(location), str(code)) if location else (str(market),)
        steps.setdefault(key, {})[int(step)] = int(cases)
    found = {key: Delays(sum(by_step.values()), by_step) for key, by_step in steps.items()}
    return (
        {key[0]: delays for key, delays in found.items() if len(key) == 1},
        {(key[0], key[1]): delays for key, delays in found.items() if len(key) == 2},
    )


def _where(actor: Actor, span: Span, by: str) -> tuple[str, list[Any]]:
    """The rows of the coarsest level that will do."""
    branches = bool(span.locations) or by == "location" or actor.branches is not None
    level = Level.of(branches=branches, classes=bool(span.classes) or by == "class")
    scope, allowed = scope_sql(actor, market="market", branch="location_code")
    sql = f"level = %s AND day >= %s AND day < %s{scope}"
    values = [level.value, span.since.isoformat(), span.until.isoformat(), *allowed]
    narrower, more = _narrower(span, "location_code")
    return sql + narrower, values + more


def _booking_where(actor: Actor, span: Span) -> tuple[str, list[Any]]:
    scope, allowed = scope_sql(actor, market="market", branch="pickup_location")
    narrower, more = _narrower(span, "pickup_location")
    return scope + narrower, [*allowed, *more]


def _narrower(span: Span, location: str) -> tuple[str, list[Any]]:
    sql, values = "", list[Any]()
    chosen = (
        (location, span.locations),
        ("class_code", span.classes),
        ("market", [span.market] if span.market else []),
    )
    for column, wanted in chosen:
        if wanted:
            sql += f" AND {column} IN ({_places(wanted)})"
            values += [ascii_text(each) for each in wanted]
    return sql, values


def _places(values: Sequence[str]) -> str:
    return ", ".join(["%s"] * len(values)) or "NULL"


async def list_classes(reads: ReadPool, actor: Actor, span: Span) -> list[str]:
    """The classes that there are figures of on the last day of a span."""
    scope, allowed = scope_sql(actor, market="market", branch="location_code")
    last, level = span.until - timedelta(days=1), Level.of(branches=actor.branches is not None, classes=True)
    sql = (
        f"SELECT DISTINCT class_code FROM day_fleet WHERE level = %s AND day = %s{scope} "  # noqa: S608
        f"ORDER BY class_code LIMIT {MOST_ROWS}"
    )
    return [str(row[0]) for row in await reads.fetch(sql, [level.value, last.isoformat(), *allowed])]


async def list_zones(session: AsyncSession) -> Sequence[str]:
    """The zones of all branches."""
    found = await session.execute(select(col(Location.time_zone)).distinct().limit(MOST_ZONES))
    return found.scalars().all()
