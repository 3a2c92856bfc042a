import asyncio
import re

import pytest
from sqlalchemy import select, text

from app.core.actor import SYSTEM
from app.core.auth.tokens import issue_tokens
from app.core.db import run_in_unit
from app.core.errors import InvalidFields
from app.desk.approvals.models import Approval
from app.desk.approvals.services import deciding
from app.desk.approvals.services.deciding import MayNotDecide
from app.desk.staff import queries
from app.desk.staff.models import Staff
from app.desk.staff.services import access, identity
from tests.desk.staff.browser import is_signed_in, sign_in, submit
from tests.factories.staff import actor_of, make_staff

REASON = {"reason": "Left the company"}


async def actions(session, staff):
    found = await session.execute(
        text("SELECT action FROM audit_entry WHERE subject_id = :id ORDER BY at, id"), {"id": str(staff.id)}
    )
    return list(found.scalars())


async def agreed(session, runtime, staff):
    """What waits about a person, agreed to by another administrator."""
    other = actor_of(await make_staff(session, roles=["admin"]), runtime.assembly.permissions)
    approval = (await session.execute(select(Approval).where(Approval.subject_id == staff.id))).scalar_one()
    done = await deciding.approve(session, runtime.assembly.approval_kinds, approval.id, actor=other)
    await session.commit()
    return done


class TestPermissions:
    @pytest.mark.parametrize("path", ["/staff", "/staff/new", "/staff/{id}", "/staff/{id}/edit"])
    async def test_a_clerk_sees_nothing(self, client_for, path):
        client = await client_for("fleet_clerk")
        assert (await client.get(path.replace("{id}", str(client.staff.id)))).status_code == 403

    async def test_an_auditor_reads_and_changes_nothing(self, client_for, person):
        staff, client = await person(), await client_for("auditor")
        page = await client.get(f"/staff/{staff.id}")
        assert page.status_code == 200
        assert "/edit" not in page.text
        for path in ("disablement", "disablement/removal", "invitation", "second-factor/removal", "edit"):
            assert (await client.post(f"/staff/{staff.id}/{path}", data=REASON)).status_code == 403

    async def test_an_unknown_person_is_not_found(self, client_for):
        client = await client_for("admin")
        assert (await client.get("/staff/01a1fd6f-43d7-76d5-95fb-7f68449fc8c2")).status_code == 404


class TestList:
    async def names(self, client, query=""):
        page = await client.get(f"/staff{query}")
        assert page.status_code == 200
        return re.findall(r'<td><a href="/staff/[^"]+" hx-boost="false">([^<]+)</a>', page.text)

    async def test_filters_by_role_and_state_and_sorts(self, client_for, person, session):
        client = await client_for("admin", name="Zoe Admin")
        await person("fleet_clerk", name="Bert Clerk")
        await person("credit_officer", name="Anna Officer")
        gone = await person("fleet_clerk", name="Carl Gone")
        gone.is_disabled = True
        await session.commit()
        assert await self.names(client) == ["Anna Officer", "Bert Clerk", "Carl Gone", "Zoe Admin"]
        assert await self.names(client, "?sort=-name") == ["Zoe Admin", "Carl Gone", "Bert Clerk", "Anna Officer"]
        assert await self.names(client, "?role=fleet_clerk&role=credit_officer&state=active") == [
            "Anna Officer",
            "Bert Clerk",
        ]
        assert await self.names(client, "?state=invited") == ["Zoe Admin"]
        assert await self.names(client, "?q=clerk") == ["Bert Clerk"]
        assert await self.names(client, "?q=%25") == []

    async def test_pages_by_cursor(self, client_for, person):
        client = await client_for("admin", name="A Admin")
        for number in range(3):
            await person(name=f"Person {number}")
        page = await client.get("/staff?limit=2")
        (following,) = re.findall(r'rel="next" href="([^"]+)"', page.text)
        assert await self.names(client, following.removeprefix("/staff").replace("&amp;", "&")) == [
            "Person 1",
            "Person 2",
        ]

    async def test_an_unknown_filter_is_refused(self, client_for):
        client = await client_for("admin")
        assert (await client.get("/staff?password_hash=x")).status_code == 400


