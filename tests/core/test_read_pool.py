"""Reads on connections of our own; tests/faults/test_cancelled.py cancels them."""

import asyncio

import pytest

from app.core.db import SESSION_SETTINGS
from app.core.errors import Unavailable
from app.core.read_pool import ReadPool, iso_utc

SIZE = 4


@pytest.fixture(params=["aiomysql", "asyncmy"])
async def pool(request, database_url):
    url = database_url.replace("aiomysql", request.param)
    pool = ReadPool(url, size=SIZE, setup=SESSION_SETTINGS)
    yield pool
    await pool.close()


class TestFetch:
    async def test_reads_text_numbers_nulls_and_moments(self, pool):
        rows = await pool.fetch("SELECT %s, 7, NULL, CAST('2026-06-25 09:12:00.5' AS DATETIME(6))", ("Škoda",))
        assert rows == [("Škoda", 7, None, "2026-06-25T09:12:00.500000Z")]

    async def test_a_closed_connection_is_replaced(self, pool):
        mine = (await pool.fetch("SELECT CONNECTION_ID()"))[0][0]
        killer = ReadPool(pool.url, size=1, setup=SESSION_SETTINGS)
        await killer.fetch(f"KILL {int(mine)}")
        await killer.close()
        await asyncio.sleep(0.05)
        assert (await pool.fetch("SELECT 1")) == [(1,)]

    async def test_nobody_waits_forever_for_a_place(self, database_url, monkeypatch):
        monkeypatch.setattr("app.core.read_pool.ACQUIRE_SECONDS", 0.05)
        pool = ReadPool(database_url, size=1, setup=SESSION_SETTINGS)
        slow = asyncio.create_task(pool.fetch("SELECT SLEEP(0.5)"))
        await asyncio.sleep(0.1)
        with pytest.raises(Unavailable, match="busy"):
            await pool.fetch("SELECT 1")
        await slow
        await pool.close()

    async def test_an_unreachable_server_is_unavailable(self):
        pool = ReadPool("mariadb+aiomysql://nobody:x@127.0.0.1:1/none", size=1, setup=SESSION_SETTINGS)
        with pytest.raises(Unavailable):
            await pool.fetch("SELECT 1")


def test_moments_have_six_digits():
    assert iso_utc("2026-06-25 09:12:00") == "2026-06-25T09:12:00.000000Z"
    assert iso_utc("2026-06-25 09:12:00.123456") == "2026-06-25T09:12:00.123456Z"
