"""What the planner draws, read in a handful of statements whatever the size of the sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.read_pool import ReadPool
from app.core.reads import scope_sql
from app.rental.bookings.models import Booking
from app.rental.occupancy.models import Occupancy
from app.rental.vehicles.models import Vehicle

MOST_VEHICLES = 2_000
MOST_UNASSIGNED = 300
MOST_PROMISES = 50_000
MOST_BRANCHES = 1_000

_BOOKING = (
    "b.id, b.reference, b.driver_name, b.state, b.market, b.pickup_location, b.return_location, b.class_code, b.version"
)


class Branch(NamedTuple):
    """A branch that the planner can show."""

    code: str
    name: str
    market: str
    time_zone: str
    turnaround_minutes: int


class PlanVehicle(NamedTuple):
    """A row of the sheet."""

    id: str
    plate: str
    title: str
    class_code: str
    location: str
    state: str


class InFleet(NamedTuple):
    """A vehicle of the filter, on whichever page of the sheet it is."""

    id: str
    location: str
    class_code: str


class Fleet(NamedTuple):
    """The vehicles of a filter as a statement that lacks its limit."""

    sql: str
    values: list[Any]

    @property
    def joined(self) -> str:
        """At most so many vehicles, to join others with: thousands of ids in a statement cost more than their rows."""
        return f"({self.sql}{MOST_VEHICLES}) f"


class Hire(NamedTuple):
    """A booking as a bar; `free_at` is when its vehicle is ready again."""

    vehicle_id: str | None
    starts_at: datetime
    ends_at: datetime
    free_at: datetime
    id: str
    reference: str
    driver_name: str
    state: str
    market: str
    pickup_location: str
    return_location: str
    class_code: str
    version: int


class Busy(NamedTuple):
    """That a vehicle is hired out, without saying to whom."""

    vehicle_id: str
    starts_at: datetime
    ends_at: datetime


class Promise(NamedTuple):
    """That a class is promised without a vehicle, without saying to whom."""

    pickup_location: str
    class_code: str
    starts_at: datetime
    ends_at: datetime


class Pause(NamedTuple):
    """A block, maintenance, transfer or sale listing as a bar, or a hire that has no booking."""

    vehicle_id: str
    kind: str
    starts_at: datetime
    ends_at: datetime | None
    reason: str
    to_location: str | None


async def list_branches(reads: ReadPool, actor: Actor) -> list[Branch]:
    """The active branches that the actor may see, by code."""
    scope, values = scope_sql(actor, market="market", branch="code")
    sql = (
        "SELECT code, name, market, time_zone, turnaround_minutes FROM location "  # noqa: S608
        f"WHERE is_active = 1{scope} ORDER BY code LIMIT {MOST_BRANCHES}"
    )
    return [Branch(*row) for row in await reads.fetch(sql, values)]


def fleet_of(actor: Actor, branches: Sequence[str], classes: Sequence[str]) -> Fleet:
    """These classes of these branches, as far as the actor sees them; without classes, all."""
    scope, values = scope_sql(actor, market="market", branch="location_code")
    narrower = f" AND acriss IN ({_places(classes)})" if classes else ""
    sql = (
        f"SELECT id, location_code, COALESCE(acriss, '') FROM vehicle FORCE INDEX (ix_vehicle_fleet) "  # noqa: S608
        f"WHERE location_code IN ({_places(branches)}) AND base_state = 'in_service'{narrower}{scope} "
        "ORDER BY location_code, acriss, plate_key, id LIMIT "
    )
    return Fleet(sql, [*branches, *classes, *values])


async def list_fleet(reads: ReadPool, fleet: Fleet) -> list[InFleet]:
    """By branch, class and plate, from the index alone; one more than the most when there are more."""
    rows = await reads.fetch(f"{fleet.sql}{MOST_VEHICLES + 1}", fleet.values)
    return [InFleet(str(row[0]), row[1], row[2]) for row in rows]


async def list_vehicles(reads: ReadPool, ids: Sequence[str]) -> list[PlanVehicle]:
    """These vehicles in this order."""
    sql = (
        "SELECT id, COALESCE(plate, fleet_number, ''), CONCAT_WS(' ', make, model), COALESCE(acriss, ''), "  # noqa: S608
        f"location_code, state FROM vehicle WHERE id IN ({_places(ids)})"
    )
    found = {str(row[0]): PlanVehicle(str(row[0]), *row[1:]) for row in await reads.fetch(sql, ids)}
    return [found[each] for each in ids if each in found]


async def list_classes(reads: ReadPool, actor: Actor, branches: Sequence[str]) -> list[str]:
    """The classes of these branches' fleet."""
    scope, values = scope_sql(actor, market="market", branch="location_code")
    sql = (
        "SELECT DISTINCT acriss FROM vehicle FORCE INDEX (ix_vehicle_fleet) "  # noqa: S608
        f"WHERE location_code IN ({_places(branches)}) AND base_state = 'in_service' "
        f"AND acriss IS NOT NULL{scope} ORDER BY acriss"
    )
    return [str(row[0]) for row in await reads.fetch(sql, [*branches, *values])]


