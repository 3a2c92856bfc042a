"""Figures are counted again while bookings change."""

from datetime import timedelta

from app.core import clock
from app.core.db import run_in_unit
from app.core.jobs.context import JobContext
from app.rental.figures import services


async def recount_recent(context: JobContext) -> dict[str, int]:
    """The days around today and how late vehicles came back: each week in a unit of work of its own."""
    for since, until in services.weeks(clock.today() - timedelta(days=services.BACK)):
        await run_in_unit(context.database, lambda session, a=since, b=until: services.recount(session, a, b))
    await services.recount_old_delays(context.database)
    return {"days": services.BACK + services.AHEAD}
