"""The worker's part of runs, done at once."""

import pytest
from sqlalchemy import select

from app.core.jobs.context import JobContext
from app.core.jobs.leases import Claim
from app.core.jobs.models import Job, JobState
from app.desk.bulk import tasks
from tests.api.committing import live_settings
from tests.factories.rental import make_location, make_vehicle

__all__ = ["live_settings"]


@pytest.fixture
def work(runtime, database):
    """Do the queued jobs of runs, as the worker does; answers how far they said that they were."""

    async def run(**given):
        async with database.unit() as session:
            queued = select(Job).where(Job.kind == tasks.RUN.key, Job.state == JobState.QUEUED)
            jobs = (await session.execute(queued)).scalars().all()
            for job in jobs:
                job.state = JobState.DONE
        told = []
        for job in jobs:
            claim = Claim(job.id, job.lease_token, job.kind, job.payload, 1, 5, job.created_by)
            kinds = list(runtime.assembly.kinds.values())
            context = JobContext(database, None, runtime.settings, claim, kinds)

            async def progress(done, total=None, note=""):
                told.append((done, total))
                if "after" in given and done == given["after"]:
                    await given["then"]()

            context.progress = progress
            await tasks.carry_out(context)
        return told

    return run


@pytest.fixture
async def fleet(session):
    """Three cars in Tallinn at 78.00 EUR, AAA 1 to AAA 3."""
    await make_location(session, "TLL")
    await make_location(session, "TAY")
    cars = [await make_vehicle(session, plate=f"AAA {number}", location="TLL") for number in (1, 2, 3)]
    await session.commit()
    return cars
