"""Questions that would reach past a list: every parameter of every address that is read, and every path."""

import asyncio
import time
from itertools import cycle
from urllib.parse import quote

import pytest

from app.core.permissions import PUBLIC
from tests.security.bodies import description
from tests.security.conftest import MARK, OURS, STREAMS, address_of
from tests.security.payloads import QUERIES

PART = "injection"
DECLARED = {200, 204, 303, 304, 400, 403, 404, 410, 422}
PAGE_PARAMETERS = (
    "q",
    "sort",
    "limit",
    "cursor",
    "next",
    "query",
    "list",
    "name",
    "kind",
    "timeline",
    "market",
    "state",
)
ASLEEP_SECONDS = 5
EACH = 2
"""Payloads per parameter: all of them go round, a different few for each."""
NOT_TRIED = (*STREAMS, "/health", "/metrics", "/sign-in/identity")


def api_parameters(route):
    path = route.path
    for name, kind in route.parameters:
        path = path.replace(f"{{{name}:{kind}}}", f"{{{name}}}")
    operation = description()["paths"].get(path, {}).get("get", {})
    return [each["name"] for each in operation.get("parameters", []) if each.get("in") == "query"]


@pytest.fixture
def readable(routes):
    return [route for route in routes if route.method == "GET" and not route.path.startswith(NOT_TRIED)]


class TestEveryParameter:
    async def test_answers_as_declared_and_shows_nothing_of_others(
        self, client_for, api_for, readable, world, foreign, tried
    ):
        page, api = await client_for("admin", markets=[OURS]), await api_for("admin", markets=[OURS])
        payloads, wrong, count = cycle(QUERIES), [], 0
        for route in readable:
            client = api if route.is_api else page
            address = address_of(route, world.ids).removeprefix("/api/v1")
            for name in api_parameters(route) if route.is_api else PAGE_PARAMETERS:
                for payload in (next(payloads) for _ in range(EACH)):
                    began = time.monotonic()
                    async with asyncio.timeout(60):
                        answer = await client.get(address, params={name: payload})
                    count += 1
                    is_foreign = MARK in answer.text and not route.path.startswith(("/staff", "/audit"))
                    is_asleep = "SLEEP" in payload and time.monotonic() - began > ASLEEP_SECONDS
                    if answer.status_code not in DECLARED or is_foreign or is_asleep:
                        wrong.append(f"{route} {name}={payload[:40]!r}: {answer.status_code}")
        assert wrong == []
        assert count > 500
        tried(PART, count)

    async def test_every_piece_of_a_path(self, client_for, api_for, readable, world, foreign, tried):
        page, api = await client_for("admin", markets=[OURS]), await api_for("admin", markets=[OURS])
        payloads, wrong, count = cycle(QUERIES[:-1]), [], 0
        for route in readable:
            for name, _ in route.parameters:
                for payload in (next(payloads) for _ in range(EACH)):
                    ids = world.ids | {name: quote(payload, safe="")}
                    client = api if route.is_api else page
                    answer = await client.get(address_of(route, ids).removeprefix("/api/v1"))
                    count += 1
                    if answer.status_code not in DECLARED or MARK in answer.text:
                        wrong.append(f"{route} {name}={payload[:40]!r}: {answer.status_code}")
        assert wrong == []
        assert count > 50
        tried(PART, count)

    async def test_every_header_that_is_read(self, client_for, readable, world, tried):
        page = await client_for("admin")
        wrong, count = [], 0
        for name in ("hx-target", "hx-request-type", "if-none-match", "accept", "accept-language", "referer", "cookie"):
            for payload in QUERIES[:40]:
                if not payload.isascii() or not payload.isprintable():
                    continue
                headers = {"hx-request": "true", "hx-request-type": "partial", name: payload}
                answer = await page.get("/vehicles", headers=headers)
                count += 1
                if answer.status_code not in DECLARED | {401}:
                    wrong.append(f"{name}: {payload!r}: {answer.status_code}")
        assert wrong == []
        assert all(route.permission for route in readable)
        assert any(route.permission == PUBLIC for route in readable)
        tried(PART, count)
