"""Putting together what the page of a check-out or a check-in shows."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from app.core.actor import SYSTEM, Actor
from app.core.forms import Form
from app.desk.audit_trail.services import timeline
from app.desk.customers import services as customers
from app.desk.records.services import beside
from app.kit.money import Money
from app.payments.charges import services as charges
from app.payments.charges.models import Charge
from app.payments.charges.rules import DUE, ChargeState, Purpose
from app.rental.bookings.models import Booking
from app.rental.bookings.services.hires import find_on_hire
from app.rental.damages import services as damages
from app.rental.handovers import pages, queries, services
from app.rental.handovers.models import Handover
from app.rental.handovers.pages import EDIT, REVEAL
from app.rental.handovers.rules import Direction, HandoverState
from app.rental.handovers.services import Settlement
from app.rental.locations import services as locations
from app.rental.occupancy import services as occupancy
from app.rental.vehicles import services as vehicles
from app.rental.vehicles.models import Vehicle

MOST_VEHICLES = 60


async def page_of(
    session: Any,
    handover_id: UUID,
    actor: Actor,
    *,
    notice: str = "",
    said: str = "",
    refused: Mapping[str, Form] | None = None,
) -> pages.HandoverPage:
    """The page as it is kept; `refused` puts a form as it was typed in the place of its step."""
    handover = await queries.get_handover(session, handover_id, actor)
    booking = await find_on_hire(session, handover.booking_id, actor)
    vehicle = await vehicles.lock_vehicle(session, handover.vehicle_id, SYSTEM) if handover.vehicle_id else None
    is_done, is_out = handover.state is HandoverState.DONE, handover.direction is Direction.OUT
    missing = [] if is_done else (await services.filled(session, handover)).missing(handover.direction)
    about = list(await charges.list_about(session, Booking.record_kind, booking.id))
    asked = await charges.list_asked(session, [each.id for each in about])
    deposit = next((each for each in about if each.purpose is Purpose.DEPOSIT), None)
    found = None if is_out or handover.odometer_km is None else await services.settlement_of(session, handover, actor)
    forms = pages.forms_of(handover, booking.driver_name, refused or {})
    can_edit = actor.may(EDIT) and not is_done
    marks = await damages.list_marks(session, vehicle.id) if vehicle else []
    return pages.HandoverPage(
        handover=handover,
        booking=booking,
        title=pages.TITLES[handover.direction],
        is_out=is_out,
        is_done=is_done,
        can_edit=can_edit,
        can_reveal=actor.may(REVEAL) and handover.licence_number_masked is not None,
        customer_name=await _hirer(session, booking, actor),
        vehicle=vehicle,
        steps=pages.step_links(handover, missing),
        missing=pages.missing_in_words(missing),
        forms=forms,
        vehicles=await _vehicles(session, handover, booking, vehicle) if can_edit and is_out else [],
        locations=await locations.choices(session, actor) if can_edit and not is_out else [],
        documents=pages.DOCUMENTS,
        fuel=pages.FUEL,
        zones=pages.ZONE_CHOICES,
        kinds=pages.KINDS,
        drawing=pages.drawing(),
        marks=pages.mark_rows(marks, handover),
        charges=[pages.charge_row(each, is_asked=each.id in asked) for each in about],
        total=pages.money(booking.total),
        price_lines=pages.price_lines(booking.price_lines),
        deposit=pages.charge_row(deposit, is_asked=deposit.id in asked) if deposit else None,
        is_asking=bool(asked) or any(each.state is ChargeState.UNKNOWN for each in about),
        needs_deposit=deposit is not None and deposit.state in DUE and deposit.id not in asked,
        hire_due=pages.hire_due(about),
        differences=pages.differences(handover, found) if found else [],
        final_charges=_final_words(found),
        give_back=pages.money(found.give_back) if found and found.give_back else "",
        can_settle=actor.may(EDIT) and _can_settle(handover, deposit, asked),
        settle_words=_settle_words(deposit, about),
        notice=notice,
        said=said,
        beside=await beside(session, handover, actor),
        timeline=await timeline(session, handover, {}),
    )


async def _hirer(session: Any, booking: Booking, actor: Actor) -> str:
    customer = await customers.find_customer(session, booking.customer_id, actor)
    return customer.name if customer else booking.driver_name


async def _vehicles(
    session: Any, handover: Handover, booking: Booking, vehicle: Vehicle | None
) -> list[tuple[str, str]]:
    """The vehicle that is chosen, then those of the class that are free, then others."""
    found = [(str(vehicle.id), f"{vehicle.plate or ''} {vehicle.title}, {vehicle.acriss or ''}")] if vehicle else []
    hold = await occupancy.find_hold(session, booking.id)
    free = await occupancy.free_vehicles(session, hold.stay, besides=booking.id) if hold else []
    free.sort(key=lambda each: each.class_code != booking.class_code)
    known = {handover.vehicle_id}
    others = [(str(each.id), f"{each.plate} {each.title}, {each.class_code}") for each in free if each.id not in known]
    return found + others[:MOST_VEHICLES]


def _final_words(found: Settlement | None) -> list[tuple[str, str, str]]:
    if found is None:
        return []
    return [(pages.PURPOSE_WORDS[each.purpose], pages.money(each.amount), each.words) for each in found.charges]


def _can_settle(handover: Handover, deposit: Charge | None, asked: Mapping[UUID, Any]) -> bool:
    is_back = handover.direction is Direction.IN and handover.state is HandoverState.DONE
    return is_back and deposit is not None and deposit.state is ChargeState.HELD and deposit.id not in asked


def _settle_words(deposit: Charge | None, about: Sequence[Charge]) -> str:
    """What is taken from the deposit when it is settled."""
    due = [each for each in about if each.purpose is not Purpose.DEPOSIT and each.state in DUE]
    if deposit is None or not due:
        return "Nothing is due: the deposit is released."
    total = Money(sum(each.amount_minor for each in due), deposit.currency)
    return f"{pages.money(total)} are due; they are taken from the deposit as far as it goes, and the rest is released."
