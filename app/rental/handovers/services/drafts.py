"""A check-out or a check-in while it is filled: each step is saved by itself, and by one person at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.changes import record
from app.core.crypto import decrypt, encrypt
from app.core.db import AsyncSession
from app.core.errors import Conflict, IllegalState, InvalidFields, NotFound, StaleVersion
from app.core.sealing import Resealed, Sealed, reseal_rows
from app.kit.identifiers import mask
from app.kit.money import Money, exponent
from app.kit.problems import Problem
from app.payments.charges import services as charges
from app.payments.charges.models import Charge
from app.payments.charges.rules import DUE, ChargeState, Purpose
from app.rental.bookings import services as bookings
from app.rental.bookings.models import Booking
from app.rental.bookings.rules import BookingState, Source
from app.rental.bookings.services.charging import charged
from app.rental.bookings.services.hires import find_on_hire
from app.rental.damages import services as damages
from app.rental.damages.models import DamageMark
from app.rental.handovers import queries, rules
from app.rental.handovers.models import Handover
from app.rental.handovers.rules import Direction, Filled, HandoverState
from app.rental.handovers.services.swaps import take_present_vehicle
from app.rental.vehicles import services as vehicles
from app.rental.vehicles.models import Vehicle
from app.rental.vehicles.services import Reading
from app.settings import Settings

PURPOSE = "driver-papers"
SEALED = ("licence_number", "document_number")
SECURED = frozenset({ChargeState.HELD, ChargeState.CAPTURED, ChargeState.RELEASED, ChargeState.WAIVED})
"""States of a deposit with which a vehicle may leave."""


class HandoverDone(Conflict):
    code = "handover_done"
    title = "This is done already and is not changed any more"
    advice = "Nothing was changed. Go back and load the page again."


@dataclass(frozen=True, slots=True)
class Papers:
    """What a driver shows."""

    licence_number: str | None
    licence_country: str | None
    licence_expires_on: Any
    document_kind: str | None = None
    document_number: str | None = None


def keys_of(settings: Settings) -> Sequence[bytes]:
    """The keys that seal the numbers of papers: the first writes, all of them read."""
    return settings.keys(PURPOSE)


async def open_handover(session: AsyncSession, booking_id: UUID, direction: Direction, *, actor: Actor) -> Handover:
    """The draft of a booking's check-out or check-in, made when there is none; every device gets the same one.

    Raises IllegalState, Conflict for a supplier's vehicle.
    """
    booking = await find_on_hire(session, booking_id, actor)
    present = await queries.find_of(session, booking.id, direction)
    if present is not None:
        if direction is Direction.IN and present.state is HandoverState.DRAFT:
            await take_present_vehicle(session, present, booking)
        return present
    if booking.source is not Source.OWN:
        raise Conflict("The supplier hands it over.", extra={"code": "not_our_fleet"})
    if booking.state not in rules.BEGINS_IN[direction]:
        raise IllegalState(f"The booking is {booking.state.replace('_', ' ')}.", state=booking.state)
    is_out = direction is Direction.OUT
    handover = Handover(
        deposit_charge_id=(await _plan_charges(session, booking, actor)).id if is_out else None,
        booking_id=booking.id,
        booking_reference=booking.reference,
        direction=direction,
        market=booking.market,
        branch=booking.pickup_location,
        location=booking.pickup_location if is_out else booking.return_location,
        vehicle_id=booking.vehicle_id,
        is_battery=await _is_battery(session, booking.vehicle_id),
        saved_by=actor.name,
    )
    session.add(handover)
    await record(session, f"handover.{_word(direction)}_begun", handover, actor=actor)
    return handover


async def save_driver(
    session: AsyncSession,
    handover_id: UUID,
    *,
    papers: Papers,
    keys: Sequence[bytes],
    version: int | None,
    actor: Actor,
) -> Handover:
    """The driver's papers; numbers are sealed, and those that are kept already need not be typed again."""
    handover = await _begin(session, handover_id, version, actor)
    fields = {name: getattr(papers, name) for name in Papers.__slots__}
    given = dict(fields)
    for name in SEALED:
        if not given[name] and getattr(handover, f"{name}_masked"):
            given[name] = "kept"
    if problems := rules.check_driver({k: v for k, v in given.items() if v}, today=clock.today()):
        raise InvalidFields(problems)
    for name in SEALED:
        if number := fields[name]:
            setattr(handover, f"{name}_sealed", encrypt(keys[0], number.strip(), f"handover.{name}/{handover.id}"))
            setattr(handover, f"{name}_masked", mask(number.strip()))
    handover.licence_country = (fields["licence_country"] or "").upper()
    handover.licence_expires_on = fields["licence_expires_on"]
    handover.document_kind = fields["document_kind"] or None
    return await _saved(session, handover, "driver_saved", actor)


