"""A worker's own address for probes and collectors, answered by the loop that does the work: a stuck one is seen."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from aiohttp import web

from app.core import metrics

EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"


@asynccontextmanager
async def status_server(host: str, port: int) -> AsyncGenerator[None]:
    """Answer `/health/live` and `/metrics` while the block runs; port 0 means not at all. Raises OSError when taken."""
    if not port:
        yield
        return
    application = web.Application()
    application.add_routes([web.get("/health/live", _live), web.get("/metrics", _metrics)])
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield
    finally:
        await runner.cleanup()


async def _live(_: web.Request) -> web.Response:
    return web.json_response({"status": "live"})


async def _metrics(_: web.Request) -> web.Response:
    return web.Response(body=metrics.exposition(), headers={"Content-Type": EXPOSITION})
