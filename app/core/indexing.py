"""Keeps the search index equal to the rows: the consumer of events, the rebuild of a kind, and the comparison."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Final
from uuid import UUID

import msgspec
import structlog

from app.core.area import RecordKind
from app.core.db import SESSION_SETTINGS, Database, run_in_unit
from app.core.leases import held_lease
from app.core.outbox import positions
from app.core.outbox.consumer import ConsumerAway
from app.core.outbox.events import Event
from app.core.read_pool import ReadPool
from app.settings import Settings
from search.bulk import Write
from search.client import SearchClient
from search.drift import list_held
from search.errors import IndexMissing, SearchError, SearchUnavailable
from search.indexes import Indexes, IndexState, Reindexed
from search.kinds import SearchKind

CONSUMER: Final = "search"
REFRESH_SECONDS: Final = 0.1
LOAD_ROWS: Final = 1_000
LOADS_IN_FLIGHT: Final = 2
READ_CONNECTIONS: Final = 4
BEFORE_ALL_IDS: Final = "00000000-0000-0000-0000-000000000000"

log = structlog.get_logger(__name__)

Progress = Callable[[int], None]
Missing = Callable[[RecordKind], Awaitable[None]]


class Drift(msgspec.Struct, frozen=True):
    """How an index differs from its rows: rows without document, other versions, documents without row."""

    rows: int = 0
    missing: int = 0
    stale: int = 0
    extra: int = 0

    @property
    def is_clean(self) -> bool:
        return not (self.missing or self.stale or self.extra)


def indexes_for(search: SearchClient, settings: Settings) -> Indexes:
    """The indices of this installation on the cluster."""
    return Indexes(search, settings.search_namespace)


def primary_reads(settings: Settings) -> ReadPool:
    """A pool for reading what was just committed: a replica may lag behind the event that names a row."""
    return ReadPool(settings.database_url, size=READ_CONNECTIONS, setup=SESSION_SETTINGS)


def searchable(kinds: Sequence[RecordKind]) -> list[RecordKind]:
    """The kinds that have an index and can fill it."""
    return [kind for kind in kinds if kind.search and kind.load_documents]


class SearchIndexer:
    """The consumer of events that re-reads each named row once per batch and writes it with its version.

    A row that is gone becomes a tombstone one version above the event's. The event of a deletion carries the last
    version that the row had, so its tombstone is above every document; older events, seen late, stay at or below it.
    """

    name = CONSUMER
    is_state_based = True

    def __init__(
        self, indexes: Indexes, reads: ReadPool, kinds: Sequence[RecordKind], missing: Missing, *, refresh: bool = True
    ) -> None:
        self._indexes = indexes
        self._reads = reads
        self._kinds = {kind.model.record_kind: kind for kind in searchable(kinds)}
        self._missing = missing
        self._refreshers = {key: Refresher(indexes, _of(kind)) for key, kind in self._kinds.items()} if refresh else {}

    async def handle(self, events: Sequence[Event]) -> Mapping[UUID, str]:
        """Index the rows that the events name; a document that the mapping refuses fails its newest event only."""
        newest: dict[str, dict[str, Event]] = {}
        for event in events:
            if event.kind in self._kinds:
                newest.setdefault(event.kind, {})[str(event.record_id)] = event
        failed: dict[UUID, str] = {}
        for key, by_id in newest.items():
            try:
                failed.update(await self._index(self._kinds[key], by_id))
            except SearchUnavailable as error:
                raise ConsumerAway(str(error)) from error
        return failed

    async def _index(self, kind: RecordKind, by_id: Mapping[str, Event]) -> dict[UUID, str]:
        writes = await load_writes(self._reads, kind, list(by_id))
        loaded = {write.id for write in writes}
        writes += [
            Write(record_id, int(event.payload.get("version") or 0) + 1, None)
            for record_id, event in by_id.items()
            if record_id not in loaded
        ]
        try:
            outcome = await self._indexes.write(_of(kind), writes)
        except IndexMissing:
            await self._missing(kind)
            outcome = await self._indexes.write(_of(kind), writes)
        if refresher := self._refreshers.get(kind.model.record_kind):
            refresher.ask()
        return {by_id[refused.id].id: refused.reason for refused in outcome.quarantined}

    async def close(self) -> None:
        for refresher in self._refreshers.values():
            await refresher.close()


class Refresher:
    """Makes writes visible soon: at once after a pause, else every 100 ms as long as there is work."""

    def __init__(self, indexes: Indexes, kind: SearchKind) -> None:
        self._indexes = indexes
        self._kind = kind
        self._is_asked = False
        self._task: asyncio.Task[None] | None = None

    def ask(self) -> None:
        self._is_asked = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._refresh())

    async def _refresh(self) -> None:
        while self._is_asked:
            self._is_asked = False
            try:
                await self._indexes.refresh(self._kind)
            except SearchError as error:
                log.info("search.refresh_failed", kind=self._kind.name, reason=str(error))
            await asyncio.sleep(REFRESH_SECONDS)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})


async def load_writes(reads: ReadPool, kind: RecordKind, ids: Sequence[str]) -> list[Write]:
    """The rows that exist as documents with their versions."""
    assert kind.load_documents is not None
    writes: list[Write] = []
    for document in await kind.load_documents(reads, ids):
        version = int(document.pop("_version"))
        writes.append(Write(str(document["id"]), version, document))
    return writes


async def reindex(
    database: Database,
    search: Indexes,
    kind: RecordKind,
    progress: Progress | None = None,
    *,
    reads: ReadPool | None = None,
    worker: str = "reindex",
) -> Reindexed:
    """Build a kind's index anew from all rows and the tombstones there are, while live writes go to both; swap it in.

    Raises LeaseTaken when the same kind is being built already, ReindexRefused when too many rows are refused.
    """
    rows = reads or database.reads
    async with held_lease(database, f"reindex:{kind.key}", worker):
        done = await search.reindex(_of(kind), lambda: _rows_and_tombstones(rows, search, kind), progress=progress)
    await run_in_unit(database, lambda session: positions.release_kind(session, CONSUMER, kind.model.record_kind))
    return done


async def _rows_and_tombstones(reads: ReadPool, search: Indexes, kind: RecordKind) -> AsyncGenerator[Write]:
    async with aclosing(all_writes(reads, kind)) as writes:
        async for write in writes:
            yield write
    try:
        async for document in list_held(search, _of(kind), only_deleted=True):
            yield Write(document.id, document.version, None)
    except IndexMissing:
        return


async def all_writes(reads: ReadPool, kind: RecordKind) -> AsyncGenerator[Write]:
    """Every row of a kind as a document, with two loads in flight."""
    flying: deque[asyncio.Task[list[Write]]] = deque()
    after = BEFORE_ALL_IDS
    is_more = True
    try:
        while is_more or flying:
            while is_more and len(flying) < LOADS_IN_FLIGHT:
                page = await kind.list_ids(reads, after, LOAD_ROWS)
                is_more = len(page) == LOAD_ROWS
                if page:
                    after = page[-1][0]
                    ids = [record_id for record_id, _ in page]
                    flying.append(asyncio.create_task(load_writes(reads, kind, ids)))
            if flying:
                for write in await flying.popleft():
                    yield write
    finally:
        for task in flying:
            task.cancel()


async def drift(reads: ReadPool, search: Indexes, kind: RecordKind) -> Drift:
    """Compare versions of all rows with those of all documents; writes on their way count as stale."""
    held = {UUID(each.id).bytes: each.version async for each in list_held(search, _of(kind)) if not each.is_deleted}
    rows = missing = stale = 0
    after = BEFORE_ALL_IDS
    while page := await kind.list_ids(reads, after, LOAD_ROWS):
        after = page[-1][0]
        for record_id, version in page:
            found = held.pop(UUID(record_id).bytes, None)
            rows += 1
            missing += found is None
            stale += found is not None and found != version
    return Drift(rows, missing, stale, len(held))


async def prepare_indexes(indexes: Indexes, kinds: Sequence[RecordKind]) -> list[RecordKind]:
    """Make missing indices and name the kinds that must be built: new and empty, or of an older definition."""
    return [
        kind
        for kind in searchable(kinds)
        if await indexes.ensure(_of(kind)) in {IndexState.CREATED, IndexState.OUTDATED}
    ]


def _of(kind: RecordKind) -> SearchKind:
    assert kind.search is not None
    return kind.search
