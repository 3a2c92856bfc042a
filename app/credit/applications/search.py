"""Applications in the search index: who, what and how much; nothing by which a person is numbered."""

from collections.abc import Sequence
from typing import Any

import msgspec

from app.core.read_pool import ReadPool
from app.core.values import money_value
from app.credit.applications import queries
from app.credit.applications.schemas import PRODUCT_WORDS, STATE_WORDS
from app.kit.markets import MARKETS
from search.kinds import SearchKind

PERMISSION = "applications.view"
KIND = SearchKind(
    "application",
    facets=("state", "product", "channel", "currency", "tags", "assignee", "unassigned"),
    numbers=("amount_minor", "term_months"),
    dates=("submitted_at", "information_due_on"),
)
OPEN = frozenset({"submitted", "screening", "in_review", "info_requested"})
PRODUCT_KEYWORDS = {
    "personal_loan": "personal loan consumer credit",
    "car_finance": "car finance vehicle loan",
    "refinancing": "refinancing refinance consolidation",
    "credit_line": "credit line",
    "business": "business loan company",
}
CAPITALS = {code: market.zone.rpartition("/")[2].replace("_", " ") for code, market in MARKETS.items()}


async def load_documents(reads: ReadPool, ids: Sequence[str]) -> list[dict[str, Any]]:
    """The documents of these applications, each with its `_version`."""
    return [_document(*row) for row in await queries.list_rows(reads, ids)] if ids else []


def _document(
    key: Any, version: int, reference: str, market: str, product: str, amount_minor: int, currency: str,
    term_months: int, purpose: str | None, channel: str | None, campaign: str | None, tags: str, state: str,
    submitted_at: str | None, information_due_on: Any, updated_at: str, name: str | None, city: str | None,
    assignee_id: Any, is_unassigned: int | None, assignee: str | None,
) -> dict[str, Any]:  # fmt: skip
    names: list[str] = msgspec.json.decode(tags)
    amount = money_value(amount_minor, currency)
    whole = amount.amount.partition(".")[0] if amount else ""
    place = city or CAPITALS[market]
    words = [
        PRODUCT_KEYWORDS[product],
        purpose,
        place,
        market,
        MARKETS[market].name,
        channel,
        campaign,
        STATE_WORDS[state],
        assignee,
    ]
    document = {
        "id": str(key),
        "kind": KIND.name,
        "market": market,
        "permission": PERMISSION,
        "reference": reference,
        "idents": [reference],
        "ident_parts": [reference.partition("-")[2]],
        "nums": [whole, str(term_months)],
        "title": name or PRODUCT_WORDS[product],
        "subtitle": f"{PRODUCT_WORDS[product]}, {int(whole or 0):,} {currency} over {term_months} months, {place}",
        "keywords": [word for word in (*words, *names) if word],
        "rank": 2.0 if state in OPEN else 1.0,
        "updated_at": updated_at,
        "state": state,
        "product": product,
        "channel": channel,
        "tags": names,
        "assignee": str(assignee_id) if assignee_id else None,
        "unassigned": "yes" if is_unassigned else None,
        "currency": currency,
        "amount_minor": amount_minor,
        "term_months": term_months,
        "submitted_at": submitted_at,
        "information_due_on": information_due_on.isoformat() if information_due_on else None,
        "_version": version,
    }
    return {name: value for name, value in document.items() if value is not None}
