"""The live streams of one process: one reader of the outbox for all of them, which rests while nobody listens."""

import asyncio
from collections.abc import Callable, Sequence

import structlog

from app.core import metrics
from app.core.actor import Actor
from app.core.auth.sessions import find_live_sessions
from app.core.auth.tokens import find_live_families
from app.core.db import Database
from app.core.errors import TooManyRequests, Unavailable
from app.core.live.messages import Message
from app.core.live.subscribers import End, Subscriber
from app.core.live.telling import Teller
from app.core.outbox.feed import Change, events_after, latest_position
from app.core.reasons import reason_of

MOST_STREAMS = 1_000
MOST_STREAMS_OF_ONE = 12
"""Of one person in one process: each visible tab holds one."""
BATCH = 200
BUSY_SECONDS, IDLE_SECONDS = 0.1, 0.4
"""The pause between looks at the outbox: shortest after an event, then growing."""
AWAY_SECONDS = 2.0
CHECK_SECONDS = 3.0
"""How long a stream can outlive its session or token."""
MOST_REPLAYED = 1_000
"""Events that a returning client is told one by one; with more it reads anew."""
STAFF = "staff"

log = structlog.get_logger(__name__)


class Hub:
    """Who listens in this process, and the task that reads for all of them."""

    def __init__(self, database: Callable[[], Database], teller: Teller) -> None:
        self._database, self._teller = database, teller
        self._listeners: set[Subscriber] = set()
        self._reader: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._is_closing = False
        self.position = 0

    @property
    def count(self) -> int:
        return len(self._listeners)

    def require_room(self, actor: Actor) -> None:
        """Raises Unavailable or TooManyRequests when one more stream would be too many."""
        if self._is_closing or self.count >= MOST_STREAMS:
            raise Unavailable("This server has all the live streams that it can hold.", retry_after=5)
        if sum(1 for one in self._listeners if one.actor.id == actor.id) >= MOST_STREAMS_OF_ONE:
            raise TooManyRequests(f"At most {MOST_STREAMS_OF_ONE} live streams of one person.", retry_after=30)

    async def join(self, listener: Subscriber) -> int:
        """Begin to collect messages for a listener; returns the position after which they come.

        The turn keeps it from falling between the reading of a batch and its delivery.
        """
        self.require_room(listener.actor)
        async with self._turn:
            if self._reader is None or self._reader.done():
                self.position = await latest_position(self._database().reads)
                self._reader = asyncio.create_task(self._read())
            self._listeners.add(listener)
        metrics.live_streams.set(self.count)
        return self.position

    def leave(self, listener: Subscriber) -> None:
        """Forget a listener; never waits, because it is called while a stream is being cancelled."""
        self._listeners.discard(listener)
        metrics.live_streams.set(self.count)

    async def missed(self, listener: Subscriber, after: int, until: int) -> list[Message] | None:
        """The messages between two positions, in order; None when they are too many or no longer kept.

        They are given, not put: what changes meanwhile waits in the listener already and comes after them.
        """
        if until - after > MOST_REPLAYED or after - until > MOST_REPLAYED:
            return None
        reads, passed, found = self._database().reads, after, list[Message]()
        while passed < until:
            events = [event for event in await events_after(reads, passed, BATCH) if event.position <= until]
            if not events or events[0].position != passed + 1:
                return None
            found += [message for _, message in await self._teller.tell(reads, events, [listener])]
            passed = events[-1].position
        return found

    def close(self) -> None:
        """End every stream at once and take no more: the server is stopping."""
        self._is_closing = True
        self._end(list(self._listeners), End.CLOSING)

    async def stop(self) -> None:
        """Close, and wait for the reader to end."""
        self.close()
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.wait([self._reader])

    async def _read(self) -> None:
        pause, checked_at = BUSY_SECONDS, _time()
        while self._listeners:
            try:
                moved = await self._step()
                if _time() - checked_at >= CHECK_SECONDS:
                    checked_at = _time()
                    await self._check()
                pause = BUSY_SECONDS if moved else min(pause * 1.5, IDLE_SECONDS)
            except Exception as error:  # whatever one look met, the streams stay open and the next look tries again
                log.warning("live.read_failed", reason=reason_of(error), exc_info=error)
                pause = AWAY_SECONDS
            await asyncio.sleep(pause)

    async def _step(self) -> bool:
        async with self._turn:
            reads = self._database().reads
            events = await events_after(reads, self.position, BATCH)
            if not events:
                return False
            for listener, message in await self._teller.tell(reads, events, list(self._listeners)):
                listener.put(message)
            self.position = events[-1].position
        self._end_changed(events)
        return True

    def _end_changed(self, events: Sequence[Change]) -> None:
        """Whose account changed connects again, with the permissions and the scope of now."""
        changed = {event.record_id for event in events if event.kind == STAFF}
        self._end([one for one in self._listeners if str(one.actor.id) in changed], End.SIGNED_OUT)

    async def _check(self) -> None:
        """End the streams whose session or token no longer is one; two reads for all of them."""
        primary, listeners = self._database().primary, list(self._listeners)
        sessions = await find_live_sessions(primary, [one.session for one in listeners if one.session])
        families = await find_live_families(primary, [one.family for one in listeners if one.family])
        self._end(
            [one for one in listeners if one.session not in sessions and one.family not in families], End.SIGNED_OUT
        )

    def _end(self, listeners: Sequence[Subscriber], reason: End) -> None:
        for one in listeners:
            one.end(reason)


def _time() -> float:
    return asyncio.get_running_loop().time()
