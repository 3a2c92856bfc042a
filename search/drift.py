"""What an index holds, to compare it with the rows it was made from."""

from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec

from search.indexes import Indexes
from search.kinds import SearchKind

PAGE: Final = 5_000
KEEP_ALIVE: Final = "1m"


class Held(msgspec.Struct, frozen=True):
    """One document in an index: its id, the version of its row, and whether it is a tombstone."""

    id: str
    version: int
    is_deleted: bool


async def count_held(indexes: Indexes, kind: SearchKind) -> int:
    """How many documents the live index shows, tombstones not counted."""
    query = {"query": {"bool": {"must_not": [{"term": {"deleted": True}}]}}}
    answer = await indexes.client.command("POST", f"/{indexes.names.live(kind)}/_count", query)
    return int(answer["count"])


async def list_held(indexes: Indexes, kind: SearchKind, *, only_deleted: bool = False) -> AsyncIterator[Held]:
    """Every document of the live index, or the tombstones alone, in order of its id, all as of one moment."""
    client = indexes.client
    opened = await client.command("POST", f"/{indexes.names.live(kind)}/_search/point_in_time", keep_alive=KEEP_ALIVE)
    point: str = opened["pit_id"]
    try:
        after: list[Any] | None = None
        while True:
            body: dict[str, Any] = {
                "pit": {"id": point, "keep_alive": KEEP_ALIVE},
                "size": PAGE,
                "sort": [{"id": "asc"}],
                "version": True,
                "track_total_hits": False,
                "_source": ["deleted"],
            }
            if only_deleted:
                body["query"] = {"term": {"deleted": True}}
            if after is not None:
                body["search_after"] = after
            answer = await client.command("POST", "/_search", body)
            hits: list[dict[str, Any]] = answer["hits"]["hits"]
            for hit in hits:
                yield Held(hit["_id"], hit["_version"], bool(hit["_source"].get("deleted")))
            if len(hits) < PAGE:
                return
            after = hits[-1]["sort"]
    finally:
        await client.command("DELETE", "/_search/point_in_time", {"pit_id": [point]})
