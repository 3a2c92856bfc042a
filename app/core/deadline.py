"""The time that a request may take, which only an answer that is a stream may lift."""

import asyncio
from contextvars import ContextVar

REQUEST_SECONDS = 30.0

_deadline: ContextVar[asyncio.Timeout | None] = ContextVar("deadline", default=None)


def request_deadline() -> asyncio.Timeout:
    """A limit around a request, known to what runs inside it."""
    limit = asyncio.timeout(REQUEST_SECONDS)
    _deadline.set(limit)
    return limit


def without_deadline() -> None:
    """Lift the limit of the running request; called by a stream once it has begun, never by what a client sends."""
    if limit := _deadline.get():
        limit.reschedule(None)


def has_deadline() -> bool:
    """Whether the running request is still limited, so that its time says something about the server."""
    limit = _deadline.get()
    return limit is None or limit.when() is not None
