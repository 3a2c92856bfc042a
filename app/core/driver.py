"""Driver connections for units of work: no connect, ping or answer is awaited without a limit.

The drivers wait for a server that hangs as long as it hangs; a pool of such connections then keeps every later request
waiting. The read pool has deadlines of its own around its statements.
"""

import asyncio
from typing import Any

import aiomysql.connection
import pymysql.err
from pymysql.constants import CR
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine

CONNECT_SECONDS = 3
ANSWER_SECONDS = 15
"""Longer than any lock wait, shorter than a request's deadline."""
PING_SECONDS = 2.0


class TimedConnection(aiomysql.connection.Connection):
    """aiomysql's connection; a server that stays silent counts as lost."""

    async def _connect(self) -> None:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await super()._connect()
        except TimeoutError:
            self.close()
            raise pymysql.err.OperationalError(CR.CR_CONN_HOST_ERROR, "The server does not answer a connect") from None

    async def ping(self, reconnect: bool = True) -> None:
        try:
            async with asyncio.timeout(PING_SECONDS):
                await super().ping(reconnect)
        except TimeoutError:
            raise self._lost() from None

    async def _read_bytes(self, num_bytes: int) -> bytes:
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
    connection = TimedConnection(**options)
    await connection._connect()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - as `aiomysql.connect` does
    return connection
