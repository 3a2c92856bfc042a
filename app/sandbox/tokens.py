"""ID tokens of the sandbox's identity provider: the right one, and every wrong one an attacker might try.

Each fault is one way in which a relying party can be deceived (RFC 8725, OpenID Connect Core 3.1.3.7).
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any, Final

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

HOUR: Final = 3600
Claims = dict[str, Any]


def _part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Signer:
    """The provider's keys: the one it publishes, and one of a stranger."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "sandbox-1", "use": "sig", "alg": "RS256"})
        self.stranger = RSAKey.generate_key(2048, {"kid": "stranger"})
        self.curve = ECKey.generate_key("P-256", {"kid": "stranger-curve"})

    def published(self) -> dict[str, Any]:
        """The key set, public parts only."""
        return {"keys": [self.key.as_dict(private=False)]}

    def right(self, claims: Claims) -> str:
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def wrong(self, fault: str, claims: Claims) -> str:
        """A token with one fault. Raises KeyError for a fault that does not exist."""
        if fault in CLAIM_FAULTS:
            changed = dict(claims)
            CLAIM_FAULTS[fault](changed)
            return self.right(changed)
        return TOKEN_FAULTS[fault](self, claims)

    def with_header(self, header: dict[str, Any], claims: Claims, key: RSAKey | None = None) -> str:
        """Signed by hand, whatever the header says: libraries rightly refuse to write most of these."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        body = f"{_part(header)}.{_part(claims)}"
        private = (key or self.key).private_key
        assert private is not None
        return f"{body}.{_part(private.sign(body.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    def hmac_with(self, secret: bytes, claims: Claims, kid: str) -> str:
        body = f"{_part({'alg': 'HS256', 'kid': kid, 'typ': 'JWT'})}.{_part(claims)}"
        return f"{body}.{_part(hmac.new(secret, body.encode(), hashlib.sha256).digest())}"

    def pem(self) -> bytes:
        return self.key.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _unsigned(algorithm: str, signature: str = "") -> Callable[[Signer, Claims], str]:
    return lambda signer, claims: f"{_part({'alg': algorithm, 'kid': signer.key.kid})}.{_part(claims)}.{signature}"


def _tampered_claims(signer: Signer, claims: Claims) -> str:
    head, _, signature = signer.right(claims).split(".")
    return f"{head}.{_part(claims | {'groups': ['administrators'], 'sub': 'somebody-else'})}.{signature}"


def _tampered_signature(signer: Signer, claims: Claims) -> str:
    token = signer.right(claims)
    return token[:-6] + ("AAAAAA" if token[-6:] != "AAAAAA" else "BBBBBB")


def _headed(**header: Any) -> Callable[[Signer, Claims], str]:
    return lambda signer, claims: signer.with_header(
        {"alg": "RS256", "kid": signer.key.kid, "typ": "JWT"} | header, claims, signer.stranger
    )


def _own_key_in_header(signer: Signer, claims: Claims) -> str:
    header = {"alg": "RS256", "kid": signer.stranger.kid, "jwk": signer.stranger.as_dict(private=False)}
    return signer.with_header(header, claims, signer.stranger)


def _without_kid(signer: Signer, claims: Claims) -> str:
    return signer.with_header({"alg": "RS256", "typ": "JWT"}, claims)


def _stranger(kid: str | None) -> Callable[[Signer, Claims], str]:
    return lambda signer, claims: signer.with_header(
        {"alg": "RS256", "kid": kid or signer.key.kid}, claims, signer.stranger
    )


TOKEN_FAULTS: Final[dict[str, Callable[[Signer, Claims], str]]] = {
    "alg_none": _unsigned("none"),
    "alg_none_in_mixed_case": _unsigned("nOnE"),
    "alg_none_with_signature": _unsigned("none", "AAAA"),
    "alg_missing": lambda signer, claims: f"{_part({'kid': signer.key.kid})}.{_part(claims)}.",
    "alg_unknown": _headed(alg="RS1"),
    "hs256_with_public_key": lambda signer, claims: signer.hmac_with(signer.pem(), claims, signer.key.kid or ""),
    "hs256_with_modulus": lambda signer, claims: signer.hmac_with(
        str(signer.key.as_dict(private=False)["n"]).encode(), claims, signer.key.kid or ""
    ),
    "hs256_with_empty_key": lambda signer, claims: signer.hmac_with(b"", claims, signer.key.kid or ""),
    "es256_for_an_rsa_key": lambda signer, claims: jwt.encode(
        {"alg": "ES256", "kid": signer.key.kid}, claims, signer.curve
    ),
    "signature_tampered": _tampered_signature,
    "claims_tampered": _tampered_claims,
    "signature_missing": lambda signer, claims: signer.right(claims).rpartition(".")[0] + ".",
    "kid_of_ours_key_of_a_stranger": _stranger(None),
    "kid_unknown": _stranger("sandbox-2"),
    "kid_missing": _without_kid,
    "kid_is_a_path": _stranger("../../../../dev/null"),
    "kid_is_sql": _stranger("x' UNION SELECT 'key' -- "),
    "key_in_header": _own_key_in_header,
    "key_address_in_header": _headed(jku="https://attacker.example/keys"),
    "certificate_address_in_header": _headed(x5u="https://attacker.example/cert"),
    "critical_extension": _headed(crit=["exp"]),
    "type_of_an_access_token": lambda signer, claims: signer.with_header(
        {"alg": "RS256", "kid": signer.key.kid, "typ": "at+jwt"}, claims
    ),
    "no_token_at_all": lambda _signer, _claims: "not.a-token",
    "two_parts": lambda signer, claims: signer.right(claims).rpartition(".")[0],
}


def _set(**values: Any) -> Callable[[Claims], Any]:
    return lambda claims: claims.update(values)


def _drop(name: str) -> Callable[[Claims], Any]:
    return lambda claims: claims.pop(name, None)


CLAIM_FAULTS: Final[dict[str, Callable[[Claims], Any]]] = {
    "audience_of_another_client": _set(aud="another-client"),
    "audience_missing": _drop("aud"),
    "audiences_without_authorised_party": lambda claims: claims.update(aud=[claims["aud"], "another-client"]),
    "authorised_party_is_another": _set(azp="another-client"),
    "issuer_of_another": _set(iss="https://attacker.example"),
    "issuer_with_slash": lambda claims: claims.update(iss=claims["iss"] + "/"),
    "issuer_missing": _drop("iss"),
    "nonce_of_another_attempt": _set(nonce="somebody-elses"),
    "nonce_missing": _drop("nonce"),
    "expired": lambda claims: claims.update(exp=claims["iat"] - HOUR, iat=claims["iat"] - 2 * HOUR),
    "expiry_missing": _drop("exp"),
    "expiry_is_text": lambda claims: claims.update(exp=str(claims["exp"])),
    "valid_for_years": lambda claims: claims.update(exp=claims["iat"] + 10_000 * HOUR),
    "not_valid_yet": lambda claims: claims.update(nbf=claims["iat"] + HOUR),
    "issued_in_the_future": lambda claims: claims.update(iat=claims["iat"] + HOUR, exp=claims["iat"] + 2 * HOUR),
    "issue_time_missing": _drop("iat"),
    "subject_missing": _drop("sub"),
    "subject_empty": _set(sub=""),
    "subject_is_a_list": _set(sub=["a", "b"]),
    "subject_too_long": _set(sub="x" * 300),
}
