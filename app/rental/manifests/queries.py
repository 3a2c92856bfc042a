"""A branch's day, read in four statements."""

from datetime import datetime
from typing import Any, NamedTuple

from app.core.actor import Actor
from app.core.read_pool import ReadPool
from app.rental.manifests.rules import Section

MOST_LINES = 500
_COLUMNS = (
    "b.id, b.reference, b.driver_name, b.driver_phone, b.class_code, b.state, b.market, b.pickup_location, "
    "b.return_location, b.vehicle_id, v.plate, CONCAT_WS(' ', v.make, v.model), b.note"
)
_FROM = "LEFT JOIN vehicle v ON v.id = b.vehicle_id"


class Line(NamedTuple):
    """Something that happens at a branch. A booking outside one's scope has no id, reference, driver or note."""

    section: Section
    at: str
    """By the clocks of the branch: `2026-06-25T10:00`."""
    booking_id: str
    reference: str
    driver_name: str
    driver_phone: str
    class_code: str
    state: str
    from_location: str
    to_location: str
    vehicle_id: str
    plate: str
    title: str
    note: str


async def list_out(reads: ReadPool, actor: Actor, branch: str, starts_at: datetime, ends_at: datetime) -> list[Line]:
    """What is handed over at the branch between two moments, or was."""
    sql = (
        f"SELECT b.pickup_local, {_COLUMNS} FROM booking b FORCE INDEX (ix_booking_branch) {_FROM} "  # noqa: S608
        "WHERE b.pickup_location = %s AND b.pickup_at >= %s AND b.pickup_at < %s AND b.state NOT IN "
        "('cancelled', 'cancelled_by_supplier', 'rejected', 'failed', 'submitting') "
        f"ORDER BY b.pickup_at, b.id LIMIT {MOST_LINES}"
    )
    rows = await reads.fetch(sql, [branch, _naive(starts_at), _naive(ends_at)])
    return [_line(Section.OUT, row, actor) for row in rows]


async def list_in(reads: ReadPool, actor: Actor, branch: str, starts_at: datetime, ends_at: datetime) -> list[Line]:
    """What comes back to the branch between two moments, or did."""
    sql = (
        f"SELECT b.return_local, {_COLUMNS} FROM booking b FORCE INDEX (ix_booking_return_branch) {_FROM} "  # noqa: S608
        "WHERE b.return_location = %s AND b.return_at >= %s AND b.return_at < %s AND b.state IN "
        "('confirmed', 'amend_pending', 'on_hire', 'returned', 'closed', 'disputed') AND b.fee_minor IS NULL "
        f"ORDER BY b.return_at, b.id LIMIT {MOST_LINES}"
    )
    rows = await reads.fetch(sql, [branch, _naive(starts_at), _naive(ends_at)])
    return [_line(Section.IN, row, actor) for row in rows]


async def list_late(reads: ReadPool, actor: Actor, branch: str, now: datetime) -> list[Line]:
    """What should be back at the branch by now and is out."""
    sql = (
        f"SELECT b.return_local, {_COLUMNS} FROM booking b FORCE INDEX (ix_booking_state_return) {_FROM} "  # noqa: S608
        "WHERE b.state = 'on_hire' AND b.return_location = %s AND b.return_at < %s "
        f"ORDER BY b.return_at, b.id LIMIT {MOST_LINES}"
    )
    return [_line(Section.LATE, row, actor) for row in await reads.fetch(sql, [branch, _naive(now)])]


async def list_moves(
    reads: ReadPool, actor: Actor, branch: str, starts_at: datetime, ends_at: datetime
) -> list[tuple[datetime, Line]]:
    """Transfers that leave the branch or arrive there between two moments."""
    sql = (
        "SELECT IF(p.to_location_code = %s, p.ends_at, p.starts_at), v.id, v.plate, CONCAT_WS(' ', v.make, v.model), "  # noqa: S608
        "v.acriss, v.market, v.location_code, p.to_location_code, p.reason FROM vehicle_period p "
        "FORCE INDEX (ix_vehicle_period_running) JOIN vehicle v ON v.id = p.vehicle_id WHERE p.kind = 'transfer' "
        "AND (p.ends_at >= %s OR p.ends_at IS NULL) AND p.starts_at < %s AND ((v.location_code = %s "
        "AND p.starts_at >= %s AND p.starts_at < %s) OR (p.to_location_code = %s AND p.ends_at >= %s "
        "AND p.ends_at < %s)) "
        f"ORDER BY 1, v.id LIMIT {MOST_LINES}"
    )
    span = (_naive(starts_at), _naive(ends_at))
    found: list[tuple[datetime, Line]] = []
    for row in await reads.fetch(sql, [branch, *span, branch, *span, branch, *span]):
        if not actor.sees(market=row[5]):
            continue
        way = (str(row[6] or ""), str(row[7] or ""))
        line = Line(Section.MOVE, "", "", "", "", "", row[4] or "", "", *way, str(row[1]), row[2] or "", row[3], row[8])
        found.append((datetime.fromisoformat(row[0]), line))
    return found


def at_time(line: Line, at: str) -> Line:
    """The same line at a wall time."""
    return Line(line.section, at, *line[2:])


def _line(section: Section, row: tuple[Any, ...], actor: Actor) -> Line:
    local, booking_id, reference, name, phone, code, state, market, pickup, back, vehicle_id, plate, title, note = row
    at = str(local)[:16]
    seen = (str(booking_id), reference, name, phone or "")
    if not actor.sees(market=market, branch=pickup):
        seen, note = ("", "", "", ""), ""
    vehicle = (str(vehicle_id), plate or "", title) if vehicle_id else ("", "", "")
    return Line(section, at, *seen, code, state, pickup, back, *vehicle, note or "")


def _naive(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")
