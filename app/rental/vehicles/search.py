"""Vehicles in the search index."""

from collections.abc import Sequence
from typing import Any

import msgspec

from app.core.read_pool import ReadPool
from app.kit import acriss
from app.rental.vehicles import queries
from app.rental.vehicles.schemas import STATE_WORDS
from search.kinds import SearchKind

PERMISSION = "vehicles.view"
KIND = SearchKind(
    "vehicle",
    facets=("state", "make", "category", "body_type", "transmission", "fuel", "colour", "acriss", "tags"),
    numbers=("year", "odometer_km", "day_price_minor"),
    dates=("due_on",),
)
VIN_TAILS = (6, 8)
WORDS = {"automatic": "automatic auto", "estate": "estate wagon", "suv": "suv", "electric": "electric ev"}


async def load_documents(reads: ReadPool, ids: Sequence[str]) -> list[dict[str, Any]]:
    """The documents of these vehicles, each with its `_version`."""
    return [_document(*row) for row in await queries.list_rows(reads, ids)] if ids else []


def _document(
    key: Any, version: int, market: str, branch: str | None, make: str, model: str | None, year: int | None,
    fleet_number: str | None, plate: str | None, vin: str | None, code: str | None, category: str | None,
    body_type: str | None, transmission: str | None, fuel: str | None, colour: str | None, odometer_km: int | None,
    price_minor: int | None, currency: str | None, equipment: str, state: str, updated_at: str,  # noqa: ARG001
    branch_name: str | None, city: str | None, due_on: Any, tags: str,
) -> dict[str, Any]:  # fmt: skip
    names: list[str] = msgspec.json.decode(tags)
    class_words = acriss.decode(code) if code else acriss.describe(category, body_type, transmission, fuel, None)
    spoken = [body_type, transmission, fuel, category, colour]
    keywords = [
        plate,
        fleet_number,
        vin,
        code,
        class_words,
        str(year or ""),
        branch,
        branch_name,
        city,
        STATE_WORDS[state],
        *names,
    ]
    keywords += [WORDS.get(word or "", (word or "").replace("_", " ")) for word in spoken]
    document = {
        "id": str(key),
        "kind": KIND.name,
        "market": market,
        "branch": [branch] if branch else [],
        "permission": PERMISSION,
        "reference": plate or fleet_number or "",
        "idents": [ident for ident in (plate, fleet_number, vin) if ident],
        "ident_parts": [vin[-tail:] for tail in VIN_TAILS] if vin else [],
        "nums": [str(number) for number in (year,) if number],
        "title": f"{make} {model}" if model else make,
        "subtitle": ", ".join(part for part in (class_words, colour, branch_name or branch or market) if part),
        "keywords": [word for word in keywords if word],
        "rank": 2.0 if state == "in_service" else 1.0,
        "updated_at": updated_at,
        "state": state,
        "make": make,
        "category": category,
        "body_type": body_type,
        "transmission": transmission,
        "fuel": fuel,
        "colour": colour,
        "acriss": code,
        "tags": names,
        "year": year,
        "odometer_km": odometer_km,
        "day_price_minor": price_minor,
        "due_on": due_on.isoformat() if due_on else None,
        "_version": version,
    }
    return {name: value for name, value in document.items() if value is not None}
