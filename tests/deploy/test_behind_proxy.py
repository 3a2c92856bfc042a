"""Two web and two worker processes behind the proxy of `deploy/`: one can be restarted and nobody notices."""

import asyncio
import os
from collections import Counter

import httpx
import pytest

from app.cli import tools
from app.core.auth.tokens import issue_tokens
from app.core.db import Database
from app.core.invariants import Acknowledged
from app.kit.ids import new_id
from tests.deploy.fleet import fleet_of
from tests.factories.staff import make_staff
from tests.faults.wholeness import assert_whole

CLIENTS = 6
REQUESTS = 60

pytestmark = pytest.mark.skipif(
    not tools.NGINX.is_present and os.environ.get("CI") != "true", reason="nginx is not installed: nginx-light"
)


@pytest.fixture(scope="module")
def fleet(live_settings, opensearch_url):
    settings = live_settings.model_copy(update={"opensearch_url": opensearch_url, "search_namespace": "proxied"})
    with fleet_of(settings) as started:
        yield started


@pytest.fixture
async def headers(fleet):
    database = await Database.open(fleet.settings, pool_size=1)
    async with database.unit() as session:
        staff = await make_staff(session, roles=["admin", "fleet_manager"])
        token = (await issue_tokens(session, staff.id)).access_token
    await database.close()
    return {"authorization": f"Bearer {token}"}


class Load:
    """Clients that read and write through the proxy and keep what was answered and what was acknowledged."""

    def __init__(self, fleet, headers):
        self.fleet, self.headers = fleet, headers
        self.answers: Counter[int | str] = Counter()
        self.created: set[str] = set()

    async def run(self):
        await asyncio.gather(*[self._client() for _ in range(CLIENTS)])

    async def _client(self):
        async with self.fleet.client(headers=self.headers) as client:
            for number in range(REQUESTS):
                await (self._create(client) if number % 3 == 0 else self._read(client))

    async def _read(self, client):
        await self._count(client.get("/api/v1/vehicles", params={"limit": 5}))

    async def _create(self, client):
        record_id = str(new_id())
        body = {"id": record_id, "make": "Skoda", "model": "Octavia", "market": "HR"}
        answer = await self._count(client.post("/api/v1/vehicles", json=body, headers={"Idempotency-Key": record_id}))
        if answer is not None and answer.status_code == 201:
            self.created.add(record_id)

    async def _count(self, sending):
        try:
            answer = await sending
        except httpx.TransportError as error:
            self.answers[type(error).__name__] += 1
            return None
        self.answers[answer.status_code] += 1
        return answer


class TestRestart:
    @pytest.mark.fault("F30", "SIGTERM for {name} behind the proxy, under load")
    @pytest.mark.parametrize("name", ["web-1", "web-2"])
    async def test_one_web_process_is_restarted_under_load(self, fleet, headers, name):
        load = Load(fleet, headers)
        running = asyncio.create_task(load.run())
        await asyncio.sleep(1)
        code = await asyncio.to_thread(fleet.restart, name)
        await running
        assert code == 0
        assert set(load.answers) == {200, 201}, load.answers
        assert load.answers.total() == CLIENTS * REQUESTS
        await assert_all_kept(fleet, load.created)

    @pytest.mark.fault("F30", "SIGTERM for a worker behind the proxy; the other one goes on")
    async def test_one_worker_is_restarted_and_search_goes_on(self, fleet, headers):
        code = await asyncio.to_thread(fleet.stop, "worker-1")
        async with fleet.client(headers=headers) as client:
            plate = f"ZG{new_id().int % 10_000:04d}QX"
            body = {"make": "Skoda", "model": "Fabia", "market": "HR", "plate": plate}
            assert (await client.post("/api/v1/vehicles", json=body)).status_code == 201
            for _ in range(200):
                found = (await client.get("/api/v1/search", params={"q": plate})).json()
                if plate in str(found):
                    break
                await asyncio.sleep(0.1)
        fleet.start("worker-1")
        await asyncio.to_thread(fleet.wait, "worker-1")
        assert code == 0
        assert plate in str(found)


async def assert_all_kept(fleet, record_ids):
    database = await Database.open(fleet.settings, pool_size=1)
    await assert_whole(database, [Acknowledged("vehicle", record_id, 1) for record_id in record_ids])
    await database.close()


class TestProxy:
    async def test_plain_http_is_sent_to_https(self, fleet):
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"http://127.0.0.1:{fleet.ports['plain']}/vehicles?state=sold")
        assert answer.status_code == 308
        assert answer.headers["location"].endswith("/vehicles?state=sold")

    async def test_metrics_stay_inside(self, fleet):
        async with fleet.client() as client:
            assert (await client.get("/metrics")).status_code == 404

    async def test_cookies_are_bound_to_this_host_over_tls(self, fleet):
        async with fleet.client() as client:
            answer = await client.get("/sign-in")
        assert answer.headers["strict-transport-security"].startswith("max-age=")

    async def test_a_client_does_not_choose_its_address(self, fleet):
        claims = {"x-forwarded-for": "198.51.100.9"}
        statuses = []
        async with fleet.client() as client:
            for number in range(62):
                body = {"email": f"none{number}@example.test", "password": "wrong"}
                claims["x-forwarded-for"] = f"198.51.100.{number}"
                statuses.append((await client.post("/api/v1/auth/tokens", json=body, headers=claims)).status_code)
        assert statuses[-1] == 429