async def list_holds(reads: ReadPool, vehicles: Sequence[str], starts_at: datetime, ends_at: datetime) -> list[Hire]:
    """What has these vehicles between two moments, until they are ready again."""
    sql = (
        f"SELECT o.vehicle_id, o.starts_at, o.ends_at, o.free_at, {_BOOKING} "  # noqa: S608
        "FROM occupancy o FORCE INDEX (uq_occupancy_vehicle) JOIN booking b ON b.id = o.holder_id "
        f"WHERE o.vehicle_id IN ({_places(vehicles)}) AND o.free_at > %s AND o.starts_at < %s"
    )
    return _hires(await reads.fetch(sql, [*vehicles, _naive(starts_at), _naive(ends_at)]))


async def list_past(reads: ReadPool, vehicles: Sequence[str], starts_at: datetime, ends_at: datetime) -> list[Hire]:
    """Hires of these vehicles that are over."""
    sql = (
        "SELECT b.vehicle_id, COALESCE(b.picked_up_at, b.pickup_at), COALESCE(b.returned_at, b.return_at), "  # noqa: S608
        f"COALESCE(b.returned_at, b.return_at), {_BOOKING} "
        "FROM booking b FORCE INDEX (ix_booking_vehicle_return) "
        f"WHERE b.vehicle_id IN ({_places(vehicles)}) AND b.return_at > %s AND b.pickup_at < %s "
        "AND b.state IN ('returned', 'closed', 'disputed')"
    )
    return _hires(await reads.fetch(sql, [*vehicles, _naive(starts_at), _naive(ends_at)]))


async def list_around(reads: ReadPool, fleet: Fleet, starts_at: datetime, ends_at: datetime) -> list[Hire]:
    """What has any vehicle of the filter between two moments, until it is ready again."""
    sql = (
        f"SELECT o.vehicle_id, o.starts_at, o.ends_at, o.free_at, {_BOOKING} FROM {fleet.joined} "  # noqa: S608
        "JOIN occupancy o FORCE INDEX (uq_occupancy_vehicle) ON o.vehicle_id = f.id AND o.free_at > %s "
        "AND o.starts_at < %s JOIN booking b ON b.id = o.holder_id"
    )
    return _hires(await reads.fetch(sql, [*fleet.values, _naive(starts_at), _naive(ends_at)]))


async def list_busy(reads: ReadPool, fleet: Fleet, starts_at: datetime, ends_at: datetime, now: datetime) -> list[Busy]:
    """When the vehicles of the filter are hired out, as `list_holds` and `list_past` together: for counting alone."""
    sql = (
        f"SELECT o.vehicle_id, o.starts_at, o.ends_at FROM {fleet.joined} "  # noqa: S608
        "JOIN occupancy o FORCE INDEX (uq_occupancy_vehicle) ON o.vehicle_id = f.id AND o.free_at > %s "
        "AND o.starts_at < %s UNION ALL "
        "SELECT b.vehicle_id, COALESCE(b.picked_up_at, b.pickup_at), COALESCE(b.returned_at, b.return_at) "
        f"FROM {fleet.joined} JOIN booking b FORCE INDEX (ix_booking_vehicle_return) ON b.vehicle_id = f.id "
        "AND b.return_at > %s AND b.pickup_at < %s AND b.state IN ('returned', 'closed', 'disputed')"
    )
    since = _naive(starts_at)
    values = [*fleet.values, since, _naive(ends_at), *fleet.values, since, _naive(min(ends_at, now))]
    return [Busy(str(row[0]), _moment(row[1]), _moment(row[2])) for row in await reads.fetch(sql, values)]


async def list_stops(reads: ReadPool, fleet: Fleet, starts_at: datetime, ends_at: datetime) -> list[Pause]:
    """What else keeps any vehicle of the filter from being hired out, as `list_pauses`: for counting alone."""
    sql = (
        "SELECT p.vehicle_id, p.kind, p.starts_at, p.ends_at, '', NULL "  # noqa: S608
        f"FROM {fleet.joined} JOIN vehicle_period p FORCE INDEX (ix_vehicle_period_vehicle) "
        "ON p.vehicle_id = f.id AND p.starts_at < %s AND (p.ends_at IS NULL OR p.ends_at > %s)"
    )
    return _pauses(await reads.fetch(sql, [*fleet.values, _naive(ends_at), _naive(starts_at)]))


