"""Live streams across web processes: what reaches whom, what is told again, and how streams end."""

import asyncio
import contextlib
import socket
from urllib.parse import urlsplit
from uuid import UUID

import httpx
from sqlalchemy import text

from app.core.actor import SYSTEM
from app.core.auth.sessions import end_session
from app.core.events import OutboxEvent
from app.core.live.hub import MOST_STREAMS_OF_ONE
from app.desk.notifications.services import notify
from app.desk.staff.models import Staff
from tests.portal.live.conftest import PATIENCE_SECONDS, wait_until_ready, web_process


async def connections(stage) -> int:
    async with stage.database.session() as session:
        rows = await session.execute(text("SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE()"))
        return rows.scalar_one()


async def metric(web, name: str) -> float:
    async with httpx.AsyncClient(base_url=web.address) as client:
        lines = (await client.get("/metrics")).text.splitlines()
    return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{name} ")), 0.0)


class TestReach:
    async def test_a_change_in_one_process_reaches_listeners_of_the_other(self, stage):
        person = await stage.person()
        async with person.hearing(stage.second) as heard:
            vehicle = await person.adds_vehicle(stage.first)
            [change] = await heard.changes(1)
        assert change.data["id"] == vehicle["id"]
        assert (change.data["kind"], change.data["type"], change.data["version"]) == ("vehicle", "vehicle.created", 1)
        assert (change.data["actor"], change.data["actor_id"]) == ("Mari Kask", str(person.id))
        assert change.data["state"]["words"]

    async def test_nothing_outside_permission_and_scope_is_named(self, stage):
        admin = await stage.person()
        clerk = await stage.person("fleet_clerk", markets=["EE"], branches=["TRT"])
        engineer = await stage.person("engineer")  # who sees vehicles and no customers
        async with clerk.hearing(stage.first) as heard, engineer.hearing(stage.first) as other:
            await admin.adds_customer(stage.second)
            await admin.adds_vehicle(stage.second, location="TLL")
            inside = await admin.adds_vehicle(stage.second, location="TRT")
            changes = await heard.changes(2)
            assert [one.data["id"] for one in changes if one.data["kind"] == "vehicle"] == [inside["id"]]
            assert {change.data["kind"] for change in await other.changes(2)} == {"vehicle"}

    async def test_only_the_kinds_that_were_asked_for(self, stage):
        person = await stage.person()
        async with person.hearing(stage.first, kind="notification") as heard:
            await person.adds_vehicle(stage.first)
            async with stage.database.unit() as session:
                await notify(session, [person.id], "job.failed", title="Stopped", href="/jobs", actor=SYSTEM)
            await heard.until(lambda one: one.of("notification"))
        assert [event.name for event in heard.events] == ["hello", "notification"]
        assert heard.events[1].data == {"unread": 1}

    async def test_an_unknown_kind_is_refused(self, stage):
        person = await stage.person()
        async with httpx.AsyncClient(base_url=stage.first.address, headers=person.headers) as client:
            answer = await client.get("/api/v1/live", params={"kind": "unicorn"})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_fields")


class TestReplay:
    async def test_what_was_missed_comes_first_and_only_that(self, stage):
        person = await stage.person()
        async with person.hearing(stage.first) as heard:
            await person.adds_vehicle(stage.first)
            [known] = await heard.changes(1)
        missed = [(await person.adds_vehicle(stage.first))["id"] for _ in range(3)]
        async with person.hearing(stage.first) as other:  # that the relay is through
            await person.adds_vehicle(stage.first)
            await other.changes(1)
        async with person.hearing(stage.second, last=known.id) as heard:
            await heard.changes(4)
            later = await person.adds_vehicle(stage.first)
            changes = await heard.changes(5)
        assert [change.data["id"] for change in changes[:3]] == missed
        assert changes[4].data["id"] == later["id"]
        assert [change.id for change in changes] == sorted({change.id for change in changes})
        assert heard.of("resync") == []

    async def test_too_much_is_not_told_one_by_one(self, stage):
        person = await stage.person()
        async with person.hearing(stage.first, last=10**9) as heard:
            await heard.until(lambda one: one.of("resync"))
            await person.adds_vehicle(stage.first)
            await heard.changes(1)


