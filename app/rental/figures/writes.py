"""Counting: whole stretches of days at once, from the bookings as they are and the fleet as it was."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.wall_times import Clocks, clocks_between
from app.rental.figures.models import DayFigure, DayFleet, FigureState, ReturnDelay
from app.rental.figures.rules import EARLIEST_STEP, LATEST_STEP, STEP_MINUTES, Level
from app.rental.occupancy.rules import LONGEST_STAY_DAYS

_figures = DayFigure.__table__  # type: ignore[attr-defined]  # pyright: ignore
_fleet = DayFleet.__table__  # type: ignore[attr-defined]  # pyright: ignore
_delays = ReturnDelay.__table__  # type: ignore[attr-defined]  # pyright: ignore
_states = FigureState.__table__  # type: ignore[attr-defined]  # pyright: ignore
STOPPED = "recount"
"""The state of a count of older days that is under way: its `since` is where it goes on."""
HIRED = "'confirmed', 'amend_pending', 'on_hire', 'returned', 'closed', 'disputed'"
"""States whose days and money count; a closed no-show has no vehicle's return."""
_MINUTES = (
    "GREATEST(0, TIMESTAMPDIFF(MINUTE, GREATEST(b.pickup_local, d.day), LEAST(b.return_local, d.day + INTERVAL 1 DAY)))"
)
_DAYS = "(SELECT CAST(:since AS DATE) + INTERVAL seq DAY AS day FROM seq_0_to_400 WHERE seq < :days) d"

HIRES = text(
    "INSERT INTO day_figure (level, day, location_code, class_code, currency, market, rented_minutes, revenue_minor, "  # noqa: S608
    "booked, pickups, cancelled, no_shows) "
    "SELECT 'detail', d.day, b.pickup_location, b.class_code, b.total_currency, b.market, "
    f"SUM({_MINUTES}), "
    f"ROUND(SUM(b.total_minor * {_MINUTES} / TIMESTAMPDIFF(MINUTE, b.pickup_local, b.return_local))), 0, "
    "SUM(DATE(b.pickup_local) = d.day), 0, 0 "
    f"FROM booking b FORCE INDEX (ix_booking_stretch) JOIN {_DAYS} "
    "ON d.day >= DATE(b.pickup_local) AND d.day <= DATE(b.return_local) "
    f"WHERE b.return_at > :since_moment AND b.return_at < :until_moment + INTERVAL {LONGEST_STAY_DAYS} DAY "
    "AND b.pickup_at < :until_moment "
    f"AND b.source = 'own' AND b.state IN ({HIRED}) AND b.fee_minor IS NULL "
    "GROUP BY d.day, b.market, b.pickup_location, b.class_code, b.total_currency"
)
_CLOCKS = (
    "(SELECT l.code, z.before_minutes, z.changed_at, z.after_minutes FROM JSON_TABLE(:clocks, '$[*]' COLUMNS "
    "(zone VARCHAR(64) PATH '$.zone', before_minutes INT PATH '$.before_minutes', "
    "changed_at DATETIME PATH '$.changed_at', after_minutes INT PATH '$.after_minutes')) z "
    "JOIN location l ON l.time_zone = CONVERT(z.zone USING ascii) COLLATE ascii_bin) c"
)
"""What the clocks of each branch are ahead of UTC, before and after they are put forward or back."""


def _local(moment: str) -> str:
    """What the clocks of the branch show at a moment."""
    return f"({moment} + INTERVAL IF({moment} < c.changed_at, c.before_minutes, c.after_minutes) MINUTE)"


