"""F21, F30: clocks that are wrong, and workers that are asked to leave."""

import asyncio
import signal
import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import text

from app.core.jobs.queue import enqueue
from tests.api.committing import Live
from tests.core.waiting import until
from tests.faults.stack import Stack
from tests.faults.wholeness import assert_whole

HOUR = timedelta(hours=1)
LEAVE_SECONDS = 10.0
MARGIN_SECONDS = 5.0


@pytest.mark.fault("F21", "the application's clock is wrong by {hours} h")
@pytest.mark.parametrize("hours", [-1, 1])
async def test_expiry_follows_the_databases_clock(live: Live, hours: int):
    """Tokens, sessions, kept answers and leases are judged by the database, whatever this machine believes."""
    with time_machine.travel(datetime.now(UTC) + hours * HOUR, tick=True):
        async with await live.client("fleet_clerk") as client:
            headers = {"idempotency-key": f"clock-{hours}"}
            body = {"make": "Kia", "market": "EE"}
            first = await client.post("/vehicles", json=body, headers=headers)
            again = await client.post("/vehicles", json=body, headers=headers)
    assert first.status_code == 201, first.text
    assert again.content == first.content
    fetch = live.database.primary.fetch
    ((token_minutes,),) = await fetch(
        "SELECT ROUND(AVG(TIMESTAMPDIFF(MINUTE, UTC_TIMESTAMP(6), expires_at))) FROM api_token "
        "WHERE kind = 'access' AND created_at > UTC_TIMESTAMP(6) - INTERVAL 20 SECOND"
    )
    assert 13 <= int(token_minutes) <= 15
    for table in ("idempotent_answer", "outbox_event"):
        ((seconds_off,),) = await fetch(
            f"SELECT ABS(TIMESTAMPDIFF(SECOND, MAX(created_at), UTC_TIMESTAMP(6))) FROM {table}"
        )
        assert int(seconds_off) < 30, table
    (behind,) = await fetch(
        "SELECT COUNT(*) FROM outbox_event WHERE created_at < UTC_TIMESTAMP(6) - INTERVAL 50 MINUTE"
    )
    assert behind == (0,)
    await assert_whole(live.database)


@pytest.mark.fault("F30", "SIGTERM for a worker in the middle of its work")
async def test_a_worker_that_leaves_gives_everything_back(stack: Stack):
    async with stack.database() as database:
        with stack.program("-m", "tests.faults.slow_worker", name="worker") as (process, log):
            async with database.unit() as session:
                job = await enqueue(session, "faults.endless", {})
            job_id = str(job.id)

            async def is_running() -> bool:
                assert process.poll() is None, log.read_text()[-2000:]
                rows = await database.primary.fetch("SELECT state, progress_done FROM job WHERE id = %s", (job_id,))
                return rows[0][0] == "running" and rows[0][1] > 0

            await until(is_running, 180)
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            code = await asyncio.to_thread(process.wait, LEAVE_SECONDS + MARGIN_SECONDS)
            took = time.monotonic() - began
        assert code == 0, log.read_text()[-2000:]
        assert took < LEAVE_SECONDS + MARGIN_SECONDS
        fetch = database.primary.fetch
        assert await fetch("SELECT state, attempts FROM job WHERE id = %s", (job_id,)) == [("queued", 0)]
        assert await fetch("SELECT name FROM worker_lease WHERE lease_until IS NOT NULL") == []
        assert await fetch("SELECT name FROM worker_heartbeat") == []
        async with database.unit() as session:
            await session.execute(text("DELETE FROM job WHERE id = :id"), {"id": job_id})
        await assert_whole(database)
