"""Keeping a promise when our own fleet cannot: another class or branch at the agreed price, or a supplier's car."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from app.core import clock
from app.core.actor import Actor
from app.core.changes import record
from app.core.db import AsyncSession
from app.core.errors import Forbidden, InvalidFields
from app.kit.money import Money
from app.kit.problems import Problem
from app.rental.bookings import rules
from app.rental.bookings.models import Booking
from app.rental.bookings.rules import MOVES, BookingState, Source
from app.rental.bookings.services.creation import create_booking
from app.rental.bookings.services.moves import begin_with_reason, enter
from app.rental.bookings.services.pricing import Priced
from app.rental.bookings.services.terms import handovers, replace_terms
from app.rental.occupancy import services as occupancy
from app.rental.occupancy.rules import Stay
from app.rental.supplier_terms.rules import Sold
from app.rental.supplier_terms.services import selling as terms
from app.rental.suppliers.services.reservations import Intent, PriceMoved


async def upgrade_booking(
    session: AsyncSession, booking_id: UUID, *, class_code: str, reason: str, actor: Actor
) -> Booking:
    """Promise another class for the price that was agreed; a vehicle that was assigned is given back.

    Raises IllegalState, NotOurFleet, InvalidFields, ClassSoldOut.
    """
    booking = await begin_with_reason(session, booking_id, "upgrade", actor, reason)
    wanted = _class_wanted(class_code)
    if wanted == booking.class_code:
        raise InvalidFields([Problem("class_code", "same", "It is this class already")])
    hold = await occupancy.find_hold(session, booking.id)
    assert hold is not None, f"{booking.reference} holds nothing"
    await _promise_instead(session, booking, hold.stay, {"class_code": wanted}, "booking.upgraded", reason, actor)
    return booking


async def walk_within_fleet(
    session: AsyncSession, booking_id: UUID, *, location: str, class_code: str, reason: str, actor: Actor
) -> Booking:
    """Promise a class of ours, at the branch of the pick-up or another of the market, for the price that was agreed.

    The return stays where it was agreed. Raises IllegalState, NotOurFleet, InvalidFields, ClassSoldOut, Forbidden.
    """
    booking = await begin_with_reason(session, booking_id, "walk", actor, reason)
    wanted = _class_wanted(class_code)
    if (location, wanted) == (booking.pickup_location, booking.class_code):
        raise InvalidFields([Problem("class_code", "same", "It is this class at this branch already")])
    pickup, back = await handovers(
        session,
        {"location": location, "local": booking.pickup_local},
        {"location": booking.return_location, "local": booking.return_local},
    )
    if pickup.location.market != booking.market:
        raise InvalidFields([Problem("location", "other_market", "A booking stays in its market")])
    if not actor.sees(market=booking.market, branch=location):
        raise Forbidden("The branch is outside your scope.")
    columns = {
        "class_code": wanted,
        "pickup_location": location,
        "pickup_zone": pickup.location.time_zone,
        "pickup_at": pickup.at,
    }
    stay = occupancy.stay_between(pickup, back)
    await _promise_instead(session, booking, stay, columns, "booking.walked", reason, actor)
    return booking


async def walk_booking(
    session: AsyncSession,
    booking_id: UUID,
    *,
    supplier: Intent,
    expected: Money,
    reason: str,
    actor: Actor,
) -> Booking:
    """Give the customer a supplier's car at the price that was agreed, in a new booking that takes this one's place.

    This one is cancelled and costs nothing. A car that would be sold for something else than `expected` is refused.
    Raises IllegalState, NotOurFleet, InvalidFields, PriceMoved.
    """
    booking = await begin_with_reason(session, booking_id, "walk", actor, reason)
    sold = await terms.sell_now(session, supplier.supplier_id, supplier.market, supplier.offer)
    if sold.offer.total != expected:
        total = sold.offer.total
        raise PriceMoved(f"It costs {total} now, not {expected}.", extra={"total": total})
    made = await create_booking(
        session,
        fields=_as_it_was(booking),
        actor=actor,
        priced=Priced(
            booking.total, booking.price_lines, booking.rate_snapshot, booking.fee_windows, _kept_of(sold, booking)
        ),
        supplier=supplier,
        replaces=booking,
    )
    before = booking.state
    booking.cancel_requested_at, booking.fee_minor = clock.now(), 0
    enter(booking, (BookingState.CANCEL_PENDING, BookingState.CANCELLED))
    await occupancy.release(session, booking.id)
    changes: dict[str, tuple[Any, Any]] = {
        "state": (before, booking.state),
        "fee_minor": (None, booking.fee),
        "source": (Source.OWN, Source.SUPPLIER),
        "class_code": (booking.class_code, made.class_code),
    }
    facts = {"replaced_by": made.reference}
    await record(session, "booking.walked", booking, actor=actor, why=reason, changes=changes, facts=facts)
    return made


def _kept_of(sold: Sold, booking: Booking) -> dict[str, Any] | None:
    """What is left of the agreed price for us; in another currency nobody can say."""
    return (
        terms.plain_margin(replace(sold.margin, retail_minor=booking.total_minor))
        if (sold.margin.currency == booking.total_currency)
        else None
    )


def _class_wanted(text: str) -> str:
    wanted = text.strip().upper()
    problems = rules.check_amendment({"class_code": wanted})
    if not wanted:
        problems = [Problem("class_code", "required", "Missing")]
    if problems:
        raise InvalidFields(problems)
    return wanted


async def _promise_instead(
    session: AsyncSession,
    booking: Booking,
    stay: Stay,
    columns: Mapping[str, Any],
    action: str,
    reason: str,
    actor: Actor,
) -> None:
    """Hold something else for the booking at its price, and keep what was promised before."""
    await occupancy.move(session, booking.id, stay, class_code=columns["class_code"], keeps_vehicle=False)
    booking.vehicle_id = None
    path = MOVES["upgrade"].path
    await replace_terms(session, booking, columns, path=path, action=action, why=reason, actor=actor)


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
