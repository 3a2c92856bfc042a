"""What a worker does with jobs: claim, renew, report, finish. Each report names its lease and is refused without it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import random
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.area import JobKind
from app.core.database_clock import database_time
from app.core.jobs.models import LONGEST_NOTE, Job, JobState
from app.core.jobs.queue import backoff

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
LONGEST_REASON = 4_000
EXPIRED_BATCH = 100
LEASE_RAN_OUT = "The worker stopped before the job was finished."


@dataclass(frozen=True, slots=True)
class Claim:
    """A job as one worker holds it; `token` fences off every earlier holder."""

    id: UUID
    token: int
    kind: str
    payload: dict[str, Any]
    attempt: int
    max_attempts: int
    created_by: UUID | None


async def claim_jobs(session: AsyncSession, kinds: Sequence[JobKind], worker: str, limit: int) -> list[Claim]:
    """Take up to `limit` due jobs that no other worker is taking at this moment."""
    by_key = {kind.key: kind for kind in kinds}
    due = (
        select(Job)
        .where(col(Job.state) == JobState.QUEUED, col(Job.run_at) <= database_time(), col(Job.kind).in_(by_key))
        .order_by(col(Job.run_at), col(Job.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    jobs = (await session.execute(due)).scalars().all()
    claims: list[Claim] = []
    for job in jobs:
        kind = by_key[job.kind]
        claim = Claim(
            job.id, job.lease_token + 1, job.kind, job.payload, job.attempts + 1, kind.max_attempts, job.created_by
        )
        await session.execute(
            update(Job)
            .where(col(Job.id) == job.id)
            .values(
                state=JobState.RUNNING,
                lease_token=claim.token,
                lease_until=database_time(kind.lease),
                attempts=claim.attempt,
                max_attempts=claim.max_attempts,
                worker=worker,
                started_at=database_time(),
            )
            .execution_options(synchronize_session=False)
        )
        claims.append(claim)
    return claims


async def holds(session: AsyncSession, claim: Claim) -> bool:
    """Whether the job is still ours; if so, it stays ours until the transaction ends."""
    ours = select(col(Job.id)).where(_is_ours(claim)).with_for_update(read=True)
    return (await session.execute(ours)).scalar_one_or_none() is not None


async def renew(session: AsyncSession, claim: Claim, lease: timedelta) -> bool:
    """Prolong the lease; False when the job is no longer ours."""
    return await _report(session, claim, lease_until=database_time(lease))


async def report_progress(session: AsyncSession, claim: Claim, done: int, total: int | None, note: str) -> bool:
    """Keep how far the job is; False when the job is no longer ours."""
    return await _report(session, claim, progress_done=done, progress_total=total, note=note[:LONGEST_NOTE])


async def finish_job(session: AsyncSession, claim: Claim, result: dict[str, Any] | None) -> bool:
    """Mark the job done; False when the job is no longer ours."""
    return await _report(
        session,
        claim,
        state=JobState.DONE,
        result=result,
        lease_until=None,
        last_error=None,
        finished_at=database_time(),
    )


async def fail_job(session: AsyncSession, claim: Claim, reason: str, *, is_final: bool = False) -> bool:
    """Queue the job again after a growing pause, or bury it when its attempts are used up."""
    reason = reason[:LONGEST_REASON]
    if is_final or claim.attempt >= claim.max_attempts:
        return await _report(
            session, claim, state=JobState.DEAD, last_error=reason, lease_until=None, finished_at=database_time()
        )
    pause = backoff(claim.attempt, first=FIRST_PAUSE, longest=LONGEST_PAUSE, spread=random())  # noqa: S311 - jitter
    return await _report(
        session, claim, state=JobState.QUEUED, last_error=reason, lease_until=None, run_at=database_time(pause)
    )


async def give_back(session: AsyncSession, claim: Claim) -> bool:
    """Return a job that was begun and not finished because the worker leaves; the attempt does not count."""
    return await _report(
        session,
        claim,
        state=JobState.QUEUED,
        lease_until=None,
        attempts=claim.attempt - 1,
        run_at=database_time(),
    )


async def find_state(session: AsyncSession, job_id: UUID) -> JobState | None:
    """The job's state at this moment."""
    return (await session.execute(select(col(Job.state)).where(col(Job.id) == job_id))).scalar_one_or_none()


async def reclaim_expired(session: AsyncSession) -> int:
    """Queue jobs again whose lease ran out by the database's clock; bury those without attempts left."""
    expired = (
        select(col(Job.id))
        .where(col(Job.state) == JobState.RUNNING, col(Job.lease_until) < database_time())
        .limit(EXPIRED_BATCH)
        .with_for_update(skip_locked=True)
    )
    ids = (await session.execute(expired)).scalars().all()
    if not ids:
        return 0
    is_over = col(Job.attempts) >= col(Job.max_attempts)
    await session.execute(
        update(Job)
        .where(col(Job.id).in_(ids))
        .values(
            finished_at=case((is_over, database_time()), else_=None),
            state=case((is_over, JobState.DEAD), else_=JobState.QUEUED),
            run_at=case((is_over, col(Job.run_at)), else_=database_time()),
            lease_until=None,
            last_error=LEASE_RAN_OUT,
        )
        .execution_options(synchronize_session=False)
    )
    return len(ids)


async def _report(session: AsyncSession, claim: Claim, **values: Any) -> bool:
    statement = (
        update(Job)
        .where(_is_ours(claim))
        .values(updated_at=database_time(), **values)
        .execution_options(synchronize_session=False)
    )
    result = await session.execute(statement)
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def _is_ours(claim: Claim) -> ColumnElement[bool]:
    return and_(col(Job.id) == claim.id, col(Job.lease_token) == claim.token, col(Job.state) == JobState.RUNNING)
