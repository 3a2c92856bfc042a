"""Writing new bookings."""

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import make_transient_to_detached

from app.kit.ids import new_reference
from app.rental.bookings.models import REFERENCE, Booking

PREFIX = "BK"
_b = Booking.__table__  # type: ignore[attr-defined]  # pyright: ignore
_NAMES = tuple(column.name for column in _b.columns)
ADD = insert(_b)


async def add(session: AsyncSession, booking: Booking) -> None:
    """Write a booking and give it its reference: another one whenever the constraint says that it is taken.

    Looking first whether it is free would be one more statement of every booking, and would not decide it.
    """
    while True:
        booking.reference = new_reference(PREFIX)
        try:
            await session.execute(ADD, {name: getattr(booking, name) for name in _NAMES})
        except IntegrityError as error:
            if REFERENCE not in str(error.orig):
                raise
        else:
            break
    make_transient_to_detached(booking)
    session.add(booking)
