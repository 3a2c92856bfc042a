"""Writes documents in bulk: several requests in flight, external versions, tombstones, an outcome per document."""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, Final

import msgspec

from search.client import NDJSON, SearchClient, error_of
from search.errors import IndexMissing, SearchUnavailable

BATCH_DOCUMENTS: Final = 1_000
BATCH_BYTES: Final = 2_000_000
IN_FLIGHT: Final = 3
RETRY_SECONDS: Final = 60.0
FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0
DONE: Final = frozenset({200, 201})
STALE: Final = 409
MALFORMED: Final = 400
BUSY: Final = frozenset({403, 429, 502, 503, 504})
"""403 is a read-only index; as 429 and 503 it goes away."""

_PARAMS: Final = {
    "require_alias": "true",
    "filter_path": "errors,items.*.status,items.*.error.type,items.*.error.reason",
}
_encode: Final = msgspec.json.Encoder().encode


class Write(msgspec.Struct, frozen=True):
    """A document of a kind at a version of its row; without a document it is a tombstone."""

    id: str
    version: int
    document: dict[str, Any] | None


class Quarantined(msgspec.Struct, frozen=True):
    """A document that the mapping refuses, and why."""

    id: str
    version: int
    target: str
    reason: str


class Outcome(msgspec.Struct, frozen=True):
    """What became of the documents: every one is written, stale (a newer one is there) or quarantined."""

    written: int = 0
    stale: int = 0
    quarantined: tuple[Quarantined, ...] = ()
    retried: int = 0

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(
            self.written + other.written,
            self.stale + other.stale,
            self.quarantined + other.quarantined,
            self.retried + other.retried,
        )

    @property
    def total(self) -> int:
        return self.written + self.stale + len(self.quarantined)


def encode(write: Write, kind: str) -> bytes:
    """Both lines of one bulk action; a tombstone keeps its version in the index so that late events stay late."""
    action = {"index": {"_id": write.id, "version": write.version, "version_type": "external"}}
    document = write.document
    if document is None:
        document = {"id": write.id, "kind": kind, "deleted": True}
    return _encode(action) + b"\n" + _encode(document) + b"\n"


class BulkWriter:
    """Writes to aliases; a name that is not an alias is refused, so nothing is ever created by accident."""

    def __init__(self, client: SearchClient, *, retry_seconds: float = RETRY_SECONDS) -> None:
        self._client = client
        self._retry_seconds = retry_seconds

    async def write(self, target: str, writes: list[Write], lines: list[bytes]) -> Outcome:
        """Write one batch and wait until each document has its outcome.

        What the cluster rejects for now is sent again in its order. Raises SearchUnavailable when that takes
        longer than `retry_seconds`, IndexMissing when the alias is gone, SearchRefused for any other error.
        """
        pause = _Pause(self._retry_seconds)
        outcome = Outcome()
        waiting = list(range(len(writes)))
        while waiting:
            try:
                items = await self._post(target, b"".join(lines[place] for place in waiting))
            except IndexMissing:
                raise
            except SearchUnavailable as error:
                await pause.wait(str(error))
                continue
            settled, waiting, reason = _settle(target, writes, waiting, items)
            outcome += settled
            if waiting:
                await pause.wait(reason)
        return outcome

    async def load(
        self, target: str, kind: str, stream: AsyncIterator[Write], *, progress: Callable[[int], None] | None = None
    ) -> Outcome:
        """Write a whole stream, a few batches at a time; `progress` hears how many documents are through."""
        outcome = Outcome()
        flying: set[asyncio.Task[Outcome]] = set()

        async def land() -> None:
            nonlocal outcome, flying
            landed, flying = await asyncio.wait(flying, return_when=asyncio.FIRST_COMPLETED)
            for task in landed:
                outcome += task.result()
            if progress:
                progress(outcome.total)

        try:
            async with aclosing(_batches(stream, kind)) as batches:
                async for writes, lines in batches:
                    if len(flying) >= IN_FLIGHT:
                        await land()
                    flying.add(asyncio.create_task(self.write(target, writes, lines)))
            while flying:
                await land()
        finally:
            for task in flying:
                task.cancel()
            await asyncio.gather(*flying, return_exceptions=True)
        return outcome

    async def _post(self, target: str, body: bytes) -> list[dict[str, Any]]:
        answer = await self._client.send("POST", f"/{target}/_bulk", body, params=_PARAMS, headers=NDJSON)
        return [item["index"] for item in answer["items"]]


class _Pause:
    """Growing pauses with jitter until the time is used up."""

    def __init__(self, seconds: float) -> None:
        self._until = asyncio.get_running_loop().time() + seconds
        self._next = FIRST_PAUSE

    async def wait(self, reason: str) -> None:
        length = self._next * random.uniform(0.5, 1.0)  # noqa: S311 - spreads retries, keeps no secret
        if asyncio.get_running_loop().time() + length > self._until:
            raise SearchUnavailable(f"the cluster takes no writes: {reason}")
        await asyncio.sleep(length)
        self._next = min(self._next * 2, LONGEST_PAUSE)


async def _batches(stream: AsyncIterator[Write], kind: str) -> AsyncGenerator[tuple[list[Write], list[bytes]]]:
    writes: list[Write] = []
    lines: list[bytes] = []
    size = 0
    try:
        async for write in stream:
            line = encode(write, kind)
            writes.append(write)
            lines.append(line)
            size += len(line)
            if len(writes) >= BATCH_DOCUMENTS or size >= BATCH_BYTES:
                yield writes, lines
                writes, lines, size = [], [], 0
        if writes:
            yield writes, lines
    finally:
        if isinstance(stream, AsyncGenerator):
            await stream.aclose()


def _settle(
    target: str, writes: list[Write], places: list[int], items: list[dict[str, Any]]
) -> tuple[Outcome, list[int], str]:
    """The outcome of one answer, the places to send again in their order, and why they were rejected."""
    written = stale = 0
    quarantined: list[Quarantined] = []
    rejected: list[int] = []
    reason = ""
    for place, item in zip(places, items, strict=True):
        status: int = item["status"]
        if status in DONE:
            written += 1
        elif status == STALE:
            stale += 1
        elif status in BUSY:
            rejected.append(place)
            reason = _reason(item)
        elif status == MALFORMED:
            quarantined.append(Quarantined(writes[place].id, writes[place].version, target, _reason(item)))
        else:
            error = item.get("error", {})
            raise error_of(status, str(error.get("type")), str(error.get("reason")))
    return Outcome(written, stale, tuple(quarantined), len(rejected)), rejected, reason


def _reason(item: dict[str, Any]) -> str:
    error = item.get("error", {})
    return f"{error.get('type')}: {error.get('reason')}"[:500]
