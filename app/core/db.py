"""Connections, units of work and their repetition. The only place that commits."""

import asyncio
import copy
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Self, TypeVar

import msgspec
from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from app.core import metrics
from app.core.driver import connect_arguments, use_timed_connections
from app.core.errors import Unavailable
from app.core.read_pool import ReadPool
from app.settings import Settings

T = TypeVar("T")
Fence = Callable[[AsyncSession], Awaitable[None]]

ATTEMPTS = 5
POOL_SIZE = 12
POOL_TIMEOUT_SECONDS = 2.0
LOCK_WAIT_SECONDS = 5
SNAPSHOT_CHANGED, LOCK_WAIT_TIMEOUT, DEADLOCK = 1020, 1205, 1213
RETRYABLE = frozenset({SNAPSHOT_CHANGED, LOCK_WAIT_TIMEOUT, DEADLOCK})
HELD, WRITTEN, BEGINS = "forecourt_held", "forecourt_written", "forecourt_begins"
LOST = frozenset({1053, 1927, 2003, 2006, 2013, 2014})
DISK_FULL = frozenset({1021, 1026, 1030, 1114})
OVERLOADED = frozenset({1040, 1203, 1290, 1836, 1969})
"""Too many connections, a server that is read-only for now, and a statement that the server itself cut off."""
STATEMENT_SECONDS = 14
"""The server ends a statement by itself just before the driver would give the connection up."""
SESSION_SETTINGS = (
    "SET SESSION time_zone='+00:00', sql_mode='TRADITIONAL,ONLY_FULL_GROUP_BY', "
    f"innodb_lock_wait_timeout={LOCK_WAIT_SECONDS}"
)
IDLE_SECONDS = 15
"""The server ends a transaction in which nobody asks for anything: its process is stopped or cut off, and what it has
locked is wanted by others. Less than the deadline of a request and the lease of a job."""
_json = msgspec.json.Encoder()
UNIT_SETTINGS = f"{SESSION_SETTINGS}, max_statement_time={STATEMENT_SECONDS}, idle_transaction_timeout={IDLE_SECONDS}"


class OutcomeUnknown(Unavailable):
    """The connection was lost while the transaction was being committed: it may have been kept, or not."""

    code = "outcome_unknown"
    title = "It is not known whether this was saved"


def error_number(error: BaseException) -> int | None:
    """The server's or driver's error number behind a SQLAlchemy error."""
    if isinstance(error, DBAPIError) and error.orig is not None and error.orig.args:
        number = error.orig.args[0]
        return number if isinstance(number, int) else None
    return None


def is_retryable(error: BaseException) -> bool:
    """Whether repeating the whole unit of work can succeed: deadlock, lock wait, changed snapshot."""
    return error_number(error) in RETRYABLE


def is_connection_loss(error: BaseException) -> bool:
    """Whether the database went away, so that the person should simply try again."""
    if isinstance(error, PoolTimeoutError | TimeoutError):
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or error_number(error) in LOST or isinstance(error.orig, OSError)
    return False


def is_shortage(error: BaseException) -> bool:
    """Whether the server takes no work for now: its disk is full, or it has too much to do."""
    return error_number(error) in DISK_FULL | OVERLOADED


async def pause_before_retry(attempt: int) -> None:
    """Full jitter, doubling from 20 ms."""
    await asyncio.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - jitter is not a secret


