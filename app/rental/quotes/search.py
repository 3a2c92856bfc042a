"""Quotes in the search index: reference, class and branch find them, and once booked, customer, driver and booking.

The words of a vehicle are not among them: who types a model looks for vehicles.
"""

from collections.abc import Sequence
from typing import Any

from app.core.read_pool import ReadPool
from app.kit import acriss
from app.rental.quotes import queries
from app.rental.quotes.schemas.quotes import STATE_WORDS
from search.kinds import SearchKind

PERMISSION = "quotes.view"
KIND = SearchKind("quote", facets=("state", "source", "class_code"), has_others_idents=True)


async def load_documents(reads: ReadPool, ids: Sequence[str]) -> list[dict[str, Any]]:
    """The documents of these quotes, each with its `_version`."""
    return [_document(*row) for row in await queries.list_rows(reads, ids)] if ids else []


def _document(
    key: Any, version: int, reference: str, market: str, state: str, source: str, source_name: str, class_code: str,
    pickup: str, pickup_local: Any, updated_at: str, branch: str, city: str, booking: str | None, driver: str | None,
    customer: str | None,
) -> dict[str, Any]:  # fmt: skip
    when = pickup_local.replace("T", " ") if isinstance(pickup_local, str) else f"{pickup_local:%Y-%m-%d %H:%M}"
    people = list(dict.fromkeys(name for name in (driver, customer) if name))
    words = acriss.decode(class_code)
    return {
        "id": str(key),
        "kind": KIND.name,
        "market": market,
        "branch": [pickup],
        "permission": PERMISSION,
        "reference": reference,
        "idents": [ident for ident in (reference, booking) if ident],
        "ident_parts": [reference.partition("-")[2]],
        "nums": [],
        "title": f"{class_code} {pickup} {when[:16]}",
        "subtitle": ", ".join(part for part in (STATE_WORDS[state], branch, source_name, *people) if part),
        "keywords": ["quote", words, city, *people],
        "rank": 1.0 if state == "open" else 0.5,
        "updated_at": updated_at,
        "state": state,
        "source": source,
        "class_code": class_code,
        "_version": version,
    }
