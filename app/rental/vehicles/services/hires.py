"""A vehicle that leaves with a hire and comes back: its state, its odometer and its fuel follow."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.changes import record
from app.core.db import AsyncSession
from app.core.errors import IllegalState, InvalidFields
from app.kit.problems import Problem
from app.rental.vehicles import approvals, queries, rules
from app.rental.vehicles.models import Vehicle
from app.rental.vehicles.rules import PeriodKind, VehicleState
from app.rental.vehicles.services import stays
from app.rental.vehicles.services.moves import open_period, settle


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read in the vehicle; the fuel, or the battery, in per cent."""

    odometer_km: int
    fuel_percent: int | None = None


def check_reading(vehicle: Vehicle, reading: Reading) -> list[Problem]:
    """Problems of a reading: an odometer never goes back."""
    known = vehicle.odometer_km or 0
    if reading.odometer_km < known:
        return [Problem("odometer_km", "out_of_range", f"Not below the {known:,} km that were read last")]
    if reading.odometer_km > rules.MAX_ODOMETER_KM:
        return [Problem("odometer_km", "out_of_range", f"At most {rules.MAX_ODOMETER_KM:,} km")]
    if reading.fuel_percent is not None and not 0 <= reading.fuel_percent <= 100:
        return [Problem("fuel", "out_of_range", "Between empty and full")]
    return []


async def begin_hire(
    session: AsyncSession, vehicle_id: UUID, *, until: datetime, reading: Reading, reason: str, actor: Actor
) -> Vehicle:
    """The vehicle leaves. Raises IllegalState for one that is not in service, InvalidFields, PeriodOverlaps."""
    vehicle = await queries.lock_vehicle(session, vehicle_id, actor)
    if vehicle.state is not VehicleState.IN_SERVICE:
        raise IllegalState(f"The vehicle is {vehicle.state.replace('_', ' ')}.", state=vehicle.state)
    changes = _take(vehicle, reading)
    periods, now = await queries.list_periods(session, vehicle.id), clock.now()
    fields = {"ends_at": until, "reason": reason}
    periods.append(open_period(session, vehicle, PeriodKind.HIRE, periods, fields, now, None, actor))
    return await _settled(session, vehicle, periods, "vehicle.handed_over", reason, changes, actor)


async def end_hire(
    session: AsyncSession, vehicle_id: UUID, *, location_code: str | None, reading: Reading, reason: str, actor: Actor
) -> Vehicle:
    """The vehicle is back, at a branch or where it was last. Raises InvalidFields."""
    vehicle = await queries.lock_vehicle(session, vehicle_id, SYSTEM)
    changes = _take(vehicle, reading)
    periods, now = await queries.list_periods(session, vehicle.id), clock.now()
    for period in periods:
        if period.kind is PeriodKind.HIRE and rules.covers(period, now):
            period.ends_at = now
    if location_code and vehicle.location_code != location_code:
        changes["location_code"] = (vehicle.location_code, location_code)
        vehicle.location_code = location_code
    return await _settled(session, vehicle, periods, "vehicle.taken_back", reason, changes, actor)


@dataclass(frozen=True, slots=True)
class SwapReadings:
    """What was read in the vehicle that is taken in and in the one that is given out, None where nobody could.

    `location`: where the one that is taken in is left, None where it was last.
    """

    taken: Reading | None = None
    given: Reading | None = None
    location: str | None = None


async def swap_hire(
    session: AsyncSession,
    vehicle_id: UUID,
    other_id: UUID,
    *,
    until: datetime,
    readings: SwapReadings,
    reason: str,
    actor: Actor,
) -> None:
    """Another vehicle goes on with a hire that runs; one that nobody read keeps what was read in it last.

    Raises IllegalState for one that is not in service, PeriodOverlaps; InvalidFields naming `taken` or `given`.
    """
    given_back = await queries.lock_vehicle(session, vehicle_id, SYSTEM)
    other = await queries.lock_vehicle(session, other_id, actor)
    if problems := _check_swap(given_back, other, readings):
        raise InvalidFields(problems)
    taken = readings.taken or Reading(given_back.odometer_km or 0)
    await end_hire(session, vehicle_id, location_code=readings.location, reading=taken, reason=reason, actor=actor)
    given = readings.given or Reading(other.odometer_km or 0)
    await begin_hire(session, other_id, until=until, reading=given, reason=reason, actor=actor)


async def prolong_hire(session: AsyncSession, vehicle_id: UUID, *, until: datetime) -> bool:
    """A hire that runs ends at a moment at the earliest; False when it does already. It is no change of the vehicle."""
    vehicle = await queries.lock_vehicle(session, vehicle_id, SYSTEM)
    periods, now = await queries.list_periods(session, vehicle.id), clock.now()
    running = next((one for one in periods if one.kind is PeriodKind.HIRE and rules.covers(one, now)), None)
    if running is None or running.ends_at is None or running.ends_at >= until:
        return False
    running.ends_at = until
    vehicle.next_change_at = rules.next_change(periods, now)
    return True


async def _settled(
    session: AsyncSession,
    vehicle: Vehicle,
    periods: list[Any],
    action: str,
    reason: str,
    changes: dict[str, tuple[Any, Any]],
    actor: Actor,
) -> Vehicle:
    before = vehicle.state
    settle(vehicle, periods, clock.now())
    if before is not vehicle.state:
        changes["state"] = (before, vehicle.state)
    await record(session, action, vehicle, actor=actor, why=reason, changes=changes)
    if "location_code" in changes:
        await stays.follow(session, vehicle)
    await approvals.void_changed(session, vehicle, actor=actor)
    return vehicle


def _check_swap(taken: Vehicle, given: Vehicle, readings: SwapReadings) -> list[Problem]:
    read = (("taken", taken, readings.taken), ("given", given, readings.given))
    return [
        Problem(f"{name}.{problem.field}", problem.code, problem.detail)
        for name, vehicle, reading in read
        if reading is not None
        for problem in check_reading(vehicle, reading)
    ]


def _take(vehicle: Vehicle, reading: Reading) -> dict[str, tuple[Any, Any]]:
    if problems := check_reading(vehicle, reading):
        raise InvalidFields(problems)
    changes: dict[str, tuple[Any, Any]] = {}
    for name, value in (("odometer_km", reading.odometer_km), ("fuel_level_percent", reading.fuel_percent)):
        if value is not None and getattr(vehicle, name) != value:
            changes[name] = (getattr(vehicle, name), value)
            setattr(vehicle, name, value)
    return changes
