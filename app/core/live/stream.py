"""A live stream as an answer: it holds no connection of the database, and it ends whenever it should."""

import asyncio
from typing import Any

import structlog
from litestar import Response
from litestar.types import ASGIApp, Receive, Scope, Send

from app.core import metrics
from app.core.deadline import without_deadline
from app.core.live import messages
from app.core.live.hub import Hub
from app.core.live.messages import Message
from app.core.live.subscribers import End, Subscriber

EVENT_STREAM = "text/event-stream"
BEAT_SECONDS = 15.0
SEND_SECONDS = 10.0
"""How long a client may take to accept one piece."""
HEADERS = [
    (b"content-type", EVENT_STREAM.encode()),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]

log = structlog.get_logger(__name__)


class LiveStream(Response[Any]):
    """Messages for one listener until either side ends it; `after` is the last position that the client knows."""

    def __init__(self, hub: Hub, listener: Subscriber, after: int | None) -> None:
        super().__init__(None, media_type=EVENT_STREAM)
        self._hub, self._listener, self._after = hub, listener, after

    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIApp:  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._answer

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - the shape of an ASGI application
        hub, listener = self._hub, self._listener
        position = await hub.join(listener)
        without_deadline()
        gone = asyncio.ensure_future(_disconnected(receive))
        gone.add_done_callback(lambda _: listener.end(End.GONE))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            await self._say(send, messages.greeting(position))
            if self._after is not None:
                await self._catch_up(send, self._after, position)
            await self._go_on(send)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            listener.end(End.SLOW)
        finally:  # nothing is awaited here: a stream that is cancelled would not get past it
            hub.leave(listener)
            gone.cancel()
            metrics.live_ends.labels(listener.ended or End.GONE).inc()
            log.info("live.ended", reason=listener.ended or End.GONE)

    async def _catch_up(self, send: Send, after: int, position: int) -> None:
        missed = await self._hub.missed(self._listener, after, position)
        if missed is None:
            await self._say(send, messages.resync(position, "missed"))
        elif missed:
            await self._say(send, _joined(missed))

    async def _go_on(self, send: Send) -> None:
        listener, passed = self._listener, self._after or 0
        while not listener.ended:
            taken = await listener.take(BEAT_SECONDS)
            if taken:
                passed = max(passed, taken[-1].position)
                await self._say(send, _joined(taken))
            elif not listener.ended:
                passed = max(passed, self._hub.position)
                await self._say(send, messages.heartbeat(passed))
        if listener.ended is End.SLOW:
            await self._say(send, messages.resync(self._hub.position, End.SLOW))

    async def _say(self, send: Send, text: bytes) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS) as self._listener.sending:
                await send({"type": "http.response.body", "body": text, "more_body": True})
        finally:
            self._listener.sending = None


def _joined(told: list[Message]) -> bytes:
    return b"".join(one.text for one in told)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
