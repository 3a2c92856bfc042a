"""Background work on applications."""

from app.core import clock
from app.core.db import run_in_unit
from app.core.jobs.context import JobContext
from app.credit.applications import queries, services

BATCH = 200


async def expire_overdue_information_requests(context: JobContext) -> dict[str, int]:
    """End applications whose information is overdue, each in a transaction of its own."""
    async with context.database.session() as session:
        overdue = await queries.list_overdue(session, clock.today(), BATCH)
    expired = 0
    for done, application_id in enumerate(overdue):
        await context.progress(done, len(overdue))
        found = await run_in_unit(
            context.database, lambda session, key=application_id: services.expire_application(session, key)
        )
        expired += found is not None
    return {"expired": expired}
