"""The last step of a check-out and of a check-in: one transaction for the booking, the vehicle and what is charged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.changes import plain_value, record
from app.core.db import AsyncSession
from app.core.errors import Conflict, InvalidFields, StaleVersion
from app.desk.tasks import services as tasks
from app.kit.money import Money
from app.payments.charges import services as charges
from app.payments.charges.models import Charge
from app.payments.charges.rules import DUE, ChargeState, Purpose
from app.rental.bookings.models import Booking
from app.rental.bookings.services import hires, pricing
from app.rental.bookings.services.charging import charged
from app.rental.bookings.services.pricing import Priced
from app.rental.damages import services as damages
from app.rental.damages.models import DamageMark
from app.rental.damages.services import SeenAt
from app.rental.handovers import queries, rules
from app.rental.handovers.models import Handover
from app.rental.handovers.rules import Difference, Direction, HandoverState, Leg, Step
from app.rental.handovers.services.drafts import HandoverDone, deposit_of, filled, vehicle_of
from app.rental.handovers.services.legs import legs_of, vehicle_names
from app.rental.handovers.services.swaps import take_present_vehicle
from app.rental.locations import services as locations
from app.rental.locations.models import Location
from app.rental.locations.services import HandoverTime
from app.rental.vehicles import services as vehicles
from app.rental.vehicles.services import Reading

GIVE_BACK = "give_back"
EARLY_IS_FREE = timedelta(hours=2)
"""How long before the agreed pick-up a vehicle may leave without being paid for from then on."""
STEP_WORDS = {
    Step.DRIVER: "the driver's papers",
    Step.VEHICLE: "the vehicle",
    Step.CONDITION: "odometer and fuel",
    Step.DEPOSIT: "the deposit",
    Step.AGREEMENT: "the customer's agreement",
}
SPLIT = {"MILEAGE": Purpose.EXCESS_MILEAGE, "ONE_WAY": Purpose.ONE_WAY}
"""Lines of a final price that are charged by themselves when they are new or dearer."""


class StepsMissing(Conflict):
    """Something is not filled in yet; `missing` names the steps."""

    code = "steps_missing"
    title = "Something is still missing"
    advice = "Nothing was finished. Go back and fill in what is missing."


@dataclass(frozen=True, slots=True)
class FinalCharge:
    """What is to be paid besides what was agreed."""

    purpose: Purpose
    amount: Money
    words: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a check-in comes to: what differs, what it costs, and what is to be given back."""

    difference: Difference
    names: Mapping[UUID | None, str]
    """Of the vehicles that were on the hire."""
    priced: Priced | None
    charges: Sequence[FinalCharge]
    give_back: Money | None
    new_marks: Sequence[DamageMark] = field(default_factory=list[DamageMark])


async def complete(session: AsyncSession, handover_id: UUID, *, version: int | None, actor: Actor) -> Handover:
    """Finish it. Raises StepsMissing, StaleVersion, HandoverDone, IllegalState, Forbidden, VehicleTaken."""
    handover = await queries.lock_handover(session, handover_id, actor)
    if handover.state is HandoverState.DONE:
        raise HandoverDone(f"{handover.done_by} finished it.")
    if version is not None and version != handover.version:
        raise StaleVersion(f"{handover.saved_by} has saved a step meanwhile.", extra={"etag": handover.etag})
    booking = await hires.find_on_hire(session, handover.booking_id, actor)
    if handover.direction is Direction.IN and handover.vehicle_id != booking.vehicle_id:
        await take_present_vehicle(session, handover, booking)
    if missing := (await filled(session, handover)).missing(handover.direction):
        words = ", ".join(STEP_WORDS[step] for step in missing)
        raise StepsMissing(f"Still missing: {words}.", extra={"missing": [step.value for step in missing]})
    if handover.direction is Direction.OUT:
        await _leave(session, handover, actor)
    else:
        await _come_back(session, handover, actor)
    handover.state, handover.done_at, handover.done_by = HandoverState.DONE, clock.now(), actor.name
    await record(session, f"handover.{handover.direction.value}_done", handover, actor=actor)
    return handover


async def settlement_of(session: AsyncSession, handover: Handover, actor: Actor) -> Settlement:
    """What a check-in comes to by what is read so far.

    The kilometres of all vehicles are priced together, as those of one hire; fuel is charged for each vehicle. Where
    one end was not read, nothing is charged for that part.
    """
    booking = await hires.find_on_hire(session, handover.booking_id, actor)
    legs, now = await legs_of(session, booking.id), handover.done_at or clock.now()
    is_other_branch = handover.location != booking.return_location
    differs = rules.difference(legs, booking.return_at, now, is_other_branch=is_other_branch)
    names = await vehicle_names(session, legs)
    priced = await _priced(session, booking, handover, now, differs)
    final, give_back = _final_charges(booking, priced, differs, names)
    marks = await damages.list_marks(session, handover.vehicle_id) if handover.vehicle_id else []
    new_marks = [each for each in marks if each.found_by == handover.id]
    return Settlement(differs, names, priced, final, give_back, new_marks)