class Database:
    """The engine for units of work and the pool for reads, both of one event loop."""

    def __init__(
        self, engine: AsyncEngine, reads: ReadPool, primary: ReadPool | None = None, probe: ReadPool | None = None
    ) -> None:
        self.engine = engine
        self.reads = reads
        self.primary = primary or reads
        """Reads that must not lag behind a replica: sessions, tokens, and who may do what."""
        self.probe = probe or self.primary
        """A connection for readiness alone, which is told even when all others are busy."""
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)
        self.fence: Fence | None = None

    @classmethod
    async def open(cls, settings: Settings, *, pool_size: int = POOL_SIZE) -> Self:
        """Prepare both pools; connections are made when they are first needed."""
        engine = create_async_engine(
            settings.database_url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=POOL_TIMEOUT_SECONDS,
            pool_pre_ping=True,
            pool_recycle=1800,
            pool_reset_on_return=None,  # sessions end their transactions themselves: no second ROLLBACK after a COMMIT
            isolation_level="READ COMMITTED",
            connect_args=connect_arguments(settings.database_url, UNIT_SETTINGS),
            json_serializer=_to_json,
            json_deserializer=msgspec.json.decode,
        )
        use_timed_connections(engine)
        event.listen(engine.sync_engine, "before_cursor_execute", _note_writes)
        primary = ReadPool(settings.database_url, size=pool_size, setup=SESSION_SETTINGS)
        replica = settings.database_read_url
        reads = ReadPool(replica, size=pool_size, setup=SESSION_SETTINGS) if replica else primary
        return cls(engine, reads, primary, ReadPool(settings.database_url, size=1, setup=SESSION_SETTINGS))

    def fenced(self, fence: Fence) -> Self:
        """The same database, whose units of work ask `fence` just before they commit; what it raises rolls back."""
        fenced = copy.copy(self)
        fenced.fence = fence
        return fenced

    def new_session(self) -> AsyncSession:
        """A session that nobody commits but `finish` or `unit`."""
        return self._sessions()

    @asynccontextmanager
    async def session(self) -> AsyncGenerator[AsyncSession]:
        """A session that is rolled back and closed at the end, for reading through the ORM."""
        session = self.new_session()
        try:
            yield session
        finally:
            await session.close()

    @asynccontextmanager
    async def unit(self) -> AsyncGenerator[AsyncSession]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        session = self.new_session()
        try:
            yield session
            if self.fence is not None:
                await self.fence(session)
            await session.commit()
        except BaseException:
            await session.rollback()
            raise
        finally:
            await session.close()

    async def close(self) -> None:
        """Give all connections back before the event loop ends."""
        await self.reads.close()
        await self.primary.close()
        await self.probe.close()
        await self.engine.dispose()


def hold(session: AsyncSession, record: Any) -> None:
    """Keep what was read until the unit ends: a session forgets what nobody holds, and would read it again."""
    session.info.setdefault(HELD, []).append(record)


def _to_json(value: Any) -> str:
    return _json.encode(value).decode()


def _note_writes(
    connection: Connection, _cursor: Any, statement: str, _parameters: Any, context: Any, _is_many: bool
) -> None:
    if not statement.startswith("SELECT"):
        connection.info[WRITTEN] = not (context and context.execution_options.get(BEGINS))


async def has_written(session: AsyncSession) -> bool:
    """Whether anything but reading was asked of the database in this unit since the statement marked `BEGINS`.

    A session whose flush was refused has written, and gives no connection until it is rolled back.
    """
    return not session.is_active or (await session.connection()).info.get(WRITTEN, True)


async def finish(session: AsyncSession) -> None:
    """Commit a request's unit of work. Raises OutcomeUnknown when the connection was lost on the way."""
    await session.flush()
    try:
        await session.commit()
    except DBAPIError as error:
        if is_connection_loss(error):
            raise OutcomeUnknown("Look whether it is there before you repeat it.") from error
        raise


async def run_in_unit(database: Database, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """Run `work` in one transaction; repeat it as a whole on 1020, 1205 and 1213, at most five times."""
    for attempt in range(ATTEMPTS):
        try:
            async with database.unit() as session:
                return await work(session)
        except OperationalError as error:
            if not is_retryable(error) or attempt == ATTEMPTS - 1:
                raise
        metrics.unit_repeats.inc()
        await pause_before_retry(attempt)
    raise Unavailable


@asynccontextmanager
async def security_transaction(database: Database) -> AsyncGenerator[AsyncSession]:
    """A short transaction of its own for what must survive a refused request."""
    async with database.unit() as session:
        yield session


__all__ = [
    "ATTEMPTS",
    "AsyncSession",
    "Database",
    "OutcomeUnknown",
    "error_number",
    "finish",
    "has_written",
    "hold",
    "is_connection_loss",
    "is_retryable",
    "is_shortage",
    "pause_before_retry",
    "run_in_unit",
    "security_transaction",
]
