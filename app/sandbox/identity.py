"""A small identity provider: OpenID Connect with PKCE over real HTTP, people to choose from, faults on demand."""

import base64
import hashlib
import hmac
import html
import os
import secrets
import time
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from litestar import Litestar, Request, Response, get, post
from litestar.datastructures import State

from app.sandbox.tokens import CLAIM_FAULTS, TOKEN_FAULTS, Signer

CLIENT_ID: Final = "forecourt"
CODE_SECONDS: Final = 60
MOST_CODES: Final = 1_000
TOKEN_SECONDS: Final = 300
PROTOCOL_FAULTS: Final = ("state_of_another", "issuer_in_answer_of_another", "access_denied", "code_of_another")
UNVERIFIED: Final = "address_not_verified"

PEOPLE: Final = {
    "fleet": ("fleet@demo.test", "Mari Kask", ["fleet-clerks"]),
    "manager": ("fleet.manager@demo.test", "Henrik Saar", ["fleet-managers"]),
    "rates": ("rates@demo.test", "Kersti Laur", ["rate-managers"]),
    "credit": ("credit@demo.test", "Liis Tamm", ["credit-officers"]),
    "engineer": ("engineer@demo.test", "Kaur Lepik", ["engineers"]),
    "new": ("new.colleague@demo.test", "Piret Oja", ["fleet-clerks", "coffee-club"]),
    "visitor": ("visitor@demo.test", "Olev Visitor", ["coffee-club"]),
}


@dataclass
class Grant:
    """A code that was given out, and what it stands for."""

    person: str
    fault: str
    redirect_uri: str
    challenge: str
    nonce: str
    made_at: float = field(default_factory=time.monotonic)


@dataclass
class Ledger:
    """What the provider remembers: its keys and the codes not yet used."""

    issuer: str
    signer: Signer = field(default_factory=Signer)
    codes: dict[str, Grant] = field(default_factory=dict[str, Grant])

    def give_code(self, grant: Grant) -> str:
        while len(self.codes) >= MOST_CODES:
            self.codes.pop(next(iter(self.codes)))
        code = secrets.token_urlsafe(32)
        self.codes[code] = grant
        return code

    def claims(self, grant: Grant) -> dict[str, Any]:
        email, name, groups = PEOPLE[grant.person]
        now = int(time.time())
        return {
            "iss": self.issuer,
            "sub": f"sandbox-{grant.person}",
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "nonce": grant.nonce,
            "email": email,
            "email_verified": grant.fault != UNVERIFIED,
            "name": name,
            "groups": groups,
        }


def create_identity_provider(issuer: str) -> Litestar:
    """The provider as an application; `issuer` is the address it is reached at."""
    return Litestar(
        route_handlers=[describe, show_keys, choose, decide, exchange],
        state=State({"ledger": Ledger(issuer)}),
        openapi_config=None,
        logging_config=None,
    )


def create_from_environment() -> Litestar:
    """The provider as a server starts it."""
    return create_identity_provider(os.environ["SANDBOX_ISSUER"])


@get("/.well-known/openid-configuration", sync_to_thread=False)
def describe(state: State) -> dict[str, Any]:
    issuer = state.ledger.issuer
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/keys",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
    }


@get("/keys", sync_to_thread=False)
def show_keys(state: State) -> dict[str, Any]:
    return state.ledger.signer.published()


@get("/authorize", sync_to_thread=False)
def choose(request: Request[Any, Any, Any]) -> Response[str]:
    """The page on which a person is chosen."""
    asked = dict(request.query_params)
    if problem := _problem(asked):
        return Response(html.escape(problem), status_code=400, media_type="text/plain")
    kept = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(asked[name])}">'
        for name in ("redirect_uri", "state", "nonce", "code_challenge")
    )
    people = "".join(
        f'<p><button name="person" value="{key}">{html.escape(name)} ({html.escape(", ".join(groups))})</button></p>'
        for key, (_, name, groups) in PEOPLE.items()
    )
    faults = "".join(
        f"<option>{fault}</option>" for fault in ("", UNVERIFIED, *PROTOCOL_FAULTS, *TOKEN_FAULTS, *CLAIM_FAULTS)
    )
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Sandbox identity</title><main>'
        "<h1>Sandbox identity</h1><p>Nobody real lives here: choose who signs in.</p>"
        f'<form method="post" action="/authorize">{kept}{people}'
        f'<p><label>With a fault <select name="fault">{faults}</select></label></p></form></main></html>'
    )
    return Response(page, media_type="text/html")


@post("/authorize", status_code=303)
async def decide(request: Request[Any, Any, Any], state: State) -> Response[None]:
    """Give a code for the chosen person and send the browser back."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    fault, target = form.get("fault", ""), form["redirect_uri"]
    grant = Grant(form["person"], fault, target, form["code_challenge"], form["nonce"])
    answer = {"code": state.ledger.give_code(grant), "state": form["state"], "iss": state.ledger.issuer}
    if fault == "access_denied":
        answer = {"error": "access_denied", "state": form["state"], "iss": state.ledger.issuer}
    elif fault == "state_of_another":
        answer["state"] = secrets.token_urlsafe(32)
    elif fault == "issuer_in_answer_of_another":
        answer["iss"] = "https://attacker.example"
    elif fault == "code_of_another":
        answer["code"] = secrets.token_urlsafe(32)
    return Response(None, status_code=303, headers={"Location": f"{target}?{urlencode(answer)}"})


@post("/token", status_code=200)
async def exchange(request: Request[Any, Any, Any], state: State) -> Response[dict[str, Any]]:
    """A code once, with the verifier of its challenge, for an ID token."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    grant: Grant | None = state.ledger.codes.pop(form.get("code", ""), None)
    if (
        grant is None
        or time.monotonic() - grant.made_at > CODE_SECONDS
        or form.get("redirect_uri") != grant.redirect_uri
        or not hmac.compare_digest(_challenge(form.get("code_verifier", "")), grant.challenge)
    ):
        return Response({"error": "invalid_grant"}, status_code=400)
    claims = state.ledger.claims(grant)
    is_wrong = grant.fault in TOKEN_FAULTS or grant.fault in CLAIM_FAULTS
    token = state.ledger.signer.wrong(grant.fault, claims) if is_wrong else state.ledger.signer.right(claims)
    return Response(
        {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "expires_in": 60, "id_token": token},
        headers={"Cache-Control": "no-store"},
    )


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _problem(asked: dict[str, str]) -> str | None:
    if asked.get("client_id") != CLIENT_ID:
        return "unknown client_id"
    if asked.get("response_type") != "code" or "openid" not in asked.get("scope", "").split():
        return "response_type has to be code, and scope has to name openid"
    if asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge"):
        return "a code_challenge by S256 is needed"
    if not asked.get("state") or not asked.get("nonce"):
        return "state and nonce are needed"
    if urlsplit(asked.get("redirect_uri", "")).hostname not in ("127.0.0.1", "localhost", "::1"):
        return "redirect_uri has to be on this machine"
    return None
