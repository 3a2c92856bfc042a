"""Reading background work: jobs, consumers of events, workers and schedules."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.jobs.models import Job, JobState
from app.core.listing import Filter, ListSpec
from app.core.outbox.models import EventFailure
from app.core.read_pool import ReadPool
from app.core.reads import ListRead, Sort
from app.desk.jobs.schemas import HeldItem, JobItem, Numbers, ScheduleItem, WorkerItem

MOST_HELD = 100
MOST_WORKERS = 50
MOST_DEAD = 5
COUNT_CAP = 10_000

STATE_WORDS = {
    JobState.QUEUED.value: "Queued",
    JobState.RUNNING.value: "Running",
    JobState.DONE.value: "Done",
    JobState.DEAD.value: "Dead",
    JobState.CANCELLED.value: "Cancelled",
}

_j = Job.__table__  # type: ignore[attr-defined]  # pyright: ignore

SPEC = ListSpec(
    filters=(Filter("state", "State", "choice", tuple(STATE_WORDS.items())), Filter("kind", "Work", "code")),
    sorts=("created_at", "run_at", "finished_at"),
    default_sort="-created_at",
)

jobs = ListRead(
    JobItem,
    table=_j,
    columns={name: _j.c[name] for name in JobItem.__struct_fields__},
    where={"state": _j.c.state, "kind": _j.c.kind},
    # Ids are ordered by the moment they were made.
    sorts={
        "created_at": Sort(_j.c.id, "PRIMARY"),
        "run_at": Sort(_j.c.run_at),
        "finished_at": Sort(_j.c.finished_at, "ix_job_finished_at"),
    },
    scope={},
    indexes={frozenset({"state", "sort:run_at"}): "ix_job_state_run_at"},
)


async def find_job(session: AsyncSession, job_id: UUID, actor: Actor) -> Job | None:
    """The job, for those who may see background work."""
    return await session.get(Job, job_id) if actor.may("jobs.view") else None


async def get_job(session: AsyncSession, job_id: UUID) -> Job:
    """Raises NotFound."""
    found = await session.get(Job, job_id)
    if found is None:
        raise NotFound
    return found


async def get_held(session: AsyncSession, consumer: str, event_id: UUID) -> EventFailure:
    """The event in quarantine. Raises NotFound."""
    statement = select(EventFailure).where(
        col(EventFailure.consumer) == consumer,
        col(EventFailure.event_id) == event_id,
        col(EventFailure.quarantined_at).isnot(None),
    )
    found = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


async def count_jobs(reads: ReadPool) -> Numbers:
    """The numbers that are looked at every two seconds: each is an index scan that stops at the cap."""
    unfinished = ", ".join(
        f"(SELECT COUNT(*) FROM (SELECT 1 FROM job WHERE state = '{state}' LIMIT {COUNT_CAP}) {state})"  # noqa: S608
        for state in ("queued", "running", "dead")
    )
    ((queued, running, dead, done, oldest, unnumbered),) = await reads.fetch(
        f"SELECT {unfinished}, (SELECT COUNT(*) FROM (SELECT 1 FROM job WHERE finished_at > UTC_TIMESTAMP(6)"  # noqa: S608
        f" - INTERVAL 1 DAY AND state = 'done' LIMIT {COUNT_CAP}) done),"
        " (SELECT MIN(run_at) FROM job WHERE state = 'queued' AND run_at <= UTC_TIMESTAMP(6)),"
        f" (SELECT COUNT(*) FROM (SELECT 1 FROM outbox_event WHERE position IS NULL LIMIT {COUNT_CAP}) unnumbered)"
    )
    return Numbers(int(queued), int(running), int(dead), int(done), oldest, int(unnumbered))


async def count_held(reads: ReadPool) -> int:
    """How many events are in quarantine."""
    rows = await reads.fetch("SELECT COUNT(*) FROM event_failure WHERE quarantined_at IS NOT NULL")
    return int(rows[0][0])


async def list_dead(reads: ReadPool) -> list[tuple[str, str, str, str]]:
    """The newest dead jobs: id, kind, why, when."""
    rows = await reads.fetch(
        "SELECT id, kind, COALESCE(last_error, ''), COALESCE(finished_at, updated_at) FROM job WHERE state = 'dead'"
        " ORDER BY id DESC LIMIT %s",
        (MOST_DEAD,),
    )
    return [(str(row[0]), row[1], row[2], row[3]) for row in rows]


async def list_dead_since(session: AsyncSession, moment: datetime, limit: int) -> list[UUID]:
    """Jobs that gave up after a moment, the first one first."""
    statement = select(_j.c.id).where(_j.c.state == JobState.DEAD, _j.c.finished_at > moment)
    return list((await session.execute(statement.order_by(_j.c.finished_at).limit(limit))).scalars())


async def list_running(reads: ReadPool) -> list[JobItem]:
    """What is being worked on now, the longest first."""
    columns = ", ".join(JobItem.__struct_fields__)
    rows = await reads.fetch(
        f"SELECT {columns} FROM job WHERE state = 'running' ORDER BY started_at LIMIT {MOST_WORKERS}"  # noqa: S608
    )
    return [JobItem(str(row[0]), *row[1:]) for row in rows]


async def list_job_kinds(reads: ReadPool) -> list[str]:
    """Every kind of job that is kept."""
    rows = await reads.fetch("SELECT DISTINCT kind FROM job ORDER BY kind LIMIT 200")
    return [row[0] for row in rows]


async def oldest_unread_at(reads: ReadPool, position: int) -> str | None:
    """When the first event after a consumer's position happened."""
    rows = await reads.fetch(
        "SELECT created_at FROM outbox_event WHERE position > %s ORDER BY position LIMIT 1", (position,)
    )
    return rows[0][0] if rows else None


async def list_held(reads: ReadPool) -> list[HeldItem]:
    """Events in quarantine, the oldest first, with how many of the same record wait behind each."""
    rows = await reads.fetch(
        "SELECT f.consumer, f.event_id, e.type, f.aggregatetype, f.aggregateid, f.attempts, f.reason, f.quarantined_at,"
        " (SELECT COUNT(*) FROM event_failure later WHERE later.consumer = f.consumer"
        " AND later.aggregateid = f.aggregateid AND later.aggregatetype = f.aggregatetype"
        " AND later.position > f.position)"
        " FROM event_failure f JOIN outbox_event e ON e.id = f.event_id WHERE f.quarantined_at IS NOT NULL"
        " ORDER BY f.quarantined_at LIMIT %s",
        (MOST_HELD,),
    )
    return [HeldItem(row[0], str(row[1]), row[2], row[3], str(row[4]), *row[5:]) for row in rows]


async def list_workers(reads: ReadPool) -> list[WorkerItem]:
    """Workers that beat lately, and how many jobs each holds."""
    rows = await reads.fetch(
        "SELECT w.name, w.at, w.version, (SELECT COUNT(*) FROM job j WHERE j.state = 'running' AND j.worker = w.name)"
        " FROM worker_heartbeat w ORDER BY w.at DESC LIMIT %s",
        (MOST_WORKERS,),
    )
    return [WorkerItem(row[0], row[1], row[2], int(row[3])) for row in rows]


async def list_schedules(reads: ReadPool) -> list[ScheduleItem]:
    """Work that comes back, the next first."""
    rows = await reads.fetch(
        "SELECT `key`, next_run_at, last_queued_at FROM job_schedule ORDER BY next_run_at LIMIT 200"
    )
    return [ScheduleItem(*row) for row in rows]
