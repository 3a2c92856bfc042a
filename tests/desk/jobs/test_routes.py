"""The page of background work, and what engineers can do there."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.audit import AuditEntry
from app.core.events import OutboxEvent
from app.core.jobs.models import Job, JobSchedule, JobState, WorkerHeartbeat
from app.core.outbox.models import EventConsumer, EventFailure

LIVE = {"hx-request": "true", "hx-request-type": "partial", "hx-target": "section#jobs-live"}


async def make_job(session, **values) -> Job:
    given = {"kind": "core.housekeeping", "run_at": clock.now(), "payload": {"rows": 3}}
    job = Job(**(given | values))
    session.add(job)
    await session.flush()
    return job


async def make_held(session, reason: str = "strict_dynamic_mapping_exception") -> EventFailure:
    """An event in quarantine of the search index."""
    event = OutboxEvent(aggregatetype="vehicle", aggregateid=uuid4(), type="vehicle.updated", payload={}, position=7)
    session.add(event)
    session.add(EventConsumer(name="search", position=3))
    held = EventFailure(
        consumer="search", event_id=event.id, position=7, aggregatetype="vehicle", aggregateid=event.aggregateid,
        attempts=5, reason=reason, quarantined_at=clock.now(),
    )  # fmt: skip
    session.add(held)
    await session.flush()
    return held


async def actions_about(session, record_id: UUID) -> list[str]:
    statement = select(AuditEntry.action).where(AuditEntry.subject_id == record_id)
    return list((await session.execute(statement)).scalars())


class TestIndex:
    @pytest.mark.parametrize("role", ["fleet_manager", "credit_officer", "auditor"])
    async def test_is_for_engineers_only(self, client_for, role):
        assert (await (await client_for(role)).get("/jobs")).status_code == 403

    async def test_shows_dead_jobs_with_their_errors(self, client_for, session):
        dead = await make_job(session, state=JobState.DEAD, last_error="OSError: disk full", attempts=8)
        await make_job(session, state=JobState.DONE)
        engineer = await client_for("engineer")
        page = (await engineer.get("/jobs?state=dead")).text
        assert f'id="job-{dead.id}"' in page
        assert "OSError: disk full" in page
        assert "8 of 8" in page
        assert page.count('<tr id="job-') == 1
        assert f'action="/jobs/{dead.id}/retry"' in page

    async def test_shows_consumers_workers_and_schedules(self, client_for, session):
        await make_held(session)
        session.add(WorkerHeartbeat(name="host:1:abcd", at=clock.now(), version="0.1.0"))
        session.add(JobSchedule(key="core.housekeeping", next_run_at=datetime(2026, 1, 1, tzinfo=UTC)))
        await session.flush()
        engineer = await client_for("engineer")
        page = (await engineer.get("/jobs")).text
        assert "Search index" in page
        assert "strict_dynamic_mapping_exception" in page
        assert "host:1:abcd" in page
        assert "every hour" in page

    async def test_the_numbers_alone_are_asked_for_again(self, client_for, session):
        await make_job(session, state=JobState.RUNNING, progress_done=40, progress_total=100, started_at=clock.now())
        engineer = await client_for("engineer")
        answer = await engineer.get("/jobs/live", headers=LIVE)
        assert answer.text.lstrip().startswith('<section id="jobs-live"')
        assert 'value="40" max="100"' in answer.text
        assert "list-results" not in answer.text
        assert (await engineer.get("/jobs/live")).headers["location"] == "/jobs"

    async def test_says_that_no_worker_is_there(self, client_for):
        engineer = await client_for("engineer")
        assert "No worker is running" in (await engineer.get("/jobs")).text


class TestShow:
    async def test_shows_what_it_was_given(self, client_for, session):
        job = await make_job(session, state=JobState.DONE, result={"deleted": 12})
        engineer = await client_for("engineer")
        page = (await engineer.get(f"/jobs/{job.id}")).text
        assert "&#34;rows&#34;: 3" in page
        assert "&#34;deleted&#34;: 12" in page
        assert "/retry" not in page

    async def test_there_is_none(self, client_for):
        engineer = await client_for("engineer")
        assert (await engineer.get(f"/jobs/{uuid4()}")).status_code == 404


class TestRetry:
    async def test_queues_it_again_and_records_who(self, client_for, session):
        job = await make_job(session, state=JobState.DEAD, attempts=8, last_error="OSError")
        engineer = await client_for("engineer")
        answer = await engineer.post(f"/jobs/{job.id}/retry")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/jobs/{job.id}")
        await session.refresh(job)
        assert (job.state, job.attempts) == (JobState.QUEUED, 0)
        assert await actions_about(session, job.id) == ["job.retried"]
        assert "Retried" in (await engineer.get(f"/jobs/{job.id}")).text

    async def test_refuses_a_running_one(self, client_for, session):
        job = await make_job(session, state=JobState.RUNNING)
        engineer = await client_for("engineer")
        assert (await engineer.post(f"/jobs/{job.id}/retry")).status_code == 409

    async def test_refuses_others(self, client_for, session):
        job = await make_job(session, state=JobState.DEAD)
        auditor = await client_for("auditor")
        assert (await auditor.post(f"/jobs/{job.id}/retry")).status_code == 403


class TestCancel:
    async def test_cancels_a_queued_one(self, client_for, session):
        job = await make_job(session)
        engineer = await client_for("engineer")
        assert (await engineer.post(f"/jobs/{job.id}/cancellation")).status_code == 303
        await session.refresh(job)
        assert job.state is JobState.CANCELLED
        assert await actions_about(session, job.id) == ["job.cancelled"]


class TestRelease:
    async def test_lets_the_event_out_and_records_who(self, client_for, session):
        held = await make_held(session)
        engineer = await client_for("engineer")
        answer = await engineer.post(f"/jobs/held-events/search/{held.event_id}/release")
        assert answer.status_code == 303
        await session.refresh(held)
        assert (held.quarantined_at, held.attempts) == (None, 0)
        assert await actions_about(session, held.event_id) == ["event.released"]

    async def test_there_is_none(self, client_for):
        engineer = await client_for("engineer")
        assert (await engineer.post(f"/jobs/held-events/search/{uuid4()}/release")).status_code == 404
