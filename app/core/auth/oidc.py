"""OpenID Connect: the authorization code flow with PKCE, against one identity provider.

OpenID Connect Core 1.0 and Discovery 1.0, RFC 7636 (PKCE), RFC 9207 (issuer in the answer), RFC 8725 (how tokens are
attacked): signatures by an allow list of algorithms with keys of the provider's own set only, found by their `kid`.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx2
import msgspec
import structlog
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from app.core.auth.identities import Attempt, Identity, TokenRefused
from app.core.errors import Unavailable
from app.settings import Settings

ALGORITHMS = ("RS256", "ES256", "PS256", "EdDSA")
CALL_SECONDS = 5.0
LONGEST_ANSWER = 200_000
LONGEST_TOKEN = 20_000
KEEP_SECONDS = 3600.0
ASK_KEYS_AGAIN_SECONDS = 30.0
"""An unknown key makes us ask for the provider's keys anew, but not more often than this."""
LEEWAY_SECONDS = 60
LONGEST_LIFE_SECONDS = 24 * 3600
SCOPE = "openid profile email groups"
METHOD = "S256"

logger = structlog.get_logger()


@dataclass
class Provider:
    """The configured identity provider: its description and its keys, asked for once an hour."""

    settings: Settings
    _description: dict[str, Any] = field(default_factory=dict[str, Any])
    _described_at: float = 0.0
    _keys: KeySet | None = None
    _keys_at: float = 0.0
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def issuer(self) -> str:
        return self.settings.oidc_issuer

    @property
    def redirect_uri(self) -> str:
        """From the configured address, never from a header."""
        return f"{self.settings.base_url}/sign-in/identity/return"

    async def authorization_address(self, attempt: Attempt) -> str:
        """Where the browser goes. Raises Unavailable."""
        description = await self._describe()
        async with self._client() as client:
            address, _ = client.create_authorization_url(
                description["authorization_endpoint"],
                state=attempt.state,
                nonce=attempt.nonce,
                code_verifier=attempt.verifier,
            )
        return str(address)

    async def identity_of(self, attempt: Attempt, code: str) -> Identity:
        """Exchange the code and check the ID token. Raises TokenRefused, Unavailable."""
        description = await self._describe()
        try:
            async with self._client() as client, asyncio.timeout(CALL_SECONDS):
                answer = await client.fetch_token(
                    description["token_endpoint"], code=code, code_verifier=attempt.verifier
                )
        except OAuthError as error:
            raise _refused("exchange", error.error) from error
        except (httpx2.HTTPError, TimeoutError) as error:
            raise Unavailable("The identity provider does not answer.", retry_after=10) from error
        except ValueError as error:
            raise _refused("exchange", "no JSON") from error
        token = answer.get("id_token")
        if not isinstance(token, str) or len(token) > LONGEST_TOKEN:
            raise _refused("token", "missing or too long")
        return identity_in(await self._verified(token), self.issuer, self.settings.oidc_client_id, attempt.nonce)

    async def _verified(self, token: str) -> Mapping[str, Any]:
        """The claims of a token that one of the provider's own keys signed."""
        header = _header_of(token)
        for is_second_look in (False, True):
            keys = await self._key_set(anew=is_second_look)
            if header["kid"] in {key.kid for key in keys.keys}:
                return _claims_of(token, keys)
        raise _refused("kid", "not among the provider's keys")

    async def _describe(self) -> dict[str, Any]:
        async with self._asking:
            if not self._description or time.monotonic() - self._described_at > KEEP_SECONDS:
                found = await self._fetch(f"{self.issuer}/.well-known/openid-configuration")
                if found.get("issuer") != self.issuer:
                    raise Unavailable("The identity provider describes another issuer.")
                for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                    if not is_fit_address(str(found.get(name))):
                        raise Unavailable(f"The identity provider's {name} is not usable.")
                self._description, self._described_at = found, time.monotonic()
            return self._description

    async def _key_set(self, *, anew: bool) -> KeySet:
        description = await self._describe()
        async with self._asking:
            age = time.monotonic() - self._keys_at
            if self._keys is None or age > KEEP_SECONDS or (anew and age > ASK_KEYS_AGAIN_SECONDS):
                found = await self._fetch(description["jwks_uri"])
                usable = [key for key in found.get("keys", []) if is_signing_key(key)]
                try:
                    self._keys = KeySet.import_key_set({"keys": usable})
                except (JoseError, ValueError, TypeError) as error:
                    raise Unavailable("The identity provider's keys cannot be read.") from error
                self._keys_at = time.monotonic()
            return self._keys

    async def _fetch(self, address: str) -> dict[str, Any]:
        try:
            async with self._client() as client, asyncio.timeout(CALL_SECONDS):
                answer = await client.request("GET", address, withhold_token=True)
        except (httpx2.HTTPError, TimeoutError) as error:
            raise Unavailable("The identity provider does not answer.", retry_after=10) from error
        if answer.status_code != httpx2.codes.OK or len(answer.content) > LONGEST_ANSWER:
            raise Unavailable("The identity provider does not answer as it should.", retry_after=10)
        try:
            return msgspec.json.decode(answer.content, type=dict[str, Any])
        except msgspec.DecodeError as error:
            raise Unavailable("The identity provider's answer cannot be read.", retry_after=10) from error

    def _client(self) -> Any:
        secret = self.settings.oidc_client_secret
        return AsyncOAuth2Client(
            client_id=self.settings.oidc_client_id,
            client_secret=secret.get_secret_value() if secret else None,
            token_endpoint_auth_method="client_secret_basic" if secret else "none",
            scope=SCOPE,
            redirect_uri=self.redirect_uri,
            code_challenge_method=METHOD,
            timeout=CALL_SECONDS,
            follow_redirects=False,
            trust_env=False,
        )


