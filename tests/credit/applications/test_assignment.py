"""Whose work an application is: by the service, on its page, in the API, and many at once."""

import pytest
from sqlalchemy import select

from app.core.actor import SYSTEM
from app.core.audit import AuditEntry
from app.core.errors import IllegalState, InvalidFields
from app.credit.applications.models import Application
from app.credit.applications.queries import applications
from app.credit.applications.rules import ApplicationState
from app.credit.applications.schemas import application_item
from app.credit.applications.services import assign_application
from app.credit.applications.services.assignment import ApplicationHeld
from app.desk.notifications.models import Notification
from app.desk.staff.services.people import as_actor
from tests.desk.bulk.conftest import live_settings, work
from tests.desk.bulk.steps import prepared, run_of
from tests.factories.credit import make_application, make_in_state
from tests.factories.staff import make_staff

__all__ = ["live_settings", "work"]

PARTIAL = {"hx-request": "true", "hx-request-type": "partial"}


async def officer(session, role="credit_officer", **facts):
    return await make_staff(session, roles=[role], **facts)


async def assign(session, application, person, actor=SYSTEM, note=None):
    return await assign_application(
        session, application.id, assignee_id=person.id if person else None, note=note, actor=actor
    )


class TestAssignApplication:
    async def test_is_told_and_written_down(self, session, database):
        person, lead = await officer(session, name="Kati"), await officer(session, "credit_manager")
        application = await make_application(session)
        await assign(session, application, person, as_actor(lead), " Knows them ")
        entry = (
            await session.execute(select(AuditEntry).where(AuditEntry.action == "application.assigned"))
        ).scalar_one()
        assert (entry.changes, entry.why) == ({"assignee_id": [None, "Kati"]}, "Knows them")
        told = (await session.execute(select(Notification))).scalar_one()
        assert (told.recipient_id, told.title, told.body) == (
            person.id, f"{application.reference} is yours", "Knows them",
        )  # fmt: skip
        [read] = await applications.by_ids(database.reads, [str(application.id)], SYSTEM)
        await session.refresh(application)
        assert application_item(application, None, person) == read

    async def test_what_is_theirs_already_stays(self, session):
        person, application = await officer(session), await make_application(session)
        await assign(session, application, person)
        version = application.version
        assert (await assign(session, application, person)).version == version

    async def test_nobody_has_it_again(self, session):
        person, application = await officer(session, name="Kati"), await make_application(session)
        await assign(session, application, person)
        await assign(session, application, None, as_actor(person))
        assert application.assignee_id is None
        entry = (
            await session.execute(select(AuditEntry).where(AuditEntry.action == "application.unassigned"))
        ).scalar_one()
        assert entry.changes == {"assignee_id": ["Kati", None]}

    async def test_only_those_who_lead_take_it_from_somebody(self, session):
        holder, other = await officer(session, name="Kati"), await officer(session)
        lead, application = await officer(session, "credit_manager"), await make_application(session)
        await assign(session, application, holder)
        with pytest.raises(ApplicationHeld, match="Kati has this application"):
            await assign(session, application, other, as_actor(other))
        await assign(session, application, other, as_actor(lead))
        await assign(session, application, holder, as_actor(other))
        assert application.assignee_id == holder.id

    @pytest.mark.parametrize(
        ("role", "facts"),
        [
            ("credit_officer", {"markets": ["LV"]}),
            ("credit_officer", {"is_disabled": True}),
            ("fleet_clerk", {}),
            ("auditor", {}),
        ],
    )
    async def test_refuses_who_cannot_work_on_it(self, session, role, facts):
        person, application = await officer(session, role, **facts), await make_application(session)
        with pytest.raises(InvalidFields) as refused:
            await assign(session, application, person)
        assert [problem.field for problem in refused.value.problems] == ["assignee_id"]

    async def test_refuses_a_note_that_is_too_long(self, session):
        person, application = await officer(session), await make_application(session)
        with pytest.raises(InvalidFields):
            await assign(session, application, person, note="x" * 501)

    @pytest.mark.parametrize("state", [ApplicationState.REJECTED, ApplicationState.CLOSED])
    async def test_refuses_what_has_ended(self, session, state):
        person, application = await officer(session), await make_in_state(session, state)
        with pytest.raises(IllegalState):
            await assign(session, application, person)


