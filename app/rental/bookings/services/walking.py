"""Keeping a promise when our own fleet cannot: a better class at the same price, or a supplier's car."""

from typing import Any
from uuid import UUID

from app.core import clock
from app.core.actor import Actor
from app.core.changes import record
from app.core.db import AsyncSession
from app.core.errors import InvalidFields
from app.kit.problems import Problem
from app.rental.bookings import rules
from app.rental.bookings.models import Booking
from app.rental.bookings.rules import MOVES
from app.rental.bookings.services.creation import create_booking
from app.rental.bookings.services.moves import begin_with_reason, enter
from app.rental.bookings.services.pricing import Priced
from app.rental.bookings.services.terms import replace_terms
from app.rental.occupancy import services as occupancy
from app.rental.suppliers.services.reservations import Intent


async def upgrade_booking(
    session: AsyncSession, booking_id: UUID, *, class_code: str, reason: str, actor: Actor
) -> Booking:
    """Promise another class for the price that was agreed; a vehicle that was assigned is given back.

    Raises IllegalState, NotOurFleet, InvalidFields, ClassSoldOut.
    """
    booking = await begin_with_reason(session, booking_id, "upgrade", actor, reason)
    wanted = class_code.strip().upper()
    problems = rules.check_amendment({"class_code": wanted})
    if not wanted:
        problems = [Problem("class_code", "required", "Missing")]
    elif wanted == booking.class_code:
        problems = [Problem("class_code", "same", "It is this class already")]
    if problems:
        raise InvalidFields(problems)
    hold = await occupancy.find_hold(session, booking.id)
    assert hold is not None, f"{booking.reference} holds nothing"
    await occupancy.move(session, booking.id, hold.stay, class_code=wanted, keeps_vehicle=False)
    booking.vehicle_id = None
    await replace_terms(
        session, booking, {"class_code": wanted}, path=MOVES["upgrade"].path, action="booking.upgraded", why=reason,
        actor=actor,
    )  # fmt: skip
    return booking


async def walk_booking(
    session: AsyncSession, booking_id: UUID, *, supplier: Intent, reason: str, actor: Actor
) -> Booking:
    """Give the customer a supplier's car at the price that was agreed, in a new booking that takes this one's place.

    This one is cancelled and costs nothing. Raises IllegalState, NotOurFleet, InvalidFields.
    """
    booking = await begin_with_reason(session, booking_id, "walk", actor, reason)
    made = await create_booking(
        session,
        fields=_as_it_was(booking),
        actor=actor,
        priced=Priced(booking.total, booking.price_lines, booking.rate_snapshot, booking.fee_windows),
        supplier=supplier,
    )
    made.replaces_id = booking.id
    before = booking.state
    booking.cancel_requested_at, booking.fee_minor = clock.now(), 0
    enter(booking, MOVES["walk"].path)
    await occupancy.release(session, booking.id)
    changes: dict[str, tuple[Any, Any]] = {"state": (before, booking.state), "fee_minor": (None, booking.fee)}
    facts = {"replaced_by": made.reference}
    await record(session, "booking.walked", booking, actor=actor, why=reason, changes=changes, facts=facts)
    return made


def _as_it_was(booking: Booking) -> dict[str, Any]:
    driver = {name: getattr(booking, f"driver_{name}") for name in ("name", "phone", "email", "born_on")}
    return {
        "customer_id": booking.customer_id,
        "driver": {name: value for name, value in driver.items() if value is not None},
        "pickup": {"location": booking.pickup_location, "local": booking.pickup_local},
        "back": {"location": booking.return_location, "local": booking.return_local},
        "class_code": booking.class_code,
        "choices": rules.write_choices(booking.chosen),
        "note": booking.note,
    }