def is_fit_address(address: str) -> bool:
    """Whether secrets may go there: https, or this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"))


def is_signing_key(key: Any) -> bool:
    """Whether a key of the provider's set may verify: named, asymmetric, and not meant for encryption."""
    return (
        isinstance(key, dict)
        and isinstance(key.get("kid"), str)
        and key.get("kty") in ("RSA", "EC", "OKP")
        and key.get("use", "sig") == "sig"
    )


def _header_of(token: str) -> Mapping[str, Any]:
    """The protected header. What it says of keys (`jwk`, `jku`, `x5u`, `x5c`) is refused, not followed."""
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError, UnicodeEncodeError) as error:
        raise _refused("form", type(error).__name__) from error
    if header.get("alg") not in ALGORITHMS:
        raise _refused("alg", str(header.get("alg")))
    if not isinstance(header.get("kid"), str):
        raise _refused("kid", "missing")
    if str(header.get("typ", "JWT")).lower() not in ("jwt", "id+jwt", "application/jwt"):
        raise _refused("typ", str(header.get("typ")))
    if own := {"jwk", "jku", "x5u", "x5c", "crit", "zip", "enc"} & set(header):
        raise _refused("header", ", ".join(sorted(own)))
    return header


def _claims_of(token: str, keys: KeySet) -> Mapping[str, Any]:
    try:
        return jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise _refused("signature", type(error).__name__) from error


def identity_in(claims: Mapping[str, Any], issuer: str, client_id: str, nonce: str) -> Identity:
    """Check the claims as OpenID Connect Core 3.1.3.7 orders and read who it is. Raises TokenRefused."""
    registry = jwt.JWTClaimsRegistry(
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": issuer},
        sub={"essential": True},
        aud={"essential": True, "value": client_id},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        registry.validate(dict(claims))
    except (JoseError, ValueError, TypeError) as error:
        raise _refused("claims", str(error)) from error
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if claims.get("azp", client_id) != client_id or (len(audience) > 1 and "azp" not in claims):
        raise _refused("claims", "azp")
    if claims["exp"] - claims["iat"] > LONGEST_LIFE_SECONDS or claims["iat"] > time.time() + LEEWAY_SECONDS:
        raise _refused("claims", "iat")
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise _refused("claims", "sub")
    email = claims.get("email")
    return Identity(
        issuer=issuer,
        subject=subject,
        email=email.strip().lower() if isinstance(email, str) else "",
        is_email_verified=claims.get("email_verified") is True,
        name=str(claims.get("name") or "")[:200],
        groups=_groups(claims.get("groups")),
    )


def _groups(value: Any) -> tuple[str, ...]:
    named: Sequence[Any] = value if isinstance(value, list) else []
    return tuple(sorted({group for group in named if isinstance(group, str) and len(group) <= 200}))


def _refused(part: str, reason: str) -> TokenRefused:
    logger.warning("identity_refused", part=part, reason=reason[:200])
    return TokenRefused("The answer of the identity provider was refused. Begin again.")
