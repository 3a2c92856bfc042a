"""How much one process takes on, and how long it waits for a slow client."""

import asyncio
from typing import Any

import pytest

from app.core import deadline, limits
from app.core.deadline import without_deadline
from app.core.middleware import RequestFrame

HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"1000")]


class Call:
    """One ASGI call whose body the test sends piece by piece."""

    def __init__(self, app: Any, path: str = "/api/v1/auth/tokens") -> None:
        self.pieces: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.sent: list[dict[str, Any]] = []
        scope = {
            "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
            "headers": HEADERS, "scheme": "http", "server": ("127.0.0.1", 8000), "client": ("127.0.0.1", 1),
            "root_path": "", "http_version": "1.1", "asgi": {"version": "3.0"}, "extensions": {}, "state": {},
        }  # fmt: skip
        self.task = asyncio.ensure_future(app(scope, self.pieces.get, self.send))

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int:
        return self.sent[0]["status"]

    @property
    def headers(self) -> dict[bytes, bytes]:
        return {name.lower(): value for name, value in self.sent[0]["headers"]}


async def test_a_body_that_stops_coming_is_refused(app, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "BODY_PAUSE_SECONDS", 0.1)
    call = Call(app)
    call.pieces.put_nowait({"type": "http.request", "body": b"{", "more_body": True})
    await asyncio.wait_for(call.task, 10)
    assert call.status == 408
    assert b"body_too_slow" in call.sent[1]["body"]


async def test_one_request_too_many_is_refused_at_once():
    held = asyncio.Event()

    async def patient(scope: Any, receive: Any, send: Any) -> None:
        await held.wait()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    frame = RequestFrame(patient, is_secure=False)
    frame.intake.most = 3
    calls = [Call(frame) for _ in range(3)]
    await asyncio.sleep(0.01)
    refused, alive = Call(frame), Call(frame, "/health/live")
    await asyncio.wait_for(refused.task, 10)
    assert (refused.status, refused.headers[b"retry-after"]) == (503, b"1")
    assert not alive.task.done(), "health is always taken in"
    held.set()
    await asyncio.gather(alive.task, *(call.task for call in calls))
    assert {call.status for call in calls} == {204}
    assert frame.intake.in_flight == 0


async def test_a_request_past_its_deadline_is_told_and_gives_its_place_back(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(deadline, "REQUEST_SECONDS", 0.05)

    async def endless(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.Event().wait()

    frame = RequestFrame(endless, is_secure=False)
    call = Call(frame)
    await asyncio.wait_for(call.task, 10)
    assert call.status == 503
    assert frame.intake.in_flight == 0


async def test_a_stream_that_has_begun_has_no_deadline_and_no_place(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(deadline, "REQUEST_SECONDS", 0.05)
    ended = asyncio.Event()

    async def stream(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        without_deadline()
        await ended.wait()

    frame = RequestFrame(stream, is_secure=False)
    call = Call(frame)
    await asyncio.sleep(0.2)
    assert not call.task.done()
    assert frame.intake.in_flight == 0
    ended.set()
    await call.task
