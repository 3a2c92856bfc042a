"""Drafts that nobody finished: what they hold of a driver is not kept for ever."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.core.actor import SYSTEM
from app.core.changes import record
from app.core.db import AsyncSession
from app.desk.records.services import forget_beside
from app.rental.handovers import queries

DRAFT_KEPT: Final = timedelta(days=30)


async def forget_draft(session: AsyncSession, handover_id: UUID, before: datetime) -> bool:
    """Delete a draft with its photos and notes, unless somebody has gone on with it meanwhile; its entries stay.

    Damage that was marked stays with the vehicle, and what was charged with the booking.
    """
    handover = await queries.lock_abandoned(session, handover_id, before)
    if handover is None:
        return False
    await forget_beside(session, handover)
    why = f"Nobody went on with it for {DRAFT_KEPT.days} days"
    await record(session, "handover.forgotten", handover, actor=SYSTEM, why=why)
    await session.delete(handover)
    return True
