"""Bookings in the search index: reference, driver, phone, plate and the supplier's number find them.

The words of a vehicle are not among them: who types a model looks for vehicles.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from app.core.read_pool import ReadPool
from app.kit import acriss
from app.rental.bookings import queries
from app.rental.bookings.schemas.bookings import SOURCE_WORDS, STATE_WORDS
from search.kinds import SearchKind

PERMISSION = "bookings.view"
KIND = SearchKind(
    "booking",
    facets=("state", "source", "supplier", "class_code", "return_location", "assigned", "tags"),
    dates=("pickup_at", "return_at"),
    has_others_idents=True,
)
OPEN = frozenset({"confirmed", "on_request", "unknown", "amend_pending", "cancel_pending", "on_hire", "disputed"})
TAIL = 6


async def load_documents(reads: ReadPool, ids: Sequence[str]) -> list[dict[str, Any]]:
    """The documents of these bookings, each with its `_version`."""
    return [_document(*row) for row in await queries.list_rows(reads, ids)] if ids else []


def _document(
    key: Any, version: int, reference: str, market: str, source: str, state: str, driver: str, phone: str | None,
    email: str | None, pickup: str, back: str, pickup_at: str, return_at: str, pickup_local: Any, class_code: str,
    supplier: str | None, supplier_reference: str | None, tags: str, updated_at: str, customer: str, plate: str | None,
    branch_name: str, city: str, return_name: str,
) -> dict[str, Any]:  # fmt: skip
    names: list[str] = msgspec.json.decode(tags)
    when = pickup_local if isinstance(pickup_local, str) else f"{pickup_local:%Y-%m-%d %H:%M}"
    words = [
        driver, customer, plate, class_code, acriss.decode(class_code), pickup, branch_name, city, back, return_name,
        STATE_WORDS[state], SOURCE_WORDS[source], email, *names,
    ]  # fmt: skip
    document: dict[str, Any] = {
        "id": str(key),
        "kind": KIND.name,
        "market": market,
        "branch": [pickup],
        "permission": PERMISSION,
        "reference": reference,
        "idents": [ident for ident in (reference, plate, phone, supplier_reference, email) if ident],
        "ident_parts": [part for part in (reference.partition("-")[2], phone[-TAIL:] if phone else None) if part],
        "title": driver if driver == customer else f"{driver} ({customer})",
        "subtitle": ", ".join(part for part in (class_code, branch_name, when[:16], plate) if part),
        "keywords": [word for word in words if word],
        "rank": 2.0 if state in OPEN else 1.0,
        "updated_at": updated_at,
        "state": state,
        "source": source,
        "supplier": supplier,
        "class_code": class_code,
        "return_location": back,
        "assigned": "yes" if plate else "no",
        "tags": names,
        "pickup_at": _moment(pickup_at),
        "return_at": _moment(return_at),
        "_version": version,
    }
    return {name: value for name, value in document.items() if value is not None}


def _moment(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
