"""What callers do with jobs: queue them with their own change, try dead ones again, cancel them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core import changes
from app.core.actor import Actor
from app.core.database_clock import read_database_time
from app.core.db import error_number
from app.core.errors import IllegalState, NotFound
from app.core.jobs.models import Job, JobState

DUPLICATE_KEY = 1062
ENQUEUE_ATTEMPTS = 3
UNFINISHED = frozenset({JobState.QUEUED, JobState.RUNNING})


async def enqueue(
    session: AsyncSession,
    kind: str,
    payload: dict[str, Any],
    *,
    run_at: datetime | None = None,
    unique_key: str | None = None,
    created_by: UUID | None = None,
) -> Job:
    """Queue a job in the caller's transaction; an unfinished job of the same `unique_key` is returned instead."""
    due = run_at or await read_database_time(session)
    job = Job(kind=kind, payload=payload, run_at=due, unique_key=unique_key, created_by=created_by)
    if unique_key is None:
        session.add(job)
        await session.flush()
        return job
    for _ in range(ENQUEUE_ATTEMPTS):
        existing = await find_unfinished(session, unique_key)
        if existing is not None:
            return existing
        try:
            async with session.begin_nested():
                session.add(job)
        except IntegrityError as error:
            if error_number(error) != DUPLICATE_KEY:
                raise
            job = Job(kind=kind, payload=payload, run_at=due, unique_key=unique_key, created_by=created_by)
        else:
            return job
    raise IllegalState("A job of this key is being queued and finished all the time.", state=JobState.RUNNING)


async def find_unfinished(session: AsyncSession, unique_key: str) -> Job | None:
    """The queued or running job of a key."""
    return (await session.execute(select(Job).where(col(Job.live_key) == unique_key))).scalar_one_or_none()


async def retry_job(session: AsyncSession, job_id: UUID, actor: Actor) -> Job:
    """Queue a dead or cancelled job again with all its attempts. Raises NotFound, IllegalState."""
    job = await lock_job(session, job_id)
    before = job.state
    if before not in {JobState.DEAD, JobState.CANCELLED}:
        raise IllegalState("Only a dead or cancelled job can be tried again.", state=before)
    if job.unique_key and await find_unfinished(session, job.unique_key) is not None:
        raise IllegalState("The same work is already queued or running.", state=before)
    job.state = JobState.QUEUED
    job.attempts = 0
    job.run_at = await read_database_time(session)
    job.finished_at = None
    job.version += 1
    await changes.record(session, "job.retried", job, actor=actor, changes={"state": (before, job.state)})
    return job


async def cancel_job(session: AsyncSession, job_id: UUID, actor: Actor) -> Job:
    """Cancel a job; a running one hears of it at its next heartbeat. Raises NotFound, IllegalState."""
    job = await lock_job(session, job_id)
    before = job.state
    if before not in UNFINISHED:
        raise IllegalState("The job is already finished.", state=before)
    job.state = JobState.CANCELLED
    job.lease_until = None
    job.finished_at = await read_database_time(session)
    job.version += 1
    await changes.record(session, "job.cancelled", job, actor=actor, changes={"state": (before, job.state)})
    return job


async def lock_job(session: AsyncSession, job_id: UUID) -> Job:
    """The job's row, held until the transaction ends. Raises NotFound."""
    job = await session.get(Job, job_id, with_for_update=True, populate_existing=True)
    if job is None:
        raise NotFound
    return job


def backoff(attempt: int, *, first: timedelta, longest: timedelta, spread: float) -> timedelta:
    """The pause after failed attempt 1, 2, ...: doubling, capped; `spread` (0 to 1) takes up to half of it away."""
    doubled = first * 2 ** min(attempt - 1, 30)
    return min(doubled, longest) * (1 - spread / 2)
