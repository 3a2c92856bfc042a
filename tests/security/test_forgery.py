"""Requests that another site makes in somebody's name: every unsafe route refuses them."""

import pytest

from app.core.guard import session_cookie_name
from app.core.permissions import PUBLIC
from tests.security.conftest import values_for

ATTACKER = "https://attacker.example"
NEEDS_TOKEN = {"DELETE /api/v1/auth/tokens/current"}
"""Only a bearer token opens these; a cookie is nobody there."""


@pytest.fixture
async def person(client_for):
    return await client_for("admin")


def unsafe(routes):
    return [route for route in routes if route.is_unsafe]


async def refused(person, routes, foreign, headers):
    """The routes that did not refuse a request with these headers."""
    kept = dict(person.headers)
    person.headers.clear()
    person.headers.update({name: value for name, value in (kept | headers).items() if value is not None})
    wrong = []
    for route in unsafe(routes):
        answer = await person.request(route.method, route.address(values_for(route, foreign)))
        if answer.status_code != 403:
            wrong.append(f"{route}: {answer.status_code}")
    return wrong


@pytest.fixture
def sessions_own(routes):
    """Unsafe routes that a session may use."""
    return [route for route in routes if route.permission != PUBLIC and str(route) not in NEEDS_TOKEN]


class TestForgery:
    async def test_without_the_token(self, person, sessions_own, foreign):
        assert await refused(person, sessions_own, foreign, {"x-csrf-token": None}) == []

    async def test_with_the_token_of_another_session(self, person, client_for, sessions_own, foreign):
        other = await client_for("admin")
        token = other.headers["x-csrf-token"]
        assert await refused(person, sessions_own, foreign, {"x-csrf-token": token}) == []

    @pytest.mark.parametrize(
        "header",
        [{"origin": ATTACKER}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}],
        ids=str,
    )
    async def test_from_another_site_even_with_the_right_token(self, person, sessions_own, foreign, header):
        assert await refused(person, sessions_own, foreign, header) == []

    async def test_an_old_token_dies_with_its_session(self, person, runtime, foreign, sessions_own):
        left = await person.post("/sign-out")
        assert left.status_code == 303
        answer = await person.post("/vehicles")
        assert answer.status_code in (401, 303)

    async def test_no_state_changes_by_get(self, routes):
        moves = ("removal", "approval", "cancellation", "confirmation", "block", "claim", "completion")
        assert [str(route) for route in routes if route.method == "GET" and route.path.endswith(moves)] == []

    async def test_a_token_of_the_api_needs_no_cookie_and_a_cookie_is_no_token(self, api_for, runtime):
        api = await api_for("admin")
        stolen = api.headers["authorization"].removeprefix("Bearer ")
        api.headers.pop("authorization")
        api.cookies.set(session_cookie_name(runtime), stolen, domain="127.0.0.1")
        assert (await api.get("/vehicles")).status_code == 401
