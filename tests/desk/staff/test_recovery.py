import re

import pytest
from sqlalchemy import text

from app.core.auth import throttle
from app.core.auth.tokens import issue_tokens
from tests.desk.staff.browser import csrf_in, is_signed_in, sign_in, submit

NEW = "a brand new password"
FORGOTTEN = "/password/forgotten"


async def mailed_link(session):
    mail = (await session.execute(text("SELECT text FROM development_mail ORDER BY at DESC LIMIT 1"))).scalar()
    return re.search(r"https?://\S+", mail).group() if mail else None


def without_key(page):
    """A page but for the key of its form, which is another each time."""
    return re.sub(r'name="_key" value="[0-9a-f]+"|value="[0-9a-f]{32}"', "", page)


class TestReset:
    async def test_a_mailed_link_sets_the_password_once(self, visitor, person, session):
        staff = await person()
        answer = await submit(visitor, FORGOTTEN, FORGOTTEN, email=staff.email)
        assert "a link is on its way" in answer.text
        link = await mailed_link(session)
        assert link.startswith("http://127.0.0.1:8000/password/new/")
        assert (await submit(visitor, link, link, password=NEW)).headers["location"] == "/sign-in"
        assert (await sign_in(visitor, staff.email, NEW)).status_code == 303
        assert (await visitor.get(link)).status_code == 410

    async def test_answers_the_same_for_an_unknown_address(self, visitor, person, session):
        staff = await person()
        known = await submit(visitor, FORGOTTEN, FORGOTTEN, email=staff.email)
        await session.execute(text("DELETE FROM development_mail"))
        await session.commit()
        unknown = await submit(visitor, FORGOTTEN, FORGOTTEN, email="nobody@example.test")
        assert without_key(known.text) == without_key(unknown.text)
        assert await mailed_link(session) is None

    async def test_a_disabled_account_gets_no_link(self, visitor, person, session):
        staff = await person()
        staff.is_disabled = True
        await session.commit()
        await submit(visitor, FORGOTTEN, FORGOTTEN, email=staff.email)
        assert await mailed_link(session) is None

    async def test_at_most_three_links_are_mailed_in_a_window(self, visitor, person, session):
        staff = await person()
        token = csrf_in(await visitor.get(FORGOTTEN))
        for _ in range(throttle.RESET_LIMIT + 2):
            answer = await visitor.post(FORGOTTEN, data={"_csrf": token, "email": staff.email})
            assert answer.status_code == 200
        assert (await session.execute(text("SELECT COUNT(*) FROM development_mail"))).scalar() == throttle.RESET_LIMIT

    async def test_the_link_never_follows_a_header(self, visitor, person, session):
        staff = await person()
        token = csrf_in(await visitor.get(FORGOTTEN))
        await visitor.post(
            FORGOTTEN, data={"_csrf": token, "email": staff.email}, headers={"x-forwarded-host": "evil.test"}
        )
        assert (await mailed_link(session)).startswith("http://127.0.0.1:8000/")

    async def test_a_link_is_good_for_an_hour(self, visitor, person, session):
        staff = await person()
        await submit(visitor, FORGOTTEN, FORGOTTEN, email=staff.email)
        link = await mailed_link(session)
        token = csrf_in(await visitor.get(link))
        age = text("UPDATE single_use_link SET expires_at = expires_at - INTERVAL 61 MINUTE")
        await session.execute(age)
        await session.commit()
        assert (await visitor.post(link, data={"_csrf": token, "password": NEW})).status_code == 410

    @pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaa"])
    async def test_a_weak_password_leaves_the_link_good(self, visitor, person, session, password):
        staff = await person()
        await submit(visitor, FORGOTTEN, FORGOTTEN, email=staff.email)
        link = await mailed_link(session)
        assert (await submit(visitor, link, link, password=password)).status_code == 422
        assert (await submit(visitor, link, link, password=NEW)).status_code == 303

    async def test_ends_what_was_open(self, visitor, other_browser, person, session):
        staff = await person()
        await sign_in(other_browser, staff.email)
        pair = await issue_tokens(session, staff.id)
        await session.commit()
        for _ in range(2):
            await submit(visitor, FORGOTTEN, FORGOTTEN, email=staff.email)
        link = await mailed_link(session)
        await submit(visitor, link, link, password=NEW)
        assert not await is_signed_in(other_browser)
        bearer = {"authorization": f"Bearer {pair.access_token}"}
        assert (await visitor.get("/api/v1/me", headers=bearer)).status_code == 401
        open_links = text("SELECT COUNT(*) FROM single_use_link WHERE used_at IS NULL")
        assert (await session.execute(open_links)).scalar() == 0


class TestDevelopmentMail:
    async def test_is_shown(self, visitor, person):
        staff = await person()
        await submit(visitor, FORGOTTEN, FORGOTTEN, email=staff.email)
        page = await visitor.get("/_mail")
        assert page.status_code == 200
        assert staff.email in page.text

    async def test_is_nowhere_in_production(self, visitor, runtime, monkeypatch):
        elsewhere = runtime.settings.model_copy(update={"environment": "production"})
        monkeypatch.setattr(runtime, "settings", elsewhere)
        assert (await visitor.get("/_mail")).status_code == 404
