import re
import time

from pyotp.totp import TOTP
from sqlalchemy import text

from app.core.auth.tokens import issue_tokens
from tests.desk.staff.browser import PASSWORD, is_signed_in, sign_in, submit

SECURITY, SESSIONS = "/account/security", "/account/sessions"
NEW = "a brand new password"


class TestSessions:
    async def test_lists_and_ends_another_one(self, visitor, other_browser, person):
        staff = await person()
        await sign_in(visitor, staff.email)
        await sign_in(other_browser, staff.email)
        page = await visitor.get(SESSIONS)
        (other,) = re.findall(r'action="(/account/sessions/[0-9a-f-]+/removal)"', page.text)
        assert (await submit(visitor, SESSIONS, other)).status_code == 303
        assert await is_signed_in(visitor)
        assert not await is_signed_in(other_browser)

    async def test_ends_all_others(self, visitor, other_browser, person):
        staff = await person()
        await sign_in(visitor, staff.email)
        await sign_in(other_browser, staff.email)
        await submit(visitor, SESSIONS, "/account/sessions/removal")
        assert await is_signed_in(visitor)
        assert not await is_signed_in(other_browser)

    async def test_nobody_ends_the_session_of_somebody_else(self, visitor, other_browser, person, session):
        mine, theirs = await person(), await person()
        await sign_in(visitor, mine.email)
        await sign_in(other_browser, theirs.email)
        ids = text("SELECT id FROM auth_session WHERE staff_id = :staff")
        other = (await session.execute(ids, {"staff": str(theirs.id)})).scalar()
        assert (await submit(visitor, SECURITY, f"/account/sessions/{other}/removal")).status_code == 404
        assert await is_signed_in(other_browser)


class TestChangePassword:
    async def test_keeps_this_browser_under_a_new_id_and_ends_the_rest(self, visitor, other_browser, person, session):
        staff = await person()
        await sign_in(visitor, staff.email)
        await sign_in(other_browser, staff.email)
        pair = await issue_tokens(session, staff.id)
        await session.commit()
        before = visitor.cookies["forecourt_session"]
        answer = await submit(visitor, SECURITY, "/account/password", present=PASSWORD, password=NEW)
        assert answer.status_code == 303
        assert visitor.cookies["forecourt_session"] != before
        assert await is_signed_in(visitor)
        assert not await is_signed_in(other_browser)
        bearer = {"authorization": f"Bearer {pair.access_token}"}
        assert (await other_browser.get("/api/v1/me", headers=bearer)).status_code == 401

    async def test_asks_for_the_present_password(self, visitor, person):
        staff = await person()
        await sign_in(visitor, staff.email)
        answer = await submit(visitor, SECURITY, "/account/password", present="wrong", password=NEW)
        assert answer.status_code == 422
        assert "This is not your present password" in answer.text
        assert NEW not in answer.text

    async def test_refuses_a_weak_one(self, visitor, person):
        staff = await person()
        await sign_in(visitor, staff.email)
        answer = await submit(visitor, SECURITY, "/account/password", present=PASSWORD, password=staff.email)
        assert answer.status_code == 422
        assert "Do not use your name" in answer.text

    async def test_answers_htmx_with_its_panel_alone(self, visitor, person):
        staff = await person()
        await sign_in(visitor, staff.email)
        page = await visitor.get(SECURITY)
        token = re.search(r'name="_csrf" value="(\w+)"', page.text).group(1)
        headers = {"hx-request": "true", "hx-request-type": "partial", "x-csrf-token": token}
        answer = await visitor.post("/account/password", data={"present": "x", "password": NEW}, headers=headers)
        assert answer.status_code == 422
        assert answer.text.lstrip().startswith('<section class="panel" id="password-form"')


class TestSecondFactor:
    async def test_is_switched_on_with_a_code(self, visitor, person):
        staff = await person()
        await sign_in(visitor, staff.email)
        before = visitor.cookies["forecourt_session"]
        begun = await submit(visitor, SECURITY, "/account/second-factor", present=PASSWORD)
        assert begun.headers["location"] == "/account/second-factor"
        page = await visitor.get("/account/second-factor")
        secret = "".join(page.text.partition('data-copy="')[2].partition('"')[0].split())
        path = "/account/second-factor/confirmation"
        assert (await submit(visitor, "/account/second-factor", path, code="000000")).status_code == 422
        shown = await submit(visitor, "/account/second-factor", path, code=TOTP(secret).now())
        assert shown.text.count("<li>") == 10
        assert visitor.cookies["forecourt_session"] != before
        assert (await visitor.get("/account/second-factor")).status_code == 303

    async def test_needs_the_password(self, visitor, person):
        staff = await person()
        await sign_in(visitor, staff.email)
        assert (await submit(visitor, SECURITY, "/account/second-factor", present="wrong")).status_code == 422

    async def test_is_switched_off_with_the_password(self, visitor, other_browser, person, device):
        staff = await person()
        totp, _ = await device(staff)
        await sign_in(visitor, staff.email)
        await submit(visitor, "/sign-in/code", "/sign-in/code", code=totp.at(time.time()))
        answer = await submit(visitor, SECURITY, "/account/second-factor/removal", present=PASSWORD)
        assert answer.status_code == 303
        assert (await sign_in(other_browser, staff.email)).headers["location"] == "/"

    async def test_forgetting_a_required_one_signs_out(self, visitor, person, device):
        staff = await person("admin", is_demo=False)
        totp, _ = await device(staff)
        await sign_in(visitor, staff.email)
        await submit(visitor, "/sign-in/code", "/sign-in/code", code=totp.at(time.time()))
        answer = await submit(visitor, SECURITY, "/account/second-factor/removal", present=PASSWORD)
        assert answer.headers["location"] == "/sign-in"
        assert not await is_signed_in(visitor)
        assert (await sign_in(visitor, staff.email)).headers["location"] == "/sign-in/enrolment"
