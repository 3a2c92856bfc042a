"""The one guard of every route: who is it, may they, and did they mean it."""

from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from app.core.auth.sessions import find_session, is_csrf_token
from app.core.auth.staff import actor_of
from app.core.auth.tokens import find_access_token
from app.core.errors import Forbidden, NotSignedIn
from app.core.http import Request
from app.core.permissions import PUBLIC, SIGNED_IN
from app.core.runtime import Runtime

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER, CSRF_FIELD = "x-csrf-token", "_csrf"
VISITOR_COOKIE = "forecourt_visitor"


def session_cookie_name(runtime: Runtime) -> str:
    """`__Host-` binds the cookie to this host and to https; plain http on loopback cannot carry that name."""
    return "__Host-forecourt" if runtime.is_secure else "forecourt_session"


def bound_to_visitor(cookie: str) -> str:
    """What the token of somebody not signed in is bound to; it never equals a session's id."""
    return f"visitor/{cookie}" if cookie else ""


async def authorise(connection: ASGIConnection, handler: BaseRouteHandler) -> None:  # pyright: ignore
    """Authenticate, check the origin of unsafe requests, and refuse what the actor's roles do not allow."""
    assert isinstance(connection, Request)
    permission = handler.opt.get("permission")
    if not handler.opt.get("has_own_credentials"):
        await _identify(connection, is_activity=not handler.opt.get("is_stream"))
    if connection.method not in SAFE_METHODS and not connection.scope["state"].get("bearer"):
        if permission != PUBLIC and connection.visitor is None:
            raise NotSignedIn
        await _refuse_forgery(connection, exempt=bool(handler.opt.get("csrf_exempt")))
    if permission == PUBLIC:
        return
    actor = connection.visitor
    if actor is None:
        raise NotSignedIn
    if permission != SIGNED_IN and (permission is None or not actor.may(permission)):
        raise Forbidden(f"This needs the permission {permission}.", extra={"permission": permission})


async def _identify(request: Request, *, is_activity: bool) -> None:
    runtime, state = request.runtime, request.scope["state"]
    authorisation = request.headers.get("authorization", "")
    if authorisation:
        scheme, _, token = authorisation.partition(" ")
        reads, staff = runtime.database.primary, runtime.assembly.staff_table
        found = await find_access_token(reads, token, staff) if scheme.lower() == "bearer" else None
        if found is None:
            raise NotSignedIn("The access token is not valid or has expired.", headers={"WWW-Authenticate": "Bearer"})
        state["bearer"] = True
        state["token_family"] = found.family_id
        state["bound_to"] = found.family_id
        state["actor"] = actor_of(found.staff, runtime.assembly.permissions) if found.staff else None
        return
    token = request.cookies.get(session_cookie_name(runtime))
    state["bound_to"] = bound_to_visitor(request.cookies.get(VISITOR_COOKIE, ""))
    if not token:
        return
    live = await find_session(runtime.database.primary, token, runtime.assembly.staff_table, is_activity=is_activity)
    if live and live.staff:
        state["actor"] = actor_of(live.staff, runtime.assembly.permissions, session_id=live.id)
        state["bound_to"] = str(live.id)


async def _refuse_forgery(request: Request, *, exempt: bool) -> None:
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site not in (None, "same-origin", "none") or (origin and not _is_ours(request, origin)):
        raise Forbidden("The request came from another site.")
    if exempt:
        return
    sent = request.headers.get(CSRF_HEADER)
    if sent is None and not request.is_api and "form" in request.headers.get("content-type", ""):
        sent = str((await request.form()).get(CSRF_FIELD, ""))
    bound_to = request.scope["state"].get("bound_to", "")
    if not bound_to or not sent or not is_csrf_token(request.runtime.csrf_keys, bound_to, sent):
        raise Forbidden("The page was too old or not ours. Load it again and repeat.", extra={"reason": "csrf"})


def _is_ours(request: Request, origin: str) -> bool:
    host = request.headers.get("host", "")
    given = urlsplit(origin)
    base = urlsplit(request.runtime.settings.base_url)
    return given.netloc == base.netloc or (not request.runtime.is_secure and given.netloc == host)
