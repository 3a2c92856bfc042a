"""Reading holds, and what else keeps vehicles busy."""

from collections.abc import Collection
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import String, bindparam, cast, literal, null, or_, select, union, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from app.rental.occupancy.models import ClassStock, Occupancy
from app.rental.occupancy.rules import Hold, Parked, Pause, Stay, Stock
from app.rental.vehicles.models import Vehicle, VehiclePeriod
from app.rental.vehicles.rules import PeriodKind, VehicleState

_o = Occupancy.__table__  # type: ignore[attr-defined]  # pyright: ignore
_v = Vehicle.__table__  # type: ignore[attr-defined]  # pyright: ignore
_p = VehiclePeriod.__table__  # type: ignore[attr-defined]  # pyright: ignore
_s = ClassStock.__table__  # type: ignore[attr-defined]  # pyright: ignore

MOST_CANDIDATES = 2_000
MOST_STOCK = 10_000


class Candidate(NamedTuple):
    """A vehicle in service that is at a branch, or will have come to it."""

    id: UUID
    title: str
    plate: str
    class_code: str
    location: str | None


class Busy(NamedTuple):
    """What keeps the vehicles busy, and what is promised of their classes without a vehicle."""

    holds: dict[UUID, list[Hold]]
    pauses: dict[UUID, list[Pause]]
    demand: dict[str, list[tuple[datetime, datetime]]]


async def find_by_holder(session: AsyncSession, holder_id: UUID) -> Occupancy | None:
    """The hold of a booking."""
    statement = select(Occupancy).where(_o.c.holder_id == holder_id)
    return (await session.execute(statement, execution_options={"populate_existing": True})).scalar_one_or_none()


async def list_candidates(
    session: AsyncSession, stay: Stay, now: datetime, class_code: str | None = None
) -> list[Candidate]:
    """The vehicles that may be at the branch of the pick-up at its time, by class and plate."""
    given = {"location": stay.pickup_location, "now": now, "starts_at": stay.starts_at}
    if class_code:
        given["class_code"] = class_code
    rows = await session.execute(_candidates(of_class=bool(class_code)), given)
    return [
        Candidate(row.id, " ".join(filter(None, (row.make, row.model))), row.plate or "", row.acriss, row.location_code)
        for row in rows
    ]


@cache
def _candidates(*, of_class: bool) -> Any:
    """Built once: bookings are made by it many times a second.

    What is there is found before it is joined with its vehicles: the server would rather read the class everywhere.
    """
    location, now, starts_at = bindparam("location"), bindparam("now"), bindparam("starts_at")
    is_wanted = [_v.c.base_state == VehicleState.IN_SERVICE]
    is_wanted += [_v.c.acriss == bindparam("class_code")] if of_class else [_v.c.acriss.is_not(None)]
    arriving = [
        select(_v.c.id).where(_v.c.location_code == location, *is_wanted),
        select(_o.c.vehicle_id).where(_o.c.return_location == location, _o.c.free_at > now, _o.c.free_at <= starts_at),
        select(_p.c.vehicle_id).where(
            _p.c.kind == PeriodKind.TRANSFER,
            _p.c.to_location_code == location,
            _p.c.ends_at > now,
            _p.c.ends_at <= starts_at,
        ),
    ]
    found = union(*arriving).subquery("found")
    return (
        select(_v.c.id, _v.c.make, _v.c.model, _v.c.plate, _v.c.acriss, _v.c.location_code)
        .prefix_with("STRAIGHT_JOIN")
        .select_from(found.join(_v, found.c.id == _v.c.id))
        .where(*is_wanted)
        .order_by(_v.c.acriss, _v.c.plate_key, _v.c.id)
        .limit(MOST_CANDIDATES)
    )


async def list_busy(
    session: AsyncSession,
    vehicles: Collection[UUID],
    stay: Stay,
    now: datetime,
    *,
    class_code: str | None = None,
    besides: UUID | None = None,
) -> Busy:
    """Everything from now on that these vehicles are held for, and the promises of the branch during the stay.

    `besides` names a holder that is left out: a booking never stands in its own way.
    """
    given: dict[str, Any] = {
        "vehicles": list(vehicles),
        "since": min(now, stay.starts_at),
        "location": stay.pickup_location,
        "starts_at": stay.starts_at,
        "free_at": stay.free_at,
    }
    if class_code:
        given["class_code"] = class_code
    if besides:
        given["besides"] = besides
    found = await session.execute(_busy(of_class=bool(class_code), has_besides=bool(besides)), given)
    busy = Busy({}, {}, {})
    for what, key, starts_at, ends_at, first, second in found:  # pyright: ignore[reportAssignmentType]
        start, end = _utc(starts_at), _utc(ends_at)
        if what == "hold":
            busy.holds.setdefault(key, []).append(Hold(start, end, first, second))  # pyright: ignore
        elif what == "pause":
            busy.pauses.setdefault(key, []).append(Pause(first, start, end, second))  # pyright: ignore
        else:
            busy.demand.setdefault(first, []).append((start, end))  # pyright: ignore
    return busy


