"""Reads on connections of our own; tests/faults/test_cancelled.py cancels them."""

import asyncio
from datetime import date
from decimal import Decimal

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

    async def test_reads_every_length_and_type(self, pool):
        rows = await pool.fetch(
            "SELECT REPEAT('š', 200), REPEAT('y', 70000), '', UNHEX('00FF'), CAST(1.50 AS DECIMAL(5,2)), "
            "CAST('2026-06-25' AS DATE), CAST(2.5E0 AS DOUBLE), -7, CAST(18446744073709551615 AS UNSIGNED)"
        )
        assert rows == [
            ("š" * 200, "y" * 70_000, "", b"\x00\xff", Decimal("1.50"), date(2026, 6, 25), 2.5, -7, 2**64 - 1)
        ]

    async def test_reads_no_rows_and_no_result(self, pool):
        assert await pool.names("SELECT 1 AS one FROM DUAL WHERE 1 = 0") == (["one"], [])
        assert await pool.fetch("SET @nothing = 1") == []

    async def test_a_refused_statement_leaves_the_pool_whole(self, pool):
        with pytest.raises(Exception, match="no_such_table"):
            await pool.fetch("SELECT * FROM no_such_table")
        assert await pool.fetch("SELECT 1") == [(1,)]

    async def test_keeps_its_connection(self, pool):
        first = await pool.fetch("SELECT CONNECTION_ID()")
        assert await pool.fetch("SELECT CONNECTION_ID()") == first

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


async def test_rows_larger_than_a_packet(database_url):
    pool = ReadPool(database_url, size=1, setup=SESSION_SETTINGS)
    rows = await pool.fetch("SELECT REPEAT('x', 17000000), 'after'")
    await pool.close()
    assert (len(rows[0][0]), rows[0][1]) == (17_000_000, "after")


def test_moments_have_six_digits():
    assert iso_utc("2026-06-25 09:12:00") == "2026-06-25T09:12:00.000000Z"
    assert iso_utc("2026-06-25 09:12:00.123456") == "2026-06-25T09:12:00.123456Z"
