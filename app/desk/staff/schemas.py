"""What the API takes and gives for signing in."""

from typing import Annotated

import msgspec

from app.core.values import UNSET, Id, Maybe

Secret = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Address = Annotated[str, msgspec.Meta(min_length=3, max_length=254, extra_json_schema={"format": "email"})]
Code = Annotated[
    str, msgspec.Meta(min_length=1, max_length=32, description="A code of the second factor, or a recovery code.")
]


class NewTokens(msgspec.Struct, forbid_unknown_fields=True):
    """Credentials; `totp` is needed by those who have a second factor."""

    email: Address
    password: Secret
    totp: Code | None = None


class RefreshTokens(msgspec.Struct, forbid_unknown_fields=True):
    """The refresh token of the last answer; it works once."""

    refresh_token: Secret


class Tokens(msgspec.Struct, frozen=True):
    """An access token for 15 minutes (`expires_in` seconds) and the refresh token for the next exchange."""

    access_token: str
    expires_in: int
    refresh_token: str
    token_type: str = "Bearer"  # noqa: S105 - the scheme's name


class Me(msgspec.Struct, frozen=True):
    """Who is signed in and what they may do. Absent `markets` or `branches` mean everything, an empty list nothing."""

    id: Id
    name: str
    email: str
    roles: list[str]
    permissions: list[str]
    markets: Maybe[list[str]] = UNSET
    branches: Maybe[list[str]] = UNSET