class TestInvite:
    FIELDS = {"name": "New Person", "email": "New.Person@example.com", "roles": ["fleet_clerk"]}

    async def test_mails_a_link_and_the_rights_come_with_the_consent(self, client_for, visitor, session, runtime):
        client = await client_for("admin")
        answer = await client.post("/staff", data=self.FIELDS | {"markets": ["LV", "EE"], "all_branches": "true"})
        assert answer.status_code == 303
        staff = await queries.find_by_email(session, "new.person@example.com")
        assert (staff.roles, staff.markets, staff.branches, staff.password_hash) == ([], [], [], None)
        assert (await agreed(session, runtime, staff)).state == "executed"
        assert (staff.roles, staff.markets, staff.branches) == (["fleet_clerk"], ["EE", "LV"], None)
        mail = (await session.execute(text("SELECT text FROM development_mail"))).scalar_one()
        link = re.search(r"https?://\S+", mail).group()
        await submit(visitor, link, link, password="a long enough password")
        assert (await sign_in(visitor, staff.email)).status_code == 303
        assert (await actions(session, staff))[:3] == ["staff.invited", "staff.edited", "staff.password_set"]

    async def test_a_scope_without_a_tick_is_nothing_rather_than_everything(self, client_for, session, runtime):
        client = await client_for("admin")
        await client.post("/staff", data=self.FIELDS)
        staff = await queries.find_by_email(session, "new.person@example.com")
        await agreed(session, runtime, staff)
        assert (staff.roles, staff.markets, staff.branches) == (["fleet_clerk"], [], [])

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"roles": []}, "Choose at least one role"),
            ({"roles": ["root"]}, "Choose roles of the list"),
            ({"email": "nobody"}, "Enter an e-mail address"),
            ({"name": ""}, "Enter a value"),
        ],
    )
    async def test_refuses(self, client_for, change, message):
        client = await client_for("admin")
        answer = await client.post("/staff", data=self.FIELDS | change)
        assert answer.status_code == 422
        assert message in answer.text

    async def test_refuses_a_known_address(self, client_for, person):
        client, staff = await client_for("admin"), await person()
        answer = await client.post("/staff", data=self.FIELDS | {"email": staff.email.upper()})
        assert "Somebody with this address is here already" in answer.text

    async def test_fields_that_are_no_part_of_the_form_are_ignored(self, client_for, session):
        client = await client_for("admin")
        await client.post("/staff", data=self.FIELDS | {"is_demo": "true", "password_hash": "x", "version": "9"})
        staff = await queries.find_by_email(session, "new.person@example.com")
        assert (staff.is_demo, staff.password_hash) == (False, None)

    async def test_inviting_again_stops_the_earlier_link(self, client_for, session):
        client = await client_for("admin")
        staff, token = await access.invite_staff(
            session,
            fields={"email": "a@example.com", "name": "A", "roles": ["auditor"], "markets": None, "branches": None},
            actor=SYSTEM,
        )
        await session.commit()
        assert (await client.post(f"/staff/{staff.id}/invitation")).status_code == 303
        assert (await client.get(f"/password/new/{token}")).status_code == 410

    async def test_somebody_with_a_password_is_not_invited_again(self, client_for, person):
        client, staff = await client_for("admin"), await person()
        assert (await client.post(f"/staff/{staff.id}/invitation")).status_code == 409


class TestEdit:
    def fields(self, staff, **change):
        return {
            "version": str(staff.version), "name": staff.name, "roles": staff.roles,
            "all_markets": "true", "all_branches": "true",
        } | change  # fmt: skip

    async def test_wider_rights_wait_for_another_administrator(self, client_for, visitor, person, session, runtime):
        client, staff = await client_for("admin"), await person()
        await sign_in(visitor, staff.email)
        answer = await client.post(f"/staff/{staff.id}/edit", data=self.fields(staff, roles=["auditor"]))
        assert answer.status_code == 303
        assert (await visitor.get("/staff")).status_code == 403
        assert "Waits for consent" in (await client.get(f"/staff/{staff.id}")).text
        await agreed(session, runtime, staff)
        assert (await visitor.get("/staff")).status_code == 200

    async def test_narrower_rights_take_effect_at_once(self, client_for, visitor, session):
        staff = await make_staff(session, roles=["auditor", "fleet_clerk"])
        client, theirs = await client_for("admin"), await client_for(staff)
        assert (await theirs.get("/staff")).status_code == 200
        await client.post(f"/staff/{staff.id}/edit", data=self.fields(staff, roles=["fleet_clerk"]))
        assert (await theirs.get("/staff")).status_code == 403

    async def test_nobody_agrees_to_rights_of_their_own(self, client_for, session, runtime):
        maker, other = await client_for("admin"), await client_for("admin")
        change = self.fields(other.staff, roles=["admin", "auditor"])
        await maker.post(f"/staff/{other.staff.id}/edit", data=change)
        approval = (await session.execute(select(Approval))).scalar_one()
        with pytest.raises(MayNotDecide) as refused:
            await deciding.approve(session, runtime.assembly.approval_kinds, approval.id, actor=other.actor)
        assert refused.value.extra == {"reason": "own_rights"}

    async def test_is_audited_with_before_and_after(self, client_for, person, session):
        client, staff = await client_for("admin"), await person(markets=["EE", "LV"])
        change = self.fields(staff, all_markets="", markets=["LV"])
        await client.post(f"/staff/{staff.id}/edit", data=change)
        page = await client.get(f"/staff/{staff.id}")
        assert "staff.edited" in await actions(session, staff)
        assert re.search(r"<del>.*EE, LV</del>\s*to\s*.*<ins>LV</ins>", page.text, re.DOTALL)

    async def test_refuses_a_stale_form(self, client_for, person):
        client, staff = await client_for("admin"), await person()
        stale = self.fields(staff, version=str(staff.version - 1))
        answer = await client.post(f"/staff/{staff.id}/edit", data=stale)
        assert answer.status_code == 422
        assert "Somebody else has changed this meanwhile" in answer.text

    async def test_nobody_changes_their_own_roles_or_scope(self, client_for):
        client = await client_for("admin")
        for change in ({"roles": ["admin", "credit_manager"]}, {"all_markets": "", "markets": ["EE"]}):
            answer = await client.post(f"/staff/{client.staff.id}/edit", data=self.fields(client.staff, **change))
            assert answer.status_code == 422
            assert "Nobody changes their own roles" in answer.text

    async def test_ones_own_name_may_change(self, client_for):
        client = await client_for("admin")
        answer = await client.post(f"/staff/{client.staff.id}/edit", data=self.fields(client.staff, name="New Name"))
        assert answer.status_code == 303

    async def test_the_last_administrator_stays(self, client_for, person):
        last = await person("admin")
        client = await client_for("admin")  # without a password, so not one who could sign in
        answer = await client.post(f"/staff/{last.id}/edit", data=self.fields(last, roles=["auditor"]))
        assert "This is the last active administrator" in answer.text


