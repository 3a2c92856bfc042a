"""Margins are counted again while bookings change."""

from app.core.db import run_in_unit
from app.core.jobs.context import JobContext
from app.rental.margins import services


async def recount_recent(context: JobContext) -> dict[str, int]:
    """The months around this one, each in a unit of work of its own."""
    months = services.recent_months()
    for month in months:
        await run_in_unit(context.database, lambda session, one=month: services.recount_month(session, one))
    return {"months": len(months)}
