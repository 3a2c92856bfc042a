"""The cookies of identity: the session's, a visitor's before sign-in, and that of a sign-in half done."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from litestar import Response
from litestar.datastructures import Cookie

from app.core.auth.secrets import new_token
from app.core.guard import VISITOR_COOKIE, bound_to_visitor, session_cookie_name
from app.core.http import Request
from app.core.runtime import Runtime

PENDING_COOKIE = "forecourt_pending"
PENDING_LIFE = timedelta(minutes=10)


def session_cookie(runtime: Runtime, token: str) -> Cookie:
    """The cookie of a session; it ends with the browser, the session itself by the server's own limits."""
    return _cookie(runtime, session_cookie_name(runtime), token)


def without_session(runtime: Runtime) -> Cookie:
    """Takes the session's cookie away."""
    return _cookie(runtime, session_cookie_name(runtime), "", max_age=0)


def pending_cookie(runtime: Runtime, token: str) -> Cookie:
    """The cookie of a person whose password was right and whose second factor is still asked for."""
    return _cookie(runtime, PENDING_COOKIE, token, max_age=int(PENDING_LIFE.total_seconds()))


def without_pending(runtime: Runtime) -> Cookie:
    """Takes the cookie of a sign-in half done away."""
    return _cookie(runtime, PENDING_COOKIE, "", max_age=0)


def bind_visitor(request: Request) -> list[Cookie]:
    """Tie the forms of a page to a visitor who is not signed in; the cookie to send when they have none yet."""
    if request.visitor is not None or request.cookies.get(VISITOR_COOKIE):
        return []
    token = new_token()
    request.scope["state"]["bound_to"] = bound_to_visitor(token)
    return [_cookie(request.runtime, VISITOR_COOKIE, token)]


def give(response: Response[Any], given: Iterable[Cookie]) -> Response[Any]:
    """Add cookies to an answer."""
    for cookie in given:
        response.set_cookie(cookie)
    return response


def _cookie(runtime: Runtime, name: str, value: str, *, max_age: int | None = None) -> Cookie:
    return Cookie(
        key=name, value=value, path="/", max_age=max_age, httponly=True, secure=runtime.is_secure, samesite="lax"
    )
