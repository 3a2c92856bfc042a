"""Speaking with a card provider: each operation goes under a key of ours, and is carried out once per key.

The call that asks, and the reader of its answer; neither does I/O.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from app.core.partners.client import Answer, Call
from app.core.partners.outcomes import MalformedAnswer, PartnerFailed, PartnerRefused
from app.kit.money import Money
from app.payments.charges.rules import OperationKind

PATHS: Mapping[OperationKind, str] = {
    OperationKind.HOLD: "/v1/payments",
    OperationKind.SALE: "/v1/payments",
    OperationKind.INCREASE: "/v1/payments/{number}/increments",
    OperationKind.CAPTURE: "/v1/payments/{number}/captures",
    OperationKind.RELEASE: "/v1/payments/{number}/voids",
    OperationKind.REFUND: "/v1/payments/{number}/refunds",
}
SECONDS = 20.0


class ProviderRefused(PartnerRefused):
    """The provider said no, in its own words; `reason` is its code."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(f"{reason.replace('_', ' ')}: {text}" if text else reason.replace("_", " "))
        self.reason = reason


class NeverHeardOf(PartnerRefused):
    """The provider has no operation under this key: what was sent never arrived."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One operation as it is sent."""

    key: str
    kind: OperationKind
    amount: Money
    reference: str
    number: str = ""
    payment_token: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What the provider says of a payment once it did what was asked."""

    number: str
    card: str


def call_for(asked: Asked, secret: str) -> Call:
    """The call that asks for an operation. The provider does it once per key, so it may be sent again."""
    body: dict[str, Any] = {"amount": asked.amount.minor, "currency": asked.amount.currency}
    if asked.kind in (OperationKind.HOLD, OperationKind.SALE):
        body |= {
            "reference": asked.reference,
            "source": asked.payment_token,
            "capture": asked.kind is OperationKind.SALE,
        }
    headers = {**_headers(secret), "Idempotency-Key": asked.key, "Content-Type": "application/json"}
    path = PATHS[asked.kind].replace("{number}", asked.number)
    return Call(asked.kind.value, "POST", path, msgspec.json.encode(body), headers, seconds=SECONDS)


def retrieval_of(key: str, secret: str) -> Call:
    """The call that asks what became of an operation."""
    return Call("retrieve", "GET", f"/v1/operations/{key}", None, _headers(secret), is_safe=True)


def read(answer: Answer) -> Told:
    """Raises ProviderRefused, NeverHeardOf, PartnerFailed, MalformedAnswer."""
    try:
        given = msgspec.json.decode(answer.body, type=dict[str, Any])
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise MalformedAnswer(f"no JSON object: {error}"[:200]) from error
    error = given.get("error")
    if error is not None:
        code, text = str(error["code"]), str(error.get("message", ""))[:300]
        if code == "operation_not_found":
            raise NeverHeardOf(text)
        if code in ("internal", "in_progress"):
            raise PartnerFailed(text)
        raise ProviderRefused(code, text)
    if answer.status >= 400:
        raise MalformedAnswer(f"status {answer.status} without an error")
    card = given.get("card") or {}
    words = f"{card['brand']} {card['last_four']}" if card else ""
    return Told(str(given["id"])[:64], words[:40])


def _headers(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}", "Accept": "application/json"}