async def reveal_licence(session: AsyncSession, handover_id: UUID, *, keys: Sequence[bytes], actor: Actor) -> str:
    """The licence's number in clear; that it was looked at is kept. Raises NotFound when there is none."""
    handover = await queries.get_handover(session, handover_id, actor)
    if handover.licence_number_sealed is None:
        raise NotFound("No number is kept.")
    number = decrypt(keys, handover.licence_number_sealed, f"handover.licence_number/{handover.id}")
    await record(session, "handover.licence_number_revealed", handover, actor=actor)
    return number


async def save_vehicle(
    session: AsyncSession,
    handover_id: UUID,
    *,
    vehicle_id: UUID | None,
    reason: str | None,
    version: int | None,
    actor: Actor,
) -> Handover:
    """Which vehicle leaves: the one that is assigned, or another one. Raises as `assign_vehicle`, InvalidFields."""
    handover = await _begin(session, handover_id, version, actor)
    if vehicle_id is None:
        raise InvalidFields([Problem("vehicle_id", "required", "Choose a vehicle")])
    booking = await find_on_hire(session, handover.booking_id, actor)
    if booking.state is BookingState.CONFIRMED:
        await bookings.assign_vehicle(session, booking.id, vehicle_id=vehicle_id, reason=reason, actor=actor)
    if handover.vehicle_id != vehicle_id:
        handover.odometer_km = handover.fuel_percent = None
    handover.vehicle_id = vehicle_id
    handover.is_battery = await _is_battery(session, vehicle_id)
    return await _saved(session, handover, "vehicle_saved", actor)


async def save_condition(
    session: AsyncSession,
    handover_id: UUID,
    *,
    reading: Reading,
    location: str | None = None,
    note: str = "",
    version: int | None,
    actor: Actor,
) -> Handover:
    """What is read in the vehicle, and at a check-in where it is. Raises InvalidFields, Conflict without a vehicle."""
    handover = await _begin(session, handover_id, version, actor)
    vehicle = await vehicle_of(session, handover, actor)
    problems = vehicles.check_reading(vehicle, reading)
    if reading.fuel_percent is None:
        problems.append(Problem("fuel", "required", "Choose how much is in it"))
    if problems:
        raise InvalidFields(problems)
    handover.odometer_km, handover.fuel_percent = reading.odometer_km, reading.fuel_percent
    handover.note = note.strip()[:1000]
    if location and handover.direction is Direction.IN:
        handover.location = location
    return await _saved(session, handover, "condition_saved", actor)


async def mark_damage(
    session: AsyncSession, handover_id: UUID, *, fields: Mapping[str, Any], actor: Actor
) -> DamageMark:
    """Mark a damage that is seen now. Raises InvalidFields, HandoverDone, Conflict without a vehicle."""
    handover = await _begin(session, handover_id, None, actor)
    vehicle = await vehicle_of(session, handover, actor)
    mark = await damages.add_mark(session, vehicle.id, fields=fields, found_by=handover.id)
    await _saved(session, handover, "damage_marked", actor, facts={"damage": damages.in_words(mark)})
    return mark


async def unmark_damage(session: AsyncSession, handover_id: UUID, mark_id: UUID, *, actor: Actor) -> None:
    """Take back a mark that was made at this handover. Raises NotFound for any other."""
    handover = await _begin(session, handover_id, None, actor)
    mark = await damages.remove_mark(session, mark_id, found_by=handover.id)
    await _saved(session, handover, "damage_unmarked", actor, facts={"damage": damages.in_words(mark)})


async def secure_deposit(
    session: AsyncSession, handover_id: UUID, *, payment_token: str, with_hire: bool, actor: Actor
) -> Handover:
    """Have the deposit held on a card, and the hire charged to it. Raises as `charges.hold`."""
    handover = await _begin(session, handover_id, None, actor)
    deposit = await deposit_of(session, handover)
    if deposit is not None and deposit.state in DUE:
        await charges.hold(session, deposit.id, payment_token=payment_token, actor=actor)
    if with_hire:
        for charge in await charges.list_about(session, Booking.record_kind, handover.booking_id):
            if charge.purpose is Purpose.HIRE and charge.state in DUE:
                await charges.charge_card(session, charge.id, payment_token=payment_token, actor=actor)
    return handover


async def agree(
    session: AsyncSession,
    handover_id: UUID,
    *,
    signature: str,
    signed_name: str,
    is_accepted: bool,
    version: int | None,
    actor: Actor,
) -> Handover:
    """The customer agrees: by lines drawn on the pad, or by a typed name. Raises InvalidFields."""
    handover = await _begin(session, handover_id, version, actor)
    strokes, problems = _strokes(signature)
    if not is_accepted:
        problems.append(Problem("is_accepted", "required", "The customer agrees to what is shown"))
    if not signed_name.strip():
        problems.append(Problem("signed_name", "required", "Enter the name of who signs"))
    if problems:
        raise InvalidFields(problems)
    handover.signature, handover.signed_name = strokes, signed_name.strip()[:160]
    handover.agreed_at = clock.now()
    return await _saved(session, handover, "agreed", actor, facts={"by": handover.signed_name})