async def settle_from_deposit(session: AsyncSession, handover_id: UUID, *, actor: Actor) -> Charge:
    """Pay what is due from the deposit as far as it goes, and let go of the rest. Raises Conflict, IllegalState."""
    handover = await queries.lock_handover(session, handover_id, actor)
    deposit = await deposit_of(session, handover)
    if deposit is None or deposit.state is not ChargeState.HELD:
        raise Conflict("Nothing is held.", extra={"code": "nothing_held"})
    due = [
        each for each in await charges.list_about(session, Booking.record_kind, handover.booking_id) if _is_due(each)
    ]
    covered: list[UUID] = []
    total = 0
    for charge in due:
        if total + charge.amount_minor <= deposit.held_minor:
            covered.append(charge.id)
            total += charge.amount_minor
    if not covered:
        if due:
            raise Conflict("The deposit is less than any of what is due.", extra={"code": "deposit_too_small"})
        return await charges.release(session, deposit.id, actor=actor)
    return await charges.capture(session, deposit.id, amount=deposit.money(total), covers=covered, actor=actor)


async def keep_overdue(session: AsyncSession, vehicle_id: UUID, until: datetime) -> bool:
    """A vehicle that is not back goes on being on hire."""
    return await vehicles.prolong_hire(session, vehicle_id, until=until)


async def _leave(session: AsyncSession, handover: Handover, actor: Actor) -> None:
    vehicle = await vehicle_of(session, handover, actor)
    booking = await hires.start_hire(session, handover.booking_id, vehicle_id=vehicle.id, actor=actor)
    if booking.return_at <= clock.now():
        raise Conflict("The return that was agreed is over: amend the booking first.", extra={"code": "return_over"})
    for charge in await charges.list_about(session, Booking.record_kind, booking.id):
        if charge.purpose is Purpose.NO_SHOW and charge.state in DUE:
            await charges.waive_charge(session, charge.id, reason="The late arrival was honoured.", actor=actor)
    await vehicles.begin_hire(
        session, vehicle.id, until=booking.return_at, reading=_reading(handover), reason=booking.reference, actor=actor
    )
    deposit, marks = await deposit_of(session, handover), await damages.list_marks(session, vehicle.id)
    handover.agreed = {
        "total": plain_value(booking.total),
        "deposit": plain_value(deposit.amount) if deposit else None,
        "marks": [str(mark.id) for mark in marks],
    }


async def _come_back(session: AsyncSession, handover: Handover, actor: Actor) -> None:
    found = await settlement_of(session, handover, actor)
    now = clock.now()
    booking = await hires.end_hire(session, handover.booking_id, returned_at=now, priced=found.priced, actor=actor)
    vehicle = await vehicle_of(session, handover, actor)
    await vehicles.end_hire(
        session, vehicle.id, location_code=handover.location, reading=_reading(handover), reason=booking.reference,
        actor=actor,
    )  # fmt: skip
    for final in found.charges:
        await charges.plan_charge(
            session, charged(booking), purpose=final.purpose, amount=final.amount, words=final.words, actor=actor
        )
    if found.give_back is not None:
        await _give_back(session, booking, found.give_back, actor)
    if found.new_marks:
        seen = SeenAt(booking, vehicle, handover.branch, handover.id)
        await damages.open_case(session, seen, found.new_marks, actor=actor)
    handover.agreed = _agreed(found)


def _agreed(found: Settlement) -> dict[str, Any]:
    differs = found.difference
    return {
        "driven_km": differs.driven_km,
        "missing_fuel_percent": differs.missing_percent,
        "legs": [_plain_leg(leg, found.names) for leg in differs.legs],
        "late_minutes": differs.late_minutes,
        "is_other_branch": differs.is_other_branch,
        "marks": [str(mark.id) for mark in found.new_marks],
        "total": plain_value(found.priced.total) if found.priced else None,
        "charges": [
            {"purpose": each.purpose.value, "amount": plain_value(each.amount), "words": each.words}
            for each in found.charges
        ],
        "give_back": plain_value(found.give_back) if found.give_back else None,
    }


def _plain_leg(leg: Leg, names: Mapping[UUID | None, str]) -> dict[str, Any]:
    return {
        "vehicle_id": str(leg.vehicle_id) if leg.vehicle_id else None,
        "vehicle": names.get(leg.vehicle_id, ""),
        "out": {"odometer_km": leg.out.odometer_km, "fuel_percent": leg.out.fuel_percent},
        "back": {"odometer_km": leg.back.odometer_km, "fuel_percent": leg.back.fuel_percent},
        "driven_km": leg.driven_km,
        "missing_fuel_percent": leg.missing_percent,
    }


