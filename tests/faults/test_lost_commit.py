"""F7: the connection is lost at COMMIT, before it arrived or after it was done; the key's row decides."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from app.core.invariants import Acknowledged
from app.settings import Settings
from tests.api.committing import Live, running_app
from tests.faults.wholeness import assert_whole
from tests.faults.wire import CommitLine, commit_line, through
from tests.plugins.tally import Tally

FEW, MANY = 4, 60


@pytest.fixture(scope="module", params=["aiomysql", "asyncmy"])
async def lossy(request: pytest.FixtureRequest, fault_settings: Settings) -> AsyncIterator[tuple[Live, CommitLine]]:
    """The application, reaching its database by a line that can lose a commit."""
    async with commit_line(fault_settings.database_url) as line:
        url = through(fault_settings.database_url, line.port).replace("aiomysql", request.param)
        async with running_app(fault_settings.model_copy(update={"database_url": url})) as live:
            yield live, line


async def create(client: httpx.AsyncClient, key: str | None) -> tuple[str, httpx.Response]:
    vehicle_id = str(uuid4())
    headers = {"idempotency-key": key} if key else {}
    return vehicle_id, await client.post(
        "/vehicles", json={"id": vehicle_id, "make": "Kia", "market": "EE"}, headers=headers
    )


async def count_created(live: Live, vehicle_id: str) -> int:
    rows = await live.database.primary.fetch(
        "SELECT COUNT(*) FROM audit_entry WHERE subject_id = %s AND action = 'vehicle.created'", (vehicle_id,)
    )
    return int(rows[0][0])


@pytest.mark.parametrize("moment", ["before", "after"])
class TestLostCommit:
    @pytest.mark.fault("F7", "connection lost at COMMIT, {moment} it applied ({lossy})")
    async def test_with_a_key_the_request_succeeds_once(self, lossy, moment, tally: Tally, is_full: bool):
        live, line = lossy
        promised: list[Acknowledged] = []
        async with await live.client("fleet_clerk") as client:
            for _ in range(MANY if is_full else FEW):
                before = line.lost
                line.lose_next(moment)
                with tally:
                    vehicle_id, answer = await create(client, str(uuid4()))
                    assert line.lost == before + 1, "no commit was lost"
                    assert answer.status_code == 201, answer.text
                    assert await count_created(live, vehicle_id) == 1
                    promised.append(Acknowledged("vehicle", vehicle_id, answer.json()["version"]))
        await assert_whole(live.database, promised)

    @pytest.mark.fault("F7", "connection lost at COMMIT, {moment} it applied, without a key ({lossy})")
    async def test_without_a_key_the_doubt_is_told(self, lossy, moment):
        live, line = lossy
        async with await live.client("fleet_clerk") as client:
            line.lose_next(moment)
            vehicle_id, answer = await create(client, None)
            assert (answer.status_code, answer.json()["code"]) == (503, "outcome_unknown")
            assert int(answer.headers["retry-after"]) > 0
            await asyncio.sleep(0.1)
            assert await count_created(live, vehicle_id) == (moment == "after")
        await assert_whole(live.database)

    @pytest.mark.fault("F7", "connection lost at COMMIT twice, {moment} it applied; the client repeats ({lossy})")
    async def test_lost_twice_the_client_repeats(self, lossy, moment):
        live, line = lossy
        key, vehicle_id = str(uuid4()), str(uuid4())
        body = {"id": vehicle_id, "make": "Kia", "market": "EE"}
        async with await live.client("fleet_clerk") as client:
            line.lose_next(moment, moment)
            first = await client.post("/vehicles", json=body, headers={"idempotency-key": key})
            line.lose_next()
            again = await client.post("/vehicles", json=body, headers={"idempotency-key": key})
            assert first.status_code == (503 if moment == "before" else 201), first.text
            assert again.status_code == 201, again.text
            assert await count_created(live, vehicle_id) == 1
        await assert_whole(live.database)
