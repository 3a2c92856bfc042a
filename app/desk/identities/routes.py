"""Going to the identity provider, and coming back."""

import hmac
from typing import TYPE_CHECKING, Any

import msgspec
from litestar import Controller, Response, get
from litestar.datastructures import Cookie

from app.core.auth import cookies
from app.core.auth.identities import Attempt, TokenRefused
from app.core.crypto import DecryptionError, decrypt, encrypt
from app.core.errors import NotFound
from app.core.http import Request, Session, local_address, redirect_to
from app.core.permissions import PUBLIC
from app.core.runtime import Runtime
from app.desk.identities import services
from app.desk.staff.services import identity as proving

if TYPE_CHECKING:
    from app.core.auth.oidc import Provider

PATH = "/sign-in/identity"
COOKIE = "forecourt_identity"
CONTEXT = "identity.attempt"
ATTEMPT_SECONDS = 600


class IdentityController(Controller):
    """The company account."""

    path = PATH
    opt = {"permission": PUBLIC, "idempotent": False}
    include_in_schema = False

    @get(name="sign_in.identity.new")
    async def leave(self, request: Request) -> Response[Any]:
        provider = provider_of(request.runtime)
        attempt = Attempt.begin(local_address(request.query_params.get("next")))
        address = await provider.authorization_address(attempt)
        response = Response(None, status_code=303, headers={"Location": address, "Cache-Control": "no-store"})
        return cookies.give(response, [_attempt_cookie(request.runtime, attempt)])

    @get("/return", name="sign_in.identity.create")
    async def come_back(self, request: Request, session: Session) -> Response[Any]:
        provider, runtime = provider_of(request.runtime), request.runtime
        attempt = _checked_attempt(request, provider)
        identity = await provider.identity_of(attempt, request.query_params.get("code", ""))
        staff = await services.admit(session, runtime, identity)
        replaced = request.visitor.session_id if request.visitor else None
        browser = request.headers.get("user-agent", "")
        token = await proving.sign_in(session, staff, address=request.address, browser=browser, replaces=replaced)
        given = [cookies.session_cookie(runtime, token), _attempt_cookie(runtime, None)]
        return cookies.give(redirect_to(request, local_address(attempt.after)), given)


def provider_of(runtime: Runtime) -> "Provider":
    """The provider of the settings. Raises NotFound when there is none."""
    from app.core.auth.oidc import Provider

    if not runtime.settings.oidc_issuer:
        raise NotFound
    if runtime.identity_provider is None or runtime.identity_provider.settings is not runtime.settings:
        runtime.identity_provider = Provider(runtime.settings)
    return runtime.identity_provider


def _attempt_cookie(runtime: Runtime, attempt: Attempt | None) -> Cookie:
    """Kept in the browser, readable by us alone; lax, because the provider's redirect comes from another site."""
    value = (
        encrypt(runtime.settings.key("identity/attempt"), msgspec.json.encode(attempt).decode(), CONTEXT)
        if attempt
        else b""
    )
    return Cookie(
        key=COOKIE,
        value=value.hex(),
        path=PATH,
        max_age=ATTEMPT_SECONDS if attempt else 0,
        httponly=True,
        secure=runtime.is_secure,
        samesite="lax",
    )


def _checked_attempt(request: Request, provider: "Provider") -> Attempt:
    """The attempt that this answer belongs to. Raises TokenRefused."""
    asked = request.query_params
    try:
        sealed = bytes.fromhex(request.cookies.get(COOKIE, ""))
        attempt = msgspec.json.decode(
            decrypt(request.runtime.settings.keys("identity/attempt"), sealed, CONTEXT), type=Attempt
        )
    except (ValueError, DecryptionError, msgspec.DecodeError):
        raise TokenRefused("The sign-in was begun in another browser, or too long ago. Begin again.") from None
    if not hmac.compare_digest(asked.get("state", "").encode(), attempt.state.encode()):
        raise TokenRefused("The answer belongs to another sign-in. Begin again.")
    if asked.get("iss", provider.issuer) != provider.issuer:
        raise TokenRefused("The answer comes from another identity provider.")
    if asked.get("error"):
        raise TokenRefused("The identity provider did not let you in.")
    if not asked.get("code"):
        raise TokenRefused("The answer has no code. Begin again.")
    return attempt