@cache
def _busy(*, of_class: bool, has_besides: bool) -> Any:
    """Holds, pauses and promises, told apart by their first column."""
    vehicles, since = bindparam("vehicles", expanding=True), bindparam("since")
    holds, pauses = _holds(vehicles, since), _pauses(vehicles, since)
    demand = select(literal("demand"), _o.c.holder_id, _o.c.starts_at, _o.c.free_at, _o.c.class_code, null()).where(
        _o.c.pickup_location == bindparam("location"),
        _o.c.vehicle_id.is_(None),
        _o.c.starts_at < bindparam("free_at"),
        _o.c.free_at > bindparam("starts_at"),
    )
    if of_class:
        demand = demand.where(_o.c.class_code == bindparam("class_code"))
    if has_besides:
        besides = bindparam("besides")
        holds, demand = holds.where(_o.c.holder_id != besides), demand.where(_o.c.holder_id != besides)
    return union_all(holds, pauses, demand)


def _holds(vehicles: Any, since: Any) -> Any:
    return select(
        literal("hold"), _o.c.vehicle_id, _o.c.starts_at, _o.c.free_at, _o.c.pickup_location, _o.c.return_location
    ).where(_o.c.vehicle_id.in_(vehicles), _o.c.free_at > since)


def _pauses(vehicles: Any, since: Any) -> Any:
    return select(
        literal("pause"),
        _p.c.vehicle_id,
        _p.c.starts_at,
        _p.c.ends_at,
        cast(_p.c.kind, String(16)),
        _p.c.to_location_code,
    ).where(_p.c.vehicle_id.in_(vehicles), or_(_p.c.ends_at.is_(None), _p.c.ends_at > since))


async def list_limits(session: AsyncSession, location: str) -> dict[str, int]:
    """The overbooking limits of a branch by class."""
    statement = select(_s.c.class_code, _s.c.overbooking_limit).where(_s.c.location_code == location)
    return {str(code): int(limit) for code, limit in await session.execute(statement)}


async def read_stock(session: AsyncSession, codes: Collection[str], now: datetime, until: datetime) -> Stock:
    """All that some branches have for stays from now on that end by a moment, in three queries."""
    found = _reaching(codes, now, until)
    statement = (
        select(_v.c.id, _v.c.make, _v.c.model, _v.c.acriss, _v.c.location_code, found.c.place)
        .select_from(_v.join(found, found.c.id == _v.c.id))
        .where(_v.c.base_state == VehicleState.IN_SERVICE, _v.c.acriss.is_not(None))
        .order_by(_v.c.id)
        .limit(MOST_STOCK)
    )
    rows = (await session.execute(statement)).all()
    holds: dict[UUID, list[Hold]] = {}
    pauses: dict[UUID, list[Pause]] = {}
    demand: dict[tuple[str, str], list[tuple[datetime, datetime]]] = {}
    ids = select(found.c.id)
    statements = (_holds(ids, now), _pauses(ids, now), _promises(codes, now, until))
    for what, key, starts_at, ends_at, first, second in (await session.execute(union_all(*statements))).all():  # pyright: ignore
        start, end = _utc(starts_at), _utc(ends_at)
        if what == "hold":  # pyright: ignore
            holds.setdefault(key, []).append(Hold(start, end, first, second))  # pyright: ignore
        elif what == "pause":  # pyright: ignore
            pauses.setdefault(key, []).append(Pause(first, start, end, second))  # pyright: ignore
        else:
            demand.setdefault((second, first), []).append((start, end))  # pyright: ignore
    vehicles: dict[tuple[str, str], list[Parked]] = {}
    known: dict[UUID, Parked] = {}
    for key, make, model, acriss, here, place in rows:
        if key not in known:
            title = " ".join(filter(None, (make, model)))
            known[key] = Parked(acriss, title, here, holds.get(key, ()), pauses.get(key, ()))
        vehicles.setdefault((place, acriss), []).append(known[key])
    return Stock(now, until, vehicles, demand, await _limits_of(session, codes))


def _reaching(codes: Collection[str], now: datetime, until: datetime) -> Any:
    """Vehicles with the branch that they are at, or will have come to."""
    return union(
        select(_v.c.id, _v.c.location_code.label("place")).where(_v.c.location_code.in_(codes)),
        select(_o.c.vehicle_id, _o.c.return_location).where(
            _o.c.return_location.in_(codes), _o.c.free_at > now, _o.c.free_at <= until, _o.c.vehicle_id.is_not(None)
        ),
        select(_p.c.vehicle_id, _p.c.to_location_code).where(
            _p.c.kind == PeriodKind.TRANSFER,
            _p.c.to_location_code.in_(codes),
            _p.c.ends_at > now,
            _p.c.ends_at <= until,
        ),
    ).subquery("found")


def _promises(codes: Collection[str], now: datetime, until: datetime) -> Any:
    columns = (_o.c.holder_id, _o.c.starts_at, _o.c.free_at, _o.c.class_code, _o.c.pickup_location)
    return select(literal("demand"), *columns).where(
        _o.c.pickup_location.in_(codes), _o.c.vehicle_id.is_(None), _o.c.starts_at < until, _o.c.free_at > now
    )


async def _limits_of(session: AsyncSession, codes: Collection[str]) -> dict[tuple[str, str], int]:
    statement = select(_s.c.location_code, _s.c.class_code, _s.c.overbooking_limit).where(
        _s.c.location_code.in_(codes), _s.c.overbooking_limit > 0
    )
    return {(str(place), str(code)): int(limit) for place, code, limit in await session.execute(statement)}


def _utc(value: datetime | None) -> datetime | None:
    return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)
