"""The portal over a search engine that can be broken, a worker, and the people who search meanwhile."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from app.core.auth.sessions import csrf_token, start_session
from app.core.guard import session_cookie_name
from app.core.invariants import Acknowledged
from app.core.worker import REINDEX, run_worker
from app.settings import Settings
from search.client import SearchClient
from search.indexes import Indexes
from search.kinds import SearchKind
from tests.api.committing import BASE_URL, Live, running_app
from tests.core.cuttable import CuttableLine
from tests.core.waiting import until
from tests.factories.staff import make_staff
from tests.search.proxy import Proxy, proxy_for

CATCH_UP_SECONDS = 60


@dataclass
class Searched:
    """The application and a worker reach the engine by a line and a proxy; `direct` is the engine itself."""

    live: Live
    line: CuttableLine
    proxy: Proxy
    direct: Indexes
    api: httpx.AsyncClient
    browser: httpx.AsyncClient

    @property
    def vehicles(self) -> SearchKind:
        kind = self.live.runtime.assembly.kinds["vehicle"].search
        assert kind is not None
        return kind

    @property
    def index(self) -> str:
        """The live name of the vehicles' index."""
        return self.direct.names.live(self.vehicles)

    async def command(self, method: str, path: str, content: Any = None, **params: str) -> Any:
        return await self.direct.client.command(method, path, content, **params)

    async def add(self, plate: str, **fields: object) -> Acknowledged:
        body = {"make": "Kia", "market": "EE", "plate": plate, **fields}
        answer = await self.api.post("/vehicles", json=body, headers={"idempotency-key": str(uuid4())})
        assert answer.status_code == 201, answer.text
        return Acknowledged("vehicle", answer.json()["id"], 1)

    async def found(self, text: str) -> tuple[list[str], str]:
        """The plates that a search finds, and what the reader is told beside them."""
        answer = await self.api.get("/vehicles", params={"q": text})
        assert answer.status_code == 200, answer.text
        told = answer.json()
        return [item["plate"] for item in told["items"]], told.get("notice", "")

    async def is_found(self, plate: str) -> bool:
        return await self.found(plate) == ([plate], "")

    async def page(self, path: str, **params: str) -> str:
        answer = await self.browser.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def is_caught_up(self) -> bool:
        fetch = self.live.database.primary.fetch
        ((waiting,),) = await fetch("SELECT COUNT(*) FROM outbox_event WHERE position IS NULL")
        ((last,),) = await fetch("SELECT COALESCE(MAX(position), 0) FROM outbox_event")
        ((at,),) = await fetch("SELECT COALESCE(MAX(position), 0) FROM event_consumer WHERE name = 'search'")
        return not waiting and at == last

    async def holds_nothing_back(self) -> bool:
        """Whether no event waits for another try."""
        return await self.live.database.primary.fetch("SELECT COUNT(*) FROM event_failure") == [(0,)]

    async def is_built(self) -> bool:
        """Whether the worker has filled the indices that it made."""
        rows = await self.live.database.primary.fetch(
            "SELECT COUNT(*) FROM job WHERE kind = %s AND state IN ('queued', 'running')", (REINDEX,)
        )
        return rows == [(0,)]


def new_plate() -> str:
    return f"F{uuid4().hex[:6].upper()}"


@asynccontextmanager
async def working(live: Live, client: SearchClient) -> AsyncIterator[None]:
    """A worker in this process."""
    stop = asyncio.Event()
    assembly = live.runtime.assembly
    worker = asyncio.create_task(
        run_worker(live.database, client, live.settings, list(assembly.kinds.values()), assembly.tasks, stop)
    )
    try:
        yield
    finally:
        stop.set()
        await worker


async def browser_of(live: Live, *roles: str) -> httpx.AsyncClient:
    """Somebody's browser; close it with `async with`."""
    async with live.database.unit() as session:
        staff = await make_staff(session, roles=list(roles))
        token, held = await start_session(session, staff.id, address="127.0.0.1", browser="pytest")
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=live.app),
        base_url=BASE_URL,
        cookies={session_cookie_name(live.runtime): token},
        headers={"x-csrf-token": csrf_token(live.runtime.csrf_keys[0], str(held.id))},
        timeout=60,
    )


@pytest.fixture(scope="module")
async def searched(fault_settings: Settings, opensearch_url: str) -> AsyncIterator[Searched]:
    address, namespace = urlsplit(opensearch_url), f"faults_{os.getpid()}"
    line = CuttableLine(address.hostname or "127.0.0.1", address.port or 9200)
    await line.mend()
    async with proxy_for(line.url) as proxy:
        settings = fault_settings.model_copy(update={"opensearch_url": proxy.url, "search_namespace": namespace})
        client, direct = SearchClient(proxy.url), Indexes(SearchClient(opensearch_url), namespace)
        async with (
            running_app(settings) as live,
            working(live, client),
            await live.client("fleet_clerk") as api,
            await browser_of(live, "admin", "fleet_clerk") as browser,
        ):
            searched = Searched(live, line, proxy, direct, api, browser)
            first = new_plate()
            await searched.add(first)
            await until(lambda: searched.is_found(first), CATCH_UP_SECONDS)
            await until(searched.is_built, CATCH_UP_SECONDS)
            yield searched
        await client.close()
        for kind in live.runtime.assembly.kinds.values():
            if kind.search:
                await direct.drop(kind.search)
        await direct.client.close()
    await line.cut()
