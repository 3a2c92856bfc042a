"""Changing the terms of a booking, and which vehicle it has."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.actor import Actor
from app.core.changes import record
from app.core.db import AsyncSession
from app.core.errors import InvalidFields
from app.kit.fee_windows import FeeWindow, after_change, fee_at, plain_windows, read_windows
from app.kit.money import Money
from app.kit.problems import Problem
from app.rental.bookings import queries, rules
from app.rental.bookings.models import Booking, VehicleSwap
from app.rental.bookings.rules import MOVES, BookingState, Choices, Source
from app.rental.bookings.services.moves import NotOurFleet, begin, fee_due, refuse_move
from app.rental.bookings.services.pricing import Priced, hire_of, price, price_again
from app.rental.bookings.services.supplied import amend_with_supplier
from app.rental.bookings.services.terms import handovers, replace_terms, term_columns
from app.rental.locations.services import HandoverTime
from app.rental.occupancy import services as occupancy
from app.rental.vehicles import services as vehicles
from app.rental.vehicles.models import Vehicle
from app.rental.vehicles.services import SwapReadings

SHORTEST_HIRE = timedelta(hours=1)
"""A vehicle that takes over a hire whose return is over is away for so long at least."""


async def amend_booking(session: AsyncSession, booking_id: UUID, *, fields: Mapping[str, Any], actor: Actor) -> Booking:
    """Other times, branches or another class before the pick-up, at a new price; the old terms are kept.

    `fields`: reason, and pickup, back (location, local), class_code, choices as far as they change. Another time,
    branch or class is priced by the rate in force; other choices alone keep the rate that was agreed. A vehicle of
    another class, or of another branch, is given back. A supplier is asked first.

    Raises IllegalState, InvalidFields, NoPrice, VehicleTaken, ClassSoldOut.
    """
    booking = await begin(session, booking_id, "amendment", actor)
    if booking.source is Source.SUPPLIER:
        return await amend_with_supplier(session, booking, fields, actor=actor)
    return await _change(session, booking, "amendment", fields, actor)


async def extend_booking(
    session: AsyncSession, booking_id: UUID, *, fields: Mapping[str, Any], actor: Actor
) -> Booking:
    """Another return of a hire that runs, later or earlier, at the rate that was agreed. Raises as `amend_booking`."""
    booking = await begin(session, booking_id, "extension", actor)
    return await _change(session, booking, "extension", _allowed("extension", fields), actor)


@dataclass(frozen=True, slots=True)
class ChangePreview:
    """What a change would make of the price, and of what cancelling costs at this moment."""

    before: Money
    fee_before: Money
    priced: Priced

    @property
    def difference(self) -> Money:
        return self.priced.total - self.before

    @property
    def windows(self) -> list[FeeWindow]:
        return read_windows(self.priced.fee_windows)

    @property
    def fee(self) -> Money:
        return fee_at(self.priced.total, self.windows, clock.now())


async def preview_change(
    session: AsyncSession, booking_id: UUID, *, move: str, fields: Mapping[str, Any], actor: Actor
) -> ChangePreview:
    """The price after an `amendment` or `extension`, which changes nothing yet. Raises as they do."""
    booking = await queries.get_booking(session, booking_id, actor)
    refuse_move(booking, move)
    if booking.source is Source.SUPPLIER:
        raise NotOurFleet("The supplier says what a change costs when it is asked for it.")
    planned = await _plan(session, booking, move, _allowed(move, fields))
    stay = occupancy.stay_between(planned.pickup, planned.back)
    await occupancy.check_move(
        session, booking.id, stay, class_code=planned.class_code, keeps_vehicle=planned.keeps_vehicle
    )
    return ChangePreview(booking.total, fee_due(booking), planned.priced)


async def assign_vehicle(
    session: AsyncSession,
    booking_id: UUID,
    *,
    vehicle_id: UUID,
    reason: str | None = None,
    readings: SwapReadings | None = None,
    actor: Actor,
) -> Booking:
    """Give the booking a vehicle, or another one; of another class than booked needs a reason.

    During a hire the one goes back into service and the other on hire, with what was read in both; where nobody read
    it, nothing is charged for that part of the hire. Raises IllegalState, NotOurFleet, VehicleTaken, InvalidFields;
    NotFound for a vehicle outside the actor's scope.
    """
    if problems := rules.check_amendment({"reason": reason}):
        raise InvalidFields(problems)
    booking = await begin(session, booking_id, "vehicle_assignment", actor)
    if booking.vehicle_id == vehicle_id:
        return booking
    vehicle = await occupancy.give(session, booking.id, vehicle_id, actor=actor)
    is_other_class = vehicle.acriss != booking.class_code
    if (is_other_class or booking.state is BookingState.ON_HIRE) and not (reason or "").strip():
        words = "another class than booked" if is_other_class else "a swap during the hire"
        raise InvalidFields([Problem("reason", "required", f"Say why: it is {words}")])
    before = in_words(await queries.find_vehicle(session, booking.vehicle_id))
    if booking.state is BookingState.ON_HIRE and booking.vehicle_id:
        await _swap(session, booking, vehicle, readings or SwapReadings(), reason=str(reason).strip(), actor=actor)
    booking.vehicle_id = vehicle.id
    after = in_words(await queries.find_vehicle(session, vehicle.id))
    action = "booking.vehicle_swapped" if booking.state is BookingState.ON_HIRE else "booking.vehicle_assigned"
    await record(session, action, booking, actor=actor, why=reason or None, changes={"vehicle": (before, after)})
    return booking


async def remove_vehicle(session: AsyncSession, booking_id: UUID, *, actor: Actor) -> Booking:
    """Take the vehicle from a booking, which keeps the promise of its class. Raises IllegalState, ClassSoldOut."""
    booking = await begin(session, booking_id, "vehicle_removal", actor)
    if booking.vehicle_id is None:
        return booking
    await occupancy.vacate(session, booking.id)
    changes = {"vehicle": (in_words(await queries.find_vehicle(session, booking.vehicle_id)), None)}
    booking.vehicle_id = None
    await record(session, "booking.vehicle_removed", booking, actor=actor, changes=changes)
    return booking


def in_words(vehicle: Mapping[str, Any] | None) -> str | None:
    """`123 ABC Škoda Octavia, IWMD`."""
    if vehicle is None:
        return None
    name = " ".join(part for part in (vehicle["plate"], vehicle["title"]) if part)
    return ", ".join(part for part in (name, vehicle["acriss"]) if part)


async def _swap(
    session: AsyncSession, booking: Booking, other: Vehicle, readings: SwapReadings, *, reason: str, actor: Actor
) -> None:
    assert booking.vehicle_id is not None
    until = max(booking.return_at, clock.now() + SHORTEST_HIRE)
    await vehicles.swap_hire(
        session, booking.vehicle_id, other.id, until=until, readings=readings, reason=booking.reference, actor=actor
    )
    taken, given = readings.taken, readings.given
    session.add(
        VehicleSwap(
            booking_id=booking.id,
            number=len(await queries.list_swaps(session, booking.id)) + 1,
            swapped_by=actor.name,
            reason=reason,
            taken_id=booking.vehicle_id,
            taken_km=taken.odometer_km if taken else None,
            taken_fuel_percent=taken.fuel_percent if taken else None,
            given_id=other.id,
            given_km=given.odometer_km if given else None,
            given_fuel_percent=given.fuel_percent if given else None,
            is_battery=other.runs_on_battery,
        )
    )


async def _change(
    session: AsyncSession, booking: Booking, move: str, fields: Mapping[str, Any], actor: Actor
) -> Booking:
    if problems := rules.check_reason(fields):
        raise InvalidFields(problems)
    planned = await _plan(session, booking, move, fields)
    stay = occupancy.stay_between(planned.pickup, planned.back)
    await occupancy.move(session, booking.id, stay, class_code=planned.class_code, keeps_vehicle=planned.keeps_vehicle)
    if not planned.keeps_vehicle:
        booking.vehicle_id = None
    action = "booking.extended" if move == "extension" else "booking.amended"
    await replace_terms(
        session, booking, planned.columns, path=MOVES[move].path, action=action, why=fields["reason"], actor=actor
    )
    return booking


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a change would make of a booking."""

    pickup: HandoverTime
    back: HandoverTime
    class_code: str
    choices: Choices
    priced: Priced
    keeps_vehicle: bool

    @property
    def columns(self) -> dict[str, Any]:
        return term_columns(self.pickup, self.back, self.class_code, self.choices, self.priced)


