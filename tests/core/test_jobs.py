import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select, text

from app.core.actor import Actor
from app.core.area import JobKind
from app.core.audit import AuditEntry
from app.core.db import Database, run_in_unit
from app.core.errors import IllegalState
from app.core.jobs import leases
from app.core.jobs.context import JobContext, JobRefused
from app.core.jobs.models import Job, JobState
from app.core.jobs.queue import backoff, cancel_job, enqueue, retry_job
from app.core.jobs.runner import JobRunner
from app.core.jobs.schedules import next_run, queue_due, register_schedules
from app.settings import Settings
from tests.core.waiting import until

ENGINEER = Actor(id=UUID(int=7), kind="staff", name="Erik Engineer")
LEASE = timedelta(seconds=60)


async def nothing(context: JobContext) -> None: ...


KIND = JobKind("test.work", "Work", nothing, max_attempts=3, lease=LEASE)


async def queued(database: Database, count: int = 1, **values: Any) -> list[UUID]:
    async def work(session):
        return [(await enqueue(session, KIND.key, {"number": number}, **values)).id for number in range(count)]

    return await run_in_unit(database, work)


async def found(database: Database, job_id: UUID) -> Job:
    async with database.session() as session:
        return (await session.execute(select(Job).where(Job.id == job_id))).scalar_one()


async def claimed(database: Database, worker: str = "a", limit: int = 1, kind: JobKind = KIND) -> list[leases.Claim]:
    return await run_in_unit(database, lambda session: leases.claim_jobs(session, [kind], worker, limit))


async def in_unit(database: Database, call: Callable[..., Awaitable[Any]], *values: Any, **named: Any) -> Any:
    return await run_in_unit(database, lambda session: call(session, *values, **named))


async def let_leases_expire(database: Database) -> None:
    async with database.unit() as session:
        await session.execute(text("UPDATE job SET lease_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND"))


async def make_due(database: Database) -> None:
    async with database.unit() as session:
        await session.execute(text("UPDATE job SET run_at = UTC_TIMESTAMP(6) WHERE state = 'queued'"))


@contextlib.asynccontextmanager
async def running(database: Database, settings: Settings, *kinds: JobKind, worker: str = "a") -> AsyncIterator[None]:
    stop = asyncio.Event()
    runner = asyncio.create_task(JobRunner(database, None, settings, kinds, worker).run(stop))
    try:
        yield
    finally:
        stop.set()
        await runner


class TestEnqueue:
    async def test_is_part_of_the_callers_transaction(self, committing: Database):
        async def fail(session):
            await enqueue(session, KIND.key, {})
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await run_in_unit(committing, fail)
        assert await claimed(committing) == []

    async def test_waits_until_its_time(self, committing: Database):
        await queued(committing, run_at=datetime.now(UTC) + timedelta(hours=1))
        assert await claimed(committing) == []

    async def test_same_key_gives_the_unfinished_job(self, committing: Database):
        first = await queued(committing, unique_key="once")
        assert await queued(committing, unique_key="once") == first
        (claim,) = await claimed(committing)
        assert await queued(committing, unique_key="once") == first
        await in_unit(committing, leases.finish_job, claim, None)
        assert await queued(committing, unique_key="once") != first

    async def test_same_key_at_the_same_moment_makes_one_job(self, committing: Database):
        jobs = await asyncio.gather(*(queued(committing, unique_key="race") for _ in range(8)))
        assert len({job for (job,) in jobs}) == 1


class TestClaim:
    async def test_eight_workers_take_each_job_once(self, committing: Database):
        expected = await queued(committing, 120)
        taken: list[UUID] = []

        async def worker(name: str) -> None:
            while claims := await claimed(committing, name, 3):
                taken.extend(claim.id for claim in claims)

        await asyncio.gather(*(worker(f"w{number}") for number in range(8)))
        assert sorted(taken) == sorted(expected)

    async def test_leaves_kinds_it_does_not_know(self, committing: Database):
        await queued(committing)
        assert await claimed(committing, kind=JobKind("test.other", "Other", nothing)) == []

    @pytest.mark.fault("F21", "a lease while the clock of the application is wrong")
    async def test_lease_follows_the_databases_clock(self, committing: Database):
        (job_id,) = await queued(committing)
        with time_machine.travel(datetime.now(UTC) + timedelta(hours=1), tick=True):
            await claimed(committing)
            assert await in_unit(committing, leases.reclaim_expired) == 0
        job = await found(committing, job_id)
        async with committing.session() as session:
            left = await session.scalar(
                text("SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), lease_until) FROM job WHERE id = :id"),
                {"id": str(job_id)},
            )
        assert job.state == JobState.RUNNING
        assert 50 <= left <= 60


