"""Rate cards in the search index: by name, class, brand and branch."""

from collections.abc import Sequence
from typing import Any

from app.core.read_pool import ReadPool
from app.kit.markets import MARKETS
from app.rental.rates import queries
from app.rental.rates.schemas import STATE_WORDS, class_in_words
from search.kinds import SearchKind

PERMISSION = "rates.view"
KIND = SearchKind("rate_card", facets=("state", "class", "has_draft"))


async def load_documents(reads: ReadPool, ids: Sequence[str]) -> list[dict[str, Any]]:
    """The documents of these cards, each with its `_version`."""
    return [_document(*row) for row in await queries.list_rows(reads, ids)] if ids else []


def _document(
    key: Any, version: int, market: str, name: str, brand: str, acriss: str, branches: str, state: str,
    draft_number: int | None, updated_at: str,
) -> dict[str, Any]:  # fmt: skip
    country, codes = MARKETS[market].name, [code for code in branches.split(",") if code]
    words = class_in_words(acriss)
    return {
        "id": str(key),
        "kind": KIND.name,
        "market": market,
        "permission": PERMISSION,
        "reference": "",
        "idents": [acriss],
        "ident_parts": [],
        "nums": [],
        "title": name,
        "subtitle": ", ".join(part for part in (acriss, words, country, STATE_WORDS[state].lower()) if part),
        "keywords": [word for word in ("rate card", brand, words, country, market, *codes) if word],
        "rank": 1.0,
        "updated_at": updated_at,
        "state": state,
        "class": acriss,
        "has_draft": "yes" if draft_number else "no",
        "_version": version,
    }
