"""Telling people: whom, how, and what becomes of repeats."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from app.core.actor import SYSTEM
from app.core.area import NotificationKind
from app.core.events import SIGNAL, OutboxEvent
from app.core.jobs.models import Job
from app.desk.notifications import services
from app.desk.notifications.models import Notification, NotificationSetting
from tests.factories.staff import make_staff

LOUD = NotificationKind("test.loud", "On by default", many="{count} new things about {name}")
QUIET = NotificationKind("test.quiet", "Off by default", is_on_by_default=False)


@pytest.fixture(autouse=True)
def kinds():
    services.know_kinds([LOUD, QUIET])


async def tell(session, *people, kind=LOUD.key, actor=SYSTEM, subject=None, **words):
    given = {"title": "Something happened", "href": "/vehicles"} | words
    await services.notify(session, [one.id for one in people], kind, subject=subject, actor=actor, **given)


async def told(session, person):
    rows = select(Notification).where(Notification.recipient_id == person.id).order_by(Notification.id)
    return list((await session.execute(rows.execution_options(populate_existing=True))).scalars())


async def signals(session):
    rows = select(OutboxEvent.payload).where(OutboxEvent.aggregatetype == SIGNAL).order_by(OutboxEvent.id)
    return list((await session.execute(rows)).scalars())


class TestNotify:
    async def test_tells_each_person_once_and_rings_their_bells(self, session):
        first, second = [await make_staff(session, roles=["fleet_clerk"]) for _ in range(2)]
        await tell(session, first, second, first, title="  Two\nlines ", body="x" * 2_000)
        for person in (first, second):
            [one] = await told(session, person)
            assert (one.title, one.kind, one.occurrences, one.read_at) == ("Two lines", LOUD.key, 1, None)
            assert (one.actor_name, len(one.body)) == ("Forecourt", 1_000)
        assert [set(one["people"]) for one in await signals(session)] == [{str(first.id), str(second.id)}]

    async def test_nobody_hears_of_their_own_act(self, session):
        from app.core.actor import Actor

        own, other = [await make_staff(session, roles=["fleet_clerk"]) for _ in range(2)]
        await tell(session, own, other, actor=Actor(id=own.id, kind="staff", name=own.name))
        assert await told(session, own) == []
        [one] = await told(session, other)
        assert (one.actor_id, one.actor_name) == (own.id, own.name)

    async def test_without_anybody_nothing_is_written(self, session):
        await tell(session)
        assert await signals(session) == []

    async def test_refuses_a_kind_that_no_area_registers(self, session):
        person = await make_staff(session, roles=["fleet_clerk"])
        with pytest.raises(KeyError):
            await tell(session, person, kind="test.unknown")

    async def test_a_key_means_one_kind(self):
        with pytest.raises(ValueError, match=r"test\.loud"):
            services.know_kinds([NotificationKind("test.loud", "Something else")])


class TestSettings:
    async def test_a_kind_that_is_off_is_not_told_unless_chosen(self, session):
        first, second = [await make_staff(session, roles=["fleet_clerk"]) for _ in range(2)]
        session.add(NotificationSetting(staff_id=second.id, kind=QUIET.key, in_app=True, by_mail=False))
        await tell(session, first, second, kind=QUIET.key)
        assert await told(session, first) == []
        assert len(await told(session, second)) == 1

    async def test_mail_is_a_job_for_those_who_asked_for_it(self, session):
        first, second = [await make_staff(session, roles=["fleet_clerk"]) for _ in range(2)]
        session.add(NotificationSetting(staff_id=second.id, kind=LOUD.key, in_app=False, by_mail=True))
        await tell(session, first, second, title="Late", body="By 2 days", href="/vehicles/1")
        assert await told(session, second) == []
        [job] = (await session.execute(select(Job).where(Job.kind == services.MAIL))).scalars()
        assert job.payload == {
            "people": [str(second.id)], "title": "Late", "body": "By 2 days", "href": "/vehicles/1",
        }  # fmt: skip


class TestRepeats:
    async def test_about_one_record_meet_in_the_unread_one(self, session):
        person, record = await make_staff(session, roles=["fleet_clerk"]), ("vehicle", uuid4())
        await tell(session, person, subject=record, title="First", href="/a")
        [before] = await told(session, person)
        at = before.at
        await tell(session, person, subject=record, title="Second", href="/b")
        await tell(session, person, subject=("vehicle", uuid4()), title="Elsewhere")
        one, other = await told(session, person)
        assert (one.title, one.href, one.occurrences, other.title) == ("Second", "/b", 2, "Elsewhere")
        assert one.at > at

    async def test_after_it_was_read_a_new_one_begins(self, session):
        person, record = await make_staff(session, roles=["fleet_clerk"]), ("vehicle", uuid4())
        await tell(session, person, subject=record)
        [one] = await told(session, person)
        one.read_at = one.at
        await session.flush()
        await tell(session, person, subject=record)
        assert [each.occurrences for each in await told(session, person)] == [1, 1]

    async def test_without_a_record_each_is_kept(self, session):
        person = await make_staff(session, roles=["fleet_clerk"])
        await tell(session, person)
        await tell(session, person)
        assert len(await told(session, person)) == 2
