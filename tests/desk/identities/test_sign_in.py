"""Signing in with the company account, through a real provider over HTTP."""

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from app.core.audit import AuditEntry
from app.core.guard import session_cookie_name
from app.desk.identities.models import StaffIdentity
from app.desk.staff.models import Staff
from app.sandbox.identity import PROTOCOL_FAULTS, UNVERIFIED
from app.sandbox.tokens import CLAIM_FAULTS, TOKEN_FAULTS
from tests.factories.staff import make_staff


async def staff_of(session, email):
    return (await session.execute(select(Staff).where(Staff.email == email))).scalar_one_or_none()


async def actions_of(session, staff):
    entries = await session.execute(
        select(AuditEntry.action).where(AuditEntry.subject_id == staff.id).order_by(AuditEntry.id)
    )
    return list(entries.scalars())


class TestSignIn:
    async def test_makes_the_account_with_the_roles_of_its_groups(self, browser, session, runtime):
        answer = await browser.sign_in("new", after="/vehicles?state=blocked")
        assert answer.status_code == 303
        assert answer.headers["location"] == "/vehicles?state=blocked"
        assert session_cookie_name(runtime) in answer.cookies
        staff = await staff_of(session, "new.colleague@demo.test")
        assert (staff.name, staff.roles) == ("Piret Oja", ["fleet_clerk"])
        assert staff.password_hash is None
        assert await actions_of(session, staff) == ["staff.invited", "staff.identity_linked", "staff.signed_in"]
        assert (await browser.visitor.get("/vehicles")).status_code == 200

    async def test_links_an_account_that_is_here_by_its_verified_address(self, browser, session):
        staff = await make_staff(session, email="fleet@demo.test", roles=["fleet_clerk"])
        await browser.sign_in("fleet")
        linked = (await session.execute(select(StaffIdentity))).scalar_one()
        assert (linked.staff_id, linked.subject) == (staff.id, "sandbox-fleet")

    async def test_follows_the_groups_at_each_sign_in(self, browser, session):
        staff = await make_staff(session, email="fleet@demo.test", roles=["admin", "fleet_clerk"])
        await browser.sign_in("fleet")
        await session.refresh(staff)
        assert staff.roles == ["fleet_clerk"]
        assert "staff.roles_followed" in await actions_of(session, staff)

    async def test_knows_the_person_by_subject_when_the_address_has_changed(self, browser, session):
        await browser.sign_in("new")
        staff = await staff_of(session, "new.colleague@demo.test")
        staff.email = "old.address@demo.test"
        await session.commit()
        await browser.sign_in("new")
        assert await staff_of(session, "new.colleague@demo.test") is None

    async def test_the_session_is_a_new_one(self, browser, runtime):
        name = session_cookie_name(runtime)
        browser.visitor.cookies.set(name, "chosen-by-an-attacker", domain="127.0.0.1")
        answer = await browser.sign_in("new")
        assert answer.cookies[name] != "chosen-by-an-attacker"

    async def test_goes_nowhere_else_afterwards(self, browser):
        answer = await browser.sign_in("new", after="https://attacker.example/")
        assert answer.headers["location"] == "/"


