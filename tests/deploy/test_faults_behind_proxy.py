"""Faults under clients that come through the proxy to two web processes, with two workers behind them."""

import asyncio
import contextlib
import os
import signal
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from app.cli import tools
from tests.deploy.fleet import Fleet, fleet_of
from tests.faults.conftest import place
from tests.faults.load import Load
from tests.faults.stack import Stack, running_stack
from tests.faults.wholeness import assert_whole
from tests.plugins.tally import Tally
from tests.portal.live.conftest import Heard

CLIENTS = 6
AT_ONCE = 10
FEW, MANY = 2, 20
SECONDS = 60.0
AWAY_SECONDS = 3.0
"""Longer than the proxy leaves a process alone that failed once."""
BAD_GATEWAY = 502
MISSED = 3

pytestmark = pytest.mark.skipif(
    not tools.NGINX.is_present and os.environ.get("CI") != "true", reason="nginx is not installed: nginx-light"
)


@dataclass
class Site:
    """The whole of it: the database that may be hurt, the processes over it, and a client's token."""

    stack: Stack
    fleet: Fleet
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}

    def client(self) -> httpx.AsyncClient:
        return self.fleet.client(headers=self.headers)

    def load(self, **options: object) -> Load:
        return Load(self.fleet.address, self.token, trusted=self.fleet.trusted, **options)

    @contextlib.asynccontextmanager
    async def hearing(self, last: int | None = None) -> AsyncIterator[Heard]:
        """An open live stream, greeted already."""
        headers = self.headers | ({"last-event-id": str(last)} if last is not None else {})
        async with (
            self.fleet.client() as client,
            client.stream("GET", "/api/v1/live", headers=headers, timeout=httpx.Timeout(30, read=None)) as answer,
        ):
            assert answer.status_code == 200
            heard = Heard(answer)
            listening = asyncio.create_task(heard.listen())
            await heard.until(lambda one: one.of("hello"))
            yield heard
            listening.cancel()

    async def add(self, client: httpx.AsyncClient, vehicle_id: str, key: str) -> httpx.Response:
        body = {"id": vehicle_id, "make": "Kia", "market": "EE"}
        return await client.post("/api/v1/vehicles", json=body, headers={"idempotency-key": key})

    async def added(self) -> str:
        async with self.client() as client:
            answer = await self.add(client, str(uuid4()), str(uuid4()))
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]


@pytest.fixture(scope="module")
def running(opensearch_url: str) -> Iterator[tuple[Stack, Fleet]]:
    search = {"opensearch_url": opensearch_url, "search_namespace": "hurt"}
    with (
        tempfile.TemporaryDirectory(prefix="forecourt-proxied-", dir=place()) as directory,
        running_stack(Path(directory)) as stack,
        fleet_of(stack.settings.model_copy(update=search)) as fleet,
    ):
        yield stack, fleet


@pytest.fixture
async def site(running: tuple[Stack, Fleet]) -> Site:
    stack, fleet = running
    return Site(stack, fleet, await stack.token())


async def assert_site_whole(site: Site, load: Load) -> None:
    assert load.record.wrong == []
    assert load.record.without_retry_after == 0
    async with site.stack.database() as database:
        await assert_whole(database, load.record.acknowledged)


class TestProcesses:
    @pytest.mark.fault("F1", "kill -9 of a process behind the proxy, under load")
    async def test_a_killed_process_loses_nothing(self, site: Site, tally: Tally, is_full: bool):
        """What was under way in it is answered with 502; its client repeats it with its key.

        The second one dies as soon as the first is back, which the proxy must not take for both being gone.
        """
        load = site.load(excused=[BAD_GATEWAY])
        async with load.running(CLIENTS) as record:
            for name in site.fleet.commands if is_full else ["web-1"]:
                with tally:
                    await load.until(10, seconds=SECONDS)
                    await asyncio.to_thread(site.fleet.kill, name)
                    await load.until(10, seconds=SECONDS)
                    site.fleet.start(name)
                    await asyncio.to_thread(site.fleet.wait, name)
        assert record.broken == []
        assert record.answers[BAD_GATEWAY] <= CLIENTS * 2, record.answers
        await assert_site_whole(site, load)


class TestDatabase:
    @pytest.mark.fault("F3", "MariaDB is killed and restarted under load behind the proxy")
    async def test_everybody_is_told_to_come_again(self, site: Site):
        load, reads, stop = site.load(), Counter[int](), asyncio.Event()

        async def read() -> None:
            async with site.client() as client:
                while not stop.is_set():
                    answer = await client.get("/api/v1/vehicles", params={"limit": 5})
                    assert answer.status_code != 503 or "retry-after" in answer.headers
                    reads[answer.status_code] += 1
                    await asyncio.sleep(0.02)

        readers = [asyncio.create_task(read()) for _ in range(2)]
        async with load.running(CLIENTS) as record:
            await load.until(10, seconds=SECONDS)
            site.stack.mariadb.identity.signal(signal.SIGKILL)
            await asyncio.sleep(AWAY_SECONDS)
            await asyncio.to_thread(site.stack.mariadb.start_again)
            await load.until(10, seconds=SECONDS)
        stop.set()
        await asyncio.gather(*readers)
        assert record.answers[503] > 0
        assert set(reads) == {200, 503}, reads
        assert record.broken == []
        await assert_site_whole(site, load)


class TestRepeats:
    @pytest.mark.fault("F25", "ten copies of a request at once through the proxy, to two processes")
    async def test_ten_at_once_have_one_effect(self, site: Site, tally: Tally, is_full: bool):
        async with contextlib.AsyncExitStack() as opened:
            phones = [await opened.enter_async_context(site.client()) for _ in range(AT_ONCE)]
            for _ in range(MANY if is_full else FEW):
                vehicle_id, key = str(uuid4()), str(uuid4())
                with tally:
                    answers = await asyncio.gather(*(site.add(phone, vehicle_id, key) for phone in phones))
                    assert {answer.status_code for answer in answers} <= {201, 409}
                    later = await site.add(phones[0], vehicle_id, key)
                    assert (later.status_code, later.headers["idempotency-replayed"]) == (201, "true")
                    assert {answer.content for answer in answers if answer.status_code == 201} == {later.content}
                    async with site.stack.database() as database:
                        rows = await database.primary.fetch(
                            "SELECT COUNT(*) FROM audit_entry WHERE subject_id = %s", (vehicle_id,)
                        )
                    assert rows == [(1,)]


class TestLive:
    @pytest.mark.fault("F30", "SIGTERM for the web processes under open live streams behind the proxy")
    async def test_what_was_missed_is_told_when_the_stream_comes_back(self, site: Site):
        async with site.hearing() as heard, site.hearing() as other:
            known = await site.added()
            for one in (heard, other):
                await one.until(lambda one: known in told(one))
            last = heard.of("change")[-1].id
            for name in ("web-1", "web-2"):
                assert await asyncio.to_thread(site.fleet.restart, name) == 0
            await heard.end()
            await other.end()
        missed = [await site.added() for _ in range(MISSED)]
        async with site.hearing(last=last) as heard:
            await heard.changes(MISSED)
        assert told(heard) == missed
        assert heard.of("resync") == []


def told(heard: Heard) -> list[str]:
    return [change.data["id"] for change in heard.of("change")]
