"""Margins are counted again while bookings change."""

from app.core.db import run_in_unit
from app.core.jobs.context import JobContext
from app.rental.margins import services


async def recount_recent(context: JobContext) -> dict[str, int]:
    """Those of the months around this one whose bookings changed, each in a unit of work of its own."""
    months = await run_in_unit(context.database, services.list_changed)
    for month in months:
        await run_in_unit(context.database, lambda session, one=month: services.recount_month(session, one))
    await run_in_unit(context.database, services.mark_looked)
    return {"months": len(months)}
