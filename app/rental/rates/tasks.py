"""Rate work that happens by itself."""

from app.core import clock
from app.core.db import run_in_unit
from app.core.jobs.context import JobContext
from app.rental.rates import queries, services


async def follow_dates(context: JobContext) -> dict[str, int]:
    """Let versions come into force and be over by their dates."""
    async with context.database.session() as session:
        due = await queries.list_due_cards(session, clock.today())
    for number, card_id in enumerate(due, 1):
        await run_in_unit(context.database, lambda session, key=card_id: services.follow_dates(session, key))
        await context.progress(number, len(due))
    return {"cards": len(due)}
