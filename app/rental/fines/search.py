"""Fines and tolls in the search index: our reference, the authority's, the driver and the place find them."""

from collections.abc import Sequence
from typing import Any

from app.core.read_pool import ReadPool
from app.rental.fines import queries
from app.rental.fines.schemas import KIND_WORDS, STATE_WORDS
from search.kinds import SearchKind

PERMISSION = "fines.view"
KIND = SearchKind("fine", facets=("state",))


async def load_documents(reads: ReadPool, ids: Sequence[str]) -> list[dict[str, Any]]:
    """The documents of these fines, each with its `_version`."""
    return [_document(*row) for row in await queries.list_rows(reads, ids)] if ids else []


def _document(
    key: Any, version: int, reference: str, market: str, branch: str | None, kind: str, state: str, authority: str,
    authority_reference: str, vehicle: str, driver: str, place: str, updated_at: str,
) -> dict[str, Any]:  # fmt: skip
    words = (KIND_WORDS[kind], STATE_WORDS[state].lower(), vehicle, driver)
    return {
        "id": str(key),
        "kind": KIND.name,
        "market": market,
        "branch": [branch] if branch else [],
        "permission": PERMISSION,
        "reference": reference,
        "idents": [reference, authority_reference],
        "ident_parts": [reference.partition("-")[2]],
        "nums": [],
        "title": f"{authority} {authority_reference}",
        "subtitle": ", ".join(part for part in words if part),
        "keywords": [word for word in (kind, authority, driver, place) if word],
        "rank": 0.5,
        "updated_at": updated_at,
        "state": state,
        "_version": version,
    }
