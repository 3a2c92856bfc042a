"""Driver connections for units of work: no connect, ping or answer is awaited without a limit.

The drivers wait for a server that hangs as long as it hangs; a pool of such connections then keeps every later request
waiting. The read pool has deadlines of its own around its statements.

An answer is taken as a whole: aiomysql awaits twice for each of its packets, which is half of what a booking costs.
"""

import asyncio
import time
from datetime import datetime
from typing import Any, Literal

import pymysql.err
from pymysql.constants import CR, FIELD_TYPE, SERVER_STATUS
from pymysql.converters import conversions
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.wire import Answer, Answering

CONNECT_SECONDS = 3
ANSWER_SECONDS = 15
"""Longer than any lock wait, shorter than a request's deadline."""
PING_SECONDS = 2.0
FRESH_SECONDS = 1.0
"""A connection that was answered as long ago is asked again before it is used."""
CONVERTERS = conversions | {FIELD_TYPE.DATETIME: datetime.fromisoformat, FIELD_TYPE.TIMESTAMP: datetime.fromisoformat}


class WholeResult:
    """What aiomysql's cursors look at after a statement, as its `MySQLResult` has it."""

    __slots__ = ("affected_rows", "description", "insert_id", "rows", "server_status", "warning_count")
    unbuffered_active = has_next = False

    def __init__(self, answer: Answer) -> None:
        end = answer.end
        self.server_status: int = end.server_status
        self.warning_count: int = end.warning_count
        if end.server_status & SERVER_STATUS.SERVER_MORE_RESULTS_EXISTS:
            raise ValueError("one statement has one answer")
        self.description = self.rows = self.insert_id = None
        if answer.description:
            self.description, self.rows = answer.description, answer.rows
            self.affected_rows = len(answer.rows)
        else:
            self.affected_rows, self.insert_id = end.affected_rows, end.insert_id


class TimedConnection(Answering):
    """aiomysql's connection; a server that stays silent counts as lost."""

    _answered = 0.0

    async def _connect(self) -> None:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await super()._connect()
        except TimeoutError:
            self.close()
            raise pymysql.err.OperationalError(CR.CR_CONN_HOST_ERROR, "The server does not answer a connect") from None

    async def ping(self, reconnect: bool = True) -> None:
        """Ask whether the server is there, unless it has answered just now and nobody has hung up since."""
        if time.monotonic() - self._answered < FRESH_SECONDS and self._is_open():
            return
        try:
            async with asyncio.timeout(PING_SECONDS):
                await super().ping(reconnect)
        except TimeoutError:
            raise self._lost() from None

    def _is_open(self) -> bool:
        reader = self._reader
        return reader is not None and not reader.at_eof() and reader.exception() is None

    async def _read_query_result(self, unbuffered: bool = False) -> None:
        if unbuffered:
            await super()._read_query_result(unbuffered)
            return
        self._result = None
        try:
            result = WholeResult(await self.read_answer())
        except asyncio.CancelledError:
            self._close_on_cancel()
            raise
        except pymysql.err.MySQLError:
            raise
        except Exception as error:
            self.close()  # the rest of the answer would be taken for the next one's
            raise pymysql.err.OperationalError(CR.CR_SERVER_LOST, f"An answer cannot be read: {error}") from error
        self._result, self._affected_rows = result, result.affected_rows
        self.server_status = result.server_status
        self._answered = time.monotonic()

    async def _read_ok_packet(self) -> Literal[True]:
        await self._read_query_result()
        return True

    async def _read_piece(self) -> bytes:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                piece = await super()._read_piece()
        except TimeoutError:
            raise self._lost() from None
        except OSError as error:
            self.close()
            raise pymysql.err.OperationalError(CR.CR_SERVER_LOST, f"The connection was lost: {error}") from error
        if not piece:
            self.close()
        return piece

    async def _read_bytes(self, num_bytes: int) -> bytes:
        """What a sign-in and an unbuffered answer are read by."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await super()._read_bytes(num_bytes)
        except TimeoutError:
            raise self._lost() from None

    def _lost(self) -> pymysql.err.OperationalError:
        self.close()
        return pymysql.err.OperationalError(CR.CR_SERVER_LOST, "The server did not answer in time")


def connect_arguments(url: str | URL, setup: str) -> dict[str, Any]:
    """What the engine gives to the driver of this address."""
    arguments: dict[str, Any] = {"init_command": setup, "connect_timeout": CONNECT_SECONDS}
    if is_asyncmy(url):
        arguments["read_timeout"] = ANSWER_SECONDS
    return arguments


def use_timed_connections(engine: AsyncEngine) -> None:
    """Have the engine's pool make connections that have deadlines; asyncmy has its own."""
    if is_asyncmy(engine.url):
        return

    @event.listens_for(engine.sync_engine, "do_connect")
    def with_deadlines(_dialect: Any, _record: Any, _positional: list[Any], named: dict[str, Any]) -> None:
        named["async_creator_fn"] = _connected


def is_asyncmy(url: str | URL) -> bool:
    return make_url(url).drivername.endswith("asyncmy")


async def _connected(**options: Any) -> TimedConnection:
    return await TimedConnection.open(**options, conv=CONVERTERS)