class TestPage:
    async def test_an_officer_takes_it_and_gives_it_on(self, client_for, session):
        client, colleague = await client_for("credit_officer"), await officer(session, name="Edgars")
        elsewhere = await officer(session, name="Sofia", markets=["SE"])
        application = await make_application(session)
        address = f"/applications/{application.id}"
        page = (await client.get(address)).text
        assert "Nobody yet" in page
        assert str(elsewhere.id) not in page
        taken = await client.post(f"{address}/assignment", data={"assignee_id": str(client.staff.id)})
        assert (taken.status_code, taken.headers["location"]) == (303, address)
        assert "Take it" not in (await client.get(address)).text
        await client.post(f"{address}/assignment", data={"assignee_id": str(colleague.id), "note": "On leave"})
        page = (await client.get(address)).text
        assert "<b>Edgars</b>" in page
        assert "Give to somebody" not in page

    async def test_nothing_chosen_is_told_beside_the_field(self, client_for, session):
        client, application = await client_for("credit_officer"), await make_application(session)
        headers = PARTIAL | {"hx-target": "form#move-assignment"}
        answer = await client.post(f"/applications/{application.id}/assignment", data={}, headers=headers)
        assert answer.status_code == 422
        assert answer.text.lstrip().startswith('<form id="move-assignment"')
        assert "Choose somebody" in answer.text

    async def test_needs_the_permission_and_the_market(self, client_for, session):
        application = await make_application(session)
        form = {"assignee_id": "nobody"}
        auditor, latvian = await client_for("auditor"), await client_for("credit_officer", markets=["LV"])
        assert "Give to somebody" not in (await auditor.get(f"/applications/{application.id}")).text
        assert (await auditor.post(f"/applications/{application.id}/assignment", data=form)).status_code == 403
        assert (await latvian.post(f"/applications/{application.id}/assignment", data=form)).status_code == 404


class TestApi:
    async def test_assigns_and_takes_back(self, api_for, session):
        client, application = await api_for("credit_officer"), await make_application(session)
        await session.commit()
        path = f"/applications/{application.id}/assignment"
        given = await client.post(path, json={"assignee_id": str(client.staff.id)}, headers={"if-match": '"1"'})
        assert (given.status_code, given.headers["etag"]) == (200, '"2"')
        assert given.json()["assignee_name"] == client.staff.name
        mine = (await client.get(f"/applications?assignee={client.staff.id}")).json()["items"]
        assert [item["id"] for item in mine] == [str(application.id)]
        assert (await client.delete(path, headers={"if-match": '"1"'})).status_code == 412
        freed = (await client.delete(path, headers={"if-match": '"2"'})).json()
        assert "assignee_id" not in freed
        assert len((await client.get("/applications?unassigned=yes")).json()["items"]) == 1

    async def test_names_the_holder(self, api_for, session):
        client, holder = await api_for("credit_officer"), await officer(session, name="Kati")
        application = await make_application(session)
        await assign(session, application, holder)
        await session.commit()
        answer = await client.post(
            f"/applications/{application.id}/assignment", json={"assignee_id": str(client.staff.id)}
        )
        assert (answer.status_code, answer.json()["code"], answer.json()["holder"]) == (409, "application_held", "Kati")


class TestMany:
    async def test_become_theirs_and_the_others_tell_why_not(self, client_for, session, work):
        lead, person = await client_for("credit_manager"), await officer(session, name="Edgars", markets=["EE"])
        open_one, foreign = await make_application(session), await make_application(session, market="LV")
        ended = await make_in_state(session, ApplicationState.REJECTED)
        await session.commit()
        ids = [one.id for one in (open_one, foreign, ended)]
        address, count = await prepared(
            lead, "assignment", {"assignee_id": str(person.id), "note": "Before noon"}, ids=ids, kind="application"
        )
        assert "The state is rejected" in (await lead.get(address)).text
        assert (await lead.post(f"{address}/start", data={"count": count})).status_code == 303
        await work()
        run = await run_of(session, address)
        assert (run.done_count, run.refused_count) == (1, 2)
        assert (await session.get(Application, open_one.id, populate_existing=True)).assignee_id == person.id
        assert "Edgars may not do this, or does not see LV" in (await lead.get(f"{address}?result=refused")).text
        told = (
            await session.execute(select(Notification).where(Notification.kind == "application.assigned"))
        ).scalars()
        assert [one.recipient_id for one in told] == [person.id]
