"""What suppliers tell by themselves. It is never believed: it makes us ask, and the answer decides.

So a message that comes five times, in another order, or days late does no harm, and one that never comes only makes the
worker ask later.
"""

from dataclasses import dataclass

from app.core.db import AsyncSession
from app.rental.suppliers import queries, writes
from app.rental.suppliers.models import Supplier, SupplierNotification
from app.rental.suppliers.services.reservations import queue_settling


@dataclass(frozen=True, slots=True)
class Told:
    """What a message says that it is about."""

    message_id: str
    number: str
    our_reference: str


async def take_notification(session: AsyncSession, supplier: Supplier, told: Told) -> bool:
    """Keep a message once, and have the worker ask about its reservation; False for one that is here already."""
    found = await queries.find_told(session, supplier.id, told.number, told.our_reference)
    notification = SupplierNotification(
        supplier_id=supplier.id,
        message_id=told.message_id,
        number=told.number,
        reservation_id=found.id if found else None,
    )
    if not await writes.keep_notification(session, notification):
        return False
    if found is not None:
        await queue_settling(session, found.id)
    return True
