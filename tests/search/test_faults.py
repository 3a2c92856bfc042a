import asyncio
import time

import pytest

from search.breaker import SearchBreaker
from search.client import SearchClient
from search.errors import SearchUnavailable
from search.finder import find
from search.indexes import Indexes
from search.lists import ListQuery, search_list
from tests.search.proxy import proxy_for
from tests.search.samples import CUSTOMERS, EVERYTHING, KINDS, VEHICLES, customer

QUERY_SECONDS = 0.4
OPEN_SECONDS = 0.6


@pytest.fixture
async def fragile(sample: Indexes, opensearch_url: str):
    """The sample's indices, reached through a proxy that can stop answering."""
    async with proxy_for(opensearch_url) as proxy:
        client = SearchClient(proxy.url, query_seconds=QUERY_SECONDS, breaker=SearchBreaker(open_seconds=OPEN_SECONDS))
        try:
            yield proxy, Indexes(client, sample.names.namespace)
        finally:
            await client.close()


async def ids(indexes: Indexes, text: str = "octavia") -> set[str]:
    found = await find(indexes, text, kinds=KINDS, grants=EVERYTHING)
    return {hit.id for group in found.groups for hit in group.hits}


class TestSlow:
    @pytest.mark.fault("F12", "a search is slower than its deadline")
    async def test_the_deadline_holds_then_nobody_waits_then_it_heals(self, fragile):
        proxy, indexes = fragile
        assert "v-octavia" in await ids(indexes)
        proxy.passing.clear()
        for _ in range(3):
            began = time.monotonic()
            with pytest.raises(SearchUnavailable, match="no answer"):
                await ids(indexes)
            assert QUERY_SECONDS <= time.monotonic() - began < QUERY_SECONDS * 2
        began = time.monotonic()
        with pytest.raises(SearchUnavailable, match="a moment ago"):
            await search_list(indexes, VEHICLES, ListQuery(grants=EVERYTHING))
        assert time.monotonic() - began < 0.1
        proxy.passing.set()
        await asyncio.sleep(OPEN_SECONDS)
        assert "v-octavia" in await ids(indexes)
        assert not indexes.client.breaker.is_open

    async def test_all_stages_share_one_deadline(self, fragile):
        proxy, indexes = fragile
        task = asyncio.create_task(ids(indexes, "nothing like these wordds"))
        await asyncio.sleep(0)
        proxy.passing.clear()
        began = time.monotonic()
        with pytest.raises(SearchUnavailable):
            await task
        assert time.monotonic() - began < QUERY_SECONDS * 1.5

    @pytest.mark.fault("F12", "documents are written while OpenSearch hangs")
    async def test_writes_wait_it_out(self, fragile):
        proxy, indexes = fragile
        proxy.passing.clear()
        write = customer("c-late", "Late Writer", "CU-LATE99", "late@example.org", "+37259990000")
        task = asyncio.create_task(indexes.write(CUSTOMERS, [write]))
        await asyncio.sleep(0.3)
        assert not task.done()
        proxy.passing.set()
        assert (await task).total == 1
        await indexes.refresh(CUSTOMERS)
        assert await ids(indexes, "late writer") == {"c-late"}


class TestAway:
    @pytest.mark.fault("F11", "OpenSearch refuses connections")
    async def test_is_unavailable_and_counts(self, unused_tcp_port: int):
        client = SearchClient(f"http://127.0.0.1:{unused_tcp_port}")
        indexes = Indexes(client, "away")
        try:
            for _ in range(3):
                with pytest.raises(SearchUnavailable, match="no answer"):
                    await ids(indexes)
            with pytest.raises(SearchUnavailable, match="a moment ago"):
                await ids(indexes)
        finally:
            await client.close()


class TestPartial:
    @pytest.mark.fault("F13", "an index of OpenSearch is closed")
    async def test_a_closed_index_makes_the_finder_partial(self, sample: Indexes):
        live = sample.names.live(CUSTOMERS)
        await sample.client.command("POST", f"/{live}/_close")
        try:
            found = await find(sample, "octavia", kinds=KINDS, grants=EVERYTHING)
            assert found.partial
            assert {group.kind for group in found.groups} == {"vehicle", "application"}
            nothing = await find(sample, "zzzzzz", kinds=KINDS, grants=EVERYTHING)
            assert (nothing.groups, nothing.partial) == ((), True)
            certain = await find(sample, "482 bkt", kinds=KINDS, grants=EVERYTHING)
            assert certain.exact is None
        finally:
            await sample.client.command("POST", f"/{live}/_open", wait_for_active_shards="1")

    @pytest.mark.fault("F13", "a shard of OpenSearch is missing")
    async def test_a_missing_shard_makes_lists_and_finder_partial(self, sample: Indexes):
        live = sample.names.live(VEHICLES)
        red = f"{live}-99"
        nowhere = {"index": {"number_of_replicas": 0, "routing.allocation.require._name": "nowhere"}}
        content = {"settings": nowhere, "mappings": VEHICLES.mapping()}
        content["settings"]["analysis"] = await _analysis(sample)
        await sample.client.command("PUT", f"/{red}", content, wait_for_active_shards="0")
        try:
            await sample.client.command("POST", "/_aliases", {"actions": [{"add": {"index": red, "alias": live}}]})
            listed = await search_list(sample, VEHICLES, ListQuery(grants=EVERYTHING, text="octavia"))
            assert (listed.ids, listed.partial) == (("v-octavia",), True)
            found = await find(sample, "octavia", kinds=(VEHICLES,), grants=EVERYTHING)
            assert found.partial
        finally:
            await sample.client.command("DELETE", f"/{red}")
        listed = await search_list(sample, VEHICLES, ListQuery(grants=EVERYTHING, text="octavia"))
        assert not listed.partial


async def _analysis(indexes: Indexes):
    answer = await indexes.client.command("GET", f"/{indexes.names.live(VEHICLES)}/_settings")
    (held,) = answer.values()
    return held["settings"]["index"]["analysis"]
