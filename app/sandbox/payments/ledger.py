"""The record of a card provider: payments, and what was done to each under which key of its client."""

import itertools
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from app.sandbox.suppliers.faults import Switchboard

SECRET: Final = "sandbox-payments-secret"  # noqa: S105 - of a company that is only played
DECLINED: Final[Mapping[str, str]] = {
    "tok_declined": "declined",
    "tok_expired": "expired_card",
    "tok_no_funds": "insufficient_funds",
}
"""Cards that are always refused, and how."""
LIMITS: Final[Mapping[str, int]] = {"tok_limit_500": 50_000}
"""Cards on which no more than this is held, in minor units."""
BRANDS: Final = ("Visa", "Mastercard", "Maestro")
HOLD_SECONDS: Final = 7 * 24 * 3600


class Refusal(Exception):
    """No, with a code of ours."""

    def __init__(self, code: str, text: str = "", status: int = 402) -> None:
        super().__init__(code)
        self.code, self.text, self.status = code, text, status

    @property
    def content(self) -> dict[str, Any]:
        return {"error": {"code": self.code, "message": self.text}}


@dataclass
class Payment:
    """Money of one card: how much is held, taken and given back, and everything that was done to it."""

    number: str
    reference: str
    source: str
    currency: str
    held: int = 0
    captured: int = 0
    refunded: int = 0
    is_voided: bool = False
    made_at: float = field(default_factory=time.time)
    events: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def plain(self) -> dict[str, Any]:
        brand = BRANDS[sum(self.source.encode()) % len(BRANDS)]
        digits = f"{sum(self.source.encode()) * 7919 % 10_000:04d}"
        return {
            "id": self.number,
            "reference": self.reference,
            "currency": self.currency,
            "authorised": self.held,
            "captured": self.captured,
            "refunded": self.refunded,
            "voided": self.is_voided,
            "card": {"brand": brand, "last_four": digits},
            "events": self.events,
        }


@dataclass
class Operation:
    """What was done, or refused, under a key: the same answer for ever."""

    body: Mapping[str, Any]
    status: int
    content: dict[str, Any]


@dataclass
class Ledger:
    """One provider's record of one client."""

    payments: dict[str, Payment] = field(default_factory=dict[str, Payment])
    operations: dict[str, Operation] = field(default_factory=dict[str, Operation])
    calls: Counter[str] = field(default_factory=Counter[str])
    switchboard: Switchboard = field(default_factory=Switchboard)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def carry_out(self, key: str, operation: str, number: str, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """Do it once per key. Another body under a known key is refused."""
        asked = {"operation": operation, "number": number, **body}
        if known := self.operations.get(key):
            if known.body != asked:
                refusal = Refusal("duplicate_key", "this key was used for something else", 409)
                return refusal.status, refusal.content
            return known.status, known.content
        try:
            payment = self._do(operation, number, body, key)
            status, content = 200, payment.plain()
        except Refusal as refusal:
            status, content = refusal.status, refusal.content
        self.operations[key] = Operation(asked, status, content)
        return status, content

    def retrieve(self, key: str) -> tuple[int, dict[str, Any]]:
        """What became of an operation."""
        known = self.operations.get(key)
        if known is None:
            refusal = Refusal("operation_not_found", "", 404)
            return refusal.status, refusal.content
        return known.status, known.content

    def _do(self, operation: str, number: str, body: Mapping[str, Any], key: str) -> Payment:
        amount = body.get("amount")
        if not isinstance(amount, int) or amount <= 0:
            raise Refusal("invalid_amount", "a whole number of minor units", 422)
        if operation == "create":
            payment = self._create(body, amount)
        else:
            payment = self.payments.get(number) or _nowhere()
            if body.get("currency") != payment.currency:
                raise Refusal("invalid_currency", "", 422)
            _change(payment, operation, amount, self)
        payment.events.append({"key": key, "operation": operation, "amount": amount})
        return payment

    def _create(self, body: Mapping[str, Any], amount: int) -> Payment:
        source = str(body.get("source", ""))
        self.refuse_card(source, amount)
        payment = Payment(f"pay_{next(self._numbers):06d}", str(body.get("reference", "")), source, body["currency"])
        payment.held = amount
        if body.get("capture"):
            payment.captured = amount
        self.payments[payment.number] = payment
        return payment

    def refuse_card(self, source: str, amount: int) -> None:
        """Raises Refusal for cards on which nothing, or not so much, is held."""
        if self.switchboard.take("card", frozenset({"decline"})):
            raise Refusal("declined", "do not honour")
        if code := DECLINED.get(source):
            raise Refusal(code, "")
        if not source.startswith("tok_"):
            raise Refusal("unknown_token", "", 422)
        if amount > LIMITS.get(source, amount):
            raise Refusal("over_limit", "the card has a lower limit")


def _change(payment: Payment, operation: str, amount: int, ledger: Ledger) -> None:
    match operation:
        case _ if payment.is_voided:
            raise Refusal("voided", "nothing is held any more", 409)
        case "increment" if payment.captured == 0 and amount > payment.held:
            ledger.refuse_card(payment.source, amount)
            payment.held = amount
        case "capture" if payment.captured == 0 and amount <= payment.held:
            payment.captured = amount
        case "void" if payment.captured == 0:
            payment.is_voided = True
        case "refund" if payment.refunded + amount <= payment.captured:
            payment.refunded += amount
        case _:
            raise Refusal("not_possible", f"authorised {payment.held}, captured {payment.captured}", 409)


def _nowhere() -> Payment:
    raise Refusal("payment_not_found", "", 404)
