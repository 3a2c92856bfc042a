"""The life of the indices: made, written to, built anew beside the live one and swapped in one step."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import Any, Final

import msgspec

from search.bulk import BulkWriter, Outcome, Write, encode
from search.client import SearchClient
from search.errors import IndexMissing, ReindexRefused, SearchRefused
from search.kinds import SETTINGS, IndexNames, SearchKind

SWAP_GRACE_SECONDS: Final = 2.0
"""The old index outlives the swap by more than a query's deadline, so that no running search loses it."""
MAX_QUARANTINED_SHARE: Final = 0.01


class IndexState(StrEnum):
    CREATED = "created"
    CURRENT = "current"
    OUTDATED = "outdated"


class Reindexed(msgspec.Struct, frozen=True):
    """A finished reindex: the index that is live now, and what became of its documents."""

    index: str
    outcome: Outcome
    seconds: float


class Indexes:
    """The indices of all kinds in one namespace."""

    def __init__(self, client: SearchClient, namespace: str, *, swap_grace_seconds: float = SWAP_GRACE_SECONDS) -> None:
        self.client = client
        self.names = IndexNames(namespace)
        self._writer = BulkWriter(client)
        self._swap_grace_seconds = swap_grace_seconds

    async def ensure(self, kind: SearchKind) -> IndexState:
        """Create the kind's index and alias when they are missing; OUTDATED asks for a reindex."""
        live = self.names.live(kind)
        if not await self.client.exists(f"/_alias/{live}"):
            try:
                await self._create(self.names.first(kind), live, kind)
            except SearchRefused as error:
                if "resource_already_exists" not in error.reason:
                    raise
            else:
                return IndexState.CREATED
        mappings = await self.client.command("GET", f"/{live}/_mapping")
        made = {index["mappings"].get("_meta", {}).get("definition") for index in mappings.values()}
        return IndexState.CURRENT if made == {kind.mapping()["_meta"]["definition"]} else IndexState.OUTDATED

    async def write(self, kind: SearchKind, writes: Sequence[Write]) -> Outcome:
        """Write documents to the live index and to the one that is being built.

        Rows are read before this call: a reindex that starts later then reads the same rows or newer ones.
        """
        if not writes:
            return Outcome()
        batch = list(writes)
        lines = [encode(write, kind.name) for write in batch]
        is_building = await self.client.exists(f"/_alias/{self.names.building(kind)}")
        beside = Outcome()
        if is_building:  # first, so that a swap in between cannot leave the write in the old index alone
            with suppress(IndexMissing):
                beside = await self._writer.write(self.names.building(kind), batch, lines)
        outcome = await self._writer.write(self.names.live(kind), batch, lines)
        return outcome + Outcome(quarantined=beside.quarantined, retried=beside.retried)

    async def refresh(self, kind: SearchKind) -> None:
        """Make everything written so far visible to searches."""
        await self.client.command("POST", f"/{self.names.live(kind)}/_refresh")

    async def reindex(
        self,
        kind: SearchKind,
        documents: Callable[[], AsyncIterator[Write]],
        *,
        progress: Callable[[int], None] | None = None,
    ) -> Reindexed:
        """Build the kind's index anew beside the live one and swap it in; what a killed run left is removed first.

        `documents` is called once live writes go to both indices, and reads every row from then on.
        Raises ReindexRefused, and keeps the old index, when too many documents were quarantined.
        """
        started = time.monotonic()
        building = self.names.building(kind)
        await self._remove_leftovers(kind)
        index = self.names.new(kind)
        await self._create(index, building, kind, refresh_interval="-1")
        try:
            outcome = await self._writer.load(building, kind.name, documents(), progress=progress)
            _check_complete(outcome)
            interval = {"index": {"refresh_interval": SETTINGS["index"]["refresh_interval"]}}
            await self.client.command("PUT", f"/{index}/_settings", interval)
            await self.client.command("POST", f"/{index}/_refresh")
        except BaseException:
            await self._delete([index])
            raise
        await self._swap(kind, index)
        return Reindexed(index, outcome, time.monotonic() - started)

    async def drop(self, kind: SearchKind) -> None:
        """Delete every index of the kind in this namespace."""
        await self._delete(list(await self._indices(kind)))

    async def _create(self, index: str, alias: str, kind: SearchKind, **settings: str) -> None:
        content: dict[str, Any] = {
            "settings": {**SETTINGS, "index": {**SETTINGS["index"], **settings}},
            "mappings": kind.mapping(),
            "aliases": {alias: {}},
        }
        await self.client.command("PUT", f"/{index}", content)

    async def _indices(self, kind: SearchKind) -> dict[str, frozenset[str]]:
        """The kind's indices and their aliases."""
        live = self.names.live(kind)
        own = re.compile(re.escape(live) + r"-\d+")
        found: dict[str, Any] = await self.client.command("GET", f"/{live}-*/_alias")
        return {index: frozenset(held["aliases"]) for index, held in found.items() if own.fullmatch(index)}

    async def _remove_leftovers(self, kind: SearchKind) -> None:
        live = self.names.live(kind)
        await self._delete([index for index, aliases in (await self._indices(kind)).items() if live not in aliases])

    async def _swap(self, kind: SearchKind, index: str) -> None:
        live = self.names.live(kind)
        old = [name for name, aliases in (await self._indices(kind)).items() if live in aliases]
        actions = [
            *({"remove": {"index": name, "alias": live}} for name in old),
            {"add": {"index": index, "alias": live}},
            {"remove": {"index": index, "alias": self.names.building(kind)}},
        ]
        await self.client.command("POST", "/_aliases", {"actions": actions})
        await asyncio.sleep(self._swap_grace_seconds)
        await self._delete(old)

    async def _delete(self, indices: list[str]) -> None:
        for index in indices:
            await self.client.command("DELETE", f"/{index}", ignore_unavailable="true")


def _check_complete(outcome: Outcome) -> None:
    refused = len(outcome.quarantined)
    if refused > outcome.total * MAX_QUARANTINED_SHARE:
        first = outcome.quarantined[0]
        raise ReindexRefused(f"{refused} of {outcome.total} were refused, the first is {first.id}: {first.reason}")
