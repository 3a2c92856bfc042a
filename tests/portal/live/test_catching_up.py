"""A client that comes back while the records go on changing."""

import asyncio
import re

from app.core.db import run_in_unit
from app.core.leases import release_lease, take_lease
from app.core.outbox.feed import latest_position
from app.core.outbox.relay import RELAY, number_events
from tests.api.committing import Live, live, live_settings
from tests.core.waiting import until

__all__ = ["live", "live_settings"]

IDS = re.compile(rb"^id: (\d+)\nevent: change$", re.MULTILINE)


async def numbered(live: Live) -> int:
    """The last position, once every event has one."""
    token = await run_in_unit(live.database, lambda session: take_lease(session, RELAY, "tests"))
    assert token is not None
    while await run_in_unit(live.database, lambda session: number_events(session, token)):
        pass
    await run_in_unit(live.database, lambda session: release_lease(session, RELAY, token))
    return await latest_position(live.database.primary)


async def adds_vehicle(live: Live) -> int:
    async with await live.client("admin") as client:
        (await client.post("/vehicles", json={"make": "Saab", "market": "EE"})).raise_for_status()
    return await numbered(live)


class Caller:
    """Somebody who calls the application itself, and does something before they take the greeting."""

    def __init__(self, live: Live, token: str, last: int) -> None:
        self._live, self.text, self._is_greeted = live, b"", False
        self._hung_up = asyncio.Event()
        self._scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": "/api/v1/live", "raw_path": b"/api/v1/live", "query_string": b"kind=vehicle", "root_path": "",
            "headers": [
                (b"host", b"127.0.0.1:8000"),
                (b"authorization", f"Bearer {token}".encode()),
                (b"last-event-id", str(last).encode()),
            ],
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000),
        }  # fmt: skip

    async def listen(self) -> None:
        await self._live.app(self._scope, self._receive, self._send)

    async def heard(self, count: int) -> list[int]:
        await until(lambda: self._has(count))
        self._hung_up.set()
        return [int(position) for position in IDS.findall(self.text)]

    async def _has(self, count: int) -> bool:
        return len(IDS.findall(self.text)) >= count

    async def _receive(self) -> dict:
        await self._hung_up.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict) -> None:
        self.text += message.get("body", b"")
        if b"event: hello" in self.text and not self._is_greeted:
            self._is_greeted = True
            later = await adds_vehicle(self._live)
            await until(lambda: self._is_told(later))

    async def _is_told(self, position: int) -> bool:
        return self._live.runtime.live.position >= position


async def test_what_changes_meanwhile_comes_after_what_was_missed(live: Live):
    known = await adds_vehicle(live)
    missed = [await adds_vehicle(live) for _ in range(3)]
    caller = Caller(live, await live.token("admin"), known)
    listening = asyncio.create_task(caller.listen())
    positions = await caller.heard(4)
    await listening
    assert positions[:3] == missed
    assert positions == sorted(set(positions))
