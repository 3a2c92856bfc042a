"""Work that comes back: each schedule is a row, and the worker that claims it when it is due queues the job."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.mysql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.area import JobKind
from app.core.database_clock import database_time, read_database_time
from app.core.jobs.models import JobSchedule
from app.core.jobs.queue import enqueue


async def register_schedules(session: AsyncSession, kinds: Sequence[JobKind]) -> None:
    """Make the rows of schedules that have none yet; a new one is due at once."""
    present = await read_database_time(session)
    rows = [{"key": kind.key, "next_run_at": present} for kind in kinds if kind.every]
    if rows:
        await session.execute(insert(JobSchedule).prefix_with("IGNORE").values(rows))


async def queue_due(session: AsyncSession, kinds: Sequence[JobKind]) -> int:
    """Queue the schedules that are due; a run still going on is not doubled, and missed runs are not made up."""
    intervals = {kind.key: kind.every for kind in kinds if kind.every}
    if not intervals:
        return 0
    due = (
        select(JobSchedule)
        .where(col(JobSchedule.key).in_(intervals), col(JobSchedule.next_run_at) <= database_time())
        .with_for_update(skip_locked=True)
    )
    schedules = (await session.execute(due)).scalars().all()
    if not schedules:
        return 0
    present = await read_database_time(session)
    for schedule in schedules:
        await enqueue(session, schedule.key, {}, unique_key=f"schedule:{schedule.key}")
        schedule.last_queued_at = present
        schedule.next_run_at = next_run(schedule.next_run_at, intervals[schedule.key], present)
    return len(schedules)


def next_run(due: datetime, interval: timedelta, present: datetime) -> datetime:
    """The first moment after `present` that is whole intervals after `due`."""
    missed = max(0, (present - due) // interval)
    return due + (missed + 1) * interval
