"""Two web processes over one database, the relay between them, and clients that listen."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import httpx
import msgspec
import pytest

from app.cli.migrating import migrate
from app.cli.options import environment_of
from app.core.auth.sessions import start_session
from app.core.auth.tokens import issue_tokens
from app.core.db import Database
from app.core.leases import lead
from app.core.outbox.relay import RELAY, relay_events
from app.settings import ROOT, Settings, load_settings
from tests.factories.rental import make_location
from tests.factories.staff import make_staff
from tests.plugins.servers import create_database, on_database, run_statements

PATIENCE_SECONDS = 20
START_SECONDS = 120


@dataclass
class Event:
    """One event of a stream; heartbeats are none."""

    id: int
    name: str
    data: dict


@dataclass
class Heard:
    """An open stream and what came over it."""

    answer: httpx.Response
    events: list[Event] = field(default_factory=list)
    has_ended: bool = False

    async def listen(self) -> None:
        told: dict[str, str] = {}
        with contextlib.suppress(httpx.TransportError):
            async for line in self.answer.aiter_lines():
                name, _, value = line.partition(": ")
                if line:
                    told[name] = value
                    continue
                if "data" in told:
                    self.events.append(Event(int(told["id"]), told["event"], msgspec.json.decode(told["data"])))
                told = {}
        self.has_ended = True

    async def until(self, condition) -> list[Event]:
        """Wait for what has to come, and return everything that came."""
        for _ in range(PATIENCE_SECONDS * 50):
            if condition(self):
                return self.events
            await asyncio.sleep(0.02)
        raise AssertionError(f"it did not come; there were {self.events}")

    async def changes(self, count: int) -> list[Event]:
        await self.until(lambda heard: len(heard.of("change")) >= count)
        return self.of("change")

    async def end(self) -> None:
        await self.until(lambda heard: heard.has_ended)

    def of(self, name: str) -> list[Event]:
        return [event for event in self.events if event.name == name]


@dataclass
class Web:
    """A web process."""

    address: str
    process: subprocess.Popen[bytes]


@dataclass
class Stage:
    """Everything that a test of streams needs."""

    settings: Settings
    database: Database
    first: Web
    second: Web

    async def person(self, *roles: str, **scope: object) -> "Person":
        async with self.database.unit() as session:
            staff = await make_staff(session, roles=list(roles) or ["admin"], **scope)
            pair = await issue_tokens(session, staff.id)
            cookie, live = await start_session(session, staff.id, address="127.0.0.1", browser="pytest")
        return Person(self, staff.id, pair.access_token, cookie, live.id)


@dataclass
class Person:
    """Somebody with a token and a session."""

    stage: Stage
    id: object
    token: str
    cookie: str
    session_id: object

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}

    @contextlib.asynccontextmanager
    async def hearing(self, web: Web, *, last: int | None = None, as_browser: bool = False, **query):
        """An open stream, greeted already."""
        headers = {"cookie": f"forecourt_session={self.cookie}"} if as_browser else self.headers
        headers |= {"last-event-id": str(last)} if last is not None else {}
        path = "/live" if as_browser else "/api/v1/live"
        limits = httpx.Timeout(PATIENCE_SECONDS, read=None)
        async with (
            httpx.AsyncClient(base_url=web.address, timeout=limits) as client,
            client.stream("GET", path, headers=headers, params=query) as answer,
        ):
            assert answer.status_code == 200, await answer.aread()
            heard = Heard(answer)
            listening = asyncio.create_task(heard.listen())
            await heard.until(lambda one: one.of("hello"))
            yield heard
            listening.cancel()

    async def adds_vehicle(self, web: Web, **fields) -> dict:
        return await self._adds(web, "vehicles", {"make": "Saab", "market": "EE", "location": "TLL"} | fields)

    async def adds_customer(self, web: Web) -> dict:
        return await self._adds(web, "customers", {"market": "EE", "kind": "company", "company_name": "Kask OÜ"})

    async def _adds(self, web: Web, path: str, body: dict) -> dict:
        async with httpx.AsyncClient(base_url=web.address, headers=self.headers, timeout=PATIENCE_SECONDS) as client:
            return (await client.post(f"/api/v1/{path}", json=body)).raise_for_status().json()


@pytest.fixture(scope="session")
def stage_settings(mariadb_url: str) -> Iterator[Settings]:
    name = f"forecourt_live_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    create_database(mariadb_url, name)
    url = on_database(mariadb_url, name)
    migrate(url)
    yield load_settings(environment="test", database_url=url, search_namespace="pytest")
    run_statements(mariadb_url, f"DROP DATABASE IF EXISTS {name}")


@pytest.fixture(scope="session")
async def stage(stage_settings: Settings) -> AsyncIterator[Stage]:
    with web_process(stage_settings) as first, web_process(stage_settings) as second:
        database, stop = await Database.open(stage_settings), asyncio.Event()
        relay = asyncio.create_task(
            lead(database, RELAY, "test", stop, lambda token: relay_events(database, token, stop, []))
        )
        async with database.unit() as session:
            await make_location(session, "TLL")
            await make_location(session, "TRT")
        await asyncio.to_thread(wait_until_ready, first)
        await asyncio.to_thread(wait_until_ready, second)
        yield Stage(stage_settings, database, first, second)
        stop.set()
        await relay
        await database.close()


@contextlib.contextmanager
def web_process(settings: Settings) -> Iterator[Web]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    environment = environment_of(settings.model_copy(update={"base_url": address}))
    program = f"from app.cli.web import serve; serve('127.0.0.1', {port}, 1)"
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    )
    try:
        yield Web(address, process)
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def wait_until_ready(web: Web) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and web.process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{web.address}/health/live").status_code == 200:
                return
        time.sleep(0.1)
    pytest.fail(f"the web process did not start (it ended with {web.process.poll()})")
