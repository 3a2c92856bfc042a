import pytest
from sqlalchemy import text

from app.core.auth import throttle
from app.core.auth.secrets import token_hash
from tests.desk.staff.browser import PASSWORD, csrf_in, is_signed_in, sign_in, submit

COOKIE = "forecourt_session"


class TestSignIn:
    async def test_lets_in_and_goes_on_to_where_one_wanted(self, visitor, person):
        staff = await person()
        answer = await sign_in(visitor, staff.email.upper(), next="/account/security?x=1")
        assert (answer.status_code, answer.headers["location"]) == (303, "/account/security?x=1")
        assert await is_signed_in(visitor)

    async def test_cookie_is_out_of_reach_of_scripts_and_other_sites(self, visitor, person):
        staff = await person()
        answer = await sign_in(visitor, staff.email)
        (cookie,) = [text for text in answer.headers.get_list("set-cookie") if text.startswith(COOKIE)]
        assert "HttpOnly" in cookie
        assert "samesite=lax" in cookie.lower()
        assert "Path=/" in cookie
        assert "Max-Age" not in cookie

    async def test_cookie_is_stored_hashed(self, visitor, person, session):
        staff = await person()
        await sign_in(visitor, staff.email)
        kept = (await session.execute(text("SELECT token_hash FROM auth_session"))).scalars().all()
        assert kept == [token_hash(visitor.cookies[COOKIE])]

    @pytest.mark.parametrize(
        ("email", "password"), [("nobody@example.test", PASSWORD), (None, "wrong password"), (None, "x" * 5000)]
    )
    async def test_refuses_without_saying_what_was_wrong(self, visitor, person, email, password):
        staff = await person()
        answer = await sign_in(visitor, email or staff.email, password)
        assert answer.status_code == 422
        assert "The e-mail address or the password is not right" in answer.text
        assert not await is_signed_in(visitor)

    async def test_refuses_a_disabled_account_like_an_unknown_one(self, visitor, person, session):
        staff = await person()
        staff.is_disabled = True
        await session.commit()
        assert "The e-mail address or the password is not right" in (await sign_in(visitor, staff.email)).text

    async def test_refuses_somebody_who_has_not_accepted_the_invitation(self, visitor, person, session):
        staff = await person()
        staff.password_hash = None
        await session.commit()
        assert (await sign_in(visitor, staff.email)).status_code == 422

    async def test_password_is_taken_as_typed(self, visitor, person):
        staff = await person()
        assert (await sign_in(visitor, staff.email, f" {PASSWORD}")).status_code == 422

    @pytest.mark.parametrize(
        "after", ["//evil.test", "https://evil.test/", "/\\evil.test", "javascript:alert(1)", "\\\\evil", "evil.test"]
    )
    async def test_never_leads_to_another_site(self, visitor, person, after):
        staff = await person()
        assert (await sign_in(visitor, staff.email, next=after)).headers["location"] == "/"

    async def test_asks_for_both_fields(self, visitor):
        answer = await sign_in(visitor, "", "")
        assert answer.status_code == 422
        assert answer.text.count("Enter a value") == 4


class TestFixation:
    async def test_an_id_chosen_by_the_client_never_becomes_a_session(self, visitor, person):
        staff = await person()
        visitor.cookies.set(COOKIE, "chosen-by-somebody-else", domain="127.0.0.1")
        answer = await sign_in(visitor, staff.email)
        assert answer.status_code == 303
        (cookie,) = [text for text in answer.headers.get_list("set-cookie") if text.startswith(COOKIE)]
        assert "chosen-by-somebody-else" not in cookie

    async def test_signing_in_again_ends_the_earlier_session(self, visitor, other_browser, person):
        staff = await person()
        await sign_in(visitor, staff.email)
        old = visitor.cookies[COOKIE]
        page = await visitor.get("/account/security")
        await visitor.post("/sign-in", data={"_csrf": csrf_in(page), "email": staff.email, "password": PASSWORD})
        assert visitor.cookies[COOKIE] != old
        assert await is_signed_in(visitor)
        other_browser.cookies.set(COOKIE, old, domain="127.0.0.1")
        assert not await is_signed_in(other_browser)


class TestExpiry:
    @pytest.mark.parametrize(
        "change",
        [
            "last_seen_at = UTC_TIMESTAMP(6) - INTERVAL (idle_seconds + 1) SECOND",
            "expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND",
            "ended_at = UTC_TIMESTAMP(6)",
        ],
    )
    async def test_idle_absolute_and_ended_sessions_are_over(self, visitor, person, session, change):
        staff = await person()
        await sign_in(visitor, staff.email)
        assert await is_signed_in(visitor)
        await session.execute(text(f"UPDATE auth_session SET {change}"))
        await session.commit()
        assert not await is_signed_in(visitor)

    async def test_being_seen_postpones_the_idle_end(self, visitor, person, session):
        staff = await person()
        await sign_in(visitor, staff.email)
        await session.execute(text("UPDATE auth_session SET last_seen_at = UTC_TIMESTAMP(6) - INTERVAL 30 MINUTE"))
        await session.commit()
        assert await is_signed_in(visitor)
        rested = text("SELECT TIMESTAMPDIFF(SECOND, last_seen_at, UTC_TIMESTAMP(6)) FROM auth_session")
        assert (await session.execute(rested)).scalar_one() < 10

    @pytest.mark.parametrize(("role", "minutes"), [("fleet_clerk", 60), ("credit_officer", 15)])
    async def test_money_roles_rest_for_a_shorter_time(self, visitor, person, session, role, minutes):
        staff = await person(role)
        await sign_in(visitor, staff.email)
        assert (await session.execute(text("SELECT idle_seconds FROM auth_session"))).scalar_one() == minutes * 60


