"""What a supplier's car earns: as it was sold, and as it is once the supplier's price has moved."""

from app.core.db import AsyncSession
from app.rental.bookings.models import Booking
from app.rental.bookings.services.supplied import KIND, find_reservation
from app.rental.supplier_terms.rules import Margin
from app.rental.supplier_terms.services import selling as terms
from app.rental.suppliers.models import SupplierReservation
from app.rental.suppliers.services import reservations


async def find_margin(session: AsyncSession, booking: Booking) -> Margin | None:
    """What is left of a booking now; nothing for a car of ours, or where nobody kept it."""
    return margin_now(booking, await find_reservation(session, booking))


def margin_now(booking: Booking, reservation: SupplierReservation | None) -> Margin | None:
    """As it was sold; once the supplier has confirmed another price, what that leaves of the customer's."""
    kept = terms.read_margin(booking.margin)
    if kept is None or reservation is None or reservation.total.minor == kept.price_minor:
        return kept
    return terms.moved_margin(kept, reservations.offer_of(reservation), booking.total)


async def commission_of(session: AsyncSession, reservation: SupplierReservation) -> int:
    """What the supplier leaves us of a reservation's price, in minor units of its currency."""
    if reservation.subject_kind != KIND or reservation.subject_id is None:
        return 0
    booking = await session.get(Booking, reservation.subject_id)
    margin = margin_now(booking, reservation) if booking else None
    return margin.commission_minor if margin else 0
