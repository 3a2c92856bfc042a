import time

from pyotp.totp import TOTP
from sqlalchemy import text

from app.core.auth import throttle
from app.core.auth.cookies import PENDING_COOKIE
from app.desk.staff.models import Staff
from tests.desk.staff.browser import PASSWORD, csrf_in, is_signed_in, sign_in, submit

CODE = "/sign-in/code"


class TestStepUp:
    async def test_asks_for_a_code_after_the_password(self, visitor, person, device):
        staff = await person()
        totp, _ = await device(staff)
        answer = await sign_in(visitor, staff.email, next="/account/security")
        assert answer.headers["location"] == "/sign-in/code?next=%2Faccount%2Fsecurity"
        assert not await is_signed_in(visitor)
        answer = await submit(visitor, CODE, CODE, code=totp.at(time.time()), next="/account/security")
        assert (answer.status_code, answer.headers["location"]) == (303, "/account/security")
        assert await is_signed_in(visitor)

    async def test_refuses_a_wrong_code(self, visitor, person, device):
        staff = await person()
        await device(staff)
        await sign_in(visitor, staff.email)
        assert (await submit(visitor, CODE, CODE, code="000000")).status_code == 422
        assert not await is_signed_in(visitor)

    async def test_a_code_works_once(self, visitor, other_browser, person, device):
        staff = await person()
        totp, _ = await device(staff)
        code = totp.at(time.time())
        await sign_in(visitor, staff.email)
        assert (await submit(visitor, CODE, CODE, code=code)).status_code == 303
        await sign_in(other_browser, staff.email)
        replayed = await submit(other_browser, CODE, CODE, code=code)
        assert replayed.status_code == 422
        assert "used before" in replayed.text

    async def test_a_code_of_two_steps_ago_is_too_old(self, visitor, person, device):
        staff = await person()
        totp, _ = await device(staff)
        await sign_in(visitor, staff.email)
        assert (await submit(visitor, CODE, CODE, code=totp.at(time.time() - 61))).status_code == 422

    async def test_without_the_password_there_is_no_second_step(self, visitor):
        assert (await visitor.get(CODE)).headers["location"] == "/sign-in"
        visitor.cookies.set(PENDING_COOKIE, "guessed", domain="127.0.0.1")
        assert (await visitor.get(CODE)).headers["location"] == "/sign-in"

    async def test_the_step_between_works_once_and_not_for_long(self, visitor, person, device, session):
        staff = await person()
        totp, _ = await device(staff)
        await sign_in(visitor, staff.email)
        token = csrf_in(await visitor.get(CODE))
        await session.execute(text("UPDATE single_use_link SET expires_at = UTC_TIMESTAMP(6)"))
        await session.commit()
        answer = await visitor.post(CODE, data={"_csrf": token, "code": totp.at(time.time())})
        assert answer.headers["location"] == "/sign-in"
        assert not await is_signed_in(visitor)

    async def test_codes_are_tried_six_times_only(self, visitor, person, device):
        staff = await person()
        totp, _ = await device(staff)
        await sign_in(visitor, staff.email)
        token = csrf_in(await visitor.get(CODE))
        for _ in range(throttle.SECOND_FACTOR_LIMIT):
            await visitor.post(CODE, data={"_csrf": token, "code": "000000"})
        refused = await visitor.post(CODE, data={"_csrf": token, "code": totp.at(time.time())})
        assert refused.status_code == 429
        assert "retry-after" in refused.headers


class TestRecoveryCodes:
    async def test_each_lets_in_once(self, visitor, other_browser, person, device):
        staff = await person()
        _, codes = await device(staff)
        await sign_in(visitor, staff.email)
        assert (await submit(visitor, CODE, CODE, code=codes[0].upper().replace("-", " "))).status_code == 303
        await sign_in(other_browser, staff.email)
        assert (await submit(other_browser, CODE, CODE, code=codes[0])).status_code == 422
        assert (await submit(other_browser, CODE, CODE, code=codes[1])).status_code == 303

    async def test_are_kept_hashed_and_counted(self, visitor, person, device, session):
        staff = await person()
        _, codes = await device(staff)
        kept = (await session.execute(text("SELECT code_hash FROM recovery_code"))).scalars().all()
        assert len(codes) == len(kept) == 10
        assert not set(codes) & set(kept)
        await sign_in(visitor, staff.email)
        await submit(visitor, CODE, CODE, code=codes[3])
        assert "9 of 10 are left" in (await visitor.get("/account/security")).text

    async def test_new_ones_replace_the_old(self, visitor, other_browser, person, device):
        staff = await person()
        _, old = await device(staff)
        await sign_in(visitor, staff.email)
        await submit(visitor, CODE, CODE, code=old[0])
        page = await submit(visitor, "/account/security", "/account/recovery-codes", present=PASSWORD)
        assert page.status_code == 200
        await sign_in(other_browser, staff.email)
        assert (await submit(other_browser, CODE, CODE, code=old[1])).status_code == 422


class TestRequiredEnrolment:
    async def test_an_admin_sets_it_up_at_the_next_sign_in(self, visitor, person, session):
        staff = await person("admin", is_demo=False)
        answer = await sign_in(visitor, staff.email)
        assert answer.headers["location"] == "/sign-in/enrolment"
        assert not await is_signed_in(visitor)
        page = await visitor.get("/sign-in/enrolment")
        assert "<svg" in page.text
        assert " style=" not in page.text
        refused = await submit(visitor, "/sign-in/enrolment", "/sign-in/enrolment", code="123")
        assert refused.status_code == 422
        secret = "".join(page.text.partition('data-copy="')[2].partition('"')[0].split())
        shown = await submit(visitor, "/sign-in/enrolment", "/sign-in/enrolment", code=TOTP(secret).now())
        assert shown.status_code == 200
        assert shown.text.count("<li>") == 10
        assert await is_signed_in(visitor)
        kept = await session.get(Staff, staff.id, populate_existing=True)
        assert kept.totp_since is not None
        assert secret.encode() not in kept.totp_secret

    async def test_a_demo_admin_needs_none(self, visitor, person):
        staff = await person("admin")
        assert (await sign_in(visitor, staff.email)).headers["location"] == "/"
