"""One open stream: who listens, what waits to be sent, and why it ended."""

import asyncio
from collections import deque
from enum import StrEnum

from app.core.actor import Actor
from app.core.live.messages import Message

MOST_WAITING = 256
"""Messages that wait for one slow listener; with more the stream ends and its client reads anew."""


class End(StrEnum):
    """Why a stream ended."""

    GONE = "gone"
    SLOW = "slow"
    SIGNED_OUT = "signed_out"
    CLOSING = "closing"


class Subscriber:
    """A person's stream in this process; `after` is the position that it has been told of."""

    def __init__(
        self, actor: Actor, *, kinds: frozenset[str] | None = None, session: str = "", family: str = ""
    ) -> None:
        self.actor, self.kinds, self.session, self.family = actor, kinds, session, family
        self.ended: End | None = None
        self.sending: asyncio.Timeout | None = None
        """The limit of the piece that is being sent: it runs out at once for a listener who is too slow."""
        self._waiting: deque[Message] = deque()
        self._bell = asyncio.Event()

    def wants(self, kind: str) -> bool:
        return self.kinds is None or kind in self.kinds

    def put(self, message: Message) -> None:
        """Add a message, never waiting for the listener; too many end the stream."""
        if self.ended:
            return
        if len(self._waiting) >= MOST_WAITING:
            self.end(End.SLOW)
            return
        self._waiting.append(message)
        self._bell.set()

    def end(self, reason: End) -> None:
        """Let the stream end; the first reason stays, and what waited for a slow listener is dropped."""
        self.ended = self.ended or reason
        if self.ended is End.SLOW:
            self._waiting.clear()
            if self.sending is not None:
                self.sending.reschedule(0)
        self._bell.set()

    async def take(self, seconds: float) -> list[Message]:
        """What waits, at the latest after so many seconds; empty for a heartbeat or at the end."""
        if not self._waiting and not self.ended:
            self._bell.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self._bell.wait()
            except TimeoutError:
                return []
        taken = list(self._waiting)
        self._waiting.clear()
        return taken
