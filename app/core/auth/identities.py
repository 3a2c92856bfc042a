"""What signing in through an identity provider carries; the protocol itself is in `oidc`, loaded only then."""

import secrets
from dataclasses import dataclass

import msgspec

from app.core.errors import AppError


class TokenRefused(AppError):
    """The provider's answer does not prove who somebody is; the reason is logged, not shown."""

    code = "identity_refused"
    status = 401
    title = "The sign-in could not be verified"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the provider says somebody is."""

    issuer: str
    subject: str
    email: str
    is_email_verified: bool
    name: str
    groups: tuple[str, ...]


class Attempt(msgspec.Struct, frozen=True):
    """One sign-in under way; kept in the browser, encrypted, until the provider sends it back."""

    state: str
    nonce: str
    verifier: str
    after: str

    @classmethod
    def begin(cls, after: str) -> "Attempt":
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(64), after)
