"""F3, F4: the database is killed, or hangs, under load."""

import asyncio
import signal
import time

import pytest

from app.core.deadline import REQUEST_SECONDS
from tests.faults.stack import Stack
from tests.faults.wholeness import assert_whole
from tests.plugins.tally import Tally

CLIENTS = 6
HEAL_SECONDS = 60.0
SHORT_HANG, FULL_HANG = 6.0, 20.0
KILLS, MANY_KILLS = 1, 5
PROBE_SECONDS = 10.0
"""How long readiness may take to say no."""
LONGEST_REQUEST_SECONDS = REQUEST_SECONDS + 5


class TestKilledDatabase:
    @pytest.mark.fault("F3", "MariaDB is killed and restarted under load")
    async def test_heals_and_loses_nothing(self, stack: Stack, tally: Tally, is_full: bool):
        async with stack.web() as web:
            load = await stack.load(web)
            async with load.running(CLIENTS) as record:
                for _ in range(MANY_KILLS if is_full else KILLS):
                    with tally:
                        await load.until(15, seconds=HEAL_SECONDS)
                        stack.mariadb.identity.signal(signal.SIGKILL)
                        await web.until("/health/ready", 503, seconds=PROBE_SECONDS)
                        assert await web.status("/health/live") == 200
                        await asyncio.sleep(0.5)
                        await asyncio.to_thread(stack.mariadb.start_again)
                        await web.until("/health/ready", 200, seconds=HEAL_SECONDS)
                        failed = record.answers[503]
                        await load.until(4 * CLIENTS, seconds=HEAL_SECONDS)
                        assert record.answers[503] - failed <= 2 * CLIENTS, "stale connections failed again and again"
            assert record.wrong == []
            assert record.broken == [], "a request got no answer"
            assert record.without_retry_after == 0
            assert record.slowest < LONGEST_REQUEST_SECONDS
            async with stack.database() as database:
                await assert_whole(database, record.acknowledged)


class TestHangingDatabase:
    @pytest.mark.fault("F4", "MariaDB hangs under load")
    async def test_deadlines_fire_and_it_heals(self, stack: Stack, is_full: bool):
        async with stack.web() as web:
            load = await stack.load(web)
            async with load.running(CLIENTS) as record:
                await load.until(15, seconds=HEAL_SECONDS)
                began = time.monotonic()
                stack.mariadb.identity.signal(signal.SIGSTOP)
                try:
                    await web.until("/health/ready", 503, seconds=PROBE_SECONDS)
                    assert await web.status("/health/live") == 200
                    await asyncio.sleep(max(0.0, (FULL_HANG if is_full else SHORT_HANG) + began - time.monotonic()))
                    assert await web.status("/health/live") == 200
                finally:
                    stack.mariadb.identity.signal(signal.SIGCONT)
                await web.until("/health/ready", 200, seconds=HEAL_SECONDS)
                await load.until(4 * CLIENTS, seconds=HEAL_SECONDS)
            assert record.wrong == []
            assert record.broken == []
            assert record.without_retry_after == 0
            assert record.slowest < LONGEST_REQUEST_SECONDS, "a request outlived its deadline"
            if is_full:
                assert record.answers[503] > 0, "nobody was told"
            async with stack.database() as database:
                await assert_whole(database, record.acknowledged)
