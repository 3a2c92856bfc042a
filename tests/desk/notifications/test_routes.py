"""The bell, its page, and the settings."""

import re
from uuid import uuid4

from sqlalchemy import select

from app.core.actor import SYSTEM
from app.core.jobs.context import JobContext
from app.core.jobs.leases import Claim
from app.core.mail import DevelopmentMail
from app.desk.notifications import tasks
from app.desk.notifications.models import NotificationSetting
from app.desk.notifications.services import notify
from tests.factories.desk import make_customer

KIND = "import.finished"


async def tell(session, person, title, **words):
    await notify(session, [person.id], KIND, **({"title": title, "href": "/vehicles"} | words), actor=SYSTEM)
    await session.commit()


class TestBell:
    async def test_counts_what_is_not_read(self, client_for, session):
        client = await client_for("fleet_clerk")
        assert 'aria-label="Notifications"' in (await client.get("/vehicles")).text
        await tell(session, client.staff, "Done")
        page = (await client.get("/vehicles")).text
        assert 'aria-label="Notifications, 1 unread"' in page
        assert re.search(r'data-live="\d+"', page)

    async def test_ends_at_99(self, client_for, session):
        client = await client_for("fleet_clerk")
        for number in range(101):
            await notify(session, [client.staff.id], KIND, title=str(number), href="/", actor=SYSTEM)
        await session.commit()
        assert 'aria-label="Notifications, 99+ unread"' in (await client.get("/")).text

    async def test_opens_the_newest(self, client_for, session):
        client = await client_for("fleet_clerk")
        await tell(session, client.staff, "Imported: fleet.csv")
        headers = {"hx-request": "true", "hx-request-type": "partial", "hx-target": "div#bell-list"}
        part = await client.get("/notifications/newest", headers=headers)
        assert part.text.lstrip().startswith('<div id="bell-list">')
        assert "Imported: fleet.csv" in part.text


class TestPage:
    async def test_groups_by_day_and_hides_what_one_may_not_see(self, client_for, session):
        client = await client_for("fleet_clerk", markets=["LV"])
        customer = await make_customer(session)
        await tell(
            session, client.staff, "About Liis", subject=("customer", customer.id), href=f"/customers/{customer.id}"
        )
        await tell(session, client.staff, "Open this")
        page = (await client.get("/notifications")).text
        assert "<h3>Today</h3>" in page
        assert "About a record that you may no longer see" in page
        assert "Liis" not in page
        assert str(customer.id) not in page

    async def test_one_is_read_without_scripts(self, client_for, session):
        client = await client_for("fleet_clerk")
        await tell(session, client.staff, "Open this")
        [action] = re.findall(r'action="(/notifications/[^"]+/reading)"', (await client.get("/notifications")).text)
        answer = await client.post(action)
        assert (answer.status_code, answer.headers["location"]) == (303, "/notifications")
        assert "You have read everything" in (await client.get("/notifications?unread=true")).text

    async def test_all_are_read_at_once(self, client_for, session):
        client = await client_for("fleet_clerk")
        await tell(session, client.staff, "One")
        await tell(session, client.staff, "Two")
        assert (await client.post("/notifications/readings")).status_code == 303
        assert 'aria-label="Notifications"' in (await client.get("/vehicles")).text


class TestSettings:
    async def test_are_kept_for_every_kind(self, client_for, session):
        client = await client_for("fleet_clerk")
        assert "An import of mine is checked" in (await client.get("/account/notifications")).text
        answer = await client.post(
            "/account/notifications", data={"in_app": ["job.done"], "by_mail": [KIND, "no.such"]}
        )
        assert answer.status_code == 303
        rows = select(NotificationSetting).where(NotificationSetting.staff_id == client.staff.id)
        kept = {row.kind: (row.in_app, row.by_mail) for row in (await session.execute(rows)).scalars()}
        assert (kept["job.done"], kept[KIND], kept["job.failed"]) == ((True, False), (False, True), (False, False))
        assert "no.such" not in kept


class TestMail:
    async def test_reaches_those_who_still_work_here(self, runtime, client_for, session):
        client, gone = await client_for("fleet_clerk"), await client_for("fleet_clerk")
        gone.staff.is_disabled = True
        session.add(gone.staff)
        await session.commit()
        people = [str(client.staff.id), str(gone.staff.id)]
        payload = {"people": people, "title": "Done", "body": "12 created", "href": "/imports"}
        claim = Claim(uuid4(), 1, tasks.MAIL.key, payload, 1, 8, None)
        assert await tasks.send_mail(JobContext(runtime.database, None, runtime.settings, claim)) == {"sent": 1}
        [mail] = (await session.execute(select(DevelopmentMail))).scalars()
        assert (mail.recipient, mail.subject) == (client.staff.email, "Done")
        assert "http://127.0.0.1:8000/imports" in mail.text
