import asyncio

import pytest

from search import bulk
from search.bulk import BulkWriter, Write, encode
from search.drift import Held, count_held, list_held
from search.errors import SearchUnavailable
from search.finder import find
from search.indexes import Indexes
from search.query import Stage, build_query
from search.text import read_text
from tests.search.samples import APPLICATIONS, CUSTOMERS, EVERYTHING, VEHICLES, application, customer, vehicle

VIN = "TMBJJ7NE8L0123456"


async def found_ids(indexes: Indexes, text: str, kind=VEHICLES) -> list[str]:
    await indexes.refresh(kind)
    found = await find(indexes, text, kinds=(kind,), grants=EVERYTHING)
    return [hit.id for group in found.groups for hit in group.hits]


async def block(indexes: Indexes, kind, name: str, *, is_on: bool):
    await indexes.client.command(
        "PUT", f"/{indexes.names.live(kind)}/_settings", {"index.blocks": {name: is_on or None}}
    )


class TestVersions:
    @pytest.mark.fault("F15", "a bulk item is answered 409 (a newer document is there)")
    async def test_a_repeat_and_an_older_version_are_stale(self, indexes: Indexes):
        new = vehicle("v-order", "Skoda Superb", "700 NEW", VIN, version=7)
        old = vehicle("v-order", "Skoda Rapid", "700 OLD", VIN, version=6)
        assert (await indexes.write(VEHICLES, [new])).written == 1
        outcome = await indexes.write(VEHICLES, [new, old])
        assert (outcome.written, outcome.stale, outcome.quarantined) == (0, 2, ())
        assert await found_ids(indexes, "superb") == ["v-order"]
        assert await found_ids(indexes, "rapid") == []

    async def test_order_in_one_batch_does_not_matter(self, indexes: Indexes):
        versions = [vehicle("v-batch", f"Audi A{n}", f"80{n} AUD", VIN, version=n) for n in (2, 4, 3, 1)]
        outcome = await indexes.write(VEHICLES, versions)
        assert (outcome.written, outcome.stale) == (2, 2)
        assert await found_ids(indexes, "audi a4") == ["v-batch"]


class TestTombstones:
    @pytest.mark.fault("F29", "an older document comes after its tombstone")
    async def test_an_older_event_after_a_delete_stays_deleted(self, indexes: Indexes):
        live = vehicle("v-gone", "Saab 9000", "900 SAB", VIN, version=4)
        await indexes.write(VEHICLES, [live])
        assert await found_ids(indexes, "saab") == ["v-gone"]
        before = await count_held(indexes, VEHICLES)
        await indexes.write(VEHICLES, [Write("v-gone", 5, None)])
        assert await found_ids(indexes, "saab") == []
        outcome = await indexes.write(VEHICLES, [live])
        assert outcome.stale == 1
        assert await found_ids(indexes, "900 sab") == []
        assert await count_held(indexes, VEHICLES) == before - 1
        assert Held("v-gone", 5, is_deleted=True) in [held async for held in list_held(indexes, VEHICLES)]

    async def test_are_left_out_of_every_query(self, indexes: Indexes):
        await indexes.write(VEHICLES, [Write("v-tomb", 1, None)])
        await indexes.refresh(VEHICLES)
        query = {"query": build_query(read_text(""), Stage.STRICT, [{"term": {"id": "v-tomb"}}])}
        answer = await indexes.client.command("POST", f"/{indexes.names.live(VEHICLES)}/_search", query)
        assert answer["hits"]["hits"] == []

    async def test_a_tombstone_that_arrives_first_wins(self, indexes: Indexes):
        await indexes.write(VEHICLES, [Write("v-first", 2, None)])
        await indexes.write(VEHICLES, [vehicle("v-first", "Lada Niva", "901 LAD", VIN, version=1)])
        assert await found_ids(indexes, "niva") == []

    async def test_a_newer_version_brings_it_back(self, indexes: Indexes):
        await indexes.write(VEHICLES, [Write("v-back", 2, None)])
        await indexes.write(VEHICLES, [vehicle("v-back", "Tatra 613", "902 TAT", VIN, version=3)])
        assert await found_ids(indexes, "tatra") == ["v-back"]


