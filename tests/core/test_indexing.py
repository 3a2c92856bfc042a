import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any, ClassVar
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import select, text

from app.core import indexing
from app.core.area import JobKind, RecordKind
from app.core.database_clock import read_database_time
from app.core.db import Database
from app.core.events import OutboxEvent
from app.core.jobs.models import Job, JobState
from app.core.leases import LeaseTaken, held_lease
from app.core.outbox.feed import consumer_states, latest_position
from app.core.outbox.models import EventFailure
from app.core.read_pool import ReadPool
from app.core.records import Record
from app.core.worker import REINDEX, run_worker
from app.kit.ids import new_id
from app.settings import Settings
from search.bulk import Write
from search.client import SearchClient
from search.drift import list_held
from search.indexes import Indexes
from search.kinds import SearchKind
from tests.core.cuttable import CuttableLine
from tests.core.waiting import until

WIDGETS = SearchKind("widget")


class Widget(Record):
    record_kind: ClassVar[str] = "widget"


async def find(session: Any, record_id: UUID, actor: Any) -> None: ...


async def load_documents(reads: ReadPool, ids: Sequence[str]) -> list[dict[str, Any]]:
    places = ", ".join(["%s"] * len(ids))
    rows = await reads.fetch(f"SELECT id, version, name FROM widget WHERE id IN ({places})", ids)
    return [
        {"_version": version, "id": str(row_id), "kind": "widget", "title": name}
        | ({"unknown_field": name} if name.startswith("poison") else {})
        for row_id, version, name in rows
    ]


KIND = RecordKind(
    key="widget",
    title="Widget",
    plural="Widgets",
    icon="box",
    permission="widgets.read",
    model=Widget,
    address=lambda record_id: f"/widgets/{record_id}",
    name=lambda record: record.name,
    find=find,
    search=WIDGETS,
    load_documents=load_documents,
)


