"""A small pool of raw connections for lists: autocommit, last in first out, one await per read when idle.

Reads have no effect, so one whose connection turns out to be lost is repeated once on a new one.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any

import aiomysql
import asyncmy
from pymysql.constants import FIELD_TYPE
from pymysql.converters import conversions, convert_date
from sqlalchemy.engine import make_url

from app.core.errors import MalformedRequest, Unavailable
from app.core.wire import WireConnection

ACQUIRE_SECONDS = 2.0
STATEMENT_SECONDS = 10.0
SERVER_SECONDS = 9
"""The server ends a statement by itself before we stop waiting for it."""
CONNECT_SECONDS = 3
MOMENTS = frozenset({FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP})
STATEMENTS = 64
"""Prepared statements that asyncmy keeps for each connection."""
SNAPSHOTS = 4
"""How many walks over one moment a process makes at a time; each has a connection besides the pool's."""
LONGEST_MOMENT = len("2026-06-25 09:12:00.500000")
ILLEGAL_MIX_OF_COLLATIONS = 1267
LOST = frozenset({1053, 1927, 2006, 2013, 2014, 2055})

Row = tuple[Any, ...]


def iso_utc(text: str) -> str:
    """`2026-06-25 09:12:00.5` from the server as RFC 3339 with six digits: `2026-06-25T09:12:00.500000Z`."""
    if len(text) == LONGEST_MOMENT:
        return f"{text[:10]}T{text[11:]}Z"
    moment, _, fraction = text.partition(".")
    return f"{moment[:10]}T{moment[11:]}.{fraction:0<6}Z"


CONVERTERS = conversions | {
    FIELD_TYPE.DATETIME: iso_utc,
    FIELD_TYPE.TIMESTAMP: iso_utc,
    FIELD_TYPE.DATE: lru_cache(4_096)(convert_date),
}


class ConnectionLost(Unavailable):
    """The server closed the connection, or went away with it."""


