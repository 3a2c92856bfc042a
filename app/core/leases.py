"""One worker at a time: leases by the database's clock, with a fencing token that grows each time one is taken."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import structlog
from sqlalchemy import BigInteger, String, or_, select, update
from sqlalchemy.dialects.mysql import insert
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from app.core.database_clock import database_time
from app.core.db import Database, run_in_unit
from app.core.errors import Unavailable
from app.core.reasons import reason_of
from app.core.records import UtcMicros, ascii_column

LEASE = timedelta(seconds=10)
RENEW_SECONDS = 2.5
TAKE_SECONDS = 1.0
LONGEST_DATABASE_PAUSE = 5.0
STOP_SECONDS = 8.0

DatabaseTrouble = (SQLAlchemyError, Unavailable, OSError, TimeoutError)

log = structlog.get_logger(__name__)


class WorkerLease(SQLModel, table=True):
    """Who leads a piece of work, and until when."""

    __tablename__ = "worker_lease"  # pyright: ignore[reportAssignmentType]

    name: str = Field(primary_key=True, sa_type=ascii_column(96))
    token: int = Field(default=0, sa_type=BigInteger, nullable=False)
    lease_until: datetime | None = Field(default=None, sa_type=UtcMicros)
    worker: str = Field(default="", sa_type=String(120), nullable=False)


class LeaseTaken(Exception):
    """Another worker has the lease."""


async def take_lease(session: AsyncSession, name: str, worker: str, *, again: bool = False) -> int | None:
    """Take a free or expired lease and return its new token; None while it is held.

    With `again` the worker may take what it already holds itself, after it lost its connection: the old token is void.
    """
    await session.execute(insert(WorkerLease).prefix_with("IGNORE").values(name=name, token=0, worker=""))
    is_free = or_(col(WorkerLease.lease_until).is_(None), col(WorkerLease.lease_until) < database_time())
    if again:
        is_free = or_(is_free, col(WorkerLease.worker) == worker)
    taken = await session.execute(
        update(WorkerLease)
        .where(col(WorkerLease.name) == name, is_free)
        .values(token=col(WorkerLease.token) + 1, lease_until=database_time(LEASE), worker=worker)
    )
    if not _changed(taken):
        return None
    return (await session.execute(select(col(WorkerLease.token)).where(col(WorkerLease.name) == name))).scalar_one()


async def renew_lease(session: AsyncSession, name: str, token: int) -> bool:
    """Prolong the lease; False when it is another's by now."""
    return await _set_lease(session, name, token, until=database_time(LEASE))


async def release_lease(session: AsyncSession, name: str, token: int) -> bool:
    """Let the next worker have the lease at once."""
    return await _set_lease(session, name, token, until=None)


async def require_lease(session: AsyncSession, name: str, token: int) -> None:
    """Hold the lease's row until the transaction ends. Raises LeaseTaken when the token is an old one."""
    row = select(col(WorkerLease.token)).where(col(WorkerLease.name) == name).with_for_update()
    if (await session.execute(row)).scalar_one_or_none() != token:
        raise LeaseTaken(name)


@asynccontextmanager
async def held_lease(database: Database, name: str, worker: str, *, again: bool = False) -> AsyncGenerator[int]:
    """Take a lease and keep it for the block, which is cancelled when it is lost. Raises LeaseTaken."""
    token = await run_in_unit(database, lambda session: take_lease(session, name, worker, again=again))
    if token is None:
        raise LeaseTaken(name)
    block = asyncio.current_task()
    assert block is not None
    keeper = asyncio.create_task(_keep(database, name, token, block))
    try:
        yield token
    except asyncio.CancelledError:
        if keeper.done() and not keeper.cancelled():
            block.uncancel()
            raise LeaseTaken(name) from None
        raise
    finally:
        keeper.cancel()
        try:
            await run_in_unit(database, lambda session: release_lease(session, name, token))
        except DatabaseTrouble as error:
            log.warning("lease.release_failed", lease=name, reason=reason_of(error))


async def _keep(database: Database, name: str, token: int, block: asyncio.Task[object]) -> None:
    loop = asyncio.get_running_loop()
    renewed_at = loop.time()
    while True:
        await asyncio.sleep(RENEW_SECONDS)
        began = loop.time()
        try:
            is_ours = await run_in_unit(database, lambda session: renew_lease(session, name, token))
        except DatabaseTrouble as error:
            log.warning("lease.renewal_failed", lease=name, reason=reason_of(error))
            is_ours = loop.time() - renewed_at < LEASE.total_seconds()
        else:
            renewed_at = began
        if not is_ours:
            log.warning("lease.lost", lease=name)
            block.cancel()
            return


async def lead(
    database: Database, name: str, worker: str, stop: asyncio.Event, work: Callable[[int], Awaitable[None]]
) -> None:
    """Run `work(token)` whenever this worker has the lease, until `stop`; it is expected to end by itself then.

    `worker` names one process and no other, which leads `name` only once.
    """
    pause = TAKE_SECONDS
    while not stop.is_set():
        try:
            async with held_lease(database, name, worker, again=True) as token:
                log.info("lease.taken", lease=name, token=token)
                pause = TAKE_SECONDS
                await _until_stopped(stop, work(token))
        except LeaseTaken:
            pause = TAKE_SECONDS
        except DatabaseTrouble as error:
            log.warning("lease.database_away", lease=name, reason=reason_of(error))
            pause = min(pause * 2, LONGEST_DATABASE_PAUSE)
        except Exception:
            log.exception("lease.work_failed", lease=name)
            pause = LONGEST_DATABASE_PAUSE
        await wait_for(stop, pause)


async def _until_stopped(stop: asyncio.Event, work: Awaitable[None]) -> None:
    """Await the work; after `stop` it has a few seconds left."""
    task = asyncio.ensure_future(work)
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            await asyncio.wait({task}, timeout=STOP_SECONDS)
    finally:
        stopped.cancel()
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
    if not task.cancelled():
        task.result()


async def wait_for(event: asyncio.Event, seconds: float) -> bool:
    """Wait until the event is set or the time is over; tells whether it was set."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


async def _set_lease(session: AsyncSession, name: str, token: int, *, until: object) -> bool:
    statement = (
        update(WorkerLease)
        .where(
            col(WorkerLease.name) == name, col(WorkerLease.token) == token, col(WorkerLease.lease_until).is_not(None)
        )
        .values(lease_until=until)
    )
    return _changed(await session.execute(statement))


def _changed(result: object) -> bool:
    assert isinstance(result, CursorResult)
    return result.rowcount == 1
