"""Pages on which suppliers are added, changed and tried."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from app.core.partners.models import PartnerExchange
from app.desk.exchanges.services import outcome_words, pretty
from app.kit.money import EXPONENTS
from app.rental.suppliers.forms import LIMITS, SupplierForm
from app.rental.suppliers.models import Supplier
from app.rental.suppliers.pages.words import OPERATION_WORDS
from app.rental.suppliers.queries import DIALECT_WORDS
from app.rental.suppliers.rules import Operation

USUAL_CURRENCIES = ("EUR", "SEK", "PLN", "DKK", "NOK", "CZK", "GBP", "CHF", "USD")
CURRENCIES = [(code, code) for code in (*USUAL_CURRENCIES, *sorted(set(EXPONENTS).difference(USUAL_CURRENCIES)))]
DIALECTS = list(DIALECT_WORDS.items())
CAPABILITIES = [(operation.value, words) for operation, words in OPERATION_WORDS.items()]
MOST_LINES = 600
"""So many lines of both answers are compared; longer ones are shown as they are."""


@dataclass(frozen=True, slots=True)
class SupplierEdit:
    """The form."""

    form: SupplierForm
    supplier: Supplier | None
    action: str
    cancel_href: str

    dialects = DIALECTS
    currencies = CURRENCIES
    capabilities = CAPABILITIES

    @property
    def secret_hint(self) -> str:
        """What is known of the secret: never what it is."""
        is_kept = self.supplier is not None and self.supplier.secret_sealed is not None
        return "One is kept and never shown; empty keeps it." if is_kept else "None is kept yet."

    @property
    def webhook_hint(self) -> str:
        is_kept = self.supplier is not None and self.supplier.webhook_sealed is not None
        kept = "One is kept and never shown; a new one keeps the old beside it until the next."
        return kept if is_kept else "None is kept yet: its messages are not believed."


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one exchange."""

    outcome: str
    tone: str
    status: str
    milliseconds: int
    reason: str
    href: str
    body: str


@dataclass(frozen=True, slots=True)
class ConnectionTest:
    """What a supplier answered just now."""

    supplier: Supplier
    told: Told | None
    is_asked: bool


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of then beside its line of now."""

    before: str
    after: str
    is_changed: bool


@dataclass(frozen=True, slots=True)
class ReplayPage:
    """A kept request, what came of it then, and what comes of it now."""

    exchange: PartnerExchange
    operation: str
    refusal: str
    request: str
    before: Told
    after: Told | None
    lines: list[DiffLine]
    changed: int


def new_form() -> SupplierForm:
    """What a new supplier usually is."""
    return SupplierForm.of(
        {
            "dialect": "json_rest", "currency": "EUR", "search_milliseconds": 4_000, "most_calls": 8,
            "is_active": "true", "capabilities": [operation.value for operation in Operation],
        }
    )  # fmt: skip


def form_of(supplier: Supplier) -> SupplierForm:
    """A supplier as it is, without what is secret."""
    names = (
        "code", "name", "dialect", "base_url", "account", "currency", "phone", "search_milliseconds", "most_calls",
        "version",
    )  # fmt: skip
    values: dict[str, Any] = {name: getattr(supplier, name) for name in names}
    facts = {name: "true" if getattr(supplier, name) else "" for name in ("has_period_quirk", "is_active")}
    limits: dict[str, Any] = {f"limits.{name}": supplier.limits.get(name) for name in LIMITS}
    limits["limits.no_one_way"] = "" if supplier.limits.get("is_one_way_allowed", True) else "true"
    return SupplierForm.of(values | facts | limits | {"capabilities": list(supplier.capabilities)})


def edit(form: SupplierForm, supplier: Supplier | None) -> SupplierEdit:
    """The form of a new supplier, or of one that is there."""
    if supplier is None:
        return SupplierEdit(form, None, "/suppliers", "/suppliers")
    return SupplierEdit(form, supplier, f"/suppliers/{supplier.id}/edit", f"/suppliers/{supplier.id}")


def told(exchange: PartnerExchange) -> Told:
    """What came of one exchange."""
    words, tone = outcome_words(exchange.outcome)
    return Told(
        outcome=words,
        tone=tone,
        status=str(exchange.status or ""),
        milliseconds=exchange.milliseconds,
        reason=exchange.reason,
        href=f"/exchanges/{exchange.id}",
        body=pretty(exchange.response_body),
    )


def replay_page(exchange: PartnerExchange, refusal: str, again: PartnerExchange | None = None) -> ReplayPage:
    """Then, and now where it was sent again."""
    before, after = told(exchange), told(again) if again else None
    lines = compared(before.body, after.body) if after else []
    known = exchange.operation in set(Operation)
    return ReplayPage(
        exchange=exchange,
        operation=OPERATION_WORDS[Operation(exchange.operation)] if known else exchange.operation,
        refusal=refusal,
        request=pretty(exchange.request_body),
        before=before,
        after=after,
        lines=lines,
        changed=sum(line.is_changed for line in lines),
    )


def compared(before: str, after: str) -> list[DiffLine]:
    """Two bodies line beside line."""
    left, right = before.splitlines(), after.splitlines()
    if max(len(left), len(right)) > MOST_LINES:
        left, right = left[:MOST_LINES], right[:MOST_LINES]
    lines: list[DiffLine] = []
    for tag, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        for place in range(max(b - a, d - c)):
            one = left[a + place] if a + place < b else ""
            other = right[c + place] if c + place < d else ""
            lines.append(DiffLine(one, other, tag != "equal"))
    return lines
