"""Documents from the database into the search engine."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from functools import partial
from typing import Any, Final

from app.cli.bench import cores
from app.cli.bench.environments import OPENSEARCH, peer_environment
from app.cli.bench.measuring import Result, Target, compare, in_turn
from app.cli.bench.stage import Stage
from app.cli.failures import CommandFailed
from app.core.area import RecordKind
from app.core.indexing import all_writes, primary_reads
from app.core.read_pool import ReadPool
from search.bulk import BulkWriter, Write
from search.client import SearchClient
from search.kinds import SETTINGS

FEW: Final = 200_000
WARM: Final = 50_000
ROUNDS: Final = 3
INDEX: Final = "forecourt-bench-vehicle"
METHOD: Final = (
    "Vehicles read from MariaDB by the indexer's own cursor (1,000 rows a statement, two statements under way) and "
    "written with external versions into an empty index that does not refresh. *The helper* is opensearch-py's "
    "`async_bulk` with 1,000 documents a request over the very same cursor. The client has one core, the database and "
    "the search engine share the other. The engine has taken "
    "50,000 before the first round. The reindex of everything is run once on each side."
)


async def run(stage: Stage) -> Result:
    """200,000 documents in turn, then all of them once."""
    if not stage.settings.opensearch_url:
        raise CommandFailed("There is no search server to measure.")
    from app.main import assemble

    binaries = peer_environment(stage.settings.data_dir, "opensearch", OPENSEARCH)
    sys.path += [str(path) for path in binaries.parent.glob("lib/python*/site-packages")]
    kind = assemble().kinds["vehicle"]
    os.sched_setaffinity(0, cores()[0])
    few, every = min(FEW, stage.size.vehicles), stage.size.vehicles
    try:
        reads = primary_reads(stage.settings)
        url = stage.settings.opensearch_url
        await _helper(url, reads, kind, min(WARM, few))
        part = await in_turn(
            {"ours": partial(_ours, url, reads, kind, few), "helper": partial(_helper, url, reads, kind, few)},
            min(stage.rounds, ROUNDS),
        )
        whole = await in_turn(
            {"ours": partial(_ours, url, reads, kind, every), "helper": partial(_helper, url, reads, kind, every)}, 1
        )
        await reads.close()
    finally:
        os.sched_setaffinity(0, cores()[1])
    lines = [
        compare(f"{few:,} documents", part["ours"], part["helper"], "/s", Target(0.9)),
        compare(f"reindex of {every:,}", whole["ours"], whole["helper"], "/s", Target(0.9)),
    ]
    return Result(name="indexing", title="Filling the index", method=METHOD, lines=lines)


async def _ours(url: str, reads: ReadPool, kind: RecordKind, count: int) -> float:
    client = SearchClient(url)
    try:
        await _empty(client, kind)
        begun = time.perf_counter()
        async with aclosing(_first(reads, kind, count)) as writes:
            done = await BulkWriter(client).load(INDEX, "vehicle", writes)
        took = time.perf_counter() - begun
        await _check(client, count, done.written)
    finally:
        await client.close()
    return count / took


async def _helper(url: str, reads: ReadPool, kind: RecordKind, count: int) -> float:
    from opensearchpy import AsyncOpenSearch  # pyright: ignore
    from opensearchpy.helpers import async_bulk  # pyright: ignore

    client = SearchClient(url)
    cluster: Any = AsyncOpenSearch(hosts=[url])
    try:
        await _empty(client, kind)
        begun = time.perf_counter()
        async with aclosing(_first(reads, kind, count)) as writes:
            written, _ = await async_bulk(cluster, _actions(writes), chunk_size=1_000)
        took = time.perf_counter() - begun
        await _check(client, count, int(written))
    finally:
        await cluster.close()
        await client.close()
    return count / took


async def _first(reads: ReadPool, kind: RecordKind, count: int) -> AsyncGenerator[Write]:
    left = count
    async with aclosing(all_writes(reads, kind)) as writes:
        async for write in writes:
            yield write
            left -= 1
            if not left:
                return


async def _actions(writes: AsyncIterator[Write]) -> AsyncGenerator[dict[str, Any]]:
    async for write in writes:
        yield {
            "_index": f"{INDEX}-0",
            "_id": write.id,
            "version": write.version,
            "version_type": "external",
            "_source": write.document,
        }


async def _empty(client: SearchClient, kind: RecordKind) -> None:
    assert kind.search is not None
    await client.command("DELETE", f"/{INDEX}-0", ignore_unavailable="true")
    settings = {**SETTINGS, "index": {**SETTINGS["index"], "refresh_interval": "-1"}}
    content = {"settings": settings, "mappings": kind.search.mapping(), "aliases": {INDEX: {}}}
    await client.command("PUT", f"/{INDEX}-0", content)


async def _check(client: SearchClient, count: int, written: int) -> None:
    await client.command("POST", f"/{INDEX}-0/_refresh")
    held = (await client.command("GET", f"/{INDEX}-0/_count"))["count"]
    await client.command("DELETE", f"/{INDEX}-0")
    if not held == written == count:
        raise CommandFailed(f"{count} documents were sent, {written} confirmed, {held} are there.")
