"""Vehicle work that happens by itself."""

from datetime import timedelta

from app.core import clock
from app.core.db import run_in_unit
from app.core.jobs.context import JobContext
from app.rental.vehicles import queries, services

BATCH = 200
SOON_DAYS = 14
MOST_DUE = 500


async def follow_periods(context: JobContext) -> dict[str, int]:
    """Let states follow the planned periods that have begun or ended since the last look."""
    async with context.database.session() as session:
        due = await queries.list_due_changes(session, clock.now(), BATCH)
    for number, vehicle_id in enumerate(due, 1):
        await run_in_unit(context.database, lambda session, key=vehicle_id: services.apply_periods(session, key))
        await context.progress(number, len(due))
    return {"vehicles": len(due)}


async def raise_document_tasks(context: JobContext) -> dict[str, int]:
    """Make a task for each vehicle whose first document is over or ends within two weeks, once per document."""
    async with context.database.session() as session:
        due = await queries.list_due_documents(session, clock.today() + timedelta(days=SOON_DAYS), MOST_DUE)
    made = 0
    for number, vehicle_id in enumerate(due, 1):
        made += await run_in_unit(
            context.database, lambda session, key=vehicle_id: services.raise_document_task(session, key)
        )
        await context.progress(number, len(due))
    return {"tasks": made}
