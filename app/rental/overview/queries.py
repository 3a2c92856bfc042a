"""What the fleet's home page asks of vehicles and their periods."""

from datetime import date, datetime
from typing import Any

from app.core.actor import Actor
from app.core.read_pool import ReadPool
from app.core.reads import scope_sql

_IN_TRANSIT = (
    "FROM vehicle v JOIN vehicle_period p ON p.vehicle_id = v.id AND p.kind = 'transfer' AND p.starts_at < %s "
    "AND (p.ends_at IS NULL OR p.ends_at > UTC_TIMESTAMP(6)) WHERE v.state = 'in_transit'"
)


async def count_in_maintenance(reads: ReadPool, actor: Actor, moment: datetime) -> int:
    """How many were in maintenance at a past moment."""
    scope, values = scope_sql(actor, market="v.market", branch="v.location_code")
    sql = (
        "SELECT COUNT(DISTINCT p.vehicle_id) FROM vehicle_period p JOIN vehicle v ON v.id = p.vehicle_id "  # noqa: S608
        f"WHERE p.kind = 'maintenance' AND p.starts_at <= %s AND (p.ends_at IS NULL OR p.ends_at > %s){scope}"
    )
    return int((await reads.fetch(sql, [_naive(moment), _naive(moment), *values]))[0][0])


async def count_long_transits(reads: ReadPool, actor: Actor, before: datetime) -> int:
    """How many have been in transit since before a moment."""
    scope, values = scope_sql(actor, market="v.market", branch="v.location_code")
    sql = f"SELECT COUNT(DISTINCT v.id) {_IN_TRANSIT}{scope}"
    return int((await reads.fetch(sql, [_naive(before), *values]))[0][0])


async def list_long_transits(reads: ReadPool, actor: Actor, before: datetime, limit: int) -> list[tuple[Any, ...]]:
    """In transit since before a moment: id, make, model, plate or fleet number, since when, where to."""
    scope, values = scope_sql(actor, market="v.market", branch="v.location_code")
    sql = (
        "SELECT v.id, v.make, v.model, COALESCE(v.plate, v.fleet_number, ''), p.starts_at, p.to_location_code "
        f"{_IN_TRANSIT}{scope} ORDER BY p.starts_at LIMIT {int(limit)}"
    )
    return await reads.fetch(sql, [_naive(before), *values])


async def list_documents_over(reads: ReadPool, actor: Actor, today: date, limit: int) -> list[tuple[Any, ...]]:
    """Whose first document ended longest ago: id, make, model, plate or fleet number, and the three dates."""
    scope, values = scope_sql(actor, market="market", branch="location_code")
    sql = (
        "SELECT id, make, model, COALESCE(plate, fleet_number, ''), registration_expires_on, insurance_expires_on, "  # noqa: S608
        f"inspection_expires_on FROM vehicle WHERE due_on < %s AND state <> 'retired'{scope} "
        f"ORDER BY due_on LIMIT {int(limit)}"
    )
    return await reads.fetch(sql, [today.isoformat(), *values])


def _naive(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")
