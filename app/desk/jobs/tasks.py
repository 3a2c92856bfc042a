"""What background work does about itself."""

from datetime import timedelta

from app.core import clock
from app.core.area import JobKind
from app.core.db import run_in_unit
from app.core.jobs.context import JobContext
from app.desk.jobs import queries, services

LOOKED_BACK = timedelta(days=1)
BATCH = 100


async def raise_tasks_of_dead_jobs(context: JobContext) -> dict[str, int]:
    """Make tasks of the jobs that gave up lately."""
    async with context.database.session() as session:
        dead = await queries.list_dead_since(session, clock.now() - LOOKED_BACK, BATCH)
    made = 0
    for number, job_id in enumerate(dead, 1):
        made += await run_in_unit(context.database, lambda session, key=job_id: services.raise_task(session, key))
        await context.progress(number, len(dead))
    return {"tasks": made}


RAISE = JobKind("jobs.raise_tasks", "Make tasks of dead jobs", raise_tasks_of_dead_jobs, every=timedelta(minutes=1))