class TestForgery:
    async def test_refuses_a_form_without_token(self, visitor, person):
        staff = await person()
        await visitor.get("/sign-in")
        answer = await visitor.post("/sign-in", data={"email": staff.email, "password": PASSWORD})
        assert answer.status_code == 403
        assert not await is_signed_in(visitor)

    async def test_refuses_the_token_of_another_visitor(self, visitor, other_browser, person):
        staff = await person()
        await visitor.get("/sign-in")
        foreign = csrf_in(await other_browser.get("/sign-in"))
        answer = await visitor.post("/sign-in", data={"_csrf": foreign, "email": staff.email, "password": PASSWORD})
        assert answer.status_code == 403

    @pytest.mark.parametrize("header", [{"origin": "https://evil.test"}, {"sec-fetch-site": "cross-site"}])
    async def test_refuses_what_another_site_sends(self, visitor, person, header):
        staff = await person()
        token = csrf_in(await visitor.get("/sign-in"))
        fields = {"_csrf": token, "email": staff.email, "password": PASSWORD}
        assert (await visitor.post("/sign-in", data=fields, headers=header)).status_code == 403

    async def test_a_token_dies_with_its_session(self, visitor, person):
        staff = await person()
        before = csrf_in(await visitor.get("/sign-in"))
        await sign_in(visitor, staff.email)
        assert (await visitor.post("/sign-out", data={"_csrf": before})).status_code == 403


class TestThrottle:
    async def test_an_account_is_tried_ten_times_only(self, visitor, person, session):
        staff = await person()
        token = csrf_in(await visitor.get("/sign-in"))
        fields = {"_csrf": token, "email": staff.email, "password": "wrong"}
        for _ in range(throttle.ACCOUNT_LIMIT):
            assert (await visitor.post("/sign-in", data=fields)).status_code == 422
        refused = await visitor.post("/sign-in", data=fields | {"password": PASSWORD})
        assert refused.status_code == 429
        assert 0 < int(refused.headers["retry-after"]) <= throttle.WINDOW.total_seconds()
        await session.execute(text("UPDATE auth_attempt SET window_ends_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND"))
        await session.commit()
        assert (await visitor.post("/sign-in", data=fields | {"password": PASSWORD})).status_code == 303

    async def test_an_address_is_limited_over_all_accounts(self, visitor, session):
        await visitor.get("/sign-in")
        bucket = throttle.address_bucket("127.0.0.1").key
        await session.execute(
            text("INSERT INTO auth_attempt VALUES (:bucket, :limit, UTC_TIMESTAMP(6) + INTERVAL 60 SECOND)"),
            {"bucket": bucket, "limit": throttle.ADDRESS_LIMIT},
        )
        await session.commit()
        assert (await sign_in(visitor, "nobody@example.test")).status_code == 429

    async def test_a_right_password_forgets_what_was_counted(self, visitor, person, session):
        staff = await person()
        await sign_in(visitor, staff.email, "wrong")
        await sign_in(visitor, staff.email)
        rows = (await session.execute(text("SELECT bucket, failures FROM auth_attempt"))).all()
        assert [(key.partition(":")[0], failures) for key, failures in rows] == [("address", 1)]


class TestSignOut:
    async def test_ends_the_session_for_every_holder_of_the_cookie(self, visitor, other_browser, person):
        staff = await person()
        await sign_in(visitor, staff.email)
        other_browser.cookies.set(COOKIE, visitor.cookies[COOKIE], domain="127.0.0.1")
        answer = await submit(visitor, "/account/security", "/sign-out")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        assert not await is_signed_in(visitor)
        assert not await is_signed_in(other_browser)


class TestTheme:
    async def test_is_kept_in_a_cookie(self, visitor):
        token = csrf_in(await visitor.get("/sign-in"))
        answer = await visitor.post(
            "/theme", data={"_csrf": token, "theme": "dark"}, headers={"referer": "http://127.0.0.1:8000/sign-in"}
        )
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        assert 'data-bs-theme="dark"' in (await visitor.get("/sign-in")).text

    async def test_answers_htmx_with_an_event(self, visitor):
        token = csrf_in(await visitor.get("/sign-in"))
        answer = await visitor.post(
            "/theme", data={"theme": "odd"}, headers={"hx-request": "true", "x-csrf-token": token}
        )
        assert answer.status_code == 204
        assert answer.headers["hx-trigger"] == '{"theme":{"value":"auto"}}'
