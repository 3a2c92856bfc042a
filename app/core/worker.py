"""The background process: jobs and schedules, the relay of events, the search indexer, and its sign of life."""

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import Sequence
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version

import structlog
from sqlalchemy import Executable, delete
from sqlalchemy.dialects.mysql import insert
from sqlmodel import col

from app.core import idempotency, indexing
from app.core.area import JobKind, RecordKind
from app.core.backlog import keep_measuring
from app.core.database_clock import database_time
from app.core.db import Database, run_in_unit
from app.core.idempotency import IdempotentAnswer
from app.core.jobs.context import JobContext, JobRefused, LeaseLost
from app.core.jobs.models import Job, JobState, WorkerHeartbeat
from app.core.jobs.queue import enqueue
from app.core.jobs.runner import Ended, JobRunner
from app.core.leases import DatabaseTrouble, lead, wait_for
from app.core.outbox.consumer import Consumer, ConsumerLoop
from app.core.outbox.models import EventApplied
from app.core.outbox.positions import lease_name
from app.core.outbox.relay import RELAY, relay_events
from app.core.partners.client import Partners
from app.core.partners.keeping import forget_old
from app.core.reasons import reason_of
from app.settings import Settings
from search.client import SearchClient
from search.errors import SearchError
from search.indexes import Indexes

HEARTBEAT_SECONDS = 5.0
PREPARE_SECONDS = 5.0
KEEP_FINISHED = timedelta(days=30)
KEEP_APPLIED = timedelta(days=90)
KEEP_HEARTBEATS = timedelta(days=1)
REINDEX = "search.reindex"

log = structlog.get_logger(__name__)


async def run_worker(
    database: Database,
    search: SearchClient | None,
    settings: Settings,
    kinds: Sequence[RecordKind],
    job_kinds: Sequence[JobKind],
    stop: asyncio.Event,
    *,
    indexes: Indexes | None = None,
    consumers: Sequence[Consumer] = (),
    ended: Ended | None = None,
) -> None:
    """Work until `stop`, then drain within 10 s: running jobs end or are given back, and leases are free at once.

    Without a search client events wait for one. `indexes` names others than those of the settings' environment.
    """
    name = f"{socket.gethostname()[:80]}:{os.getpid()}:{secrets.token_hex(4)}"
    own_indexes = indexes or (indexing.indexes_for(search, settings) if search else None)
    reads = indexing.primary_reads(settings)
    indexer = _indexer(database, own_indexes, reads, kinds) if own_indexes else None
    fed = [*consumers, *([indexer] if indexer else [])]
    bells = [asyncio.Event() for _ in fed]
    partners = Partners(lambda: database, settings.opened_networks)
    jobs = [*job_kinds, HOUSEKEEPING, *([_reindexing(own_indexes, reads, kinds)] if own_indexes else [])]
    structlog.contextvars.bind_contextvars(worker=name)
    log.info("worker.started", jobs=len(jobs), consumers=[consumer.name for consumer in fed])
    try:
        async with asyncio.TaskGroup() as tasks:
            runner = JobRunner(database, search, settings, jobs, name, records=kinds, ended=ended, partners=partners)
            tasks.create_task(runner.run(stop))
            tasks.create_task(_beat(database, name, stop))
            tasks.create_task(keep_measuring(reads, stop))
            tasks.create_task(
                lead(database, RELAY, name, stop, lambda token: relay_events(database, token, stop, bells))
            )
            for consumer, bell in zip(fed, bells, strict=True):
                tasks.create_task(_feed(database, consumer, bell, name, stop))
            if own_indexes:
                tasks.create_task(_prepare(database, own_indexes, kinds, stop))
    finally:
        if indexer:
            await indexer.close()
        await partners.close()
        await reads.close()
        log.info("worker.stopped")


async def _feed(database: Database, consumer: Consumer, bell: asyncio.Event, name: str, stop: asyncio.Event) -> None:
    loop = ConsumerLoop(database, consumer, bell)
    await lead(database, lease_name(consumer.name), name, stop, lambda token: loop.run(token, stop))


