"""Making bookings."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.actor import Actor
from app.core.changes import record
from app.core.db import AsyncSession, hold
from app.core.errors import AlreadyThere, Forbidden, InvalidFields
from app.desk.customers import services as customers
from app.kit.hire_pricing.card_terms import CardTerms
from app.kit.identifiers import normalise_email, normalise_phone
from app.kit.ids import new_id
from app.kit.problems import Problem
from app.rental.bookings import rules, writes
from app.rental.bookings.models import Booking
from app.rental.bookings.rules import BookingState, Source
from app.rental.bookings.services.pricing import Hire, NoPrice, Priced, card_for, hire_of, price
from app.rental.bookings.services.rebooking import is_replaced
from app.rental.bookings.services.supplied import price_sold
from app.rental.bookings.services.terms import by_the_wall, handovers, term_columns
from app.rental.locations.services import HandoverTime
from app.rental.occupancy import services as occupancy
from app.rental.occupancy.rules import Stay
from app.rental.supplier_terms.services import selling as terms
from app.rental.suppliers.services.billing import get_supplier
from app.rental.suppliers.services.reservations import Intent, submit_reservation


async def create_booking(
    session: AsyncSession,
    *,
    fields: Mapping[str, Any],
    actor: Actor,
    booking_id: UUID | None = None,
    priced: Priced | None = None,
    quote_id: UUID | None = None,
    supplier: Intent | None = None,
    replaces: Booking | None = None,
) -> Booking:
    """Book a class of our own fleet, and a vehicle of it when one is named; it is confirmed at once.

    With the intent of a reservation with a `supplier` the booking is of its car, and becomes what the reservation does.
    `fields`: customer_id, driver (name, phone, email, born_on), pickup and back (location, local), class_code, choices,
    vehicle_id, note. `priced` is a price that was frozen, such as that of the quote `quote_id`, and is taken as it is.
    It `replaces` a booking that there was no car for. Raises InvalidFields, Forbidden, NoPrice, ClassSoldOut,
    VehicleTaken; Conflict for a taken id.
    """
    given = {name: value for name, value in fields.items() if value is not None}
    _refuse(rules.check_new(given, today=clock.today()))
    if booking_id is not None and await session.get(Booking, booking_id):
        raise AlreadyThere("A booking with this id exists.")
    pickup, back = await handovers(session, given["pickup"], given["back"], by_our_hours=supplier is None)
    _refuse_elsewhere(pickup, actor)
    vehicle_id = given.get("vehicle_id")
    if vehicle_id is not None and supplier is None:
        await occupancy.claim(session, vehicle_id, occupancy.stay_between(pickup, back), actor=actor)
    await _refuse_unknown_customer(session, given["customer_id"], actor)
    class_code = supplier.offer.acriss if supplier else str(given["class_code"]).upper()
    choices = rules.read_choices(given.get("choices") or {})
    if priced is None:
        hire = hire_of(pickup, back, choices, given["driver"].get("born_on"))
        priced = await _price(session, class_code, hire, supplier, vehicle_id)
    now = clock.now()
    booking = Booking(
        id=booking_id or new_id(),
        created_at=now,
        updated_at=now,
        tags=[],
        market=pickup.location.market,
        source=Source.SUPPLIER if supplier else Source.OWN,
        supplier_code=(await get_supplier(session, supplier.supplier_id)).code if supplier else None,
        state=BookingState.SUBMITTING if supplier else BookingState.CONFIRMED,
        customer_id=given["customer_id"],
        note=given.get("note"),
        created_by=actor.id,
        quote_id=quote_id,
        replaces_id=replaces.id if replaces else None,
        **_driver_columns(given["driver"]),
        **term_columns(pickup, back, class_code, choices, priced),
    )
    if supplier is None:
        await _hold(session, booking, occupancy.stay_between(pickup, back), vehicle_id)
    await writes.add(session, booking)
    await _record_created(session, booking, actor, replaces)
    if supplier is not None:
        intent = replace(supplier, subject=(Booking.record_kind, booking.id))
        await submit_reservation(session, intent, expected=intent.offer.total, actor=actor)
    return booking


def _refuse_elsewhere(pickup: HandoverTime, actor: Actor) -> None:
    if pickup.at < clock.now() - rules.LATEST_BACKDATING:
        raise InvalidFields([Problem("pickup.local", "out_of_range", "The pick-up is over")])
    if not actor.sees(market=pickup.location.market, branch=pickup.location.code):
        raise Forbidden("The branch of the pick-up is outside your scope.")


async def _record_created(session: AsyncSession, booking: Booking, actor: Actor, replaces: Booking | None) -> None:
    shown = ("pickup_location", "pickup_local", "return_location", "return_local", "class_code", "driver_name")
    changes: dict[str, tuple[Any, Any]] = {name: (None, by_the_wall(getattr(booking, name))) for name in shown}
    changes |= {"state": (None, booking.state), "total_minor": (None, booking.total)}
    facts = {"instead_of": replaces.reference} if replaces else None
    await record(session, "booking.created", booking, actor=actor, changes=changes, facts=facts)
    if replaces is not None:
        await is_replaced(session, replaces, booking, actor)


async def _price(
    session: AsyncSession, class_code: str, hire: Hire, supplier: Intent | None, vehicle_id: UUID | None
) -> Priced:
    if supplier is not None:
        sold = await terms.sell_now(session, supplier.supplier_id, supplier.market, supplier.offer)
        return price_sold(sold, hire.pickup.at)
    return await price(session, class_code, hire, vehicle_id=vehicle_id)


async def _hold(session: AsyncSession, booking: Booking, stay: Stay, vehicle_id: UUID | None) -> None:
    if vehicle_id is None:
        await occupancy.promise(session, booking.id, booking.class_code, stay)
        return
    await occupancy.take_claimed(session, booking.id, vehicle_id, booking.class_code, stay)
    booking.vehicle_id = vehicle_id


@dataclass(frozen=True, slots=True)
class HirePreview:
    """What a hire would cost, the terms of the rate card that it would be priced by, and why it cannot be had."""

    card: CardTerms | None
    priced: Priced | None
    problems: list[Problem]
    zone: str = ""
    """By the clocks of which cancelling becomes dearer."""


async def preview_booking(session: AsyncSession, *, fields: Mapping[str, Any]) -> HirePreview | None:
    """The price before anything is booked; None until both ends and the class are said."""
    given = {name: value for name, value in fields.items() if value is not None}
    is_said = all((given.get(name) or {}).get("local") for name in ("pickup", "back"))
    if not (is_said and given["pickup"].get("location") and given.get("class_code")):
        return None
    card = None
    try:
        _refuse(rules.check_amendment({name: given[name] for name in ("class_code", "choices") if name in given}))
        pickup, back = await handovers(session, given["pickup"], given["back"])
        class_code, choices = str(given["class_code"]).upper(), rules.read_choices(given.get("choices") or {})
        card = await card_for(session, class_code, pickup, brand=choices.brand)
        hire = hire_of(pickup, back, choices, (given.get("driver") or {}).get("born_on"))
        priced = await price(session, class_code, hire)
    except InvalidFields as refused:
        return HirePreview(card.terms if card else None, None, refused.problems)
    except NoPrice as refused:
        return HirePreview(None, None, [Problem("class_code", refused.code, refused.title)])
    return HirePreview(card.terms if card else None, priced, [], pickup.location.time_zone)


def _driver_columns(driver: Mapping[str, Any]) -> dict[str, Any]:
    phone, email = driver.get("phone"), driver.get("email")
    return {
        "driver_name": str(driver["name"]).strip(),
        "driver_phone": normalise_phone(phone, None) if phone else None,
        "driver_email": normalise_email(email) if email else None,
        "driver_born_on": driver.get("born_on"),
    }


async def _refuse_unknown_customer(session: AsyncSession, customer_id: UUID, actor: Actor) -> None:
    customer = await customers.find_customer(session, customer_id, actor)
    if customer is None:
        raise InvalidFields([Problem("customer_id", "unknown_customer", "There is no such customer")])
    hold(session, customer)


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise InvalidFields(problems)
