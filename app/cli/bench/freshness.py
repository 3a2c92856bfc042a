"""From the commit of a change until a search finds it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from itertools import islice
from statistics import median
from typing import Any, Final
from uuid import UUID

from app.cli.bench import cores
from app.cli.bench.measuring import Line, Result, in_turn, percentile
from app.cli.bench.stage import Stage, keep_apart, share_cores
from app.cli.bench.working import working
from app.cli.failures import CommandFailed
from app.core.actor import SYSTEM
from app.core.db import Database, run_in_unit
from search.client import SearchClient
from search.indexes import Indexes

PER_SECOND: Final = 200
SECONDS: Final = 8
ROUNDS: Final = 5
ALLOWED_MS: Final = 150
LEAST_SHARE: Final = 0.9
"""Of the changes per second that are meant: fewer prove nothing."""
POLL_SECONDS: Final = 0.05
MOST_ASKED: Final = 200
LATEST_SECONDS: Final = 60.0
AT_A_TIME: Final = 12
"""Changes under way at once: as many as there are connections."""
METHOD: Final = (
    "200 vehicles a second are changed for 8 s through the service that pages use, each in its own transaction "
    "with audit entry and event; a running worker relays and indexes them. Every change is timed from its commit until "
    "a search returns that version; it is asked every 50 ms. All processes share both cores; the changes come by "
    "asyncmy, for they are the load and not what is measured. *The floor* writes the same documents straight into the "
    "index at the same rate and waits for each with `refresh=wait_for`, on as many connections as it needs: no "
    "database, no outbox, no worker. One round before is not counted."
)


@dataclass(slots=True)
class Waiting:
    """Changes that no search has shown yet: id -> version and the moment of its commit."""

    since: dict[str, tuple[int, float]] = field(default_factory=dict[str, tuple[int, float]])
    seen: list[float] = field(default_factory=list[float])
    rate: float = 0.0


async def run(stage: Stage) -> Result:
    """Both ways in turn."""
    if not stage.settings.opensearch_url:
        raise CommandFailed("There is no search server to measure.")
    from app.main import assemble

    kind = assemble().kinds["vehicle"].search
    assert kind is not None
    client = SearchClient(stage.settings.opensearch_url, connections=PER_SECOND * SECONDS)
    path = f"/{Indexes(client, stage.settings.search_namespace).names.live(kind)}"
    try:
        async with stage.database(stage.fast_settings) as database:
            rows = await database.primary.fetch(
                "SELECT id FROM vehicle WHERE state = 'in_service' ORDER BY id LIMIT %s", (PER_SECOND * SECONDS,)
            )
            ids = [UUID(str(row[0])) for row in rows]
            share_cores(stage.settings)
            async with working(stage.settings, database.primary, set().union(*cores())):
                await _ours(database, client, path, ids)
                found = await in_turn(
                    {"ours": lambda: _ours(database, client, path, ids), "floor": lambda: _floor(client, path, ids)},
                    min(stage.rounds, ROUNDS),
                )
    finally:
        keep_apart(stage.settings)
        await client.close()
    return _result(found["ours"], found["floor"])


def _result(ours: list[Waiting], floor: list[Waiting]) -> Result:
    mine = [percentile(one.seen, 0.95) for one in ours]
    direct = [percentile(one.seen, 0.95) for one in floor]
    extra = [one - other for one, other in zip(mine, direct, strict=True)]
    middle = sorted(extra)[len(extra) // 2]
    line = Line(
        what="95 % searchable within",
        ours=f"{sorted(mine)[len(mine) // 2]:.0f} ms",
        theirs=f"{sorted(direct)[len(direct) // 2]:.0f} ms",
        ratio=sorted(mine)[len(mine) // 2] / sorted(direct)[len(direct) // 2],
        least=min(one / other for one, other in zip(mine, direct, strict=True)),
        most=max(one / other for one, other in zip(mine, direct, strict=True)),
        target=f"<= floor + {ALLOWED_MS} ms",
        is_met=middle <= ALLOWED_MS and median(one.rate for one in ours) >= LEAST_SHARE * PER_SECOND,
    )
    halves, direct_halves = (", ".join(f"{percentile(one.seen, 0.5):.0f}" for one in side) for side in (ours, floor))
    notes = [
        f"Half of all within {halves} ms; on the floor {direct_halves} ms.",
        f"Changes per second that were reached: {', '.join(f'{one.rate:.0f}' for one in ours)}.",
    ]
    return Result(name="freshness", title="From commit to search", method=METHOD, lines=[line], notes=notes)


async def _ours(database: Database, client: SearchClient, path: str, ids: list[UUID]) -> Waiting:
    from app.rental.vehicles.services import update_vehicle

    waiting = Waiting()
    stop = asyncio.Event()
    places = asyncio.Semaphore(AT_A_TIME)

    async def change(vehicle_id: UUID) -> None:
        async def work(session: Any) -> int:
            vehicle = await update_vehicle(
                session, vehicle_id, fields={"odometer_km": (int(time.time() * 1000) % 900_000) + 1}, actor=SYSTEM
            )
            return vehicle.version

        async with places:
            version = await run_in_unit(database, work)
        waiting.since[str(vehicle_id)] = (version, time.perf_counter())

    watcher = asyncio.create_task(_watch(client, path, waiting, stop))
    begun = time.perf_counter()
    await _at_rate([lambda one=one: change(one) for one in ids])
    waiting.rate = len(ids) / (time.perf_counter() - begun)
    stop.set()
    async with asyncio.timeout(LATEST_SECONDS):
        await watcher
    return waiting


async def _watch(client: SearchClient, path: str, waiting: Waiting, stop: asyncio.Event) -> None:
    """Ask for every outstanding change until each was seen in its version."""
    import msgspec

    while waiting.since or not stop.is_set():
        await asyncio.sleep(POLL_SECONDS)
        asked = dict(islice(waiting.since.items(), MOST_ASKED))
        if not asked:
            continue
        body = {
            "query": {"terms": {"id": list(asked)}},
            "size": MOST_ASKED,
            "version": True,
            "stored_fields": "_none_",
            "docvalue_fields": ["id"],
        }
        answer = await client.send("POST", f"{path}/_search", msgspec.json.encode(body))
        now = time.perf_counter()
        for hit in answer["hits"]["hits"]:
            found = hit["fields"]["id"][0]
            version, since = asked[found]
            if hit["_version"] >= version:
                del waiting.since[found]
                waiting.seen.append((now - since) * 1000)


async def _floor(client: SearchClient, path: str, ids: list[UUID]) -> Waiting:
    import msgspec

    waiting = Waiting()
    answer = await client.send("POST", f"{path}/_search", msgspec.json.encode({"size": 1, "version": True}))
    like = answer["hits"]["hits"][0]["_source"]

    async def write(number: int) -> None:
        begun = time.perf_counter()
        body = msgspec.json.encode(like | {"id": f"bench-{number}"})
        await client.send("PUT", f"{path}/_doc/bench-{number}", body, params={"refresh": "wait_for"})
        waiting.seen.append((time.perf_counter() - begun) * 1000)

    await _at_rate([lambda number=number: write(number) for number in range(len(ids))])
    await client.send(
        "POST", f"{path}/_delete_by_query", b'{"query":{"prefix":{"id":"bench-"}}}', params={"refresh": "true"}
    )
    return waiting


async def _at_rate(works: list[Any]) -> None:
    """Begin one every 5 ms, whether or not the earlier ones are done."""
    begun = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number, work in enumerate(works):
            await asyncio.sleep(max(0.0, begun + number / PER_SECOND - time.perf_counter()))
            group.create_task(work())