_BOOKED_AT = _local("b.created_at")
BOOKED = text(
    "INSERT INTO day_figure (level, day, location_code, class_code, currency, market, booked) "  # noqa: S608
    f"SELECT 'detail', DATE({_BOOKED_AT}) AS on_day, b.pickup_location, b.class_code, b.total_currency, b.market, "
    "COUNT(*) "
    f"FROM booking b FORCE INDEX (ix_booking_created_at) STRAIGHT_JOIN {_CLOCKS} ON c.code = b.pickup_location "
    "WHERE b.created_at >= :since_moment AND b.created_at < :until_moment "
    f"AND {_BOOKED_AT} >= :since AND {_BOOKED_AT} < :until AND b.source = 'own' "
    "GROUP BY on_day, b.market, b.pickup_location, b.class_code, b.total_currency "
    "ON DUPLICATE KEY UPDATE booked = booked + VALUES(booked)"
)
LOST = [
    text(
        f"INSERT INTO day_figure (level, day, location_code, class_code, currency, market, {column}) "  # noqa: S608
        "SELECT 'detail', DATE(b.pickup_local), b.pickup_location, b.class_code, b.total_currency, b.market, COUNT(*) "
        "FROM booking b FORCE INDEX (ix_booking_pickup_at) "
        "WHERE b.pickup_at >= :since_moment AND b.pickup_at < :until_moment AND b.pickup_local >= :since "
        f"AND b.pickup_local < :until AND b.source = 'own' AND {condition} "
        "GROUP BY DATE(b.pickup_local), b.market, b.pickup_location, b.class_code, b.total_currency "
        f"ON DUPLICATE KEY UPDATE {column} = {column} + VALUES({column})"
    )
    for column, condition in (
        ("cancelled", "b.state IN ('cancelled', 'cancel_pending')"),
        ("no_shows", "(b.state = 'no_show' OR (b.state = 'closed' AND b.fee_minor IS NOT NULL))"),
    )
]
_STAYS = (
    "SELECT location_code, class_code, market, starts_at, ends_at FROM vehicle_stay "
    "WHERE starts_at < :until_moment AND (ends_at IS NULL OR ends_at > :since_moment)"
)
_PAUSES = (
    "SELECT s.location_code, s.class_code, s.market, GREATEST(p.starts_at, s.starts_at) AS starts_at, "
    "IF(p.ends_at IS NULL OR s.ends_at < p.ends_at, s.ends_at, p.ends_at) AS ends_at "
    "FROM vehicle_period p JOIN vehicle_stay s ON s.vehicle_id = p.vehicle_id "
    "WHERE p.kind <> 'hire' AND p.starts_at < :until_moment AND (p.ends_at IS NULL OR p.ends_at > :since_moment) "
    "AND s.starts_at < :until_moment AND (s.ends_at IS NULL OR s.ends_at > :since_moment) "
    "AND (p.ends_at IS NULL OR s.starts_at < p.ends_at) AND (s.ends_at IS NULL OR p.starts_at < s.ends_at) "
    "AND (p.ends_at IS NULL OR p.starts_at < p.ends_at)"
)
_LAST_DAY = "DATE(ends_at - INTERVAL 1 MICROSECOND)"
_ALIKE = (
    "SELECT market, location_code, class_code, "  # noqa: S608
    "GREATEST(DATE(starts_at), CAST(:since AS DATE) - INTERVAL 1 DAY) AS first_day, "
    f"LEAST(COALESCE({_LAST_DAY}, CAST(:until AS DATE)), CAST(:until AS DATE)) AS last_day, COUNT(*) AS many, "
    "SUM(TIMESTAMPDIFF(MINUTE, DATE(starts_at), starts_at)) AS before_minutes, "
    f"SUM(COALESCE(TIMESTAMPDIFF(MINUTE, ends_at, {_LAST_DAY} + INTERVAL 1 DAY), 0)) AS after_minutes "
    f"FROM (SELECT s.location_code, s.class_code, s.market, {_local('s.starts_at')} AS starts_at, "
    f"{_local('s.ends_at')} AS ends_at FROM ({{}}) s STRAIGHT_JOIN {_CLOCKS} ON c.code = s.location_code) one "
    "GROUP BY market, location_code, class_code, first_day, last_day"
)
"""Stretches of time that begin and end on the same days of their branch, so that days are laid out for thousands at
once and not for each of a million vehicles: how many, and what of their first and last days lies outside of them."""
_MINUTES_A_DAY = (
    "SUM(many * 1440 - IF(first_day = d.day, before_minutes, 0) - IF(last_day = d.day, after_minutes, 0)) "
    f"FROM ({_ALIKE}) alike JOIN {_DAYS} ON d.day BETWEEN first_day AND last_day "
    "GROUP BY d.day, market, location_code, class_code"
)
_INTO_FLEET = "INSERT INTO day_fleet (level, day, market, location_code, class_code, vehicles, available_minutes) "
FLEET = text(
    f"{_INTO_FLEET} SELECT 'detail', d.day, market, location_code, class_code, "
    "SUM(many), "
    f"{_MINUTES_A_DAY.format(_STAYS)}"
)
PAUSED = text(
    f"{_INTO_FLEET} SELECT 'detail', d.day, market, location_code, class_code, 0, -{_MINUTES_A_DAY.format(_PAUSES)} "
    "ON DUPLICATE KEY UPDATE available_minutes = GREATEST(0, available_minutes + VALUES(available_minutes))"
)
"""What blocks, maintenance, transfers and sale listings take of the days of a vehicle's stays, which come first."""
_COUNTED = "rented_minutes, revenue_minor, booked, pickups, cancelled, no_shows"
SUMS = [
    text(
        f"INSERT INTO {table} (level, day, market, location_code, class_code, {columns}) "  # noqa: S608
        f"SELECT '{level}', day, market, {location}, {code}, {summed} FROM {table} "
        "WHERE level = 'detail' AND day >= :since AND day < :until GROUP BY day, market"
        f"{', location_code' if level is Level.BRANCH else ', class_code' if level is Level.CLASS else ''}{by}"
    )
    for level, location, code in (
        (Level.BRANCH, "location_code", "''"), (Level.CLASS, "''", "class_code"), (Level.MARKET, "''", "''")
    )
    for table, columns, summed, by in (
        (
            "day_figure", f"currency, {_COUNTED}",
            f"currency, {', '.join(f'SUM({name})' for name in _COUNTED.split(', '))}", ", currency",
        ),
        ("day_fleet", "vehicles, available_minutes", "SUM(vehicles), SUM(available_minutes)", ""),
    )
]  # fmt: skip
"""The coarser levels, from the rows of the finest."""
DELAYS = text(
    "INSERT INTO return_delay (market, location_code, class_code, step, cases) "
    "SELECT b.market, b.return_location, b.class_code, GREATEST(:earliest, LEAST(:latest, "
    "FLOOR(TIMESTAMPDIFF(MINUTE, b.return_at, b.returned_at) / :minutes))) AS late, COUNT(*) "
    "FROM booking b FORCE INDEX (ix_booking_return_at) WHERE b.return_at >= :since AND b.return_at < :until "
    "AND b.returned_at IS NOT NULL AND b.source = 'own' GROUP BY b.market, b.return_location, b.class_code, late "
    "ON DUPLICATE KEY UPDATE cases = cases + VALUES(cases)"
)
DELAY_DAYS = 28
"""So many days of returns are counted by one statement: a year of a million hires would take longer than one may."""
STATE = text(
    "INSERT INTO figure_state (kind, counted_at, since) VALUES (:kind, UTC_TIMESTAMP(6), :since) "
    "ON DUPLICATE KEY UPDATE counted_at = UTC_TIMESTAMP(6), "
    "since = IF(:is_anew, VALUES(since), LEAST(since, VALUES(since)))"
)


