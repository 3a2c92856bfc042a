"""Customers who were promised a car and have none: what they had, and what takes its place."""

from uuid import UUID

from app.core.actor import SYSTEM, Actor
from app.core.db import AsyncSession
from app.desk.tasks import services as tasks
from app.rental.bookings import queries
from app.rental.bookings.models import Booking
from app.rental.bookings.rules import LOST

REBOOK = "booking_rebook"


async def find_lost(session: AsyncSession, booking_id: UUID | None, actor: Actor) -> Booking | None:
    """The booking that has no car, while nothing has taken its place."""
    found = await queries.find_booking(session, booking_id, actor) if booking_id else None
    if found is None or found.state not in LOST or await queries.has_successor(session, found.id):
        return None
    return found


async def who_lost(session: AsyncSession, booking_id: UUID | None, actor: Actor) -> dict[str, str]:
    """Who hires and drives in place of a booking that has no car, as forms name it."""
    lost = await find_lost(session, booking_id, actor)
    if lost is None:
        return {}
    driver = {name: getattr(lost, name) for name in ("driver_name", "driver_phone", "driver_email")}
    driver["driver_born_on"] = lost.driver_born_on.isoformat() if lost.driver_born_on else None
    return {"customer_id": str(lost.customer_id)} | {name: value for name, value in driver.items() if value}


async def ask_for_another_car(session: AsyncSession, booking: Booking, why: str) -> None:
    """Have people find another car."""
    await tasks.create_task(
        session,
        kind=REBOOK,
        title=f"{booking.reference}: find another car",
        subject=(Booking.record_kind, booking.id),
        details=why,
        unique_key=f"{REBOOK}:{booking.id}",
        actor=SYSTEM,
    )


async def is_replaced(session: AsyncSession, booking: Booking, successor: Booking, actor: Actor) -> None:
    """Another booking has taken its place: nobody has to look for a car any more."""
    why = f"{successor.reference} takes its place."
    await tasks.settle_tasks(
        session, (Booking.record_kind, booking.id), REBOOK, why=why, actor=actor, outcome="rebooked"
    )
