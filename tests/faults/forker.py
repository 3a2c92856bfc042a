"""Gives pieces of work to children that die at a chosen step, and says how each ended."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from app.cli.options import environment_of
from app.settings import ROOT, Settings

START_SECONDS = 180
ANSWER_SECONDS = 180
LONGEST_LINE = 4_000_000


@dataclass(frozen=True)
class Ended:
    """How a child ended: killed or stopped at the last of its steps, or with an answer."""

    is_killed: bool
    steps: list[str]
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    text: str = ""
    error: str = ""
    stopped_pid: int = 0

    def json(self) -> Any:
        return json.loads(self.text)


class Forker:
    """The running process of `killed_process`."""

    def __init__(self, process: asyncio.subprocess.Process, base_url: str) -> None:
        self._process = process
        self._base_url = base_url

    async def request(
        self, method: str, path: str, *, headers: dict[str, str], content: str = "", kill_at: int | None = None
    ) -> Ended:
        """One request to the application in a process of its own."""
        call = {"method": method, "path": path, "headers": headers, "content": content, "base_url": self._base_url}
        return await self._call("request", kill_at=kill_at, **call)

    async def run_jobs(self, *kinds: str, kill_at: int | None = None, stop_at: int | None = None) -> Ended:
        """A worker that ends when no job is left; one that is stopped at a step waits to be resumed."""
        return await self._call("jobs", kill_at=kill_at, stop_at=stop_at, kinds=kinds)

    async def resume(self, pid: int) -> Ended:
        """Let a stopped child go on to its end."""
        return await self._call("resume", pid=pid)

    async def migrate(self, url: str, *, kill_at: int | None = None) -> Ended:
        return await self._call("migrate", kill_at=kill_at, url=url)

    async def expand(self, url: str, *, kill_at: int | None = None) -> Ended:
        """The steps that prepare a schema for code that is not there yet."""
        return await self._call("expand", kill_at=kill_at, url=url)

    async def _call(self, what: str, **values: Any) -> Ended:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"what": what, **values}).encode() + b"\n")
        await self._process.stdin.drain()
        line = await asyncio.wait_for(self._process.stdout.readline(), ANSWER_SECONDS)
        assert line, "the forking process has ended"
        ended = Ended(**json.loads(line))
        assert not ended.error, ended.error
        return ended


@asynccontextmanager
async def forking(settings: Settings) -> AsyncIterator[Forker]:
    """Start the process with these settings; it ends with the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.killed_process",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        cwd=ROOT, env=environment_of(settings), limit=LONGEST_LINE, start_new_session=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert await asyncio.wait_for(process.stdout.readline(), START_SECONDS) == b"ready\n"
        yield Forker(process, settings.base_url)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # also a child that is stopped, and holds what it has locked
        await process.wait()
