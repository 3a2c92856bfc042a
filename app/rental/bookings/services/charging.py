"""What a booking is charged for."""

from app.core.actor import Actor
from app.core.db import AsyncSession
from app.payments.charges import services as charges
from app.payments.charges.rules import Purpose
from app.payments.charges.services import ChargeSubject
from app.rental.bookings.models import Booking


def charged(booking: Booking) -> ChargeSubject:
    """A booking as the subject of charges."""
    return charges.subject_of(booking, name=booking.reference, market=booking.market, branch=booking.pickup_location)


async def charge_fee(session: AsyncSession, booking: Booking, purpose: Purpose, *, actor: Actor) -> None:
    """Plan to charge the fee that was frozen, if there is one."""
    if booking.fee is not None and booking.fee.minor > 0:
        await charges.plan_charge(session, charged(booking), purpose=purpose, amount=booking.fee, actor=actor)
