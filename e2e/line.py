"""The line between the portal and its search engine, which a test can cut and mend."""

import asyncio
import threading
from urllib.parse import urlsplit

from tests.core.cuttable import CuttableLine

TURN_SECONDS = 10


class SearchLine:
    """A proxy before OpenSearch, in a thread of its own, because the tests themselves do not run in a loop."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._line = CuttableLine(parts.hostname or "127.0.0.1", parts.port or 9200)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="search-line", daemon=True)
        self.is_cut = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._line.port}"

    def start(self) -> None:
        self._thread.start()
        self.mend()

    def mend(self) -> None:
        if self.is_cut:
            asyncio.run_coroutine_threadsafe(self._line.mend(), self._loop).result(TURN_SECONDS)
            self.is_cut = False

    def cut(self) -> None:
        """Reset every connection and refuse new ones, as a stopped server does."""
        if not self.is_cut:
            asyncio.run_coroutine_threadsafe(self._line.cut(), self._loop).result(TURN_SECONDS)
            self.is_cut = True

    def stop(self) -> None:
        self.cut()
        asyncio.run_coroutine_threadsafe(self._settle(), self._loop).result(TURN_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(TURN_SECONDS)
        self._loop.close()

    async def _settle(self) -> None:
        """Let the connections that were reset come to their end."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:
            await asyncio.wait(others, timeout=TURN_SECONDS / 2)