async def filled(session: AsyncSession, handover: Handover) -> Filled:
    """Which steps have what they need."""
    deposit = await deposit_of(session, handover)
    return Filled(
        has_licence=handover.licence_number_masked is not None,
        has_vehicle=handover.vehicle_id is not None,
        has_condition=handover.odometer_km is not None and handover.fuel_percent is not None,
        has_deposit=deposit is None or deposit.state in SECURED,
        is_agreed=handover.agreed_at is not None,
    )


async def find_handover(session: AsyncSession, booking_id: UUID, direction: Direction) -> Handover | None:
    """The check-out or the check-in of a booking that the actor may see."""
    return await queries.find_of(session, booking_id, direction)


async def deposit_of(session: AsyncSession, handover: Handover) -> Charge | None:
    """What is held while the vehicle is away."""
    for charge in await charges.list_about(session, Booking.record_kind, handover.booking_id):
        if charge.purpose is Purpose.DEPOSIT:
            return charge
    return None


async def vehicle_of(session: AsyncSession, handover: Handover, actor: Actor) -> Vehicle:
    """The vehicle that leaves or comes back, locked. Raises Conflict when none is chosen."""
    if handover.vehicle_id is None:
        raise Conflict("Choose the vehicle first.", extra={"code": "vehicle_missing"})
    scope = actor if handover.direction is Direction.OUT else SYSTEM
    return await vehicles.lock_vehicle(session, handover.vehicle_id, scope)


async def reseal_handovers(session: AsyncSession, settings: Settings, after: UUID | None) -> Resealed:
    """Seal the numbers of the next handovers with the present key."""
    sealed = tuple(Sealed(f"{name}_sealed", f"handover.{name}") for name in SEALED)
    return await reseal_rows(session, Handover, sealed, keys_of(settings), after=after)


async def _begin(session: AsyncSession, handover_id: UUID, version: int | None, actor: Actor) -> Handover:
    handover = await queries.lock_handover(session, handover_id, actor)
    if handover.state is HandoverState.DONE:
        raise HandoverDone(f"{handover.done_by} finished it.")
    if version is not None and version != handover.version:
        raise StaleVersion(f"{handover.saved_by} has saved a step meanwhile.", extra={"etag": handover.etag})
    return handover


async def _saved(
    session: AsyncSession, handover: Handover, action: str, actor: Actor, *, facts: Mapping[str, Any] | None = None
) -> Handover:
    handover.saved_by, handover.updated_at = actor.name, clock.now()
    await record(session, f"handover.{action}", handover, actor=actor, facts=facts)
    return handover


async def _plan_charges(session: AsyncSession, booking: Booking, actor: Actor) -> Charge:
    """The hire and its deposit, unless they are planned already; answers the deposit."""
    known = {each.purpose: each for each in await charges.list_about(session, Booking.record_kind, booking.id)}
    subject = charged(booking)
    if Purpose.HIRE not in known and booking.total.minor > 0:
        await charges.plan_charge(session, subject, purpose=Purpose.HIRE, amount=booking.total, actor=actor)
    if Purpose.DEPOSIT in known:
        return known[Purpose.DEPOSIT]
    amount = rules.deposit(_deposits(booking), booking.total, 10 ** exponent(booking.total_currency))
    return await charges.plan_charge(session, subject, purpose=Purpose.DEPOSIT, amount=amount, actor=actor)


def _deposits(booking: Booking) -> list[Money]:
    """The deposits of the covers that are taken, by the card that the hire was priced by."""
    card = booking.rate_snapshot.get("card") or {}
    covers: list[Mapping[str, Any]] = (card.get("terms") or {}).get("covers") or []
    taken = booking.chosen.covers
    return [
        Money.parse(str(cover["deposit"]), booking.total_currency)
        for cover in covers
        if cover.get("deposit") and (cover["code"] in taken or cover.get("price") is None)
    ]


async def _is_battery(session: AsyncSession, vehicle_id: UUID | None) -> bool:
    if vehicle_id is None:
        return False
    vehicle = await vehicles.lock_vehicle(session, vehicle_id, SYSTEM)
    return vehicle.runs_on_battery


def _strokes(text: str) -> tuple[list[Any], list[Problem]]:
    if not text.strip():
        return [], []
    try:
        strokes: list[Any] = msgspec.json.decode(text.encode(), type=list[Any])
    except (msgspec.DecodeError, msgspec.ValidationError):
        return [], [Problem("signature", "malformed", "Sign again")]
    return strokes, rules.check_signature(strokes)


def _word(direction: Direction) -> str:
    return "check_out" if direction is Direction.OUT else "check_in"