class TestQuarantine:
    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"unknown_field": 1}, "strict_dynamic_mapping_exception"),
            ({"odometer_km": "far"}, "mapper_parsing_exception"),
            ({"odometer_km": 12.5}, "mapper_parsing_exception"),
            ({"updated_at": "yesterday"}, "mapper_parsing_exception"),
        ],
    )
    @pytest.mark.fault("F15", "a bulk item is answered 400 (refused by the mapping)")
    async def test_only_that_document(self, indexes: Indexes, fields, reason):
        good = [vehicle(f"v-good-{reason}-{n}", "Fiat Panda", f"30{n} FIA", VIN) for n in range(2)]
        bad = vehicle("v-bad", "Fiat Uno", "309 FIA", VIN, **fields)
        outcome = await indexes.write(VEHICLES, [good[0], bad, good[1]])
        assert outcome.total == 3
        assert [(held.id, held.version) for held in outcome.quarantined] == [("v-bad", 1)]
        assert reason in outcome.quarantined[0].reason
        assert await found_ids(indexes, "fiat uno") != ["v-bad"]


class TestBlocked:
    @pytest.mark.parametrize(("kind", "name"), [(CUSTOMERS, "read_only_allow_delete"), (APPLICATIONS, "read_only")])
    @pytest.mark.fault("F14", "bulk items are answered 403 or 429 for a while")
    async def test_waits_until_writes_are_taken_again(self, indexes: Indexes, kind, name):
        writes = {
            CUSTOMERS: [
                customer(f"c-{n}", "Blocked Person", f"CU-{n}", f"p{n}@example.org", f"+37250000{n:03}")
                for n in range(20)
            ],
            APPLICATIONS: [application(f"a-{n}", f"AP-{n}", "Blocked Person", 5_000) for n in range(20)],
        }[kind]
        await block(indexes, kind, name, is_on=True)
        task = asyncio.create_task(indexes.write(kind, writes))
        await asyncio.sleep(0.4)
        assert not task.done()
        assert await found_ids(indexes, "blocked", kind) == []
        await block(indexes, kind, name, is_on=False)
        outcome = await task
        assert outcome.written == 20
        assert outcome.retried >= 20
        assert len(await found_ids(indexes, "blocked", kind)) == 5

    async def test_gives_up_after_its_time(self, indexes: Indexes):
        write = vehicle("v-blocked", "Seat Leon", "400 SEA", VIN)
        await block(indexes, VEHICLES, "read_only_allow_delete", is_on=True)
        try:
            writer = BulkWriter(indexes.client, retry_seconds=0.5)
            with pytest.raises(SearchUnavailable, match="takes no writes"):
                await writer.write(indexes.names.live(VEHICLES), [write], [encode(write, "vehicle")])
        finally:
            await block(indexes, VEHICLES, "read_only_allow_delete", is_on=False)


class TestLoad:
    async def test_writes_a_stream_in_batches_and_reports(self, indexes: Indexes, monkeypatch):
        monkeypatch.setattr(bulk, "BATCH_DOCUMENTS", 100)

        async def stream():
            for n in range(1_050):
                yield customer(f"s-{n}", "Stream Person", f"CU-S{n}", f"s{n}@example.org", f"+3725100{n:04}")

        heard: list[int] = []
        writer = BulkWriter(indexes.client)
        before = await count_held(indexes, CUSTOMERS)
        outcome = await writer.load(indexes.names.live(CUSTOMERS), "customer", stream(), progress=heard.append)
        await indexes.refresh(CUSTOMERS)
        assert (outcome.written, outcome.total) == (1_050, 1_050)
        assert await count_held(indexes, CUSTOMERS) == before + 1_050
        assert heard == sorted(heard)
        assert heard[-1] == 1_050

    async def test_a_failing_stream_is_closed_and_raised(self, indexes: Indexes, monkeypatch):
        monkeypatch.setattr(bulk, "BATCH_DOCUMENTS", 10)
        is_closed = False

        async def stream():
            nonlocal is_closed
            try:
                for n in range(25):
                    yield customer(f"f-{n}", "Failing", f"CU-F{n}", f"f{n}@example.org", f"+3725200{n:04}")
                raise LookupError("the database went away")
            finally:
                is_closed = True

        with pytest.raises(LookupError):
            await BulkWriter(indexes.client).load(indexes.names.live(CUSTOMERS), "customer", stream())
        assert is_closed
