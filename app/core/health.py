"""Liveness, readiness and metrics."""

import asyncio
import hmac
from typing import Any

from litestar import Controller, Response, get

from app.core import metrics
from app.core.errors import NotFound, Unavailable
from app.core.http import JSON_TYPE, Request, to_json
from app.core.permissions import PUBLIC
from search.errors import SearchUnavailable

PROBE_SECONDS = 2.0
LOOPBACK = ("127.0.0.1", "::1")


class Health(Controller):
    """What an orchestrator asks."""

    opt = {"permission": PUBLIC}
    include_in_schema = False

    @get("/health/live", name="health.live")
    async def live(self) -> Response[bytes]:
        return Response(b'{"status":"live"}', media_type=JSON_TYPE)

    @get("/health/ready", name="health.ready")
    async def ready(self, request: Request) -> Response[bytes]:
        """200 while the database answers; a missing search engine only degrades."""
        runtime = request.runtime
        state: dict[str, Any] = {"status": "ready", "database": "up", "search": "off"}
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                await runtime.database.probe.fetch("SELECT 1")
        except (TimeoutError, Unavailable):
            state |= {"status": "not_ready", "database": "down"}
        if runtime.search is not None:
            state["search"] = "up" if await _search_answers(request) else "down"
        status = 200 if state["status"] == "ready" else 503
        return Response(to_json(state), status_code=status, media_type=JSON_TYPE, headers={"Cache-Control": "no-store"})

    @get("/metrics", name="metrics", has_own_credentials=True)
    async def show_metrics(self, request: Request) -> Response[bytes]:
        """For a collector on the same machine, or one that has the token."""
        peer = request.client.host if request.client else ""
        is_near = peer in LOOPBACK and "x-forwarded-for" not in request.headers
        if not is_near and not _has_token(request):
            raise NotFound
        return Response(metrics.exposition(), media_type="text/plain; version=0.0.4")


def _has_token(request: Request) -> bool:
    token = request.runtime.settings.metrics_token
    sent = request.headers.get("authorization", "")
    return token is not None and hmac.compare_digest(sent.encode(), f"Bearer {token.get_secret_value()}".encode())


async def _search_answers(request: Request) -> bool:
    search = request.runtime.search
    try:
        return search is not None and bool(await search.send("GET", "/", seconds=PROBE_SECONDS))
    except SearchUnavailable:
        return False
