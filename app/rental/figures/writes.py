"""Counting: whole stretches of days at once, from the bookings and the fleet as they are now."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.rental.figures.models import DayFigure, DayFleet, ReturnDelay
from app.rental.figures.rules import EARLIEST_STEP, LATEST_STEP, STEP_MINUTES

_figures = DayFigure.__table__  # type: ignore[attr-defined]  # pyright: ignore
_fleet = DayFleet.__table__  # type: ignore[attr-defined]  # pyright: ignore
_delays = ReturnDelay.__table__  # type: ignore[attr-defined]  # pyright: ignore
HIRED = "'confirmed', 'amend_pending', 'on_hire', 'returned', 'closed', 'disputed'"
"""States whose days and money count; a closed no-show has no vehicle's return."""
_MINUTES = (
    "GREATEST(0, TIMESTAMPDIFF(MINUTE, GREATEST(b.pickup_local, d.day), LEAST(b.return_local, d.day + INTERVAL 1 DAY)))"
)
_DAYS = "(SELECT CAST(:since AS DATE) + INTERVAL seq DAY AS day FROM seq_0_to_400 WHERE seq < :days) d"

HIRES = text(
    "INSERT INTO day_figure (day, location_code, class_code, currency, market, rented_minutes, revenue_minor, booked, "  # noqa: S608
    "pickups, cancelled, no_shows) "
    "SELECT d.day, b.pickup_location, b.class_code, b.total_currency, MIN(b.market), "
    f"SUM({_MINUTES}), "
    f"ROUND(SUM(b.total_minor * {_MINUTES} / TIMESTAMPDIFF(MINUTE, b.pickup_local, b.return_local))), 0, "
    "SUM(DATE(b.pickup_local) = d.day), 0, 0 "
    f"FROM booking b FORCE INDEX (ix_booking_return_at) JOIN {_DAYS} "
    "ON d.day >= DATE(b.pickup_local) AND d.day <= DATE(b.return_local) "
    "WHERE b.return_at > :since_moment AND b.return_at < :until_moment + INTERVAL 400 DAY "
    "AND b.pickup_at < :until_moment "
    f"AND b.source = 'own' AND b.state IN ({HIRED}) AND b.fee_minor IS NULL "
    "GROUP BY d.day, b.pickup_location, b.class_code, b.total_currency"
)
BOOKED = text(
    "INSERT INTO day_figure (day, location_code, class_code, currency, market, booked) "
    "SELECT DATE(b.created_at), b.pickup_location, b.class_code, b.total_currency, MIN(b.market), COUNT(*) "
    "FROM booking b FORCE INDEX (ix_booking_created_at) "
    "WHERE b.created_at >= :since AND b.created_at < :until AND b.source = 'own' "
    "GROUP BY DATE(b.created_at), b.pickup_location, b.class_code, b.total_currency "
    "ON DUPLICATE KEY UPDATE booked = booked + VALUES(booked)"
)
LOST = [
    text(
        f"INSERT INTO day_figure (day, location_code, class_code, currency, market, {column}) "  # noqa: S608
        "SELECT DATE(b.pickup_local), b.pickup_location, b.class_code, b.total_currency, MIN(b.market), COUNT(*) "
        "FROM booking b FORCE INDEX (ix_booking_pickup_at) "
        "WHERE b.pickup_at >= :since_moment AND b.pickup_at < :until_moment AND b.pickup_local >= :since "
        f"AND b.pickup_local < :until AND b.source = 'own' AND {condition} "
        "GROUP BY DATE(b.pickup_local), b.pickup_location, b.class_code, b.total_currency "
        f"ON DUPLICATE KEY UPDATE {column} = {column} + VALUES({column})"
    )
    for column, condition in (
        ("cancelled", "b.state IN ('cancelled', 'cancel_pending')"),
        ("no_shows", "(b.state = 'no_show' OR (b.state = 'closed' AND b.fee_minor IS NOT NULL))"),
    )
]
FLEET = text(
    "INSERT INTO day_fleet (day, location_code, class_code, market, vehicles, available_minutes) "  # noqa: S608
    "SELECT d.day, v.location_code, v.acriss, MIN(v.market), COUNT(*), COUNT(*) * 1440 "
    f"FROM vehicle v JOIN {_DAYS} ON v.created_at < d.day + INTERVAL 1 DAY "
    "WHERE v.base_state = 'in_service' AND v.location_code IS NOT NULL AND v.acriss IS NOT NULL "
    "GROUP BY d.day, v.location_code, v.acriss"
)
PAUSED = text(
    "UPDATE day_fleet f JOIN (SELECT d.day, v.location_code, v.acriss, SUM(GREATEST(0, TIMESTAMPDIFF(MINUTE, "  # noqa: S608
    "GREATEST(p.starts_at, d.day), LEAST(COALESCE(p.ends_at, d.day + INTERVAL 1 DAY), d.day + INTERVAL 1 DAY)))) "
    "AS lost "
    f"FROM vehicle_period p JOIN vehicle v ON v.id = p.vehicle_id JOIN {_DAYS} "
    "ON p.starts_at < d.day + INTERVAL 1 DAY AND (p.ends_at IS NULL OR p.ends_at > d.day) "
    "WHERE p.kind <> 'hire' AND v.base_state = 'in_service' AND v.location_code IS NOT NULL AND v.acriss IS NOT NULL "
    "GROUP BY d.day, v.location_code, v.acriss) x "
    "ON f.day = x.day AND f.location_code = x.location_code AND f.class_code = x.acriss "
    "SET f.available_minutes = GREATEST(0, f.available_minutes - x.lost)"
)
DELAYS = text(
    "INSERT INTO return_delay (market, location_code, class_code, step, cases) "
    "SELECT b.market, b.return_location, b.class_code, GREATEST(:earliest, LEAST(:latest, "
    "FLOOR(TIMESTAMPDIFF(MINUTE, b.return_at, b.returned_at) / :minutes))) AS late, COUNT(*) "
    "FROM booking b FORCE INDEX (ix_booking_return_at) WHERE b.return_at >= :since AND b.returned_at IS NOT NULL "
    "AND b.source = 'own' GROUP BY b.market, b.return_location, b.class_code, late"
)
STATE = text(
    "INSERT INTO figure_state (kind, counted_at, since) VALUES (:kind, UTC_TIMESTAMP(6), :since) "
    "ON DUPLICATE KEY UPDATE counted_at = UTC_TIMESTAMP(6), "
    "since = IF(:is_anew, VALUES(since), LEAST(since, VALUES(since)))"
)


async def count_days(session: AsyncSession, since: date, until: date) -> None:
    """Count the days [since, until) anew; at most 400 of them."""
    span: dict[str, Any] = {
        "since": since,
        "until": until,
        "days": (until - since).days,
        "since_moment": datetime.combine(since, datetime.min.time()) - timedelta(days=1),
        "until_moment": datetime.combine(until, datetime.min.time()) + timedelta(days=1),
    }
    for table in (_figures, _fleet):
        await session.execute(delete(table).where(table.c.day >= since, table.c.day < until))
    for statement in (HIRES, BOOKED, *LOST, FLEET, PAUSED):
        await session.execute(statement, {name: span[name] for name in statement.compile().params})


async def count_delays(session: AsyncSession, since: date) -> None:
    """Count returns since a day anew."""
    await session.execute(delete(_delays))
    steps = {"earliest": EARLIEST_STEP, "latest": LATEST_STEP, "minutes": STEP_MINUTES, "since": since}
    await session.execute(DELAYS, steps)


async def set_state(session: AsyncSession, kind: str, since: date, *, is_anew: bool) -> None:
    """Say when this was counted."""
    await session.execute(STATE, {"kind": kind, "since": since, "is_anew": is_anew})