async def _plan(session: AsyncSession, booking: Booking, move: str, fields: Mapping[str, Any]) -> _Plan:
    given = {name: value for name, value in fields.items() if value is not None}
    if problems := rules.check_amendment(given):
        raise InvalidFields(problems)
    pickup, back = await handovers(
        session,
        given.get("pickup") or {"location": booking.pickup_location, "local": booking.pickup_local},
        given.get("back") or {"location": booking.return_location, "local": booking.return_local},
    )
    if pickup.location.market != booking.market:
        raise InvalidFields([Problem("pickup.location", "other_market", "A booking stays in its market")])
    class_code = str(given.get("class_code") or booking.class_code).upper()
    choices = rules.read_choices(given["choices"]) if "choices" in given else booking.chosen
    has_same_time = (pickup.at, pickup.location.code, back.at, back.location.code, class_code, choices.brand) == (
        booking.pickup_at, booking.pickup_location, booking.return_at, booking.return_location, booking.class_code,
        booking.chosen.brand,
    )  # fmt: skip
    if has_same_time or move == "extension":
        priced = price_again(booking, pickup, back, choices=choices)
    else:
        hire = hire_of(pickup, back, choices, booking.driver_born_on)
        priced = await price(session, class_code, hire, vehicle_id=booking.vehicle_id)
    if has_same_time and choices == booking.chosen:
        priced = replace(priced, fee_windows=booking.fee_windows)
    elif move == "amendment":
        priced = replace(priced, fee_windows=_windows_kept(booking, priced))
    is_other = class_code != booking.class_code or pickup.location.code != booking.pickup_location
    return _Plan(pickup, back, class_code, choices, priced, not (booking.vehicle_id and is_other))


def _windows_kept(booking: Booking, priced: Priced) -> list[dict[str, Any]]:
    """The windows of the new price, which never cost less than cancelling does at this moment."""
    windows = after_change(fee_due(booking), booking.total, read_windows(priced.fee_windows), priced.total, clock.now())
    return plain_windows(windows)


def _allowed(move: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What may be changed: of a hire that runs the return alone."""
    return {name: value for name, value in fields.items() if move == "amendment" or name in ("reason", "back")}
