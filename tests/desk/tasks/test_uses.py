"""What other features make tasks of."""

from datetime import timedelta

from sqlalchemy import select

from app.core import clock
from app.core.actor import SYSTEM
from app.core.jobs.models import Job, JobState
from app.credit.applications.services import move_application
from app.desk.jobs.services import raise_task, retry_job
from app.desk.notifications.models import Notification
from app.desk.tasks.models import Task
from app.desk.tasks.services.moves import move_task
from app.desk.tasks.services.upkeep import escalate_task
from app.rental.vehicles.services import raise_document_task
from tests.factories.credit import make_complete
from tests.factories.rental import make_vehicle
from tests.factories.tasks import make_task


async def all_tasks(session):
    return list((await session.execute(select(Task).order_by(Task.id))).scalars())


class TestApplication:
    async def test_waits_for_review_from_its_submission_until_that_begins(self, session):
        application = await make_complete(session)
        await move_application(session, application.id, "submission", fields={}, actor=SYSTEM)
        (task,) = await all_tasks(session)
        assert (task.kind, task.team, task.subject_id) == ("application_review", "credit", application.id)
        await move_application(session, application.id, "screening", fields={}, actor=SYSTEM)
        assert task.state == "open"
        await move_application(session, application.id, "review", fields={}, actor=SYSTEM)
        assert (task.state, task.closing_note) == ("done", "The application is in review.")

    async def test_no_longer_waits_once_it_is_withdrawn(self, session):
        application = await make_complete(session)
        await move_application(session, application.id, "submission", fields={}, actor=SYSTEM)
        await move_application(session, application.id, "withdrawal", fields={"reason": "Changed mind"}, actor=SYSTEM)
        assert [task.state for task in await all_tasks(session)] == ["done"]


class TestVehicleDocuments:
    async def test_ask_once_per_document(self, session):
        over = clock.today() - timedelta(days=3)
        vehicle = await make_vehicle(session, plate="123 ABC", inspection_expires_on=over)
        assert await raise_document_task(session, vehicle.id)
        assert not await raise_document_task(session, vehicle.id)
        (task,) = await all_tasks(session)
        assert (task.title, task.priority) == ("Inspection is over: 123 ABC Škoda Octavia Combi", "high")
        await move_task(session, task.id, "completion", fields={"outcome": "ordered"}, actor=SYSTEM)
        assert not await raise_document_task(session, vehicle.id)

    async def test_nothing_is_asked_while_all_is_well(self, session):
        vehicle = await make_vehicle(session, inspection_expires_on=clock.today() + timedelta(days=200))
        assert not await raise_document_task(session, vehicle.id)


class TestDeadJob:
    async def test_is_a_task_until_it_is_tried_again(self, session):
        job = Job(kind="search.reindex", state=JobState.DEAD, run_at=clock.now(), last_error="Away")
        other = Job(kind="search.reindex", state=JobState.DEAD, run_at=clock.now())
        session.add_all([job, other])
        await session.flush()
        assert await raise_task(session, job.id)
        assert not await raise_task(session, other.id)
        (task,) = await all_tasks(session)
        assert (task.title, task.team, task.details) == ("search.reindex gave up", "engineering", "Away")
        await retry_job(session, job.id, actor=SYSTEM)
        assert (task.state, task.outcome) == ("done", "retried")


class TestNotifications:
    async def told(self, session):
        rows = await session.execute(select(Notification.recipient_id, Notification.kind))
        return sorted((str(row[0]), row[1]) for row in rows)

    async def test_tell_whoever_is_given_a_task_and_not_who_takes_one(self, session, person):
        mari, jaan = await person("fleet_manager"), await person("fleet_clerk")
        task = await make_task(session)
        await move_task(session, task.id, "claim", fields={}, actor=mari)
        assert await self.told(session) == []
        await move_task(session, task.id, "handover", fields={"assignee_id": jaan.id, "note": "Yours"}, actor=mari)
        assert await self.told(session) == [(str(jaan.id), "task.assigned")]

    async def test_tell_holder_and_team_of_a_breach_once(self, session, person):
        mari, jaan = await person("fleet_clerk"), await person("fleet_clerk")
        await person("credit_officer")
        task = await make_task(session, due_at=clock.now() - timedelta(minutes=5))
        await escalate_task(session, task.id)
        await escalate_task(session, task.id)
        assert await self.told(session) == sorted((str(one.id), "task.overdue") for one in (mari, jaan))
