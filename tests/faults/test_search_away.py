"""F11-F15: the search engine is down, slow, red, read-only, or refuses documents; pages go on and say so."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from app.core import indexing
from app.core.health import PROBE_SECONDS
from app.core.invariants import Acknowledged
from app.core.search_lists import AWAY, PARTIAL
from search.breaker import FAILURES, OPEN_SECONDS
from tests.core.waiting import until
from tests.faults.searching import CATCH_UP_SECONDS, Searched, new_plate, searched
from tests.faults.wholeness import assert_whole
from tests.plugins.tally import Tally

__all__ = ["searched"]

FEW_WRITES, MANY_WRITES = 4, 40
SHORT_DELAY, FULL_DELAY = 2.0, 10.0
NOTHING = "no such words"


@asynccontextmanager
async def down(searched: Searched) -> AsyncIterator[None]:
    await searched.line.cut()
    try:
        yield
    finally:
        await searched.line.mend()


@asynccontextmanager
async def hanging(searched: Searched) -> AsyncIterator[None]:
    searched.proxy.passing.clear()
    try:
        yield
    finally:
        searched.proxy.passing.set()


@asynccontextmanager
async def red(searched: Searched) -> AsyncIterator[None]:
    """The live alias also names an index whose shard is nowhere."""
    (held,) = (await searched.command("GET", f"/{searched.index}/_settings")).values()
    nowhere = {"number_of_replicas": 0, "routing.allocation.require._name": "nowhere"}
    settings = {"index": nowhere, "analysis": held["settings"]["index"]["analysis"]}
    content = {"settings": settings, "mappings": searched.vehicles.mapping()}
    lost = f"{searched.index}-99"
    await searched.command("PUT", f"/{lost}", content, wait_for_active_shards="0")
    try:
        (whole,) = await searched.command("GET", f"/_alias/{searched.index}")
        actions = [
            {"add": {"index": index, "alias": searched.index, "is_write_index": index == whole}}
            for index in (whole, lost)
        ]
        await searched.command("POST", "/_aliases", {"actions": actions})
        yield
    finally:
        await searched.command("DELETE", f"/{lost}")


def blocked(block: str) -> "Break":
    """What a cluster does to its indices: 429 when its disk is nearly full, 403 when somebody closes it for writes."""

    @asynccontextmanager
    async def read_only(searched: Searched) -> AsyncIterator[None]:
        path = f"/{searched.index}/_settings"
        await searched.command("PUT", path, {f"index.blocks.{block}": True})
        try:
            yield
        finally:
            await searched.command("PUT", path, {f"index.blocks.{block}": None})

    return read_only


Break = Callable[[Searched], AbstractAsyncContextManager[None]]
Look = Callable[[Searched, str], Awaitable[None]]


async def limited(searched: Searched, plate: str) -> None:
    """By prefix the database answers; what only the engine could find is not said to be absent."""
    for _ in range(FAILURES + 1):
        assert await searched.found(plate[:5]) == ([plate], AWAY)
    assert await searched.found(NOTHING) == ([], AWAY)
    assert AWAY in await searched.page("/vehicles", q=NOTHING)
    assert plate in await searched.page("/vehicles", q=plate)
    assert AWAY not in await searched.page("/vehicles")
    finder = await searched.api.get("/search", params={"q": plate})
    assert finder.status_code == 200
    assert finder.json()["limited"]
    async with asyncio.timeout(2 * PROBE_SECONDS):
        ready = await searched.browser.get("/health/ready")
    assert (ready.status_code, ready.json()["search"]) == (200, "down"), "a missing search engine only limits"


async def complete(searched: Searched, plate: str) -> None:
    """Only the writing waits; what is indexed is found as before."""
    assert await searched.is_found(plate)
    assert await searched.found(NOTHING) == ([], "")


async def partial(searched: Searched, plate: str) -> None:
    assert await searched.found(plate) == ([plate], PARTIAL)
    assert await searched.found(NOTHING) == ([], PARTIAL)
    assert PARTIAL in await searched.page("/vehicles", q=NOTHING)


async def heal(searched: Searched, promised: list[Acknowledged], plates: list[str]) -> None:
    """Everything written meanwhile is found again, and each document equals its row."""
    await until(searched.is_caught_up, CATCH_UP_SECONDS)
    await until(searched.holds_nothing_back, CATCH_UP_SECONDS)
    for plate in plates:
        await until(lambda plate=plate: searched.is_found(plate), OPEN_SECONDS + CATCH_UP_SECONDS)
    await searched.direct.refresh(searched.vehicles)
    await assert_whole(searched.live.database, promised, indexes=searched.direct)


def case(number: str, title: str, breaking: Break, look: Look) -> object:
    return pytest.param(breaking, look, id=title, marks=pytest.mark.fault(number, f"{title}; people write meanwhile"))


class TestEngineAway:
    @pytest.mark.parametrize(
        ("breaking", "look"),
        [
            case("F11", "OpenSearch is down", down, limited),
            case("F12", "OpenSearch does not answer", hanging, limited),
            case("F13", "a shard of OpenSearch is missing (red)", red, partial),
            case("F14", "OpenSearch takes no writes (429)", blocked("read_only_allow_delete"), complete),
            case("F14", "OpenSearch takes no writes (403)", blocked("write"), complete),
        ],
    )
    async def test_pages_go_on_and_nothing_is_lost(
        self, searched: Searched, breaking: Break, look: Look, tally: Tally, is_full: bool
    ):
        before = new_plate()
        promised = [await searched.add(before)]
        await until(lambda: searched.is_found(before), CATCH_UP_SECONDS)
        async with breaking(searched):
            await look(searched, before)
            plates = [new_plate() for _ in range(MANY_WRITES if is_full else FEW_WRITES)]
            for plate in plates:
                with tally:
                    promised.append(await searched.add(plate))
                    assert plate in await searched.page("/vehicles"), "a list without text needs no engine"
        await heal(searched, promised, [before, plates[-1]])

    @pytest.mark.fault("F12", "OpenSearch answers after 10 s; people write meanwhile")
    async def test_nobody_waits_for_a_slow_engine(self, searched: Searched, is_full: bool):
        before, later = new_plate(), new_plate()
        promised = [await searched.add(before)]
        await until(lambda: searched.is_found(before), CATCH_UP_SECONDS)
        searched.proxy.delay_seconds = FULL_DELAY if is_full else SHORT_DELAY
        try:
            await limited(searched, before)
            promised.append(await searched.add(later))
            await until(searched.is_caught_up, CATCH_UP_SECONDS)
        finally:
            searched.proxy.delay_seconds = 0.0
        await heal(searched, promised, [before, later])


class TestRefusedDocuments:
    @pytest.mark.fault("F15", "OpenSearch refuses one document of a bulk (400); the others are found")
    async def test_only_that_document_waits(self, searched: Searched, tally: Tally, is_full: bool):
        """An index whose mapping is wrong for vehicles with a colour; building it anew mends it."""
        kind = searched.live.runtime.assembly.kinds["vehicle"]
        wrong = f"{searched.index}-98"
        mapping = searched.vehicles.mapping()
        mapping["properties"] = mapping["properties"] | {"colour": {"type": "ip"}}
        (held,) = (await searched.command("GET", f"/{searched.index}/_settings")).values()
        settings = {"number_of_replicas": 0, "analysis": held["settings"]["index"]["analysis"]}
        await until(searched.is_caught_up, CATCH_UP_SECONDS)
        await searched.command("PUT", f"/{wrong}", {"settings": settings, "mappings": mapping})
        moves = [
            {"remove": {"index": "*", "alias": searched.index}},
            {"add": {"index": wrong, "alias": searched.index}},
        ]
        await searched.command("POST", "/_aliases", {"actions": moves})
        good, bad = [new_plate() for _ in range(FEW_WRITES)], new_plate()
        promised = [await searched.add(good[0]), await searched.add(bad, colour="red")]
        promised += [await searched.add(plate) for plate in good[1:]]
        await until(searched.is_caught_up, CATCH_UP_SECONDS)
        for plate in good:
            with tally:
                await until(lambda plate=plate: searched.is_found(plate), CATCH_UP_SECONDS)
        assert await searched.found(bad) == ([], "")
        assert bad in await searched.page("/vehicles"), "the record itself is there"
        rows = await searched.live.database.primary.fetch("SELECT aggregateid, consumer FROM event_failure")
        assert rows == [(promised[1].id, "search")]
        if is_full:
            await until(lambda: is_shown_to_engineers(searched, promised[1].id), CATCH_UP_SECONDS)
        await indexing.reindex(searched.live.database, searched.direct, kind)
        await heal(searched, promised, [*good, bad])


async def is_shown_to_engineers(searched: Searched, record_id: str) -> bool:
    """After the last of its tries an event is held, until somebody releases it or the index is built anew."""
    return f"/vehicles/{record_id}" in await searched.page("/jobs")