class Rows:
    """Writes widgets and their events, each in one committed transaction."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def create(self, name: str, count: int = 1) -> list[UUID]:
        ids = [new_id() for _ in range(count)]
        async with self.database.unit() as session:
            await session.execute(
                text("INSERT INTO widget VALUES (:id, 1, :name)"), [{"id": str(each), "name": name} for each in ids]
            )
            session.add_all([self.event(each, 1) for each in ids])
        return ids

    async def rename(self, widget: UUID, version: int, name: str) -> None:
        async with self.database.unit() as session:
            await session.execute(
                text("UPDATE widget SET version = :version, name = :name WHERE id = :id"),
                {"id": str(widget), "version": version, "name": name},
            )
            session.add(self.event(widget, version))

    async def delete(self, widget: UUID, version: int) -> None:
        async with self.database.unit() as session:
            await session.execute(text("DELETE FROM widget WHERE id = :id"), {"id": str(widget)})
            session.add(self.event(widget, version, "widget.deleted"))

    async def replay(self, widget: UUID, version: int) -> None:
        async with self.database.unit() as session:
            session.add(self.event(widget, version))

    def event(self, widget: UUID, version: int, kind: str = "widget.changed") -> OutboxEvent:
        payload = {"kind": "widget", "id": str(widget), "version": version}
        return OutboxEvent(aggregatetype="widget", aggregateid=widget, type=kind, payload=payload)


@pytest.fixture
async def line(opensearch_url: str) -> AsyncIterator[CuttableLine]:
    address = urlsplit(opensearch_url)
    line = CuttableLine(address.hostname or "127.0.0.1", address.port or 9200)
    await line.mend()
    yield line
    with contextlib.suppress(AssertionError):
        await line.cut()


@pytest.fixture
async def client(line: CuttableLine) -> AsyncIterator[SearchClient]:
    client = SearchClient(f"http://127.0.0.1:{line.port}")
    yield client
    await client.close()


@pytest.fixture
async def indexes(client: SearchClient, opensearch_url: str) -> AsyncIterator[Indexes]:
    namespace = f"indexing_{os.getpid()}"
    yield Indexes(client, namespace, swap_grace_seconds=0.1)
    direct = SearchClient(opensearch_url)
    await Indexes(direct, namespace).drop(WIDGETS)
    await direct.close()


@pytest.fixture
def rows(committing: Database) -> Rows:
    return Rows(committing)


@contextlib.asynccontextmanager
async def working(
    database: Database, settings: Settings, indexes: Indexes, *job_kinds: JobKind
) -> AsyncIterator[asyncio.Event]:
    stop = asyncio.Event()
    worker = asyncio.create_task(
        run_worker(database, indexes.client, settings, [KIND], job_kinds, stop, indexes=indexes)
    )
    try:
        yield stop
    finally:
        stop.set()
        await worker


async def held(indexes: Indexes) -> dict[str, tuple[int, bool]]:
    await indexes.refresh(WIDGETS)
    return {each.id: (each.version, each.is_deleted) async for each in list_held(indexes, WIDGETS)}


async def is_found(indexes: Indexes, widget: UUID, title: str) -> bool:
    query = {"query": {"bool": {"filter": [{"term": {"id": str(widget)}}, {"match": {"title": title}}]}}}
    answer = await indexes.client.command("POST", f"/{indexes.names.live(WIDGETS)}/_search", query)
    return answer["hits"]["total"]["value"] == 1


async def is_caught_up(database: Database) -> bool:
    async with database.session() as session:
        waiting = await session.scalar(text("SELECT count(*) FROM outbox_event WHERE position IS NULL"))
    states = {state.name: state for state in await consumer_states(database.reads)}
    last = await latest_position(database.reads)
    return not waiting and indexing.CONSUMER in states and states[indexing.CONSUMER].position == last


async def jobs_are_done(database: Database) -> bool:
    async with database.session() as session:
        jobs = (await session.execute(select(Job).where(Job.kind == REINDEX))).scalars().all()
    return bool(jobs) and all(job.state == JobState.DONE for job in jobs)


class TestIndexing:
    async def test_follows_creation_edit_and_deletion(
        self, committing: Database, committing_settings: Settings, indexes: Indexes, rows: Rows
    ):
        async with working(committing, committing_settings, indexes):
            kept, gone = await rows.create("octavia", 2)
            await rows.rename(kept, 2, "superb")
            await rows.delete(gone, 1)
            await until(lambda: is_caught_up(committing))
            assert await held(indexes) == {str(kept): (2, False), str(gone): (2, True)}
            assert await is_found(indexes, kept, "superb")
        assert (await indexing.drift(committing.reads, indexes, KIND)).is_clean

    @pytest.mark.fault("F29", "an older event comes after the deletion")
    async def test_an_older_event_after_the_deletion_changes_nothing(
        self, committing: Database, committing_settings: Settings, indexes: Indexes, rows: Rows
    ):
        async with working(committing, committing_settings, indexes):
            (widget,) = await rows.create("octavia")
            await rows.rename(widget, 2, "superb")
            await rows.delete(widget, 2)
            await until(lambda: is_caught_up(committing))
            await until(lambda: jobs_are_done(committing))
            await indexing.reindex(committing, indexes, KIND)
            await rows.replay(widget, 1)
            await until(lambda: is_caught_up(committing))
            assert await held(indexes) == {str(widget): (3, True)}
            outcome = await indexes.write(WIDGETS, [Write(str(widget), 2, {"id": str(widget), "kind": "widget"})])
            assert outcome.stale == 1

    @pytest.mark.fault("F26", "a document that the index refuses")
    async def test_a_poisonous_document_waits_alone_and_heals_with_its_row(
        self, committing: Database, committing_settings: Settings, indexes: Indexes, rows: Rows
    ):
        async with working(committing, committing_settings, indexes):
            (bad,) = await rows.create("poison")
            (good,) = await rows.create("octavia")
            await until(lambda: is_caught_up(committing))
            async with committing.session() as session:
                (failure,) = (await session.execute(select(EventFailure))).scalars()
            assert failure.aggregateid == bad
            assert "unknown_field" in failure.reason
            assert set(await held(indexes)) == {str(good)}
            await rows.rename(bad, 2, "superb")
            await until(lambda: is_caught_up(committing))
            assert set(await held(indexes)) == {str(good), str(bad)}
            async with committing.session() as session:
                assert list((await session.execute(select(EventFailure))).scalars()) == []

    @pytest.mark.fault("F11", "events come while OpenSearch is away")
    async def test_catches_up_after_an_outage_without_quarantine(
        self,
        committing: Database,
        committing_settings: Settings,
        indexes: Indexes,
        rows: Rows,
        line: CuttableLine,
    ):
        async with working(committing, committing_settings, indexes):
            (before,) = await rows.create("before")
            await until(lambda: is_caught_up(committing))
            await line.cut()
            during = await rows.create("during", 3)
            await asyncio.sleep(1)
            assert not await is_caught_up(committing)
            async with committing.session() as session:
                assert list((await session.execute(select(EventFailure))).scalars()) == []
            await line.mend()
            await until(lambda: is_caught_up(committing), 15)
            assert set(await held(indexes)) == {str(before), *map(str, during)}

    async def test_starts_while_search_is_away(
        self,
        committing: Database,
        committing_settings: Settings,
        indexes: Indexes,
        rows: Rows,
        line: CuttableLine,
        monkeypatch: pytest.MonkeyPatch,
    ):
        monkeypatch.setattr("app.core.worker.PREPARE_SECONDS", 0.3)
        await line.cut()
        async with working(committing, committing_settings, indexes):
            (widget,) = await rows.create("octavia")
            await asyncio.sleep(0.5)
            await line.mend()
            await until(lambda: is_caught_up(committing), 15)
            assert set(await held(indexes)) == {str(widget)}

    @pytest.mark.fault("F13", "an index of OpenSearch is lost")
    async def test_a_lost_index_is_built_again_from_all_rows(
        self, committing: Database, committing_settings: Settings, indexes: Indexes, rows: Rows
    ):
        async with working(committing, committing_settings, indexes):
            first = await rows.create("octavia", 5)
            await until(lambda: is_caught_up(committing))
            await until(lambda: jobs_are_done(committing))
            await indexes.drop(WIDGETS)
            (later,) = await rows.create("superb")
            await until(lambda: is_caught_up(committing))
            await until(lambda: jobs_are_done(committing))
            assert set(await held(indexes)) == {str(later), *map(str, first)}


class TestReindex:
    @pytest.mark.fault("F28", "reindex under writes of the worker")
    async def test_loses_nothing_that_is_written_meanwhile(
        self,
        committing: Database,
        committing_settings: Settings,
        indexes: Indexes,
        rows: Rows,
        monkeypatch: pytest.MonkeyPatch,
    ):
        monkeypatch.setattr(indexing, "LOAD_ROWS", 20)
        widgets = await rows.create("octavia", 300)
        async with working(committing, committing_settings, indexes):
            await until(lambda: is_caught_up(committing))
            await until(lambda: jobs_are_done(committing))
            building = asyncio.create_task(indexing.reindex(committing, indexes, KIND))
            number = 0
            while not building.done():
                number += 1
                await rows.rename(widgets[number % 300], number + 1, f"superb {number}")
                if number % 20 == 0:
                    await rows.create("kodiaq")
                    await rows.delete(widgets.pop(), number + 1)
                    widgets.insert(0, widgets[-1])
                await asyncio.sleep(0.001)
            done = await building
            await until(lambda: is_caught_up(committing))
            await indexes.refresh(WIDGETS)
            assert number > 20, "nothing was written meanwhile"
            assert done.outcome.total >= 280
            found = await indexing.drift(committing.reads, indexes, KIND)
            assert found.is_clean, found

    async def test_one_at_a_time(self, committing: Database, indexes: Indexes):
        async with held_lease(committing, "reindex:widget", "other"):
            with pytest.raises(LeaseTaken):
                await indexing.reindex(committing, indexes, KIND)


class TestDrift:
    async def test_counts_missing_stale_and_extra(self, committing: Database, indexes: Indexes, rows: Rows):
        await indexes.ensure(WIDGETS)
        same, stale, missing, buried = map(str, await rows.create("octavia", 4))
        extra, deleted = str(new_id()), str(new_id())

        def write(record_id: str, version: int) -> Write:
            return Write(record_id, version, {"id": record_id, "kind": "widget", "title": "octavia"})

        await indexes.write(WIDGETS, [write(same, 1), write(stale, 7), write(extra, 1)])
        await indexes.write(WIDGETS, [Write(deleted, 3, None), Write(buried, 2, None)])
        await indexes.refresh(WIDGETS)
        found = await indexing.drift(committing.reads, indexes, KIND)
        assert found == indexing.Drift(rows=4, missing=2, stale=1, extra=1)
        assert missing not in await held(indexes)


class TestWorker:
    async def test_shows_that_it_lives_and_leaves_nothing_behind(
        self, committing: Database, committing_settings: Settings, indexes: Indexes
    ):
        began = asyncio.Event()

        async def slow(context: Any) -> None:
            began.set()
            await asyncio.sleep(0.5)

        job = JobKind("test.slow", "Slow", slow)
        async with working(committing, committing_settings, indexes, job):
            async with committing.unit() as session:
                session.add(Job(kind=job.key, payload={}, run_at=await read_database_time(session)))
            await asyncio.wait_for(began.wait(), 5)
            async with committing.session() as session:
                assert await session.scalar(text("SELECT count(*) FROM worker_heartbeat")) == 1
            stopped_at = time.monotonic()
        assert time.monotonic() - stopped_at < 10
        async with committing.session() as session:
            assert await session.scalar(text("SELECT count(*) FROM worker_heartbeat")) == 0
            assert await session.scalar(text("SELECT count(*) FROM worker_lease WHERE lease_until IS NOT NULL")) == 0
            assert await session.scalar(text("SELECT count(*) FROM job WHERE state = 'running'")) == 0
            assert await session.scalar(text("SELECT state FROM job WHERE kind = 'test.slow'")) == "done"

    async def test_survives_a_database_that_goes_away(
        self, committing: Database, committing_settings: Settings, indexes: Indexes, rows: Rows
    ):
        address = urlsplit(committing_settings.database_url)
        line = CuttableLine(address.hostname or "127.0.0.1", address.port or 3306)
        await line.mend()
        far = address._replace(netloc=f"{address.username}:{address.password}@127.0.0.1:{line.port}").geturl()
        settings = committing_settings.model_copy(update={"database_url": far})
        database = await Database.open(settings)
        async with working(database, settings, indexes):
            (before,) = await rows.create("before")
            await until(lambda: is_caught_up(committing))
            await line.cut()
            (during,) = await rows.create("during")
            await asyncio.sleep(1)
            assert not await is_caught_up(committing)
            await line.mend()
            await until(lambda: is_caught_up(committing), 20)
            assert set(await held(indexes)) == {str(before), str(during)}
        await database.close()
        await line.cut()
