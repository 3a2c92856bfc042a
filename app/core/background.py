"""Work that goes on in a web process after the answer: short, limited in number, and ended before the process."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from app.core.errors import Unavailable
from app.core.reasons import reason_of

MOST_AT_ONCE = 100

log = structlog.get_logger(__name__)


class Background:
    """What runs beside requests. Who asked for it must be able to do without: a process may end at any moment."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def require_room(self) -> None:
        """Raises Unavailable when there is too much already."""
        if len(self._running) >= MOST_AT_ONCE:
            raise Unavailable("This server has all the searches that it can follow.", retry_after=5)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin it; what it raises is logged."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)

    async def settle(self) -> None:
        """Wait until everything has ended."""
        while self._running:
            await asyncio.wait(self._running)

    async def stop(self) -> None:
        """End everything now."""
        for task in self._running:
            task.cancel()
        await self.settle()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("background.failed", reason=reason_of(error), exc_info=error)
