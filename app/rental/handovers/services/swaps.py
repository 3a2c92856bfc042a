"""A vehicle that takes over during a hire: read, marked and handed over in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.changes import record
from app.core.db import AsyncSession
from app.core.errors import Conflict, IllegalState, InvalidFields
from app.kit.problems import Problem
from app.rental.bookings import services as bookings
from app.rental.bookings.models import Booking, VehicleSwap
from app.rental.bookings.rules import BookingState, Source
from app.rental.bookings.services import hires
from app.rental.damages import services as damages
from app.rental.damages.services import SeenAt
from app.rental.handovers import queries
from app.rental.handovers.models import Handover
from app.rental.handovers.rules import Direction, HandoverState
from app.rental.locations import services as locations
from app.rental.vehicles import services as vehicles
from app.rental.vehicles.services import SwapReadings


@dataclass(frozen=True, slots=True)
class SwapWish:
    """Which vehicle takes over and why, what was read in both, and the new damage of the one that is taken in."""

    vehicle_id: UUID | None
    reason: str
    readings: SwapReadings = field(default_factory=SwapReadings)
    marks: Sequence[Mapping[str, Any]] = ()


async def swap_vehicle(session: AsyncSession, booking_id: UUID, wish: SwapWish, *, actor: Actor) -> VehicleSwap:
    """Take one vehicle in and give another one out. Raises as `assign_vehicle`; Conflict for the same vehicle."""
    booking = await hires.find_on_hire(session, booking_id, actor)
    refuse_swap(booking)
    if problems := await _problems(session, wish):
        raise InvalidFields(problems)
    assert wish.vehicle_id is not None
    if booking.vehicle_id == wish.vehicle_id:
        raise Conflict("This vehicle is on the hire already.", extra={"code": "same_vehicle"})
    await bookings.assign_vehicle(
        session, booking.id, vehicle_id=wish.vehicle_id, reason=wish.reason, readings=wish.readings, actor=actor
    )
    swap = (await hires.list_swaps(session, booking.id))[-1]
    await _mark(session, booking, swap, wish, actor)
    await _begin_check_in_anew(session, booking, actor)
    return swap


def refuse_swap(booking: Booking) -> None:
    """Raises IllegalState, Conflict for a supplier's vehicle."""
    if booking.source is not Source.OWN:
        raise Conflict("The supplier hands it over.", extra={"code": "not_our_fleet"})
    if booking.state is not BookingState.ON_HIRE:
        raise IllegalState(f"The booking is {booking.state.replace('_', ' ')}.", state=booking.state)


async def _problems(session: AsyncSession, wish: SwapWish) -> list[Problem]:
    found = [] if wish.vehicle_id else [Problem("vehicle_id", "required", "Choose a vehicle")]
    if not wish.reason.strip():
        found.append(Problem("reason", "required", "Say why the vehicle is swapped"))
    code = wish.readings.location
    if code and code not in await locations.by_codes(session, {code}):
        found.append(Problem("location", "unknown_value", "There is no such branch"))
    return found


async def _mark(session: AsyncSession, booking: Booking, swap: VehicleSwap, wish: SwapWish, actor: Actor) -> None:
    """New damage of the vehicle that is taken in becomes a case."""
    if not wish.marks:
        return
    marks = [await damages.add_mark(session, swap.taken_id, fields=each, found_by=swap.id) for each in wish.marks]
    vehicle = await vehicles.lock_vehicle(session, swap.taken_id, SYSTEM)
    seen = SeenAt(booking, vehicle, booking.pickup_location, swap.id)
    await damages.open_case(session, seen, marks, actor=actor)


async def _begin_check_in_anew(session: AsyncSession, booking: Booking, actor: Actor) -> None:
    """What was read for a check-in was read in the vehicle that is no longer on the hire."""
    found = await queries.find_of(session, booking.id, Direction.IN)
    if found is None or found.state is HandoverState.DONE:
        return
    handover = await queries.lock_handover(session, found.id, SYSTEM)
    await take_present_vehicle(session, handover, booking)
    handover.saved_by, handover.updated_at = actor.name, clock.now()
    await record(session, "handover.vehicle_saved", handover, actor=actor)


async def take_present_vehicle(session: AsyncSession, handover: Handover, booking: Booking) -> None:
    """A check-in is of the vehicle that is on the hire now; what was read in another one is forgotten."""
    if handover.vehicle_id == booking.vehicle_id or booking.vehicle_id is None:
        return
    vehicle = await vehicles.lock_vehicle(session, booking.vehicle_id, SYSTEM)
    handover.vehicle_id, handover.is_battery = vehicle.id, vehicle.runs_on_battery
    handover.odometer_km = handover.fuel_percent = None
    handover.agreed_at, handover.signature, handover.signed_name = None, [], ""
