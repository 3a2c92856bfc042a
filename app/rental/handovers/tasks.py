"""What is done at counters by itself: a vehicle that is not back goes on being on hire."""

from datetime import timedelta

from app.core import clock
from app.core.area import JobKind
from app.core.db import run_in_unit
from app.core.jobs.context import JobContext
from app.rental.handovers import queries, services
from app.rental.handovers.services.forgetting import DRAFT_KEPT, forget_draft

AHEAD, LONGER = timedelta(minutes=15), timedelta(minutes=45)
BATCH = 2_000


async def follow_overdue(context: JobContext) -> dict[str, int]:
    """Before a hire ends by the calendar, keep its vehicle on hire: it ends with a check-in."""
    now, kept = clock.now(), 0
    async with context.database.session() as session:
        overdue = await queries.list_overdue(session, now + AHEAD, BATCH)
    for vehicle_id, _ in overdue:
        kept += await run_in_unit(
            context.database,
            lambda session, key=vehicle_id: services.keep_overdue(session, key, clock.now() + LONGER),
        )
    return {"vehicles": kept}


async def forget_drafts(context: JobContext) -> dict[str, int]:
    """Delete drafts of check-outs and check-ins that nobody went on with, with the photos beside them."""
    before, forgotten = clock.now() - DRAFT_KEPT, 0
    async with context.database.session() as session:
        old = await queries.list_abandoned(session, before, BATCH)
    for handover_id in old:
        forgotten += await run_in_unit(
            context.database, lambda session, key=handover_id: forget_draft(session, key, before)
        )
    return {"drafts": forgotten}


KINDS = (
    JobKind(
        "handovers.follow_overdue", "Keep vehicles on hire that are overdue", follow_overdue, every=timedelta(minutes=5)
    ),
    JobKind(
        "handovers.forget_drafts", "Delete handovers that nobody finished", forget_drafts, every=timedelta(hours=12)
    ),
)
