"""Clients that keep asking, and keep their own record of what they were told: the oracle of the fault tests."""

import asyncio
import ssl
import time
from collections import Counter
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import httpx

from app.core.invariants import Acknowledged

CREATED, IN_FLIGHT, UNAVAILABLE = 201, 409, 503
PATIENCE_SECONDS = 120.0
CLIENT_SECONDS = 45.0


@dataclass
class Record:
    """What all clients were told."""

    acknowledged: list[Acknowledged] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    without_retry_after: int = 0
    broken: list[str] = field(default_factory=list)
    """Requests that were sent and got no complete answer."""
    refused_connections: int = 0
    slowest: float = 0.0
    wrong: list[str] = field(default_factory=list)
    """Answers that no fault excuses."""
    excused: frozenset[int] = frozenset()

    def hear(self, answer: httpx.Response) -> None:
        self.answers[answer.status_code] += 1
        if answer.status_code == UNAVAILABLE and "retry-after" not in answer.headers:
            self.without_retry_after += 1
        if answer.status_code not in self.excused:
            self.wrong.append(f"{answer.status_code} {answer.text[:200]}")


class Load:
    """Some clients; each adds vehicles one after another, and repeats one with its key until it is answered."""

    def __init__(
        self,
        address: str,
        token: str,
        *,
        keeps_connections: bool = True,
        trusted: ssl.SSLContext | bool = True,
        excused: Collection[int] = (),
    ) -> None:
        self.record = Record(excused=frozenset({200, CREATED, IN_FLIGHT, UNAVAILABLE, *excused}))
        self._trusted = trusted
        self.is_stopping = False
        self._address = address
        self._headers = {"authorization": f"Bearer {token}"} | ({} if keeps_connections else {"connection": "close"})

    @asynccontextmanager
    async def running(self, clients: int) -> AsyncIterator[Record]:
        tasks = [asyncio.create_task(self._client()) for _ in range(clients)]
        try:
            yield self.record
        finally:
            self.is_stopping = True
            await asyncio.gather(*tasks)

    async def until(self, successes: int, *, seconds: float) -> None:
        """Wait for so many more acknowledged writes."""
        wanted = len(self.record.acknowledged) + successes
        limit = time.monotonic() + seconds
        while len(self.record.acknowledged) < wanted:
            assert time.monotonic() < limit, f"only {self.record}"
            await asyncio.sleep(0.02)

    async def _client(self) -> None:
        async with httpx.AsyncClient(
            base_url=f"{self._address}/api/v1", headers=self._headers, timeout=CLIENT_SECONDS, verify=self._trusted
        ) as client:
            while not self.is_stopping:
                await self._add_vehicle(client)

    async def _add_vehicle(self, client: httpx.AsyncClient) -> None:
        vehicle_id, key = str(uuid4()), str(uuid4())
        limit = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < limit:
            began = time.monotonic()
            try:
                answer = await client.post(
                    "/vehicles",
                    json={"id": vehicle_id, "make": "Kia", "market": "EE"},
                    headers={"idempotency-key": key},
                )
            except httpx.ConnectError:
                self.record.refused_connections += 1
                answer = None
            except httpx.TransportError as error:
                self.record.broken.append(repr(error))
                answer = None
            if answer is not None:
                self.record.slowest = max(self.record.slowest, time.monotonic() - began)
                self.record.hear(answer)
                if answer.status_code == CREATED:
                    self.record.acknowledged.append(Acknowledged("vehicle", vehicle_id, 1))
                    return
            if self.is_stopping:
                return
            await asyncio.sleep(0.05)
        self.record.wrong.append(f"no answer within {PATIENCE_SECONDS} s")
