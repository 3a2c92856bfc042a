"""A database over one connection: what a test writes is seen by every session and read of it, and rolled back."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.core.db import Database
from app.core.read_pool import CONVERTERS, ReadPool


class SharedReads(ReadPool):
    """The read pool's statements on the connection of the test's transaction."""

    def __init__(self, driver_connection: Any) -> None:
        self._connection = driver_connection
        self._lock = asyncio.Lock()

    async def run(self, sql: str, parameters: Sequence[Any], take: Callable[[Any, Any], Any]) -> Any:
        async with self._lock:
            before = self._connection.decoders
            self._connection.decoders = {kind: decode for kind, decode in CONVERTERS.items() if isinstance(kind, int)}
            try:
                async with self._connection.cursor() as cursor:
                    await cursor.execute(sql, tuple(parameters) or None)
                    return take(cursor, await cursor.fetchall())
            finally:
                self._connection.decoders = before

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[ReadPool]:
        yield self

    async def close(self) -> None:
        """The connection belongs to the test."""


class SharedConnection(Database):
    """Sessions join the outer transaction by savepoints."""

    def __init__(self, real: Database, connection: AsyncConnection, reads: ReadPool) -> None:
        super().__init__(real.engine, reads)
        self._connection = connection

    @classmethod
    @asynccontextmanager
    async def over(cls, real: Database) -> AsyncIterator[Self]:
        async with real.engine.connect() as connection:
            transaction = await connection.begin()
            raw = await connection.get_raw_connection()
            try:
                yield cls(real, connection, SharedReads(raw.driver_connection))
            finally:
                await transaction.rollback()

    def new_session(self) -> AsyncSession:
        return AsyncSession(bind=self._connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