async def list_pauses(reads: ReadPool, vehicles: Sequence[str], starts_at: datetime, ends_at: datetime) -> list[Pause]:
    """What else keeps these vehicles from being hired out."""
    sql = (
        "SELECT vehicle_id, kind, starts_at, ends_at, reason, to_location_code FROM vehicle_period "  # noqa: S608
        f"WHERE vehicle_id IN ({_places(vehicles)}) AND starts_at < %s AND (ends_at IS NULL OR ends_at > %s) "
        "ORDER BY vehicle_id, starts_at"
    )
    return _pauses(await reads.fetch(sql, [*vehicles, _naive(ends_at), _naive(starts_at)]))


async def list_unassigned(
    reads: ReadPool, branches: Sequence[str], classes: Sequence[str], starts_at: datetime, ends_at: datetime
) -> list[Hire]:
    """Promises of these branches that have no vehicle yet, the next first; one more than the most when there are."""
    promised, values = _promised(branches, classes, starts_at, ends_at)
    sql = (
        f"SELECT o.vehicle_id, o.starts_at, o.ends_at, o.free_at, {_BOOKING} "  # noqa: S608
        f"FROM occupancy o JOIN booking b ON b.id = o.holder_id {promised} "
        f"ORDER BY o.starts_at, o.id LIMIT {MOST_UNASSIGNED + 1}"
    )
    return _hires(await reads.fetch(sql, values))


async def list_promises(
    reads: ReadPool, branches: Sequence[str], classes: Sequence[str], starts_at: datetime, ends_at: datetime
) -> list[Promise]:
    """As `list_unassigned`, all of them: for counting alone."""
    promised, values = _promised(branches, classes, starts_at, ends_at)
    sql = (
        f"SELECT o.pickup_location, o.class_code, o.starts_at, o.ends_at FROM occupancy o {promised} "  # noqa: S608
        f"LIMIT {MOST_PROMISES}"
    )
    return [Promise(row[0], row[1], _moment(row[2]), _moment(row[3])) for row in await reads.fetch(sql, values)]


def _promised(
    branches: Sequence[str], classes: Sequence[str], starts_at: datetime, ends_at: datetime
) -> tuple[str, list[Any]]:
    narrower = f" AND o.class_code IN ({_places(classes)})" if classes else ""
    sql = (
        f"WHERE o.pickup_location IN ({_places(branches)}){narrower} "
        "AND o.vehicle_id IS NULL AND o.free_at > %s AND o.starts_at < %s"
    )
    return sql, [*branches, *classes, _naive(starts_at), _naive(ends_at)]


def _pauses(rows: Iterable[tuple[Any, ...]]) -> list[Pause]:
    return [Pause(str(row[0]), row[1], _moment(row[2]), row[3] and _moment(row[3]), row[4], row[5]) for row in rows]


def _hires(rows: Iterable[tuple[Any, ...]]) -> list[Hire]:
    return [
        Hire(row[0] and str(row[0]), _moment(row[1]), _moment(row[2]), _moment(row[3]), str(row[4]), *row[5:])
        for row in rows
    ]


def _places(values: Sequence[str]) -> str:
    return ", ".join(["%s"] * len(values)) or "NULL"


_moment = datetime.fromisoformat


def _naive(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


async def get_booking(session: AsyncSession, booking_id: UUID | None, actor: Actor) -> Booking:
    """Raises NotFound when there is none in the actor's scope."""
    found = await session.get(Booking, booking_id) if booking_id else None
    if found is None or not actor.sees(market=found.market, branch=found.pickup_location):
        raise NotFound
    return found


async def list_in_the_way(session: AsyncSession, vehicle_id: UUID, booking: Booking, actor: Actor) -> list[Booking]:
    """Bookings in the actor's scope that have the vehicle at a time of another booking."""
    o, b = Occupancy.__table__, Booking.__table__  # type: ignore[attr-defined]  # pyright: ignore
    own = select(o.c.starts_at, o.c.free_at).where(o.c.holder_id == booking.id).subquery("own")
    statement = (
        select(Booking)
        .join(o, o.c.holder_id == b.c.id)
        .join(own, and_(o.c.starts_at < own.c.free_at, o.c.free_at > own.c.starts_at))
        .where(o.c.vehicle_id == vehicle_id, o.c.holder_id != booking.id)
    )
    found = (await session.execute(statement)).scalars()
    return [one for one in found if actor.sees(market=one.market, branch=one.pickup_location)]


async def find_vehicle(session: AsyncSession, vehicle_id: UUID | None, actor: Actor) -> Vehicle | None:
    """A vehicle in the actor's scope."""
    found = await session.get(Vehicle, vehicle_id) if vehicle_id else None
    return found if found is not None and actor.sees(market=found.market, branch=found.location_code) else None
