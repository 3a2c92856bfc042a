"""Around every request: an id, security headers, limits, one log line and the metrics."""

import asyncio
import re
import time

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from app.core import metrics
from app.core.changes import request_id
from app.core.deadline import has_deadline, request_deadline
from app.core.errors import Unavailable
from app.core.http import to_json
from app.core.limits import Intake, with_body_deadline
from app.core.permissions import PUBLIC
from app.core.problems import PROBLEM_TYPE, problem_of
from app.kit.ids import new_id
from app.kit.numbers_in_text import find_number

DOWNLOAD_SECONDS = 600.0
"""A file that is sent while it is read may take as long as a slow line needs."""
ACCEPTED_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$")
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
}
STREAM_TYPE = b"text/event-stream"
QUIET = ("/static/", "/health/")

logger = structlog.get_logger()


class RequestFrame:
    """The outermost layer: also around what no route matches."""

    def __init__(self, app: ASGIApp, *, is_secure: bool) -> None:
        self.app = app
        self.intake = Intake()
        headers = dict(SECURITY_HEADERS)
        if is_secure:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        self.headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        identity = _request_id(scope)
        request_id.set(identity)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=identity)
        started = time.perf_counter()
        seen: dict[str, int] = {"status": 0}

        async def send_framed(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen["status"] = message["status"]
                given = message.get("headers", [])
                names = {name for name, _ in given}
                ours = [(name, value) for name, value in self.headers if name not in names]
                message["headers"] = [*given, (b"x-request-id", identity.encode()), *ours]
                if any(name == b"content-disposition" and value.startswith(b"attachment") for name, value in given):
                    limit.reschedule(asyncio.get_running_loop().time() + DOWNLOAD_SECONDS)
                if any(name == b"content-type" and value.startswith(STREAM_TYPE) for name, value in given):
                    place.leave()
            await send(message)

        try:
            place = self.intake.enter(scope)
        except Unavailable as refusal:
            await _send_refusal(scope, send_framed, refusal)
            self._note(scope, seen["status"], time.perf_counter() - started)
            return
        try:
            async with request_deadline() as limit:
                await self.app(scope, with_body_deadline(receive), send_framed)
        except TimeoutError:
            if not seen["status"]:
                await _send_refusal(
                    scope, send_framed, Unavailable("This took too long and was stopped.", retry_after=5)
                )
        finally:
            place.leave()
            self._note(scope, seen["status"], time.perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        handler = scope.get("route_handler")
        route = getattr(handler, "name", None) or "unnamed"
        if has_deadline():
            metrics.observe_request(route, str(scope["method"]), status, seconds)  # pyright: ignore
        if not scope["path"].startswith(QUIET):
            actor = scope.get("state", {}).get("actor")
            logger.info(
                "request",
                method=scope["method"],  # pyright: ignore
                path=_logged_path(scope),
                status=status,
                milliseconds=round(seconds * 1000, 1),
                actor=str(actor.id) if actor else None,
            )


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text = value.decode("latin-1")
            if ACCEPTED_ID.match(text) and find_number(text) is None:
                return text
    return new_id().hex


def _logged_path(scope: Scope) -> str:
    """The address, but for public routes, which carry single-use secrets, only its template."""
    handler = scope.get("route_handler")
    if getattr(handler, "opt", {}).get("permission") == PUBLIC:
        return scope.get("path_template") or scope["path"]
    return scope["path"]


async def _send_refusal(scope: Scope, send: Send, refusal: Unavailable) -> None:
    kind, body = b"text/plain; charset=utf-8", refusal.detail.encode()
    if scope["path"].startswith("/api/"):
        kind, body = PROBLEM_TYPE.encode(), to_json(problem_of(scope["path"], refusal))
    headers = [(b"content-type", kind), (b"retry-after", refusal.headers["Retry-After"].encode())]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
