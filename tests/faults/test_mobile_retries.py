"""F25: a telephone that got no answer repeats its request: at once, later, much later, and with another body."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine

from app.core.idempotency import KEPT
from app.core.invariants import Acknowledged
from tests.api.committing import Live
from tests.faults.wholeness import assert_whole
from tests.plugins.tally import Tally

AT_ONCE = 10
FEW, MANY = 2, 20


async def sent(client, vehicle_id: str, key: str, **other):
    body = {"id": vehicle_id, "make": "Kia", "market": "EE", **other}
    return await client.post("/vehicles", json=body, headers={"idempotency-key": key})


async def effects(live: Live, vehicle_id: str) -> int:
    rows = await live.database.primary.fetch("SELECT COUNT(*) FROM audit_entry WHERE subject_id = %s", (vehicle_id,))
    return int(rows[0][0])


class TestMobileRetries:
    @pytest.mark.fault("F25", "ten copies of a request at once")
    async def test_ten_at_once_have_one_effect(self, live: Live, tally: Tally, is_full: bool):
        async with await live.client("fleet_clerk") as client:
            for _ in range(MANY if is_full else FEW):
                vehicle_id, key = str(uuid4()), str(uuid4())
                with tally:
                    answers = await asyncio.gather(*(sent(client, vehicle_id, key) for _ in range(AT_ONCE)))
                    assert {answer.status_code for answer in answers} <= {201, 409}
                    refusals = {answer.json()["code"] for answer in answers if answer.status_code == 409}
                    assert refusals <= {"in_flight"}
                    assert any(answer.status_code == 201 for answer in answers)
                    assert await effects(live, vehicle_id) == 1
                    later = await sent(client, vehicle_id, key)
                    assert (later.status_code, later.headers["idempotency-replayed"]) == (201, "true")
                    assert {answer.content for answer in answers if answer.status_code == 201} == {later.content}
        await assert_whole(live.database)

    @pytest.mark.fault("F25", "the same request after 25 h")
    async def test_after_a_day_the_first_answer_is_given(self, live: Live):
        vehicle_id, key = str(uuid4()), str(uuid4())
        async with await live.client("fleet_clerk") as client:
            first = await sent(client, vehicle_id, key)
            await live.database.primary.fetch(
                "UPDATE idempotent_answer SET created_at = created_at - INTERVAL 25 HOUR WHERE key_hash IS NOT NULL"
            )
            with time_machine.travel(datetime.now(UTC) + timedelta(hours=25), tick=True):
                again = await sent(client, vehicle_id, key)
        assert timedelta(hours=25) < KEPT
        assert again.content == first.content
        assert again.headers["idempotency-replayed"] == "true"
        assert await effects(live, vehicle_id) == 1
        await assert_whole(live.database, [Acknowledged("vehicle", vehicle_id, 1)])

    @pytest.mark.fault("F25", "the same key with another body")
    async def test_another_body_is_refused(self, live: Live):
        vehicle_id, key = str(uuid4()), str(uuid4())
        async with await live.client("fleet_clerk") as client:
            await sent(client, vehicle_id, key)
            other = await sent(client, vehicle_id, key, colour="red")
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
        assert await effects(live, vehicle_id) == 1
        await assert_whole(live.database)
