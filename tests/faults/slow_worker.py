"""A worker as `forecourt worker` runs it, with one kind of job that never ends by itself."""

import asyncio
import signal
from typing import Any

import uvloop

from app.core.area import JobKind
from app.core.db import Database
from app.core.jobs.context import JobContext
from app.core.worker import run_worker
from app.main import assemble
from app.settings import load_settings


async def endless(context: JobContext) -> Any:
    done = 0
    while True:
        done += 1
        await context.progress(done, None, f"step {done}")
        await asyncio.sleep(0.05)


async def work() -> None:
    stop, settings, assembly = asyncio.Event(), load_settings(), assemble()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    database = await Database.open(settings)
    kind = JobKind("faults.endless", "A job that never ends", endless)
    try:
        await run_worker(database, None, settings, list(assembly.kinds.values()), [*assembly.tasks, kind], stop)
    finally:
        await database.close()


if __name__ == "__main__":
    uvloop.run(work())