class TestFencing:
    @pytest.mark.fault("F22", "a worker that reports after its lease")
    async def test_a_worker_stopped_past_its_lease_is_rejected(self, committing: Database):
        (job_id,) = await queued(committing)
        (old,) = await claimed(committing, "old")
        await let_leases_expire(committing)
        assert await in_unit(committing, leases.reclaim_expired) == 1
        assert not await in_unit(committing, leases.finish_job, old, {"by": "old"})
        (new,) = await claimed(committing, "new")
        assert new.token > old.token
        assert not await in_unit(committing, leases.renew, old, LEASE)
        assert not await in_unit(committing, leases.report_progress, old, 1, 2, "")
        assert not await in_unit(committing, leases.fail_job, old, "late")
        assert await in_unit(committing, leases.finish_job, new, {"by": "new"})
        job = await found(committing, job_id)
        assert (job.state, job.result, job.attempts) == (JobState.DONE, {"by": "new"}, 2)

    @pytest.mark.fault("F26", "a job that kills its workers")
    async def test_a_job_that_kills_its_workers_is_buried(self, committing: Database):
        (job_id,) = await queued(committing)
        for _ in range(KIND.max_attempts):
            assert len(await claimed(committing)) == 1
            await let_leases_expire(committing)
            await in_unit(committing, leases.reclaim_expired)
        job = await found(committing, job_id)
        assert (job.state, job.last_error) == (JobState.DEAD, leases.LEASE_RAN_OUT)
        assert job.finished_at is not None


class TestFailure:
    async def test_pauses_then_is_buried_with_its_reason(self, committing: Database):
        (job_id,) = await queued(committing)
        for attempt in range(1, KIND.max_attempts + 1):
            await make_due(committing)
            (claim,) = await claimed(committing)
            assert claim.attempt == attempt
            await in_unit(committing, leases.fail_job, claim, f"broken {attempt}")
            assert await claimed(committing) == []
        job = await found(committing, job_id)
        assert (job.state, job.last_error) == (JobState.DEAD, "broken 3")

    @pytest.mark.parametrize(("attempt", "seconds"), [(1, 5), (2, 10), (5, 80), (10, 2560), (11, 3600), (500, 3600)])
    def test_pause_doubles_up_to_an_hour(self, attempt: int, seconds: int):
        longest = backoff(attempt, first=leases.FIRST_PAUSE, longest=leases.LONGEST_PAUSE, spread=0)
        shortest = backoff(attempt, first=leases.FIRST_PAUSE, longest=leases.LONGEST_PAUSE, spread=1)
        assert longest.total_seconds() == seconds
        assert shortest == longest / 2

    async def test_a_dead_job_is_tried_again(self, committing: Database):
        (job_id,) = await queued(committing)
        (claim,) = await claimed(committing)
        await in_unit(committing, leases.fail_job, claim, "no", is_final=True)
        await in_unit(committing, retry_job, job_id, ENGINEER)
        (again,) = await claimed(committing)
        assert (again.id, again.attempt) == (job_id, 1)
        async with committing.session() as session:
            (entry,) = (await session.execute(select(AuditEntry))).scalars()
        assert (entry.action, entry.actor_id, entry.changes) == (
            "job.retried",
            ENGINEER.id,
            {"state": ["dead", "queued"]},
        )

    async def test_only_finished_jobs_are_tried_again(self, committing: Database):
        (job_id,) = await queued(committing)
        with pytest.raises(IllegalState):
            await in_unit(committing, retry_job, job_id, ENGINEER)

    async def test_refuses_a_retry_beside_the_same_work(self, committing: Database):
        (job_id,) = await queued(committing, unique_key="same")
        await in_unit(committing, cancel_job, job_id, ENGINEER)
        await queued(committing, unique_key="same")
        with pytest.raises(IllegalState):
            await in_unit(committing, retry_job, job_id, ENGINEER)