class TestDisable:
    async def test_ends_sessions_and_tokens_at_once(self, client_for, visitor, person, session):
        client, staff = await client_for("admin"), await person()
        await sign_in(visitor, staff.email)
        pair = await issue_tokens(session, staff.id)
        await session.commit()
        answer = await client.post(f"/staff/{staff.id}/disablement", data=REASON)
        assert answer.status_code == 303
        assert not await is_signed_in(visitor)
        refresh = {"refresh_token": pair.refresh_token}
        assert (await visitor.post("/api/v1/auth/tokens/refresh", json=refresh)).status_code == 401
        assert (await sign_in(visitor, staff.email)).status_code == 422

    async def test_needs_a_reason(self, client_for, person):
        client, staff = await client_for("admin"), await person()
        headers = {"hx-request": "true", "hx-request-type": "partial"}
        answer = await client.post(f"/staff/{staff.id}/disablement", data={"reason": " "}, headers=headers)
        assert answer.status_code == 422
        assert answer.text.lstrip().startswith('<form id="move-disablement"')

    async def test_enabling_does_not_bring_sessions_back(self, client_for, visitor, person):
        client, staff = await client_for("admin"), await person()
        await sign_in(visitor, staff.email)
        await client.post(f"/staff/{staff.id}/disablement", data=REASON)
        await client.post(f"/staff/{staff.id}/disablement/removal")
        assert not await is_signed_in(visitor)
        assert (await sign_in(visitor, staff.email)).status_code == 303

    async def test_nobody_disables_themselves(self, client_for):
        client = await client_for("admin")
        answer = await client.post(f"/staff/{client.staff.id}/disablement", data=REASON)
        assert answer.status_code == 409
        assert "or disables themselves" in answer.text

    async def test_of_two_administrators_who_disable_each_other_one_stays(self, committed):
        async def make(session, name):
            return await access.create_staff(
                session,
                email=f"{name}@example.com",
                name=name,
                roles=["admin"],
                password="a long password",
                actor=SYSTEM,
            )

        first = await run_in_unit(committed, lambda session: make(session, "first"))
        second = await run_in_unit(committed, lambda session: make(session, "second"))

        async def disable(target: Staff, by: Staff):
            actor = identity.as_actor(by)
            return await run_in_unit(
                committed, lambda session: access.disable_staff(session, target.id, reason="rivalry", actor=actor)
            )

        answers = await asyncio.gather(disable(first, second), disable(second, first), return_exceptions=True)
        assert sum(isinstance(answer, access.LastAdministrator) for answer in answers) == 1

    async def test_a_lost_device_is_forgotten_by_an_administrator(self, client_for, visitor, person, device):
        staff = await person("admin", is_demo=False)
        await device(staff)
        client = await client_for("admin")
        assert (await client.post(f"/staff/{staff.id}/second-factor/removal")).status_code == 303
        assert (await sign_in(visitor, staff.email)).headers["location"] == "/sign-in/enrolment"


class TestCreate:
    async def test_reports_every_problem(self, session):
        with pytest.raises(InvalidFields) as refused:
            await access.create_staff(session, email="x", name="", roles=[], actor=SYSTEM)
        assert {problem.field for problem in refused.value.problems} == {"email", "name", "roles"}

    async def test_a_demo_password_is_set_again_only_when_it_differs(self, session):
        staff = await access.create_staff(
            session, email="d@demo.test", name="D", roles=["admin"], password="one password", is_demo=True, actor=SYSTEM
        )
        before = staff.password_hash
        await identity.reset_demo_password(session, staff, "one password", actor=SYSTEM)
        assert staff.password_hash == before
        await identity.reset_demo_password(session, staff, "another password", actor=SYSTEM)
        assert staff.password_hash != before
