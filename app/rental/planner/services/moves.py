"""Moving a booking on the sheet: to a vehicle, to another time, or both; tried first, then saved as one change.

A move is made of the steps that bookings offer (assign, remove, amend, extend). Trying it takes the same steps inside a
savepoint that is rolled back, so what is told before is what saving does: the same refusals and the same price.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.core.actor import Actor
from app.core.db import AsyncSession
from app.core.errors import AppError, Conflict, IllegalState, InvalidFields
from app.core.undo import UndoKind
from app.kit.money import Money
from app.kit.problems import Problem
from app.rental.bookings import services as bookings
from app.rental.bookings.models import Booking
from app.rental.bookings.rules import BookingState
from app.rental.occupancy.services import VehicleTaken
from app.rental.planner import queries

NOWHERE = "none"
"""The target of a booking that gives its vehicle back."""
EDIT = "bookings.edit"


class PriceChanged(Conflict):
    """Between the preview and the saving the price became another one; `price` tells which."""

    code = "price_changed"
    title = "The price has changed since it was shown"
    advice = "Nothing was changed. Go back, look at the new price and decide anew."


@dataclass(frozen=True, slots=True)
class Wish:
    """Where a booking is to go. `vehicle` is an id, `none`, or None to leave it; times are by the branch's clocks."""

    vehicle: str | None = None
    pickup_local: datetime | None = None
    return_local: datetime | None = None
    swap_with: UUID | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a move would come to: the price before and after, or why it is refused and with whom it could be swapped."""

    before: Money
    after: Money
    refusal: AppError | None = None
    swap_with: Booking | None = None

    @property
    def difference(self) -> Money:
        return self.after - self.before


async def try_move(session: AsyncSession, booking_id: UUID, wish: Wish, *, actor: Actor) -> Outcome:
    """What the move would come to; nothing of it stays. Raises NotFound."""
    booking = await queries.get_booking(session, booking_id, actor)
    before = booking.total
    trial = await session.begin_nested()
    try:
        after, refusal = (await _carry_out(session, booking, wish, actor)).total, None
    except (Conflict, InvalidFields, bookings.NoPrice) as refused:
        after, refusal = before, refused
    finally:
        await trial.rollback()
        await session.refresh(booking)
    swap_with = None
    if isinstance(refusal, VehicleTaken) and wish.swap_with is None and wish.vehicle:
        swap_with = await _swappable(session, booking_id, wish, actor)
    return Outcome(before, after, refusal, swap_with)


async def move_booking(
    session: AsyncSession, booking_id: UUID, wish: Wish, *, expected: str | None = None, actor: Actor
) -> Booking:
    """Make the move. Raises what its steps raise, and PriceChanged when the price is not the expected one."""
    booking = await queries.get_booking(session, booking_id, actor)
    moved = await _carry_out(session, booking, wish, actor)
    if expected and expected != moved.total.amount:
        raise PriceChanged(
            f"It is {moved.total.amount} {moved.total.currency} now.", extra={"price": moved.total.amount}
        )
    return moved


async def _carry_out(session: AsyncSession, booking: Booking, wish: Wish, actor: Actor) -> Booking:
    if wish.swap_with is not None:
        return await _swap(session, booking, wish, actor)
    fields = _terms(booking, wish)
    is_other_vehicle = wish.vehicle is not None and wish.vehicle != str(booking.vehicle_id or NOWHERE)
    if not fields and not is_other_vehicle:
        return booking
    if not is_other_vehicle:
        return await _retime(session, booking, fields, wish, actor)
    if not fields:
        return await _give(session, booking, wish, actor)
    if booking.vehicle_id and booking.state is BookingState.CONFIRMED:
        await bookings.remove_vehicle(session, booking.id, actor=actor)
    booking = await _retime(session, booking, fields, wish, actor)
    return await _give(session, booking, wish, actor)


async def _give(session: AsyncSession, booking: Booking, wish: Wish, actor: Actor) -> Booking:
    if wish.vehicle == NOWHERE:
        return await bookings.remove_vehicle(session, booking.id, actor=actor)
    vehicle_id = UUID(wish.vehicle)
    return await bookings.assign_vehicle(session, booking.id, vehicle_id=vehicle_id, reason=wish.reason, actor=actor)


async def _retime(
    session: AsyncSession, booking: Booking, fields: Mapping[str, Any], wish: Wish, actor: Actor
) -> Booking:
    given = {**fields, "reason": wish.reason}
    if booking.state is BookingState.ON_HIRE:
        if "pickup" in fields:
            raise InvalidFields(
                [Problem("pickup.local", "illegal_state", "The vehicle is out: only its return can move")]
            )
        return await bookings.extend_booking(session, booking.id, fields=given, actor=actor)
    return await bookings.amend_booking(session, booking.id, fields=given, actor=actor)


async def _swap(session: AsyncSession, booking: Booking, wish: Wish, actor: Actor) -> Booking:
    """Two bookings exchange their vehicles, both for the time they have."""
    other = await queries.get_booking(session, wish.swap_with, actor)
    ours, theirs = booking.vehicle_id, other.vehicle_id
    if ours is None or theirs is None or str(theirs) != wish.vehicle:
        raise IllegalState("The other booking has another vehicle by now.", state=other.state)
    await bookings.remove_vehicle(session, booking.id, actor=actor)
    await bookings.assign_vehicle(session, other.id, vehicle_id=ours, reason=wish.reason, actor=actor)
    return await bookings.assign_vehicle(session, booking.id, vehicle_id=theirs, reason=wish.reason, actor=actor)


async def _swappable(session: AsyncSession, booking_id: UUID, wish: Wish, actor: Actor) -> Booking | None:
    """The booking in the way, when both could simply exchange their vehicles."""
    booking = await queries.get_booking(session, booking_id, actor)
    if booking.vehicle_id is None or _terms(booking, wish) or wish.vehicle == NOWHERE:
        return None
    in_the_way = await queries.list_in_the_way(session, UUID(wish.vehicle), booking, actor)
    if len(in_the_way) != 1:
        return None
    other_id = in_the_way[0].id
    found = await try_move(session, booking_id, Wish(wish.vehicle, swap_with=other_id, reason=wish.reason), actor=actor)
    return await queries.get_booking(session, other_id, actor) if found.refusal is None else None


def _terms(booking: Booking, wish: Wish) -> dict[str, Any]:
    """The ends that change, as bookings take them."""
    fields: dict[str, Any] = {}
    for name, end, local in (("pickup", "pickup", wish.pickup_local), ("back", "return", wish.return_local)):
        if local is not None and local != getattr(booking, f"{end}_local"):
            fields[name] = {"location": getattr(booking, f"{end}_location"), "local": local}
    return fields


async def take_back(session: AsyncSession, booking_id: UUID, payload: Mapping[str, Any], actor: Actor) -> None:
    """Give the booking the vehicle that it had before it was moved."""
    wish = Wish(payload["vehicle"], reason="Taken back")
    await move_booking(session, booking_id, wish, actor=actor)


UNDO = UndoKind("booking.planner_move", "booking", EDIT, take_back)
