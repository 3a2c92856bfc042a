"""Giving vehicles to bookings and promising classes: what is held, by one function per change.

A vehicle's row is locked before its holds are looked at, so that those who want it come one after the other; that no
two of them get it is decided by the constraint on the table, whoever wrote to it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.changes import record
from app.core.db import AsyncSession
from app.core.errors import Conflict, IllegalState, InvalidFields, NotFound
from app.kit.ids import new_id
from app.rental.locations.models import Location
from app.rental.locations.services import HandoverTime
from app.rental.occupancy import queries, rules, writes
from app.rental.occupancy.models import Occupancy
from app.rental.occupancy.queries import Candidate
from app.rental.occupancy.rules import Hold, Obstacle, Stay, Stock
from app.rental.vehicles import services as vehicles
from app.rental.vehicles.models import Vehicle
from app.rental.vehicles.rules import VehicleState


class VehicleTaken(Conflict):
    """Something else has the vehicle during the stay; `from`, `until` and `by` tell what."""

    code = "vehicle_taken"
    title = "The vehicle is taken at that time"
    advice = "Nothing was changed. Choose another vehicle or another time."


class ClassSoldOut(Conflict):
    """Nothing of the class is left at the branch for that time, with what may be promised beyond the fleet."""

    code = "class_sold_out"
    title = "The class is sold out at that time"
    advice = "Nothing was changed. Choose another class or another time."


@dataclass(frozen=True, slots=True)
class Judged:
    """A vehicle of a branch and why it is not free for a stay, if it is not."""

    vehicle: Candidate
    obstacle: Obstacle | None


@dataclass(frozen=True, slots=True)
class ClassLeft:
    """What is left of a class at a branch for a stay."""

    class_code: str
    vehicles: int
    free: int
    promised: int
    overbooking_limit: int
    left: int


async def promise(session: AsyncSession, holder_id: UUID, class_code: str, stay: Stay) -> Occupancy:
    """Hold one of a class at a branch, without a vehicle. Raises ClassSoldOut.

    Promises of one class at one branch are made one after the other.
    """
    await _refuse_sold_out(session, class_code, stay)
    occupancy = _held(holder_id, class_code, stay, None)
    await writes.add(session, occupancy)
    return occupancy


async def occupy(
    session: AsyncSession, holder_id: UUID, vehicle_id: UUID, class_code: str, stay: Stay, *, actor: Actor
) -> Vehicle:
    """Give a vehicle to a booking for a stay, whether it had a promise, another vehicle or nothing yet.

    Raises NotFound for a vehicle outside the actor's scope, IllegalState for one that is not in service, VehicleTaken.
    """
    vehicle = await _lock_free(session, vehicle_id, stay, holder_id, actor)
    present = await queries.find_by_holder(session, holder_id)
    occupancy = _held(holder_id, class_code, stay, vehicle_id)
    values = occupancy.model_dump(exclude={"id", "holder_id"})
    is_kept = await (writes.change(session, holder_id, values) if present else writes.add(session, occupancy))
    if not is_kept:
        raise VehicleTaken("Somebody else was faster.")
    return vehicle


async def claim(session: AsyncSession, vehicle_id: UUID, stay: Stay, *, actor: Actor) -> None:
    """Lock a vehicle that is free for a stay, before anything else is done with it; raises as `occupy`.

    Of many who want one vehicle, those who are late are told so before they wait for the first.
    """
    try:
        await _refuse_clash(session, vehicle_id, stay, None)
    except VehicleTaken:
        await vehicles.get_vehicle(session, vehicle_id, actor)
        raise
    await _lock_free(session, vehicle_id, stay, None, actor)


async def take_claimed(session: AsyncSession, holder_id: UUID, vehicle_id: UUID, class_code: str, stay: Stay) -> None:
    """Give a new booking the vehicle that this unit of work has claimed. Raises VehicleTaken, ClassSoldOut."""
    if not await writes.add(session, _held(holder_id, class_code, stay, vehicle_id)):
        raise VehicleTaken("Somebody else was faster.")
    await _refuse_sold_out(session, class_code, stay, besides=holder_id)


async def give(session: AsyncSession, holder_id: UUID, vehicle_id: UUID, *, actor: Actor) -> Vehicle:
    """Give a vehicle to a booking that holds something already, for the same stay. Raises as `occupy`, and NotFound."""
    present = await queries.find_by_holder(session, holder_id)
    if present is None:
        raise NotFound
    return await occupy(session, holder_id, vehicle_id, present.class_code, present.stay, actor=actor)


def stay_between(pickup: HandoverTime, back: HandoverTime) -> Stay:
    """From one handover to the other, and as long after it as the branch of the return needs."""
    free_at = back.at + timedelta(minutes=back.location.turnaround_minutes)
    return Stay(pickup.location.code, back.location.code, pickup.at, back.at, free_at)


async def vacate(session: AsyncSession, holder_id: UUID) -> None:
    """Take the vehicle from a booking; what remains is the promise of its class. Raises ClassSoldOut."""
    present = await queries.find_by_holder(session, holder_id)
    if present is None or present.vehicle_id is None:
        return
    await writes.change(session, holder_id, {"vehicle_id": None})
    await _refuse_sold_out(session, present.class_code, present.stay, besides=holder_id)


async def move(
    session: AsyncSession, holder_id: UUID, stay: Stay, *, class_code: str | None = None, keeps_vehicle: bool = True
) -> None:
    """Give a hold another time, other branches or another class. Raises VehicleTaken or ClassSoldOut.

    A booking never stands in its own way. Without its vehicle it keeps the promise of the class.
    """
    moved = await check_move(session, holder_id, stay, class_code=class_code, keeps_vehicle=keeps_vehicle)
    if moved and not await writes.change(session, holder_id, moved.model_dump(exclude={"id", "holder_id"})):
        raise VehicleTaken("Somebody else was faster.")


async def check_move(
    session: AsyncSession, holder_id: UUID, stay: Stay, *, class_code: str | None = None, keeps_vehicle: bool = True
) -> Occupancy | None:
    """What `move` would make of a hold, None where nothing is held. Raises as `move`; it changes nothing."""
    present = await queries.find_by_holder(session, holder_id)
    if present is None:
        return None
    wanted, vehicle_id = class_code or present.class_code, present.vehicle_id if keeps_vehicle else None
    if vehicle_id is None:
        await _refuse_sold_out(session, wanted, stay, besides=holder_id)
    else:
        await vehicles.lock_vehicle(session, vehicle_id, SYSTEM)
        await _refuse_clash(session, vehicle_id, stay, holder_id, own=present.stay)
    return _held(holder_id, wanted, stay, vehicle_id)


async def release(session: AsyncSession, holder_id: UUID) -> None:
    """Give up what a booking holds."""
    await writes.remove(session, holder_id)


async def find_hold(session: AsyncSession, holder_id: UUID) -> Occupancy | None:
    """What a booking holds."""
    return await queries.find_by_holder(session, holder_id)


async def judge_vehicles(
    session: AsyncSession, stay: Stay, *, class_code: str | None = None, besides: UUID | None = None
) -> list[Judged]:
    """Every vehicle that might be handed over for the stay, free or with what stands in the way."""
    found, _ = await _judge(session, stay, class_code, besides)
    return found


async def free_vehicles(
    session: AsyncSession, stay: Stay, *, class_code: str | None = None, besides: UUID | None = None
) -> list[Candidate]:
    """The vehicles that are free for the whole stay, at its branch then, and needed nowhere else after it."""
    judged = await judge_vehicles(session, stay, class_code=class_code, besides=besides)
    return [each.vehicle for each in judged if each.obstacle is None]


async def availability(session: AsyncSession, stay: Stay) -> list[ClassLeft]:
    """What is left for the stay of each class that the branch has vehicles or limits of, by class."""
    return (await survey(session, stay))[0]


async def left_of(session: AsyncSession, class_code: str, stay: Stay, *, besides: UUID) -> ClassLeft:
    """What is left of one class for a stay, without what one booking holds itself."""
    limits = await queries.list_limits(session, stay.pickup_location)
    judged, demand = await _judge(session, stay, class_code, besides)
    return _left(class_code, judged, demand, limits.get(class_code, 0), stay)


async def survey(session: AsyncSession, stay: Stay) -> tuple[list[ClassLeft], list[Judged]]:
    """What is left of each class, and every vehicle that was looked at."""
    judged, demand = await _judge(session, stay, None, None)
    limits = await queries.list_limits(session, stay.pickup_location)
    codes = sorted({*(each.vehicle.class_code for each in judged), *limits, *demand})
    return [_left(code, judged, demand, limits.get(code, 0), stay) for code in codes], judged


async def stock_of(session: AsyncSession, codes: Collection[str], until: datetime) -> Stock:
    """All that several branches have for stays that end by a moment, in few queries however many they are."""
    return await queries.read_stock(session, codes, clock.now(), until)


async def set_overbooking_limit(
    session: AsyncSession, location: Location, *, class_code: str, limit: int, actor: Actor
) -> None:
    """How many of a class a branch may promise beyond its vehicles. Raises InvalidFields."""
    if problems := rules.check_limit(class_code, limit):
        raise InvalidFields(problems)
    code = class_code.upper()
    before = (await queries.list_limits(session, location.code)).get(code, 0)
    if before == limit:
        return
    await writes.set_limit(session, location.code, code, limit)
    location.updated_at = clock.now()
    changes = {f"overbooking_{code}": (before, limit)}
    await record(session, "location.overbooking_limit_changed", location, actor=actor, changes=changes)


async def _lock_free(
    session: AsyncSession, vehicle_id: UUID, stay: Stay, holder_id: UUID | None, actor: Actor
) -> Vehicle:
    vehicle = await vehicles.lock_vehicle(session, vehicle_id, actor)
    if vehicle.base_state is not VehicleState.IN_SERVICE:
        raise IllegalState(f"The vehicle is {vehicle.state.replace('_', ' ')}.", state=vehicle.state)
    await _refuse_clash(session, vehicle_id, stay, holder_id)
    return vehicle


async def _judge(
    session: AsyncSession, stay: Stay, class_code: str | None, besides: UUID | None
) -> tuple[list[Judged], dict[str, list[tuple[datetime, datetime]]]]:
    now = clock.now()
    candidates = await queries.list_candidates(session, stay, now, class_code)
    ids = [each.id for each in candidates]
    busy = await queries.list_busy(session, ids, stay, now, class_code=class_code, besides=besides)
    judged = [
        Judged(
            each,
            rules.obstacle(
                stay,
                now=now,
                here=each.location,
                holds=busy.holds.get(each.id, ()),
                pauses=busy.pauses.get(each.id, ()),
            ),
        )
        for each in candidates
    ]
    return judged, busy.demand


async def _refuse_sold_out(session: AsyncSession, class_code: str, stay: Stay, besides: UUID | None = None) -> None:
    limit = await writes.lock_stock(session, stay.pickup_location, class_code)
    judged, demand = await _judge(session, stay, class_code, besides)
    found = _left(class_code, judged, demand, limit, stay)
    if found.left <= 0:
        detail = f"{class_code} at {stay.pickup_location}: {found.free} free, {found.promised} promised."
        raise ClassSoldOut(detail, extra={"free": found.free, "promised": found.promised, "limit": limit})


def _left(
    code: str, judged: Sequence[Judged], demand: dict[str, list[tuple[datetime, datetime]]], limit: int, stay: Stay
) -> ClassLeft:
    of_class = [each for each in judged if each.vehicle.class_code == code]
    free = sum(each.obstacle is None for each in of_class)
    promised = rules.peak(demand.get(code, ()), stay.starts_at, stay.free_at)
    return ClassLeft(code, len(of_class), free, promised, limit, rules.left(free, promised, limit))


async def _refuse_clash(
    session: AsyncSession, vehicle_id: UUID, stay: Stay, holder_id: UUID | None, own: Stay | None = None
) -> None:
    busy = await queries.list_busy(session, [vehicle_id], stay, clock.now(), besides=holder_id)
    pauses = [
        pause
        for pause in busy.pauses.get(vehicle_id, ())
        if not (
            own and pause.kind == "hire" and rules.overlap(own.starts_at, own.free_at, pause.starts_at, pause.ends_at)
        )
    ]
    found = rules.clash(stay, busy.holds.get(vehicle_id, ()), pauses)
    if found is None:
        return
    by, until = ("booking", found.free_at) if isinstance(found, Hold) else (found.kind, found.ends_at)
    words = f" until {until:%Y-%m-%d %H:%M} UTC" if until else ", without an end"
    raise VehicleTaken(
        f"There is a {by.replace('_', ' ')} from {found.starts_at:%Y-%m-%d %H:%M}{words}.",
        extra={"by": by, "from": found.starts_at, "until": until},
    )


def _held(holder_id: UUID, class_code: str, stay: Stay, vehicle_id: UUID | None) -> Occupancy:
    return Occupancy(
        id=new_id(),
        holder_id=holder_id,
        class_code=class_code,
        vehicle_id=vehicle_id,
        pickup_location=stay.pickup_location,
        return_location=stay.return_location,
        starts_at=stay.starts_at,
        ends_at=stay.ends_at,
        free_at=stay.free_at,
    )
