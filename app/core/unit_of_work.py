"""One request is one transaction: the wrapper around every handler that takes a session.

The handler runs, its answer is built, then the transaction commits. On 1020, 1205 and 1213 everything is rolled back
and the handler runs again with an empty session and the same body, at most five times. What raises rolls back.

A connection that is lost before the commit took the whole transaction along, so the work is repeated once on another
one. Lost during the commit, only the row of an Idempotency-Key can tell whether it was kept: with a key the work is
repeated, and meets its own answer when it was; without one the answer is 503 `outcome_unknown`.
"""

import functools
from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.plugins import ReceiveRoutePlugin
from litestar.routes import BaseRoute, HTTPRoute
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import idempotency, metrics
from app.core.db import (
    ATTEMPTS,
    OutcomeUnknown,
    finish,
    has_written,
    is_connection_loss,
    is_retryable,
    pause_before_retry,
)
from app.core.errors import AppError
from app.core.http import Request
from app.core.problems import problem_response

Handler = Callable[..., Awaitable[Any]]

SAFE_METHODS = frozenset({"GET", "HEAD"})
LOSSES = 1
"""How many lost connections one request survives: a stale one is replaced, a server that is away is told."""


class UnitOfWork(ReceiveRoutePlugin):
    """Wraps each handler with a `session` parameter once, when its route is registered."""

    def receive_route(self, route: BaseRoute) -> None:
        if not isinstance(route, HTTPRoute):
            return
        for handler in route.route_handlers:
            if "session" in handler.parsed_fn_signature.parameters and not hasattr(handler.fn, "is_unit_of_work"):
                handler._fn = _unit_of_work(handler.fn, handler)  # noqa: SLF001  # pyright: ignore


def _unit_of_work(call: Handler, handler: HTTPRouteHandler) -> Handler:
    @functools.wraps(call)
    async def unit(*args: Any, **kwargs: Any) -> Any:
        session: AsyncSession = kwargs["session"]
        request: Request = session.info["request"]
        return await _repeated(request, session, handler.opt, functools.partial(call, *args, **kwargs))

    unit.is_unit_of_work = True  # pyright: ignore
    return unit


async def run_unit(request: Request, call: Callable[[AsyncSession], Awaitable[Any]]) -> Any:
    """The unit of work of a handler that does something slow before it, and so takes no session itself.

    It is repeated and answered by its Idempotency-Key as that of any other handler.
    """
    session = request.runtime.database.new_session()
    session.info["request"] = request
    try:
        return await _repeated(request, session, request.route_handler.opt, functools.partial(call, session))
    finally:
        await session.close()


async def _repeated(request: Request, session: AsyncSession, opt: dict[str, Any], call: Handler) -> Any:
    key = await idempotency.key_of(request, opt)
    losses = 0
    for attempt in range(ATTEMPTS):
        try:
            return await _once(request, session, key, call)
        except (DBAPIError, OutcomeUnknown) as error:
            losses += not is_retryable(error)
            if attempt == ATTEMPTS - 1 or losses > LOSSES or not _may_repeat(error, request, key):
                raise
            await session.rollback()
            session.expunge_all()
        metrics.unit_repeats.inc()
        await pause_before_retry(attempt)
    raise AssertionError("the loop returns or raises")


def _may_repeat(error: DBAPIError | OutcomeUnknown, request: Request, key: tuple[str, str] | None) -> bool:
    if isinstance(error, OutcomeUnknown):
        return key is not None or request.method in SAFE_METHODS
    return is_retryable(error) or is_connection_loss(error)


async def _once(request: Request, session: AsyncSession, key: tuple[str, str] | None, call: Handler) -> Any:
    if key is None:
        response = await call()
        await finish(session)
        return response
    if answered := await idempotency.claim(session, *key):
        return answered
    try:
        response = await call()
    except AppError as error:
        if not request.is_api or not idempotency.is_final(error.status):
            raise
        if answered := await _undone(session, key):
            return answered
        response = problem_response(request, error)
    if request.is_api or response.status_code in (204, 303):
        await idempotency.keep(session, key[0], response)
    else:
        await idempotency.forget(session, key[0])
    await finish(session)
    return response


async def _undone(session: AsyncSession, key: tuple[str, str]) -> Response[Any] | None:
    """Nothing but the key in the transaction of a refused request: it is begun anew, unless it has only read."""
    session.expunge_all()
    if not await has_written(session):
        return None
    await session.rollback()
    return await idempotency.claim(session, *key)
