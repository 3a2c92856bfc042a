"""Customers in the search index: names and ways to reach them, never an identity number or an account."""

from collections.abc import Sequence
from typing import Any

import msgspec

from app.core.read_pool import ReadPool
from app.desk.customers import queries
from app.desk.customers.schemas import KIND_WORDS
from app.kit.markets import MARKETS
from search.kinds import SearchKind

PERMISSION = "customers.view"
KIND = SearchKind("customer", facets=("type", "tags"))
PHONE_TAIL = 7


async def load_documents(reads: ReadPool, ids: Sequence[str]) -> list[dict[str, Any]]:
    """The documents of these customers, each with its `_version`."""
    return [_document(*row) for row in await queries.list_rows(reads, ids)] if ids else []


def _document(
    key: Any, version: int, market: str, kind: str, name: str, email: str | None, phone: str | None,
    city: str | None, updated_at: str, tags: str,
) -> dict[str, Any]:  # fmt: skip
    country, names = MARKETS[market].name, msgspec.json.decode(tags)
    return {
        "id": str(key),
        "kind": KIND.name,
        "market": market,
        "permission": PERMISSION,
        "reference": "",
        "idents": [ident for ident in (email, phone) if ident],
        "ident_parts": [phone[-PHONE_TAIL:]] if phone else [],
        "nums": [],
        "title": name,
        "subtitle": ", ".join(part for part in (city or country, email, phone) if part),
        "keywords": [word for word in (email, city, market, country, KIND_WORDS[kind], *names) if word],
        "rank": 1.0,
        "updated_at": updated_at,
        "type": kind,
        "tags": names,
        "_version": version,
    }
