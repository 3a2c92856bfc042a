"""Units of work on connections that read an answer as a whole; tests/faults/ cuts and hangs them."""

import asyncio
from datetime import date, datetime
from decimal import Decimal

import pytest
import uvloop
from sqlalchemy import make_url, text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from app.core.db import Database, has_written, is_connection_loss
from app.core.idempotency import IdempotentAnswer
from tests.core.cuttable import CuttableLine


@pytest.fixture
async def database(settings):
    database = await Database.open(settings, pool_size=1)
    yield database
    await database.close()


async def one(database: Database, sql: str, **values: object):
    async with database.session() as session:
        return tuple((await session.execute(text(sql), values)).one())


class TestAnswers:
    async def test_every_length_and_type(self, database):
        found = await one(
            database,
            "SELECT :name, 7, NULL, CAST('2026-06-25 09:12:00.5' AS DATETIME(6)), CAST('2026-06-25' AS DATETIME), "
            "REPEAT('š', 200), REPEAT('y', 300000), '', UNHEX('00FF'), CAST(1.50 AS DECIMAL(5,2)), "
            "CAST('2026-06-25' AS DATE), CAST(2.5E0 AS DOUBLE), -7, CAST(18446744073709551615 AS UNSIGNED)",
            name="Škoda 100 % :x",
        )
        moments = (datetime(2026, 6, 25, 9, 12, 0, 500_000), datetime(2026, 6, 25))  # noqa: DTZ001 - as the driver gives them
        texts = ("š" * 200, "y" * 300_000, "")
        numbers = (b"\x00\xff", Decimal("1.50"), date(2026, 6, 25), 2.5, -7, 2**64 - 1)
        assert found == ("Škoda 100 % :x", 7, None, *moments, *texts, *numbers)

    async def test_as_many_rows_as_there_are(self, database):
        async with database.session() as session:
            rows = (await session.execute(text("SELECT seq, REPEAT('x', 90) FROM seq_1_to_20000"))).all()
            none = (await session.execute(text("SELECT 1 FROM DUAL WHERE 1 = 0"))).all()
        assert ([row[0] for row in rows], none) == (list(range(1, 20_001)), [])

    async def test_more_columns_than_one_packet_describes(self, database):
        columns = ", ".join(f"{number} AS c{number}" for number in range(700))
        assert await one(database, f"SELECT {columns}") == tuple(range(700))

    async def test_tells_how_many_rows_were_changed_and_gives_back_what_was_asked(self, database):
        async with database.session() as session:
            await session.execute(text("CREATE TEMPORARY TABLE kept (id INT AUTO_INCREMENT PRIMARY KEY, n INT UNIQUE)"))
            made = await session.execute(text("INSERT INTO kept (n) VALUES (1), (2), (3) RETURNING id, n"))
            assert made.all() == [(1, 1), (2, 2), (3, 3)]
            changed = await session.execute(text("UPDATE kept SET n = n + 10 WHERE n > 1"))
            assert changed.rowcount == 2
            unchanged = await session.execute(text("UPDATE kept SET n = n WHERE n > 1"))
            assert unchanged.rowcount == 2, "rows that match are counted, as versions of records need it"

    async def test_refusals_keep_the_connection(self, database):
        async with database.session() as session:
            mine = (await session.execute(text("SELECT CONNECTION_ID()"))).scalar_one()
            await session.execute(text("CREATE TEMPORARY TABLE once (id INT PRIMARY KEY)"))
            await session.execute(text("INSERT INTO once VALUES (1)"))
            with pytest.raises(IntegrityError, match="Duplicate"):
                await session.execute(text("INSERT INTO once VALUES (1)"))
            with pytest.raises(ProgrammingError, match="no_such_table"):
                await session.execute(text("SELECT * FROM no_such_table"))
            assert (await session.execute(text("SELECT CONNECTION_ID()"))).scalar_one() == mine


class TestConnections:
    async def test_one_whose_answer_cannot_be_read_is_given_up(self, database):
        (mine,) = await one(database, "SELECT CONNECTION_ID()")
        async with database.session() as session:
            await session.execute(text("SET SESSION sql_mode = ''"))
            with pytest.raises(OperationalError, match="cannot be read: year 0"):
                await session.execute(text("SELECT CAST('0000-00-00' AS DATETIME), seq FROM seq_1_to_50000"))
        found = await one(database, "SELECT CONNECTION_ID(), 7")
        assert found[1] == 7
        assert found[0] != mine

    async def test_one_that_was_killed_just_now_is_replaced_before_it_is_used(self, database):
        (mine,) = await one(database, "SELECT CONNECTION_ID()")
        await database.reads.fetch(f"KILL {int(mine)}")
        await asyncio.sleep(0.05)
        assert await one(database, "SELECT CONNECTION_ID()") != (mine,)

    @pytest.mark.parametrize("driver", ["aiomysql", "asyncmy"])
    def test_one_that_was_reset_inside_a_unit_counts_as_lost(self, settings, driver):
        """On the loop that serves: it refuses to write to a connection that was reset, and asyncio's own does not."""
        address = make_url(settings.database_url).set(drivername=f"mariadb+{driver}")

        async def use() -> None:
            line = CuttableLine(address.host or "127.0.0.1", address.port or 3306)
            await line.mend()
            cuttable = address.set(host="127.0.0.1", port=line.port).render_as_string(hide_password=False)
            database = await Database.open(settings.model_copy(update={"database_url": cuttable}), pool_size=1)
            async with database.session() as session:
                await session.execute(text("SELECT 1"))
                await line.cut()
                with pytest.raises(OperationalError) as lost:
                    await session.execute(text("SELECT 2"))
                assert is_connection_loss(lost.value)
            await line.mend()
            assert await one(database, "SELECT 3") == (3,)
            await database.close()
            await line.cut()

        uvloop.run(use())

    async def test_one_that_answered_just_now_is_not_asked_whether_it_is_there(self, database):
        asked = (
            "SELECT variable_value FROM information_schema.session_status WHERE variable_name = 'COM_ADMIN_COMMANDS'"
        )
        before = await one(database, asked)
        await one(database, "SELECT 1")
        assert await one(database, asked) == before


class TestWriting:
    async def test_reading_is_no_writing(self, database):
        async with database.session() as session:
            await session.execute(text("SELECT 1"), execution_options={"forecourt_begins": True})
            await session.execute(text("SET @begun = 1"), execution_options={"forecourt_begins": True})
            await session.execute(text("SELECT 2"))
            assert not await has_written(session)
            await session.execute(text("SET @written = 1"))
            assert await has_written(session)

    async def test_a_flush_that_was_refused_is_writing(self, database):
        async with database.session() as session:
            await session.execute(text("SELECT 1"), execution_options={"forecourt_begins": True})
            session.add(IdempotentAnswer(key_hash="one", body_hash=""))
            await session.flush()
            session.expunge_all()
            session.add(IdempotentAnswer(key_hash="one", body_hash=""))
            with pytest.raises(IntegrityError):
                await session.flush()
            assert await has_written(session)