class TestEnd:
    async def test_with_the_session(self, stage):
        person = await stage.person()
        async with person.hearing(stage.first, as_browser=True) as heard:
            async with stage.database.unit() as session:
                await end_session(session, UUID(str(person.session_id)))
            await heard.end()

    async def test_with_the_scope_that_it_had(self, stage):
        person = await stage.person("fleet_clerk", markets=["EE"])
        admin = await stage.person()
        async with person.hearing(stage.first) as heard:
            async with stage.database.unit() as session:
                staff = await session.get(Staff, person.id)
                staff.markets = ["LV"]
                session.add(
                    OutboxEvent(
                        aggregatetype="staff", aggregateid=staff.id, type="staff.edited", payload={"version": 2}
                    )
                )
            await heard.end()
        async with person.hearing(stage.first) as heard:
            await admin.adds_vehicle(stage.first)
            inside = await admin.adds_vehicle(stage.first, market="LV", location=None)
            assert [change.data["id"] for change in await heard.changes(1)] == [inside["id"]]

    async def test_of_a_client_that_does_not_read(self, stage):
        person = await stage.person()
        vehicle = await person.adds_vehicle(stage.first)
        address = urlsplit(stage.second.address)
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            slow.connect((address.hostname, address.port))
            request = f"GET /api/v1/live HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {person.token}\r\n\r\n"
            slow.sendall(request.encode())
            assert b"200" in await asyncio.to_thread(slow.recv, 64)
            ended = 'forecourt_live_ends_total{reason="slow"}'
            for turn in range(4 * PATIENCE_SECONDS):
                if turn % 8 == 0:
                    await flood(stage, vehicle["id"])
                if await metric(stage.second, ended):
                    break
                await asyncio.sleep(0.25)
            assert await metric(stage.second, ended) == 1.0

    async def test_at_once_when_the_server_is_stopped(self, stage):
        person = await stage.person()
        with web_process(stage.settings) as third:
            await asyncio.to_thread(wait_until_ready, third)
            async with person.hearing(third) as heard, person.hearing(third, as_browser=True) as other:
                third.process.terminate()
                await heard.end()
                await other.end()
                assert await asyncio.to_thread(third.process.wait, 5) == 0


async def flood(stage, vehicle_id: str) -> None:
    """Many events of one record at once."""
    async with stage.database.unit() as session:
        await session.execute(
            text(
                "INSERT INTO outbox_event (id, aggregatetype, aggregateid, type, payload, created_at)"
                " SELECT UUID(), 'vehicle', :id, 'vehicle.edited', '{\"version\": 1}', UTC_TIMESTAMP(6)"
                " FROM seq_1_to_8000"
            ),
            {"id": vehicle_id},
        )


class TestCost:
    async def test_streams_hold_no_connection(self, stage):
        people = [await stage.person() for _ in range(4)]
        async with contextlib.AsyncExitStack() as streams:
            await streams.enter_async_context(people[0].hearing(stage.first))
            before = await connections(stage)
            for person in people * 8:
                await streams.enter_async_context(person.hearing(stage.first))
            assert await metric(stage.first, "forecourt_live_streams") == 33
            assert await connections(stage) <= before + 1

    async def test_one_person_has_only_so_many(self, stage):
        person, other = await stage.person(), await stage.person()
        async with contextlib.AsyncExitStack() as streams:
            for _ in range(MOST_STREAMS_OF_ONE):
                await streams.enter_async_context(person.hearing(stage.first))
            async with httpx.AsyncClient(base_url=stage.first.address, headers=person.headers) as client:
                refused = await client.get("/api/v1/live")
            assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
            assert int(refused.headers["retry-after"]) > 0
            await streams.enter_async_context(other.hearing(stage.first))
