"""F9: every connection is busy; who needs one is refused in time, and health still answers."""

import asyncio
import time
from contextlib import AsyncExitStack
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from app.core.db import POOL_SIZE, POOL_TIMEOUT_SECONDS
from app.core.read_pool import ACQUIRE_SECONDS
from tests.api.committing import BASE_URL, Live
from tests.faults.wholeness import assert_whole
from tests.plugins.tally import Tally

WAITING = 20
MARGIN_SECONDS = 5.0
"""Others may load the machine; what counts is that nobody waits for a statement's deadline."""
BODY = {"make": "Kia", "market": "EE"}


@pytest.mark.fault("F9", "all connections for units of work are busy")
async def test_writes_are_refused_in_time(live: Live, tally: Tally):
    async with await live.client("fleet_clerk") as client, AsyncExitStack() as busy:
        for _ in range(POOL_SIZE):
            session = await busy.enter_async_context(live.database.session())
            await session.execute(text("SELECT 1"))
        began = time.monotonic()
        answers = await asyncio.gather(
            *(client.post("/vehicles", json=BODY, headers={"idempotency-key": str(uuid4())}) for _ in range(WAITING)),
            _health(live),
        )
        took = time.monotonic() - began
    for answer in answers[:-1]:
        with tally:
            assert answer.status_code == 503, answer.text
            assert int(answer.headers["retry-after"]) > 0
    assert took < POOL_TIMEOUT_SECONDS + MARGIN_SECONDS
    assert answers[-1] == (200, 200)
    await assert_whole(live.database)


@pytest.mark.fault("F9", "all connections for reads are busy")
async def test_reads_are_refused_in_time(live: Live, tally: Tally):
    async with await live.client("fleet_clerk") as client:
        busy = [asyncio.create_task(live.database.reads.fetch("SELECT SLEEP(5)")) for _ in range(POOL_SIZE)]
        await asyncio.sleep(0.3)
        began = time.monotonic()
        answers = await asyncio.gather(*(client.get("/vehicles") for _ in range(WAITING)), _health(live))
        took = time.monotonic() - began
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)
        after = await client.get("/vehicles")
    for answer in answers[:-1]:
        with tally:
            assert answer.status_code == 503, answer.text
            assert int(answer.headers["retry-after"]) > 0
    assert took < ACQUIRE_SECONDS + MARGIN_SECONDS
    assert answers[-1] == (200, 200)
    assert after.status_code == 200
    await assert_whole(live.database)


async def _health(live: Live) -> tuple[int, int]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=live.app), base_url=BASE_URL) as client:
        alive, ready = await client.get("/health/live"), await client.get("/health/ready")
    return alive.status_code, ready.status_code
