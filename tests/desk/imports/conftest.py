"""Uploads in a directory of the test, and the worker's part done at once."""

from uuid import UUID

import pytest
from sqlalchemy import select

from app.core.jobs.context import JobContext
from app.core.jobs.leases import Claim
from app.core.jobs.models import Job, JobState
from app.desk.imports import tasks


@pytest.fixture
def data_dir(runtime, tmp_path):
    """The running application keeps its files here."""
    before = runtime.settings
    runtime.settings = before.model_copy(update={"data_dir": tmp_path})
    yield tmp_path
    runtime.settings = before


@pytest.fixture
def work(runtime, database, data_dir):
    """Do the queued jobs of imports, as the worker does."""

    async def run():
        async with database.unit() as session:
            queued = select(Job).where(Job.kind == tasks.RUN.key, Job.state == JobState.QUEUED)
            jobs = (await session.execute(queued)).scalars().all()
            for job in jobs:
                job.state = JobState.DONE
        for job in jobs:
            claim = Claim(UUID(str(job.id)), job.lease_token, job.kind, job.payload, 1, 3, job.created_by)
            context = JobContext(database, None, runtime.settings, claim, list(runtime.assembly.kinds.values()))
            context.progress = told.append_progress
            await tasks.run_import(context)
        return len(jobs)

    class Told(list):
        async def append_progress(self, done, total=None, note=""):
            self.append((done, total))

    told = Told()
    run.told = told
    return run