class ReadPool:
    """Connections of our own, so that a cancelled request discards exactly the one it used."""

    def __init__(self, url: str, *, size: int, setup: str) -> None:
        self.url = url
        address = make_url(url)
        self._driver: Any = asyncmy if address.drivername.endswith("asyncmy") else aiomysql
        self._options: dict[str, Any] = {
            "host": address.host or "127.0.0.1",
            "port": address.port or 3306,
            "user": address.username or "",
            "password": address.password or "",
            "db": address.database,
            "charset": "utf8mb4",
            "autocommit": True,
            "init_command": f"{setup}, max_statement_time={SERVER_SECONDS}",
            "connect_timeout": CONNECT_SECONDS,
            "conv": CONVERTERS,
        }
        self._idle: list[Any] = []
        self._size = size
        self._places = asyncio.Semaphore(size)
        self._snapshots = asyncio.Semaphore(SNAPSHOTS)
        self._closed = False

    @property
    def in_use(self) -> int:
        """How many connections are lent at this moment."""
        return self._size - self._places._value  # noqa: SLF001

    async def fetch(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows of one statement. Raises Unavailable when no connection is free or the server is away."""
        return await self.run(sql, parameters, _rows)

    async def names(self, sql: str, parameters: Sequence[Any] = ()) -> tuple[list[str], list[Row]]:
        """Column names and rows, for statements written by hand such as EXPLAIN."""
        return await self.run(sql, parameters, _names_and_rows)

    async def run(self, sql: str, parameters: Sequence[Any], take: Callable[[Any, Any], Any]) -> Any:
        await _take_place(self._places)
        try:
            try:
                return await self._run_on(self._next_idle() or await self._connect(), sql, parameters, take)
            except ConnectionLost:
                return await self._run_on(await self._connect(), sql, parameters, take)
        finally:
            self._places.release()

    def _next_idle(self) -> Any:
        while self._idle:
            connection = self._idle.pop()
            if not _is_broken(connection):
                return connection
            connection.close()
        return None

    @asynccontextmanager
    async def snapshot(self) -> AsyncGenerator["ReadPool"]:
        """Reads of one moment, however long the block lasts; leaving it, also by cancellation, ends its connection."""
        await _take_place(self._snapshots)
        try:
            connection = await self._connect()
            try:
                reads = _Snapshot(self, connection)
                await reads.fetch("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                await reads.fetch("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
                yield reads
            finally:
                connection.close()
        finally:
            self._snapshots.release()

    async def _run_on(
        self, connection: Any, sql: str, parameters: Sequence[Any], take: Callable[[Any, Any], Any]
    ) -> Any:
        done = False
        try:
            result = await self.execute(connection, sql, parameters, take)
            done = True
        finally:
            if done and not self._closed:
                self._idle.append(connection)
            else:
                connection.close()
        return result

    async def execute(
        self, connection: Any, sql: str, parameters: Sequence[Any], take: Callable[[Any, Any], Any]
    ) -> Any:
        """One statement on a connection that the caller holds, and closes when this raises."""
        try:
            async with asyncio.timeout(STATEMENT_SECONDS), connection.cursor() as cursor:
                await cursor.execute(sql, tuple(parameters) or None)
                rows = await cursor.fetchall()
                return take(cursor, rows if self._driver is aiomysql else _with_texts(cursor, rows))
        except TimeoutError:
            raise Unavailable("The database did not answer in time.") from None
        except self._driver.OperationalError as error:
            if error.args and error.args[0] == ILLEGAL_MIX_OF_COLLATIONS:
                raise MalformedRequest("It has characters that cannot occur in what is looked for.") from error
            number = error.args[0] if error.args else None
            raise (ConnectionLost if number in LOST else Unavailable)("The database connection was lost.") from error
        except OSError as error:
            raise ConnectionLost("The database connection was lost.") from error

    async def _connect(self) -> Any:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                if self._driver is aiomysql:
                    return await WireConnection.open(**self._options)
                return await asyncmy.connect(**self._options, stmt_cache_size=STATEMENTS)
        except (TimeoutError, OSError, self._driver.OperationalError) as error:
            raise Unavailable("The database is not reachable.") from error

    async def close(self) -> None:
        """Close what is idle; busy connections close themselves when they are done."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()


class _Snapshot(ReadPool):
    """The pool's statements on one connection, whose transaction keeps its moment."""

    def __init__(self, pool: ReadPool, connection: Any) -> None:
        self._pool, self._connection = pool, connection

    async def run(self, sql: str, parameters: Sequence[Any], take: Callable[[Any, Any], Any]) -> Any:
        return await self._pool.execute(self._connection, sql, parameters, take)


async def _take_place(places: asyncio.Semaphore) -> None:
    if not places.locked():
        await places.acquire()
        return
    try:
        async with asyncio.timeout(ACQUIRE_SECONDS):
            await places.acquire()
    except TimeoutError:
        raise Unavailable("All connections for reading are busy.") from None


def _rows(cursor: Any, rows: Any) -> list[Row]:  # noqa: ARG001 - the shape that `take` has
    return list(rows)


def _names_and_rows(cursor: Any, rows: Any) -> tuple[list[str], list[Row]]:
    return [column[0] for column in cursor.description or ()], list(rows)


def _with_texts(cursor: Any, rows: Sequence[Row]) -> Sequence[Row]:
    """The rows of a prepared statement with moments as the text protocol gives them."""
    places = [place for place, column in enumerate(cursor.description or ()) if column[1] in MOMENTS]
    if not places:
        return rows
    found: list[Row] = []
    for row in rows:
        values = list(row)
        for place in places:
            if isinstance(values[place], datetime):
                values[place] = f"{values[place].isoformat(timespec='microseconds')}Z"
        found.append(tuple(values))
    return found


def _is_broken(connection: Any) -> bool:
    is_broken = getattr(connection, "_stream_broken", None)  # asyncmy
    if is_broken is not None:
        return bool(is_broken)
    reader = getattr(connection, "_reader", None)  # aiomysql
    return reader is None or reader.at_eof() or reader.exception() is not None
