"""Recording a fine or a toll, finding out who drove, and passing it on."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.core.actor import Actor
from app.core.changes import record
from app.core.db import AsyncSession
from app.core.errors import AlreadyThere, Conflict, IllegalState, InvalidFields
from app.kit.ids import new_id, new_reference
from app.kit.markets import MARKETS
from app.kit.money import Money
from app.kit.problems import Problem
from app.kit.wall_times import NoSuchTime, moment_of
from app.payments.charges import services as charges
from app.payments.charges.rules import Purpose
from app.rental.bookings.models import Booking
from app.rental.bookings.services.charging import charged
from app.rental.bookings.services.having import stretches_of
from app.rental.bookings.services.hires import find_on_hire
from app.rental.fines import queries, rules
from app.rental.fines.models import Fine
from app.rental.fines.rules import FineKind, FineState, Had
from app.rental.fines.schemas import STATE_WORDS
from app.rental.locations import services as locations
from app.rental.papers import services as papers
from app.rental.papers.services import NothingToBill
from app.rental.vehicles.models import Vehicle

PREFIX = "FN"
FIELD_LABELS = {"state": "State", "booking": "Hire", "amount_minor": "Amount"}
PURPOSES = {FineKind.FINE: Purpose.FINE, FineKind.TOLL: Purpose.TOLL}


class FineIsThere(AlreadyThere):
    """The authority sent it before; `fine` tells which one it is."""

    code = "duplicate_fine"
    title = "This is recorded already"


async def record_fine(
    session: AsyncSession, *, fields: Mapping[str, Any], actor: Actor, fine_id: UUID | None = None
) -> Fine:
    """Keep what an authority sent, and find out who had the vehicle then. Raises InvalidFields, FineIsThere.

    `fields`: kind, plate, happened_local, authority, authority_reference, amount; fee, place, note, location.
    """
    if problems := rules.check_new(fields):
        raise InvalidFields(problems)
    authority, number = str(fields["authority"]).strip(), str(fields["authority_reference"]).strip()
    if known := await queries.find_known(session, authority, number):
        raise FineIsThere(f"{known.reference}, {known.vehicle_name}.", extra={"fine": str(known.id)})
    vehicle = await _vehicle(session, str(fields["plate"]), actor)
    amount: Money = fields["amount"]
    fee: Money = fields.get("fee") or rules.handling_fee(amount.currency)
    if fee.currency != amount.currency or fee.minor < 0:
        raise InvalidFields([Problem("fee", "invalid", f"In {amount.currency}, and not less than nothing")])
    zone = await _zone(session, vehicle, fields.get("location"))
    try:
        at = moment_of(fields["happened_local"], zone)
    except NoSuchTime as error:
        raise InvalidFields([Problem("happened_local", "no_such_time", str(error))]) from None
    fine = Fine(
        id=fine_id or new_id(),
        reference=await _free_reference(session),
        market=str(vehicle.market),
        branch=vehicle.location_code,
        kind=FineKind(fields["kind"]),
        authority=authority,
        authority_reference=number,
        vehicle_id=vehicle.id,
        vehicle_name=" ".join(part for part in (vehicle.plate, vehicle.title) if part)[:120],
        happened_local=fields["happened_local"],
        time_zone=zone,
        happened_at=at,
        place=str(fields.get("place") or "").strip(),
        note=str(fields.get("note") or "").strip(),
        amount_minor=amount.minor,
        fee_minor=fee.minor,
        currency=amount.currency,
    )
    session.add(fine)
    await session.flush()
    await record(session, "fine.recorded", fine, actor=actor, changes={"amount_minor": (None, amount)})
    return await _match(session, fine, actor)


async def match_fine(session: AsyncSession, fine_id: UUID, *, actor: Actor) -> Fine:
    """Look again at who had the vehicle. Raises IllegalState once it is charged or borne by us."""
    fine = await queries.lock_fine(session, fine_id, actor)
    _refuse_unless(fine, FineState.MATCHED)
    return await _match(session, fine, actor)


async def charge_fine(session: AsyncSession, fine_id: UUID, *, actor: Actor) -> Fine:
    """The customer pays it, and what handling it costs; once the hire is over it stands on an invoice at once.

    Raises IllegalState while nobody is known, Conflict for another currency than the hire's.
    """
    fine = await queries.lock_fine(session, fine_id, actor)
    _refuse_unless(fine, FineState.CHARGED)
    assert fine.booking_id is not None
    booking = await find_on_hire(session, fine.booking_id, actor)
    if booking.total_currency != fine.currency:
        detail = f"The hire is in {booking.total_currency}: record it in that currency."
        raise Conflict(detail, extra={"code": "other_currency"})
    words = ", ".join(part for part in (fine.authority, fine.authority_reference, fine.place, when(fine)) if part)
    about = charged(booking)
    made = await charges.plan_charge(
        session, about, purpose=PURPOSES[fine.kind], amount=fine.amount, words=words, actor=actor
    )
    if fine.fee_minor:
        await charges.plan_charge(
            session, about, purpose=Purpose.ADMIN_FEE, amount=fine.fee, words=fine.reference, actor=actor
        )
    before, fine.state, fine.charge_id = fine.state, FineState.CHARGED, made.id
    fine.invoice_id = await _billed(session, booking, actor)
    facts = {"charge": made.reference}
    await record(session, "fine.charged", fine, actor=actor, changes={"state": (before, fine.state)}, facts=facts)
    return fine


async def drop_fine(session: AsyncSession, fine_id: UUID, *, reason: str, actor: Actor) -> Fine:
    """We bear it ourselves. Raises IllegalState, InvalidFields."""
    if not reason.strip():
        raise InvalidFields([Problem("reason", "required", "Say why we bear it")])
    fine = await queries.lock_fine(session, fine_id, actor)
    _refuse_unless(fine, FineState.DROPPED)
    before, fine.state, fine.reason = fine.state, FineState.DROPPED, reason.strip()[: rules.MAX_REASON]
    changes = {"state": (before, fine.state)}
    await record(session, "fine.dropped", fine, actor=actor, why=fine.reason, changes=changes)
    return fine


def when(fine: Fine) -> str:
    """`11 Jun 2026 14:05`, by the clocks of the place."""
    return f"{fine.happened_local:%-d %b %Y %H:%M}"


async def _match(session: AsyncSession, fine: Fine, actor: Actor) -> Fine:
    """Who had the vehicle at that moment: the hire whose part with this vehicle holds it."""
    stretches = await stretches_of(session, fine.vehicle_id, fine.happened_at)
    bookings = {booking.id: booking for booking, _, _ in stretches}
    found = rules.who_had([Had(booking.id, since, until) for booking, since, until in stretches], fine.happened_at)
    booking = bookings[found[0]] if len(found) == 1 else None
    before = (fine.state, fine.booking_reference)
    if booking is not None:
        fine.state, fine.reason, fine.branch = FineState.MATCHED, "", booking.pickup_location
    else:
        names = ", ".join(bookings[key].reference for key in found)
        fine.state = FineState.UNMATCHED
        fine.reason = f"Several hires had it then: {names}" if found else "No hire had it then"
    fine.booking_id, fine.booking_reference = (booking.id, booking.reference) if booking else (None, None)
    fine.driver_name = booking.driver_name if booking else ""
    if before != (fine.state, fine.booking_reference):
        changes = {"state": (before[0], fine.state), "booking": (before[1], fine.booking_reference)}
        await record(session, f"fine.{fine.state.value}", fine, actor=actor, changes=changes)
    return fine


async def _billed(session: AsyncSession, booking: Booking, actor: Actor) -> UUID | None:
    """The invoice of a hire that is over; one that runs is billed with everything else when it ends."""
    if not papers.can_be_billed(booking):
        return None
    try:
        return (await papers.issue_invoice(session, booking.id, actor=actor)).id
    except NothingToBill:
        return None


async def _vehicle(session: AsyncSession, plate: str, actor: Actor) -> Vehicle:
    found = await queries.find_vehicle(session, plate)
    if found is None or not actor.sees(market=found.market, branch=found.location_code):
        raise InvalidFields([Problem("plate", "unknown_value", "No vehicle of ours has this plate")])
    return found


async def _zone(session: AsyncSession, vehicle: Vehicle, code: Any) -> str:
    """By whose clocks the moment is: a branch that is named, else the vehicle's, else its market's."""
    wanted = str(code) if code else vehicle.location_code
    place = (await locations.by_codes(session, {wanted} if wanted else set())).get(wanted or "")
    if code and place is None:
        raise InvalidFields([Problem("location", "unknown_value", "There is no such branch")])
    return place.time_zone if place else MARKETS[str(vehicle.market)].zone


def _refuse_unless(fine: Fine, after: FineState) -> None:
    if not rules.can_follow(fine.state, after):
        raise IllegalState(f"It is {STATE_WORDS[fine.state].lower()}.", state=fine.state)


async def _free_reference(session: AsyncSession) -> str:
    while await queries.has_reference(session, reference := new_reference(PREFIX)):
        continue
    return reference
