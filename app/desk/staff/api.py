"""Signing in to the API, and who one is there."""

from uuid import UUID

from litestar import Controller, Response, delete, get, post
from litestar.params import JSONBody

from app.core.auth.tokens import TokenPair, issue_tokens, revoke_family, rotate_tokens
from app.core.errors import NotSignedIn
from app.core.http import CurrentActor, Request, Session
from app.core.permissions import PUBLIC, SIGNED_IN
from app.core.values import UNSET
from app.desk.staff.schemas import Me, NewTokens, RefreshTokens, Tokens
from app.desk.staff.services import identity

NO_STORE = {"Cache-Control": "no-store"}


class TokenController(Controller):
    """Access and refresh tokens of a first-party app."""

    path = "/api/v1/auth/tokens"
    tags = ["Sign-in"]
    opt = {"csrf_exempt": True, "idempotent": False}

    @post(name="api.tokens.create", operation_id="createTokens", summary="Sign in", permission=PUBLIC)
    async def create(self, request: Request, session: Session, data: JSONBody[NewTokens]) -> Response[Tokens]:
        """Exchange credentials for tokens. 401 with `totp_required` asks for the code of the second factor."""
        staff = await identity.check_password(
            session, request.runtime, email=data.email, password=data.password, address=request.address
        )
        await identity.check_second_factor(session, request.runtime, staff, data.totp)
        pair = await issue_tokens(session, staff.id)
        await identity.note_tokens(session, staff, address=request.address)
        return _tokens(pair)

    @post(
        "/refresh", name="api.tokens.refresh", operation_id="refreshTokens", summary="Renew tokens", permission=PUBLIC
    )
    async def refresh(self, request: Request, data: JSONBody[RefreshTokens]) -> Response[Tokens]:
        """Exchange a refresh token for new tokens. One that was used before ends all tokens of its sign-in."""
        return _tokens(await rotate_tokens(request.runtime.database, data.refresh_token))

    @delete(
        "/current",
        name="api.tokens.destroy",
        operation_id="deleteCurrentTokens",
        summary="Sign out",
        permission=SIGNED_IN,
    )
    async def destroy(self, request: Request, session: Session) -> None:
        """End the access token of this request, and every token of the same sign-in."""
        family = request.scope["state"].get("token_family")
        if family is None:
            raise NotSignedIn("Send the access token that is to end.")
        await revoke_family(session, UUID(str(family)))


class MeController(Controller):
    """The person behind the token."""

    path = "/api/v1/me"
    tags = ["Sign-in"]

    @get(name="api.me.show", operation_id="getMe", summary="Who is signed in", permission=SIGNED_IN)
    async def show(self, actor: CurrentActor) -> Response[Me]:
        """Name, roles, permissions and scope. Absent `markets` or `branches` mean everything."""
        me = Me(
            id=str(actor.id),
            name=actor.name,
            email=actor.email,
            roles=sorted(actor.roles),
            permissions=sorted(actor.permissions),
            markets=UNSET if actor.markets is None else sorted(actor.markets),
            branches=UNSET if actor.branches is None else sorted(actor.branches),
        )
        return Response(me, headers=NO_STORE)


def _tokens(pair: TokenPair) -> Response[Tokens]:
    tokens = Tokens(pair.access_token, pair.expires_in, pair.refresh_token)
    return Response(tokens, status_code=201, headers=NO_STORE)