class TestRefusals:
    @pytest.mark.parametrize("fault", [*TOKEN_FAULTS, *CLAIM_FAULTS, *PROTOCOL_FAULTS])
    async def test_a_wrong_token_or_answer_lets_nobody_in(self, browser, session, runtime, fault):
        answer = await browser.sign_in("new", fault)
        assert answer.status_code == 401, fault
        assert session_cookie_name(runtime) not in answer.cookies
        assert await staff_of(session, "new.colleague@demo.test") is None

    async def test_an_unverified_address_takes_no_account_over(self, browser, session):
        await make_staff(session, email="fleet@demo.test", roles=["admin"])
        answer = await browser.sign_in("fleet", UNVERIFIED)
        assert answer.status_code == 403
        assert "verified" in answer.text
        assert (await session.execute(select(StaffIdentity))).first() is None

    async def test_groups_without_a_role_do_not_get_in(self, browser, session):
        answer = await browser.sign_in("visitor")
        assert answer.status_code == 403
        assert "None of your groups" in answer.text
        assert await staff_of(session, "visitor@demo.test") is None

    async def test_a_disabled_account_stays_out(self, browser, session):
        await make_staff(session, email="fleet@demo.test", roles=["fleet_clerk"], is_disabled=True)
        assert (await browser.sign_in("fleet")).status_code == 403

    async def test_an_emergency_account_is_not_linked(self, browser, session):
        await make_staff(session, email="fleet@demo.test", roles=["admin"], is_emergency=True)
        assert (await browser.sign_in("fleet")).status_code == 403

    async def test_another_identity_does_not_take_a_linked_account_over(self, browser, session, provider_address):
        staff = await make_staff(session, email="fleet@demo.test", roles=["fleet_clerk"])
        session.add(StaffIdentity(staff_id=staff.id, issuer=provider_address, subject="somebody-else"))
        await session.commit()
        assert (await browser.sign_in("fleet")).status_code == 403

    async def test_a_code_is_good_once(self, browser):
        back = await browser.choose(await browser.leave(), "new")
        assert (await browser.come_back(back)).status_code == 303
        assert (await browser.come_back(back)).status_code == 401

    async def test_an_answer_in_another_browser_is_refused(self, browser):
        back = await browser.choose(await browser.leave(), "new")
        browser.visitor.cookies.clear()
        assert (await browser.come_back(back)).status_code == 401

    async def test_the_code_of_somebody_elses_attempt_is_refused(self, browser):
        stolen = await browser.choose(await browser.leave(), "manager")
        code = stolen.partition("code=")[2].partition("&")[0]
        own = await browser.choose(await browser.leave(), "new")
        forged = own.replace(own.partition("code=")[2].partition("&")[0], code)
        assert (await browser.come_back(forged)).status_code == 401

    async def test_a_provider_that_is_away_is_said_so(self, browser, runtime, monkeypatch):
        away = runtime.settings.model_copy(update={"oidc_issuer": "http://127.0.0.1:9"})
        monkeypatch.setattr(runtime, "settings", away)
        answer = await browser.visitor.get("/sign-in/identity")
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "10"

    async def test_without_a_provider_there_is_nothing(self, visitor):
        assert (await visitor.get("/sign-in/identity")).status_code == 404


class TestEmergency:
    @pytest.fixture
    def only(self, trusting, monkeypatch):
        settings = trusting.settings.model_copy(update={"oidc_only": True, "oidc_client_secret": SecretStr("s")})
        monkeypatch.setattr(trusting, "settings", settings)

    async def send(self, visitor, email):
        page = await visitor.get("/sign-in")
        token = page.text.partition('name="_csrf" value="')[2].partition('"')[0]
        return await visitor.post(
            "/sign-in", data={"email": email, "password": "correct horse battery", "_csrf": token}
        )

    async def test_an_ordinary_password_does_not_open(self, visitor, session, only):
        await make_staff(session, email="ordinary@example.test", password="correct horse battery", roles=["engineer"])
        answer = await self.send(visitor, "ordinary@example.test")
        assert answer.status_code == 422

    async def test_an_emergency_account_is_asked_for_its_second_factor(self, visitor, session, only):
        await make_staff(
            session,
            email="emergency@example.test",
            password="correct horse battery",
            roles=["engineer"],
            is_emergency=True,
        )
        answer = await self.send(visitor, "emergency@example.test")
        assert answer.status_code == 303
        assert answer.headers["location"] == "/sign-in/enrolment"

    async def test_the_page_says_what_the_password_is_for(self, visitor, only):
        text = (await visitor.get("/sign-in")).text
        assert "Continue with" in text
        assert "Emergency account" in text
