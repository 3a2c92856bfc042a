import time

import pytest
from sqlalchemy import text

from app.core.auth import throttle
from tests.desk.staff.browser import PASSWORD

TOKENS = "/api/v1/auth/tokens"


def bearer(token):
    return {"authorization": f"Bearer {token}"}


class TestSignIn:
    async def test_gives_tokens_that_open_the_api(self, visitor, person):
        staff = await person("fleet_clerk", markets=["LV", "EE"])
        answer = await visitor.post(TOKENS, json={"email": staff.email, "password": PASSWORD})
        assert answer.status_code == 201
        assert answer.headers["cache-control"] == "no-store"
        given = answer.json()
        assert (given["token_type"], given["expires_in"]) == ("Bearer", 900)
        me = (await visitor.get("/api/v1/me", headers=bearer(given["access_token"]))).json()
        assert (me["id"], me["roles"], me["markets"]) == (str(staff.id), ["fleet_clerk"], ["EE", "LV"])
        assert "branches" not in me
        assert "vehicles.view" in me["permissions"]
        assert "staff.view" not in me["permissions"]

    async def test_refuses_wrong_credentials_with_a_problem(self, visitor, person):
        staff = await person()
        answer = await visitor.post(TOKENS, json={"email": staff.email, "password": "wrong"})
        assert answer.status_code == 401
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert answer.json()["code"] == "invalid_credentials"

    async def test_asks_for_the_second_factor(self, visitor, person, device):
        staff = await person()
        totp, _ = await device(staff)
        body = {"email": staff.email, "password": PASSWORD}
        assert (await visitor.post(TOKENS, json=body)).json()["code"] == "totp_required"
        assert (await visitor.post(TOKENS, json=body | {"totp": "000000"})).json()["code"] == "invalid_code"
        code = totp.at(time.time())
        assert (await visitor.post(TOKENS, json=body | {"totp": code})).status_code == 201
        assert (await visitor.post(TOKENS, json=body | {"totp": code})).json()["code"] == "invalid_code"

    async def test_refuses_those_who_still_have_to_set_it_up(self, visitor, person):
        staff = await person("admin", is_demo=False)
        answer = await visitor.post(TOKENS, json={"email": staff.email, "password": PASSWORD})
        assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_enrolment_required")

    @pytest.mark.parametrize("body", [{"email": "a@b.test"}, {"email": 1, "password": "x"}, {"extra": 1}])
    async def test_names_what_is_missing(self, visitor, body):
        answer = await visitor.post(TOKENS, json=body)
        assert answer.status_code == 422
        assert answer.json()["errors"]

    async def test_is_limited_and_the_count_survives_the_refusals(self, visitor, committed):
        body = {"email": "nobody@example.test", "password": "wrong"}
        answers = [await visitor.post(TOKENS, json=body) for _ in range(throttle.ACCOUNT_LIMIT + 1)]
        assert [answer.status_code for answer in answers] == [401] * throttle.ACCOUNT_LIMIT + [429]
        assert answers[-1].headers["content-type"].startswith("application/problem+json")
        assert int(answers[-1].headers["retry-after"]) > 0
        async with committed.session() as session:
            failures = await session.execute(text("SELECT failures FROM auth_attempt WHERE bucket LIKE 'account:%'"))
            assert failures.scalar_one() == throttle.ACCOUNT_LIMIT + 1

    async def test_another_site_may_not_sign_in(self, visitor, person):
        staff = await person()
        body = {"email": staff.email, "password": PASSWORD}
        assert (await visitor.post(TOKENS, json=body, headers={"origin": "https://evil.test"})).status_code == 403


class TestRefresh:
    async def start(self, visitor, person):
        staff = await person()
        return (await visitor.post(TOKENS, json={"email": staff.email, "password": PASSWORD})).json()

    async def refresh(self, visitor, token):
        return await visitor.post(f"{TOKENS}/refresh", json={"refresh_token": token})

    async def test_rotates(self, visitor, person):
        first = await self.start(visitor, person)
        answer = await self.refresh(visitor, first["refresh_token"])
        assert answer.status_code == 201
        assert answer.json()["refresh_token"] != first["refresh_token"]
        assert (await visitor.get("/api/v1/me", headers=bearer(answer.json()["access_token"]))).status_code == 200

    async def test_reuse_after_the_grace_ends_every_token_of_the_sign_in(self, visitor, person, session):
        first = await self.start(visitor, person)
        second = (await self.refresh(visitor, first["refresh_token"])).json()
        await session.execute(text("UPDATE api_token SET used_at = used_at - INTERVAL 31 SECOND"))
        await session.commit()
        assert (await self.refresh(visitor, first["refresh_token"])).status_code == 401
        assert (await self.refresh(visitor, second["refresh_token"])).status_code == 401
        for pair in (first, second):
            assert (await visitor.get("/api/v1/me", headers=bearer(pair["access_token"]))).status_code == 401

    async def test_a_lost_answer_may_be_asked_for_again_within_the_grace(self, visitor, person):
        first = await self.start(visitor, person)
        await self.refresh(visitor, first["refresh_token"])
        again = await self.refresh(visitor, first["refresh_token"])
        assert again.status_code == 201
        assert (await self.refresh(visitor, again.json()["refresh_token"])).status_code == 201

    async def test_an_access_token_refreshes_nothing(self, visitor, person):
        first = await self.start(visitor, person)
        assert (await self.refresh(visitor, first["access_token"])).status_code == 401

    async def test_an_expired_access_token_is_refused(self, visitor, person, session):
        first = await self.start(visitor, person)
        await session.execute(text("UPDATE api_token SET expires_at = UTC_TIMESTAMP(6) WHERE kind = 'access'"))
        await session.commit()
        answer = await visitor.get("/api/v1/me", headers=bearer(first["access_token"]))
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"


class TestSignOut:
    async def test_ends_this_sign_in_only(self, visitor, person):
        staff = await person()
        body = {"email": staff.email, "password": PASSWORD}
        one, two = [(await visitor.post(TOKENS, json=body)).json() for _ in range(2)]
        assert (await visitor.delete(f"{TOKENS}/current", headers=bearer(one["access_token"]))).status_code == 204
        assert (await visitor.get("/api/v1/me", headers=bearer(one["access_token"]))).status_code == 401
        refreshed = await visitor.post(f"{TOKENS}/refresh", json={"refresh_token": one["refresh_token"]})
        assert refreshed.status_code == 401
        assert (await visitor.get("/api/v1/me", headers=bearer(two["access_token"]))).status_code == 200

    async def test_needs_a_token_rather_than_a_session(self, client_for):
        client = await client_for("admin")
        assert (await client.delete(f"{TOKENS}/current")).status_code == 401


class TestMe:
    async def test_nobody_is_refused(self, visitor):
        assert (await visitor.get("/api/v1/me")).status_code == 401
        assert (await visitor.get("/api/v1/me", headers=bearer("guessed"))).status_code == 401
