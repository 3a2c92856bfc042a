"""Figures are counted again while bookings change."""

from app.core.db import run_in_unit
from app.core.jobs.context import JobContext
from app.rental.figures import services


async def recount_recent(context: JobContext) -> dict[str, int]:
    """The days around today, in one unit of work: figures are never seen half counted."""
    await run_in_unit(context.database, services.recount_recent)
    return {"days": services.BACK + services.AHEAD}