async def _give_back(session: AsyncSession, booking: Booking, amount: Money, actor: Actor) -> None:
    """Of a hire that became cheaper: less is charged, or what was taken is given back by those who may."""
    for charge in await charges.list_about(session, Booking.record_kind, booking.id):
        if charge.purpose is not Purpose.HIRE:
            continue
        if charge.state in DUE and charge.amount_minor > amount.minor:
            less = charge.money(charge.amount_minor - amount.minor)
            await charges.replan_charge(session, charge.id, amount=less, words="Returned early", actor=actor)
        elif charge.state is ChargeState.CAPTURED:
            await tasks.create_task(
                session,
                kind=GIVE_BACK,
                title=f"{booking.reference}: give back {amount.amount} {amount.currency} for an early return",
                subject=(charge.record_kind, charge.id),
                unique_key=f"{GIVE_BACK}:{charge.id}",
                actor=SYSTEM,
            )
        return


async def _priced(
    session: AsyncSession, booking: Booking, handover: Handover, now: datetime, differs: Difference
) -> Priced | None:
    """The price of the hire as it was, by what it was priced by; None when nothing was kept."""
    places = await locations.by_codes(session, {booking.pickup_location, handover.location})
    back_at = places[handover.location]
    pickup = _pickup(places[booking.pickup_location], booking)
    back = _handover_time(back_at, _by_the_wall(now, back_at), now)
    try:
        return pricing.price_again(booking, pickup, back, driven_km=differs.driven_km)
    except (pricing.NoPrice, InvalidFields):
        return None


def _pickup(location: Location, booking: Booking) -> HandoverTime:
    """The pick-up that was agreed, or the real one where the vehicle left hours before it."""
    left_at = booking.picked_up_at
    if left_at is None or left_at > booking.pickup_at - EARLY_IS_FREE:
        return _handover_time(location, booking.pickup_local, booking.pickup_at)
    return _handover_time(location, _by_the_wall(left_at, location), left_at)


def _by_the_wall(moment: datetime, location: Location) -> datetime:
    return moment.astimezone(ZoneInfo(location.time_zone)).replace(tzinfo=None, second=0, microsecond=0)


def _handover_time(location: Location, local: datetime, at: datetime) -> HandoverTime:
    """A handover that takes place, whatever the hours say."""
    try:
        judged = locations.judge_handover(location, {"location": location.code, "local": local}, field="pickup")
    except InvalidFields:
        return HandoverTime(location, local, at, is_out_of_hours=False)
    return HandoverTime(location, local, at, judged.is_out_of_hours)


def _final_charges(
    booking: Booking, priced: Priced | None, differs: Difference, names: Mapping[UUID | None, str]
) -> tuple[list[FinalCharge], Money | None]:
    """What is to be paid besides, and what of the agreed price is to be given back."""
    found: list[FinalCharge] = []
    give_back = None
    if priced is not None:
        agreed = {line["code"]: line for line in booking.price_lines}
        split = 0
        for line in priced.lines:
            purpose = SPLIT.get(line["code"])
            if purpose is None:
                continue
            before = agreed.get(line["code"])
            more = _minor(line["amount"]) - (_minor(before["amount"]) if before else 0)
            split += more
            if more > 0:
                amount = Money(more, booking.total_currency)
                found.append(FinalCharge(purpose, amount, str(line["explanation"])[:200]))
        rest = priced.total.minor - booking.total_minor - split
        if rest > 0:
            words = f"{differs.late_minutes} minutes late" if differs.late_minutes else "The hire as it was"
            found.insert(0, FinalCharge(Purpose.LATE_RETURN, Money(rest, booking.total_currency), words))
        give_back = Money(-rest, booking.total_currency) if rest < 0 else None
    for leg in differs.legs:
        if leg.missing_percent:
            amount = rules.fuel_charge(leg.missing_percent, booking.total_currency, is_battery=leg.is_battery)
            missing = rules.part_in_words(leg.missing_percent, is_battery=leg.is_battery)
            whose = f" in {names.get(leg.vehicle_id, '')}" if len(differs.legs) > 1 else ""
            found.append(FinalCharge(Purpose.FUEL, amount, f"{missing} missing{whose}"[:200]))
    return found, give_back


def _minor(amount: dict[str, str]) -> int:
    return Money.parse(amount["amount"], amount["currency"]).minor


def _is_due(charge: Charge) -> bool:
    return charge.purpose is not Purpose.DEPOSIT and charge.state in DUE


def _reading(handover: Handover) -> Reading:
    return Reading(handover.odometer_km or 0, handover.fuel_percent)