def _indexer(
    database: Database, indexes: Indexes, reads: indexing.ReadPool, kinds: Sequence[RecordKind]
) -> indexing.SearchIndexer:
    async def missing(kind: RecordKind) -> None:
        await queue_reindex(database, kind)
        assert kind.search is not None
        await indexes.ensure(kind.search)

    return indexing.SearchIndexer(indexes, reads, kinds, missing)


async def queue_reindex(database: Database, kind: RecordKind) -> None:
    """Have the worker build a kind's index anew, once."""
    await run_in_unit(
        database,
        lambda session: enqueue(session, REINDEX, {"kind": kind.key}, unique_key=f"{REINDEX}:{kind.key}"),
    )


async def _prepare(database: Database, indexes: Indexes, kinds: Sequence[RecordKind], stop: asyncio.Event) -> None:
    """Make the indices as soon as the cluster answers, and queue the building of those that are new or outdated."""
    while not stop.is_set():
        try:
            for kind in await indexing.prepare_indexes(indexes, kinds):
                await queue_reindex(database, kind)
        except (SearchError, *DatabaseTrouble) as error:
            log.warning("search.not_prepared", reason=reason_of(error))
            await wait_for(stop, PREPARE_SECONDS)
        else:
            return


def _reindexing(indexes: Indexes, reads: indexing.ReadPool, kinds: Sequence[RecordKind]) -> JobKind:
    by_key = {kind.key: kind for kind in indexing.searchable(kinds)}

    async def run(context: JobContext) -> dict[str, object]:
        kind = by_key.get(context.payload["kind"])
        if kind is None:
            raise JobRefused(f"There is no searchable kind {context.payload['kind']}.")
        heard = ReindexProgress(context)
        done = await indexing.reindex(context.database, indexes, kind, heard.add, reads=reads)
        await context.progress(done.outcome.total, done.outcome.total)
        return {"index": done.index, "documents": done.outcome.total, "seconds": round(done.seconds, 2)}

    return JobKind(REINDEX, "Build a search index", run)


class ReindexProgress:
    """Brings the engine's synchronous count of documents to the job's row."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._writing: asyncio.Task[None] | None = None

    def add(self, total: int) -> None:
        """Hear how many documents are through; a count that comes while one is written is left out."""
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write(total))

    async def _write(self, total: int) -> None:
        try:
            await self._context.progress(total)
        except (LeaseLost, *DatabaseTrouble) as error:
            log.info("search.reindex_progress", reason=reason_of(error))


async def _housekeep(context: JobContext) -> None:
    """Delete finished jobs, kept answers, applied events, exchanges and heartbeats that nobody looks at."""
    finished = col(Job.state).in_([JobState.DONE, JobState.CANCELLED])
    old = (
        delete(Job).where(finished, col(Job.finished_at) < database_time(-KEEP_FINISHED)),
        delete(IdempotentAnswer).where(col(IdempotentAnswer.created_at) < database_time(-idempotency.KEPT)),
        delete(EventApplied).where(col(EventApplied.at) < database_time(-KEEP_APPLIED)),
        delete(WorkerHeartbeat).where(col(WorkerHeartbeat.at) < database_time(-KEEP_HEARTBEATS)),
    )
    for statement in old:
        await _run(context.database, statement)
    await forget_old(context.database)


HOUSEKEEPING = JobKind(
    "core.housekeeping", "Delete old records of background work", _housekeep, every=timedelta(hours=1)
)


async def _beat(database: Database, name: str, stop: asyncio.Event) -> None:
    """Write the worker's sign of life; a worker that leaves in order takes it away."""
    try:
        built = version("forecourt")
    except PackageNotFoundError:
        built = "unknown"
    beat = insert(WorkerHeartbeat).values(name=name, at=database_time(), version=built)
    beat = beat.on_duplicate_key_update(at=database_time(), version=built)
    while not stop.is_set():
        try:
            await _run(database, beat)
        except DatabaseTrouble as error:
            log.warning("worker.heartbeat_failed", reason=reason_of(error))
        await wait_for(stop, HEARTBEAT_SECONDS)
    with contextlib.suppress(*DatabaseTrouble):
        await _run(database, delete(WorkerHeartbeat).where(col(WorkerHeartbeat.name) == name))


async def _run(database: Database, statement: Executable) -> None:
    await run_in_unit(database, lambda session: session.execute(statement))
