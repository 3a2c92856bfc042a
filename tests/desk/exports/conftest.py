"""Files in a directory of the test, and the worker's part done at once."""

import pytest
from sqlalchemy import select

from app.core.jobs.context import JobContext
from app.core.jobs.leases import Claim
from app.core.jobs.models import Job, JobState
from app.desk.exports import tasks


@pytest.fixture
def data_dir(runtime, tmp_path):
    """The running application keeps its files here."""
    before = runtime.settings
    runtime.settings = before.model_copy(update={"data_dir": tmp_path})
    yield tmp_path
    runtime.settings = before


@pytest.fixture
def work(runtime, database, data_dir):
    """Do queued work of exports, as the worker does; answers how far it said that it was."""

    async def run(kind=tasks.RUN):
        told = []

        async def progress(done, total=None, note=""):
            told.append((done, total))

        async with database.unit() as session:
            queued = select(Job).where(Job.kind == kind.key, Job.state == JobState.QUEUED)
            jobs = (await session.execute(queued)).scalars().all()
            for job in jobs:
                job.state = JobState.DONE
        for job in jobs or [Job(kind=kind.key, payload={})]:
            claim = Claim(job.id, job.lease_token, job.kind, job.payload, 1, 3, job.created_by)
            kinds = list(runtime.assembly.kinds.values())
            context = JobContext(database, None, runtime.settings, claim, kinds)
            context.progress = progress
            await kind.run(context)
        return told

    return run
