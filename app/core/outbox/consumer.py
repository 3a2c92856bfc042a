"""Brings numbered events to a consumer: in order for each record, at least once, and past what it cannot take."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, is_connection_loss, is_retryable, run_in_unit
from app.core.errors import Unavailable
from app.core.leases import LeaseTaken, wait_for
from app.core.outbox import positions
from app.core.outbox.events import Aggregate, Event
from app.core.reasons import reason_of

T = TypeVar("T")

IDLE_SECONDS = 0.25
RETRY_PASS_SECONDS = 0.5
FIRST_AWAY_SECONDS = 0.25
LONGEST_AWAY_SECONDS = 5.0

log = structlog.get_logger(__name__)


class ConsumerAway(Exception):
    """What the consumer writes to cannot be reached: nothing is wrong with the events, and all of them wait."""


class Consumer(Protocol):
    """Takes events; `is_state_based` when it re-reads the record, so that a newer event makes failed ones void."""

    @property
    def name(self) -> str: ...

    @property
    def is_state_based(self) -> bool: ...

    async def handle(self, events: Sequence[Event]) -> Mapping[UUID, str]:
        """Take events in their order and return why some could not be taken, by event id.

        Raises ConsumerAway when none of them can be taken now. Any other error is looked for in smaller and smaller
        parts of the batch until it belongs to one event. Events may be handed over again after a crash.
        """
        ...


class ConsumerLoop:
    """Feeds one consumer as long as this worker leads it."""

    def __init__(self, database: Database, consumer: Consumer, bell: asyncio.Event) -> None:
        self._database = database
        self._consumer = consumer
        self._bell = bell

    async def run(self, token: int, stop: asyncio.Event) -> None:
        """Follow the positions until `stop`; while the consumer is away, wait longer and longer, then catch up."""
        loop = asyncio.get_running_loop()
        retried_at = 0.0
        pause = FIRST_AWAY_SECONDS
        while not stop.is_set():
            try:
                self._bell.clear()
                moved = await self.step(token)
                if loop.time() - retried_at >= RETRY_PASS_SECONDS:
                    retried_at = loop.time()
                    await self.retry(token)
                pause = FIRST_AWAY_SECONDS
            except ConsumerAway as error:
                log.warning("consumer.away", consumer=self._consumer.name, reason=str(error), seconds=pause)
                await wait_for(stop, pause)
                pause = min(pause * 2, LONGEST_AWAY_SECONDS)
                continue
            if not moved and not stop.is_set():
                await _wait_for_any(stop, self._bell, IDLE_SECONDS)

    async def step(self, token: int) -> int:
        """Hand over the next batch and move the position past it; returns how many events it passed."""
        name = self._consumer.name
        events = await self._read(lambda session: positions.next_events(session, name))
        if not events:
            return 0
        stuck = await self._read(
            lambda session: positions.stuck_aggregates(session, name, [event.record_id for event in events])
        )
        is_void = self._consumer.is_state_based
        failed = await self._attempt(events, frozenset() if is_void else stuck)
        kept = [
            positions.Kept(event, failed.get(event.id))
            for event in events
            if self._must_wait(event, events, failed, stuck)
        ]
        passed = events[-1].position
        voided = stuck.intersection(event.aggregate for event in events) if is_void else frozenset[Aggregate]()
        await run_in_unit(self._database, lambda session: positions.advance(session, name, token, passed, kept, voided))
        return len(events)

    def _must_wait(
        self, event: Event, events: Sequence[Event], failed: Mapping[UUID, str], stuck: frozenset[Aggregate]
    ) -> bool:
        if event.id in failed:
            return True
        if self._consumer.is_state_based:
            return False
        before = {other.aggregate for other in events if other.id in failed and other.position < event.position}
        return event.aggregate in stuck or event.aggregate in before

    async def retry(self, token: int) -> int:
        """Try the events again that are due and the first of their record; returns how many went through."""
        name = self._consumer.name
        through = 0
        while events := await self._read(lambda session: positions.due_failures(session, name)):
            failed = await self._attempt(events, frozenset())
            done = [event for event in events if event.id not in failed]
            await run_in_unit(
                self._database,
                lambda session: positions.settle(session, name, token, done, failed),  # noqa: B023
            )
            through += len(done)
            if not done:
                break
        return through

    async def _attempt(self, events: Sequence[Event], stuck: frozenset[Aggregate]) -> dict[UUID, str]:
        failed: dict[UUID, str] = {}
        blocked = set(stuck)
        parts = [list(events)]
        while parts:
            part = [event for event in parts.pop() if event.aggregate not in blocked]
            if not part:
                continue
            try:
                refused = await self._consumer.handle(part)
            except (ConsumerAway, LeaseTaken):
                raise
            except Exception as error:  # whatever one event does, the others go on
                if _is_passing(error):
                    raise ConsumerAway(reason_of(error)) from error
                if len(part) > 1:
                    half = len(part) // 2
                    parts += [part[half:], part[:half]]
                    continue
                refused = {part[0].id: reason_of(error)}
                log.warning("event.refused", consumer=self._consumer.name, reason=reason_of(error), exc_info=error)
            failed.update(refused)
            if not self._consumer.is_state_based:
                blocked.update(event.aggregate for event in part if event.id in refused)
        return failed

    async def _read(self, read: Callable[[AsyncSession], Awaitable[T]]) -> T:
        return await run_in_unit(self._database, read)


def _is_passing(error: Exception) -> bool:
    if isinstance(error, SQLAlchemyError | TimeoutError):
        return is_connection_loss(error) or is_retryable(error)
    return isinstance(error, Unavailable | OSError)


async def _wait_for_any(stop: asyncio.Event, bell: asyncio.Event, seconds: float) -> None:
    waits = [asyncio.create_task(event.wait()) for event in (stop, bell)]
    await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
