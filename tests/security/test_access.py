"""Every route x every role x a foreign record: the only outcomes that may be are declared here."""

import asyncio

import pytest

from app.core.permissions import SIGNED_IN, Role
from tests.security.conftest import MARK, NOT_SCOPED, OURS, STREAMS, values_for

WITHOUT_PERMISSION = {403}
NOBODY = {401, 303}
FOREIGN = {403, 404}
BEFORE_LOOKING = {400, 409, 415, 422, 428}
"""A body that is refused before its record is looked for tells nothing about it."""
SECONDS = 20


async def ask(client, route, address):
    async with asyncio.timeout(SECONDS):
        if route.is_api and route.is_unsafe:
            return await client.request(route.method, address.removeprefix("/api/v1"), json={})
        if route.is_api:
            return await client.request(route.method, address.removeprefix("/api/v1"))
        return await client.request(route.method, address)


def versions(foreign):
    return [(record.id, record.version) for record in foreign.records]


class TestWithoutPermission:
    async def test_nobody_gets_past_the_door(self, visitor, guarded, foreign):
        wrong = []
        for route in guarded:
            answer = await visitor.request(route.method, route.address(values_for(route, foreign)))
            expected = {401} if route.is_api else NOBODY
            if answer.status_code not in expected or MARK in answer.text:
                wrong.append(f"{route}: {answer.status_code}")
            if answer.status_code == 303 and not answer.headers["location"].startswith("/sign-in"):
                wrong.append(f"{route}: leads to {answer.headers['location']}")
        assert len(guarded) > 100
        assert wrong == []

    @pytest.mark.parametrize("role", list(Role))
    async def test_a_role_is_refused_what_it_was_not_given(self, role, client_for, api_for, guarded, foreign):
        page, api = await client_for(role, markets=[OURS]), await api_for(role, markets=[OURS])
        wrong, tried = [], 0
        for route in guarded:
            client = api if route.is_api else page
            if route.permission == SIGNED_IN or client.actor.may(route.permission):
                continue
            tried += 1
            answer = await ask(client, route, route.address(values_for(route, foreign)))
            if answer.status_code not in WITHOUT_PERMISSION or MARK in answer.text:
                wrong.append(f"{route}: {answer.status_code}")
        assert tried or role is Role.ADMIN
        assert wrong == []


class TestForeignRecords:
    @pytest.mark.parametrize("role", list(Role))
    async def test_a_record_of_another_market_is_not_there(self, role, client_for, api_for, guarded, foreign, session):
        page, api = await client_for(role, markets=[OURS]), await api_for(role, markets=[OURS])
        before, wrong, tried = versions(foreign), [], 0
        for route in guarded:
            client = api if route.is_api else page
            ids = [name for name, kind in route.parameters if kind == "uuid"]
            if not ids or set(ids) <= set(NOT_SCOPED):
                continue
            if route.permission != SIGNED_IN and not client.actor.may(route.permission):
                continue
            tried += 1
            answer = await ask(client, route, route.address(values_for(route, foreign)))
            allowed = FOREIGN | BEFORE_LOOKING if route.is_unsafe else FOREIGN
            if answer.status_code not in allowed or MARK in answer.text:
                wrong.append(f"{route}: {answer.status_code}")
        for record in foreign.records:
            await session.refresh(record)
        assert tried
        assert wrong == []
        assert versions(foreign) == before

    @pytest.mark.parametrize("role", list(Role))
    async def test_no_list_shows_it(self, role, client_for, api_for, guarded, foreign):
        page, api = await client_for(role, markets=[OURS]), await api_for(role, markets=[OURS])
        wrong = []
        for route in guarded:
            client = api if route.is_api else page
            if route.parameters or route.is_unsafe or route.path in STREAMS:
                continue
            if route.permission != SIGNED_IN and not client.actor.may(route.permission):
                continue
            answer = await ask(client, route, route.path)
            if answer.status_code >= 500 or (MARK in answer.text and not route.path.startswith(("/staff", "/audit"))):
                wrong.append(f"{route}: {answer.status_code}")
        assert wrong == []