class TestRunner:
    async def test_runs_and_keeps_the_result(self, committing: Database, committing_settings: Settings):
        async def count(context: JobContext) -> dict[str, int]:
            await context.progress(1, 2, "half")
            return {"number": context.payload["number"] + 1}

        (job_id,) = await queued(committing)
        async with running(committing, committing_settings, JobKind(KIND.key, "Work", count)):
            await until(lambda: _is(committing, job_id, JobState.DONE))
        job = await found(committing, job_id)
        assert (job.result, job.progress_done, job.progress_total, job.note) == ({"number": 1}, 1, 2, "half")

    async def test_tells_no_values_of_the_database(self, committing: Database, committing_settings: Settings):
        async def leak(context: JobContext) -> None:
            async with context.database.unit() as session:
                await session.execute(text("SELECT * FROM missing WHERE iban = :iban"), {"iban": "DE8937040044"})

        (job_id,) = await queued(committing)
        async with running(committing, committing_settings, JobKind(KIND.key, "Work", leak, max_attempts=1)):
            await until(lambda: _is(committing, job_id, JobState.DEAD))
        reason = (await found(committing, job_id)).last_error
        assert reason is not None
        assert "1146" in reason
        assert "DE89" not in reason

    async def test_a_refused_job_is_not_repeated(self, committing: Database, committing_settings: Settings):
        async def refuse(context: JobContext) -> None:
            raise JobRefused("The file is empty.")

        (job_id,) = await queued(committing)
        async with running(committing, committing_settings, JobKind(KIND.key, "Work", refuse)):
            await until(lambda: _is(committing, job_id, JobState.DEAD))
        job = await found(committing, job_id)
        assert (job.attempts, job.last_error) == (1, "JobRefused: The file is empty.")

    async def test_keeps_the_lease_of_a_long_job(self, committing: Database, committing_settings: Settings):
        runs = 0

        async def long(context: JobContext) -> None:
            nonlocal runs
            runs += 1
            await asyncio.sleep(2.5)

        kind = JobKind(KIND.key, "Work", long, lease=timedelta(seconds=1))
        (job_id,) = await queued(committing)
        async with (
            running(committing, committing_settings, kind, worker="a"),
            running(committing, committing_settings, kind, worker="b"),
        ):
            await until(lambda: _is(committing, job_id, JobState.DONE))
        assert runs == 1

    async def test_cancelling_stops_a_running_job(self, committing: Database, committing_settings: Settings):
        seen = asyncio.Event()
        stopped = asyncio.Event()

        async def patient(context: JobContext) -> None:
            seen.set()
            while not context.cancelled:  # noqa: ASYNC110 - a job in steps
                await asyncio.sleep(0.02)
            stopped.set()

        kind = JobKind(KIND.key, "Work", patient, lease=timedelta(seconds=1))
        (job_id,) = await queued(committing)
        async with running(committing, committing_settings, kind):
            await seen.wait()
            await in_unit(committing, cancel_job, job_id, ENGINEER)
            await asyncio.wait_for(stopped.wait(), 3)
        assert (await found(committing, job_id)).state == JobState.CANCELLED

    @pytest.mark.fault("F30", "a worker leaves in the middle of a job")
    async def test_leaving_gives_back_what_is_not_done(
        self, committing: Database, committing_settings: Settings, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr("app.core.jobs.runner.DRAIN_SECONDS", 0.2)
        began = asyncio.Event()

        async def endless(context: JobContext) -> None:
            began.set()
            await asyncio.sleep(600)

        (job_id,) = await queued(committing)
        async with running(committing, committing_settings, JobKind(KIND.key, "Work", endless)):
            await began.wait()
        job = await found(committing, job_id)
        assert (job.state, job.attempts) == (JobState.QUEUED, 0)
        assert len(await claimed(committing)) == 1


class TestSchedules:
    async def test_four_workers_queue_a_due_schedule_once(self, committing: Database):
        hourly = JobKind("test.hourly", "Hourly", nothing, every=timedelta(hours=1))
        await asyncio.gather(*(in_unit(committing, register_schedules, [hourly]) for _ in range(4)))
        queued_by = await asyncio.gather(*(in_unit(committing, queue_due, [hourly]) for _ in range(4)))
        assert sum(queued_by) == 1
        async with committing.session() as session:
            assert await session.scalar(text("SELECT count(*) FROM job WHERE kind = 'test.hourly'")) == 1

    async def test_does_not_double_a_run_that_goes_on(self, committing: Database):
        hourly = JobKind("test.hourly", "Hourly", nothing, every=timedelta(hours=1))
        await in_unit(committing, register_schedules, [hourly])
        await in_unit(committing, queue_due, [hourly])
        async with committing.unit() as session:
            await session.execute(text("UPDATE job_schedule SET next_run_at = UTC_TIMESTAMP(6)"))
        await in_unit(committing, queue_due, [hourly])
        async with committing.session() as session:
            assert await session.scalar(text("SELECT count(*) FROM job")) == 1

    def test_missed_runs_are_not_made_up(self):
        due = datetime(2026, 3, 1, 6, tzinfo=UTC)
        hour = timedelta(hours=1)
        assert next_run(due, hour, due) == due + hour
        assert next_run(due, hour, due + timedelta(hours=5, minutes=20)) == due + 6 * hour


async def _is(database: Database, job_id: UUID, state: JobState) -> bool:
    return (await found(database, job_id)).state == state
