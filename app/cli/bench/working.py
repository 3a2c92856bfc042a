"""A worker beside what is measured, once it has done what it found waiting."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from app.cli.failures import CommandFailed
from app.cli.options import environment_of
from app.cli.processes import ProcessIdentity, start_process
from app.settings import ROOT, Settings

if TYPE_CHECKING:
    from app.core.read_pool import ReadPool

QUIET_SECONDS: Final = 300
START_SECONDS: Final = 60
LOOK_SECONDS: Final = 0.2
STOP_SECONDS: Final = 15
DUE: Final = "SELECT COUNT(*) FROM job WHERE state = 'running' OR (state = 'queued' AND run_at <= UTC_TIMESTAMP(6))"


@asynccontextmanager
async def working(settings: Settings, reads: ReadPool, core: set[int]) -> AsyncGenerator[None]:
    """A running worker on this core; the block begins when nothing waits for it any more."""
    from app.core.indexing import CONSUMER
    from app.core.outbox.positions import lease_name
    from app.core.outbox.relay import RELAY

    command = ["taskset", "-c", ",".join(map(str, core)), sys.executable, "-m", "app.cli", "worker"]
    log = settings.data_dir / "logs" / "bench-worker.log"
    process = start_process(command, log=log, directory=ROOT, environment=environment_of(settings))
    identity = ProcessIdentity.of(process.pid)
    led = [RELAY, lease_name(CONSUMER)] if settings.opensearch_url else [RELAY]
    try:
        await until(lambda: _is_at_work(reads, led), START_SECONDS, "The worker did not begin its work")
        await until(lambda: _is_done(reads), QUIET_SECONDS, "The worker was not done with what waited for it")
        yield
    finally:
        if identity is not None:
            identity.stop(seconds=STOP_SECONDS, group=True)
        process.wait()


async def is_running(reads: ReadPool, kind: str) -> bool:
    """Whether the worker does a job of a kind at this moment."""
    rows = await reads.fetch("SELECT COUNT(*) FROM job WHERE state = 'running' AND kind = %s", (kind,))
    return bool(rows[0][0])


async def until(is_so: Callable[[], Awaitable[bool]], seconds: float, refusal: str) -> None:
    """Look again and again until it is so. Raises CommandFailed with the refusal when it does not come about."""
    last = time.monotonic() + seconds
    while not await is_so():
        if time.monotonic() > last:
            raise CommandFailed(f"{refusal} within {seconds:g} s.")
        await asyncio.sleep(LOOK_SECONDS)


async def _is_at_work(reads: ReadPool, names: list[str]) -> bool:
    """Whether a worker leads these pieces of work; before that it still starts."""
    places = ", ".join(["%s"] * len(names))
    sql = f"SELECT COUNT(*) FROM worker_lease WHERE lease_until > UTC_TIMESTAMP(6) AND name IN ({places})"  # noqa: S608
    ((led,),) = await reads.fetch(sql, names)
    return led == len(names)


async def _is_done(reads: ReadPool) -> bool:
    """Whether no job is due and every event was applied; a worker that was just started takes up all at once."""
    from app.core.outbox.feed import consumer_states

    states = await consumer_states(reads)
    return not any(state.behind for state in states) and not (await reads.fetch(DUE))[0][0]
