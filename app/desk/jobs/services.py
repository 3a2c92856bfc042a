"""What engineers do with background work: try again, cancel, release; and what the home page says of it."""

from dataclasses import dataclass
from uuid import UUID

from app.core.actor import SYSTEM, Actor
from app.core.changes import record
from app.core.db import AsyncSession
from app.core.jobs import queue
from app.core.jobs.models import Job, JobState
from app.core.outbox import positions
from app.core.outbox.feed import ConsumerState, consumer_states
from app.core.read_pool import ReadPool
from app.desk.jobs import queries
from app.desk.jobs.models import HeldEvent
from app.desk.jobs.schemas import Numbers
from app.desk.tasks import services as tasks

DEAD_JOB = "dead_job"


@dataclass(frozen=True, slots=True)
class Lag:
    """A consumer of events, and since when it has been behind."""

    state: ConsumerState
    since: str | None


@dataclass(frozen=True, slots=True)
class Trouble:
    """What engineers should look at: dead jobs, events in quarantine, and the newest reasons."""

    numbers: Numbers
    held: int
    dead: list[tuple[str, str, str, str]]


async def retry_job(session: AsyncSession, job_id: UUID, *, actor: Actor) -> Job:
    """Queue a dead or cancelled job again with all its attempts; the task that asked for it is done."""
    job = await queue.retry_job(session, job_id, actor)
    about = (job.record_kind, job.id)
    await tasks.settle_tasks(session, about, DEAD_JOB, why="It is tried again.", outcome="retried", actor=actor)
    return job


async def raise_task(session: AsyncSession, job_id: UUID) -> bool:
    """Ask engineers to look at a job that gave up; of one kind of work once at a time, and once per job."""
    job = await queries.get_job(session, job_id)
    about, key = (job.record_kind, job.id), f"{DEAD_JOB}:{job.kind}"
    if job.state is not JobState.DEAD or await tasks.was_made(session, about, key):
        return False
    task = await tasks.create_task(
        session,
        kind=DEAD_JOB,
        title=f"{job.kind} gave up",
        subject=about,
        details=job.last_error or "",
        unique_key=key,
        actor=SYSTEM,
    )
    return task.subject == about


async def cancel_job(session: AsyncSession, job_id: UUID, *, actor: Actor) -> Job:
    """Cancel a job that is queued or running."""
    return await queue.cancel_job(session, job_id, actor)


async def release_event(session: AsyncSession, consumer: str, event_id: UUID, *, actor: Actor) -> None:
    """Let an event out of quarantine, to be tried again with all its attempts. Raises NotFound."""
    held = await queries.get_held(session, consumer, event_id)
    facts = {
        "consumer": consumer,
        "reason": held.reason,
        "record": f"{held.aggregatetype} {held.aggregateid}",
        "attempts": held.attempts,
    }
    await positions.release(session, consumer, event_id)
    await record(session, "event.released", HeldEvent(id=event_id), actor=actor, facts=facts)


async def lags(reads: ReadPool) -> list[Lag]:
    """Every consumer of events with its backlog and its age."""
    states = await consumer_states(reads)
    return [Lag(state, await _since(reads, state)) for state in states]


async def trouble(reads: ReadPool) -> Trouble:
    """The numbers for the home page."""
    numbers = await queries.count_jobs(reads)
    dead = await queries.list_dead(reads) if numbers.dead else []
    return Trouble(numbers, await queries.count_held(reads), dead)


async def _since(reads: ReadPool, state: ConsumerState) -> str | None:
    return await queries.oldest_unread_at(reads, state.position) if state.behind else None
