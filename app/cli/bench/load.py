"""A small client that keeps a number of connections busy and times every answer."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Final
from urllib.parse import urlsplit

from app.cli.bench.measuring import percentile
from app.cli.failures import CommandFailed

ANSWER_SECONDS: Final = 30
HTTP_OK: Final = 200
CLIENTS: Final = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it goes over the wire; with a body it is a POST."""

    url: str
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: bytes | None = None
    expected: Collection[int] = (HTTP_OK,)
    """The answers that are no failure."""

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or "127.0.0.1"

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 80

    def raw(self) -> bytes:
        parts = urlsplit(self.url)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        method, given = ("GET", self.headers) if self.body is None else ("POST", self._with_length(self.body))
        lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}", *(f"{k}: {v}" for k, v in given.items())]
        return "\r\n".join([*lines, "", ""]).encode() + (self.body or b"")

    def _with_length(self, body: bytes) -> dict[str, str]:
        return {**self.headers, "Content-Type": "application/json", "Content-Length": str(len(body))}


@dataclass(frozen=True, slots=True)
class Load:
    """How much one round asks: so many answers over so many connections, in at most so many seconds."""

    answers: int
    clients: int = CLIENTS
    seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Round:
    """What one round of one side took."""

    seconds: float
    milliseconds: list[float]
    size: int
    statuses: Counter[int]
    cpu_seconds: float = 0.0

    @property
    def per_second(self) -> float:
        return len(self.milliseconds) / self.seconds

    @property
    def cpu_milliseconds(self) -> float:
        """What one answer costs the server itself, whatever else the machine does."""
        return self.cpu_seconds * 1000 / len(self.milliseconds)

    @property
    def p95(self) -> float:
        return percentile(self.milliseconds, 0.95)


async def ask(asked: Sequence[Asked], load: Load) -> Round:
    """Ask in turn over all connections. Raises CommandFailed at the first answer that is not expected."""
    turns = iter(cycle([(one, one.raw()) for one in asked]))
    left = iter(range(load.answers))
    times: list[float] = []
    sizes: list[int] = []
    statuses: Counter[int] = Counter()
    until = time.perf_counter() + load.seconds
    begun = time.perf_counter()
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(load.clients, load.answers)):
                group.create_task(_client(turns, left, _Seen(times, sizes, statuses), until))
    except* CommandFailed as refused:
        raise refused.exceptions[0] from None
    return Round(time.perf_counter() - begun, times, max(sizes), statuses)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the clients note together."""

    times: list[float]
    sizes: list[int]
    statuses: Counter[int]


async def _client(turns: Iterator[tuple[Asked, bytes]], left: Iterator[int], seen: _Seen, until: float) -> None:
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    try:
        for _ in left:
            if time.perf_counter() > until:
                break
            asked, raw = next(turns)
            begun = time.perf_counter()
            async with asyncio.timeout(ANSWER_SECONDS):
                connection = connection or await asyncio.open_connection(asked.host, asked.port)
                reader, writer = connection
                writer.write(raw)
                status, body, is_kept = await _answer(reader, asked)
            seen.times.append((time.perf_counter() - begun) * 1000)
            seen.sizes.append(len(body))
            seen.statuses[status] += 1
            if not is_kept:
                writer.close()
                connection = None
    finally:
        if connection is not None:
            connection[1].close()


async def _answer(reader: asyncio.StreamReader, asked: Asked) -> tuple[int, bytes, bool]:
    """The status, the body, and whether the connection is kept open."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head[9:12])
    if b"\r\ntransfer-encoding: chunked" in head:
        body = await _chunks(reader)
    else:
        _, found, rest = head.partition(b"\r\ncontent-length:")
        body = await reader.readexactly(int(rest.partition(b"\r")[0])) if found else await reader.read()
    if status not in asked.expected:
        raise CommandFailed(f"{asked.url} answered {status}: {body[:300].decode(errors='replace')}")
    return status, body, b"\r\nconnection: close" not in head and head.startswith(b"http/1.1")


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while length := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        body += await reader.readexactly(length)
        await reader.readexactly(2)
    await reader.readuntil(b"\r\n")
    return body


async def fetch(asked: Asked) -> bytes:
    """One answer's body."""
    reader, writer = await asyncio.open_connection(asked.host, asked.port)
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            writer.write(asked.raw())
            return (await _answer(reader, asked))[1]
    finally:
        writer.close()