async def count_days(session: AsyncSession, since: date, until: date, zones: Sequence[str]) -> None:
    """Count the days [since, until) anew, at most 14 of them, each by the clocks of its branch.

    `zones` are those of all branches.
    """
    since_moment = datetime.combine(since, datetime.min.time(), UTC) - timedelta(days=1)
    until_moment = datetime.combine(until, datetime.min.time(), UTC) + timedelta(days=1)
    clocks = [clocks_between(zone, since_moment, until_moment) for zone in zones]
    span: dict[str, Any] = {
        "since": since,
        "until": until,
        "days": (until - since).days,
        "since_moment": since_moment.replace(tzinfo=None),
        "until_moment": until_moment.replace(tzinfo=None),
        "clocks": msgspec.json.encode([_plain(each) for each in clocks]).decode(),
    }
    for table in (_figures, _fleet):
        levels = [level.value for level in Level]
        await session.execute(delete(table).where(table.c.level.in_(levels), table.c.day >= since, table.c.day < until))
    for statement in (HIRES, BOOKED, *LOST, FLEET, PAUSED, *SUMS):
        await session.execute(statement, {name: span[name] for name in statement.compile().params})


def _plain(clocks: Clocks) -> dict[str, Any]:
    return {
        "zone": clocks.zone,
        "before_minutes": clocks.before_minutes,
        "changed_at": f"{clocks.changed_at:%Y-%m-%d %H:%M:%S}",
        "after_minutes": clocks.after_minutes,
    }


async def count_delays(session: AsyncSession, since: date, until: date) -> None:
    """Count the returns of the days [since, until) anew."""
    await session.execute(delete(_delays))
    steps = {"earliest": EARLIEST_STEP, "latest": LATEST_STEP, "minutes": STEP_MINUTES}
    while since < until:
        last = min(since + timedelta(days=DELAY_DAYS), until)
        await session.execute(DELAYS, steps | {"since": since, "until": last})
        since = last


async def forget_state(session: AsyncSession, kind: str) -> None:
    """Nothing of this kind is under way any more."""
    await session.execute(delete(_states).where(_states.c.kind == kind))


async def set_state(session: AsyncSession, kind: str, since: date, *, is_anew: bool) -> None:
    """Say when this was counted."""
    await session.execute(STATE, {"kind": kind, "since": since, "is_anew": is_anew})
