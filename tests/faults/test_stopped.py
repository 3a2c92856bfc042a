"""F30: the processes are asked to stop while they work."""

import asyncio
import signal
import time
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from app.cli.web import DRAIN_SECONDS
from tests.factories.rental import make_vehicle
from tests.faults.stack import Stack
from tests.faults.wholeness import assert_whole
from tests.plugins.tally import Tally

CLIENTS = 6
ROUNDS, MANY_ROUNDS = 1, 8
MARGIN_SECONDS = 5.0
HELD_SECONDS = 1.5


class TestWeb:
    @pytest.mark.fault("F30", "SIGTERM for the web process under load")
    async def test_every_request_that_was_taken_is_answered(self, stack: Stack, tally: Tally, is_full: bool):
        for _ in range(MANY_ROUNDS if is_full else ROUNDS):
            async with stack.web() as web:
                load = await stack.load(web, keeps_connections=False)
                with tally:
                    async with load.running(CLIENTS) as record:
                        await load.until(20, seconds=60)
                        began = time.monotonic()
                        web.process.send_signal(signal.SIGTERM)
                        code = await asyncio.to_thread(web.process.wait, DRAIN_SECONDS + MARGIN_SECONDS)
                        took = time.monotonic() - began
                    assert record.broken == []
                    assert record.wrong == []
                    assert code == 0
                    assert took < DRAIN_SECONDS + MARGIN_SECONDS
                    async with stack.database() as database:
                        await assert_whole(database, record.acknowledged)

    @pytest.mark.fault("F30", "SIGTERM while a request waits for a lock")
    async def test_a_slow_request_is_still_answered(self, stack: Stack):
        token = await stack.token()
        async with stack.web() as web, stack.database() as database:
            async with database.unit() as session:
                vehicle = await make_vehicle(session)
            headers = {"authorization": f"Bearer {token}", "idempotency-key": str(uuid4())}
            async with httpx.AsyncClient(base_url=web.address, headers=headers, timeout=30) as client:
                async with database.session() as holder:
                    await holder.execute(
                        text("SELECT id FROM vehicle WHERE id = :id FOR UPDATE"), {"id": str(vehicle.id)}
                    )
                    path = f"/api/v1/vehicles/{vehicle.id}/block"
                    blocking = asyncio.create_task(client.post(path, json={"reason": "Scratch"}))
                    await asyncio.sleep(HELD_SECONDS)
                    web.process.send_signal(signal.SIGTERM)
                    await asyncio.sleep(HELD_SECONDS)
                    await holder.rollback()
                answer = await blocking
            assert answer.status_code == 201, answer.text
            assert await asyncio.to_thread(web.process.wait, DRAIN_SECONDS + MARGIN_SECONDS) == 0
            await assert_whole(database)
