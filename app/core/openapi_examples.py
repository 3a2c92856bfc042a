"""One plausible value for each field of the API, by its name, else by its format."""

from collections.abc import Mapping
from typing import Any

SCHEMAS = "#/components/schemas/"
DEEPEST = 8

BY_NAME: dict[str, Any] = {
    "access_token": "fc_at_u7Rk0oVhQ2mZ",
    "acriss": "CWMD",
    "amount": "412.50",
    "body_type": "estate",
    "category": "compact",
    "city": "Tallinn",
    "class_words": "Compact estate, manual, diesel, air conditioning",
    "code": "TLL",
    "colour": "blue",
    "country": "EE",
    "currency": "EUR",
    "cursor": "q0vE2mBz",
    "days": 12,
    "detail": "The vehicle is on hire.",
    "document": "insurance",
    "doors": 5,
    "email": "mari.kask@example.com",
    "equipment": ["navigation", "tow_bar"],
    "expires_in": 900,
    "fleet_number": "F-1042",
    "fuel": "diesel",
    "fuel_level_percent": 75,
    "given_name": "Mari",
    "family_name": "Kask",
    "home_location": "TLL",
    "iban": "EE382200221020145685",
    "id": "019a1f3e-7c52-7b1a-9f0e-3d2c1b0a9f8e",
    "identity_number": "48505152220",
    "kind": "vehicle",
    "language": "et",
    "location": "TLL",
    "make": "Škoda",
    "market": "EE",
    "model": "Octavia Combi",
    "name": "Tallinn Airport",
    "next_cursor": "q0vE2mBz",
    "odometer_km": 84210,
    "owner": "Forecourt Fleet",
    "password": "correct horse battery staple",
    "phone": "+37255512345",
    "plate": "123 ABC",
    "power_kw": 110,
    "priority": "high",
    "product": "personal_loan",
    "purpose": "car",
    "q": "octavia tallinn",
    "reason": "Scratched bumper, waiting for the assessor",
    "reference": "AP-7F3K9Q",
    "subject_title": "Škoda Octavia Combi 123 ABC",
    "refresh_token": "fc_rt_9aT4w1LcXz5p",
    "state": "in_service",
    "state_words": "In service",
    "team": "fleet",
    "term_months": 48,
    "time_zone": "Europe/Tallinn",
    "to_location": "RIX",
    "token_type": "Bearer",
    "title": "Second key missing",
    "tone": "soon",
    "transmission": "manual",
    "version": 3,
    "vin": "TMBJG7NE8E0123458",
    "year": 2024,
}
BY_FORMAT: dict[str, Any] = {
    "uuid": BY_NAME["id"],
    "date": "2026-11-30",
    "date-time": "2026-06-25T09:12:00.500000Z",
    "email": BY_NAME["email"],
}
BY_TYPE: dict[str, Any] = {"string": "text", "integer": 1, "number": 1.5, "boolean": True, "object": {}}


def example_of(  # noqa: PLR0911 - one line per kind of schema
    schema: Mapping[str, Any], known: Mapping[str, Any], name: str = "", depth: int = 0
) -> Any:
    """A value that fits the schema; `known` are the component schemas."""
    if "$ref" in schema:
        return example_of(known[schema["$ref"].removeprefix(SCHEMAS)], known, name, depth + 1)
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], known, name, depth)
    if schema.get("examples"):
        return schema["examples"][0]
    kind = schema.get("type")
    kind = next(each for each in kind if each != "null") if isinstance(kind, list) else kind
    if kind == "object":
        properties: Mapping[str, Any] = schema.get("properties", {})
        return {
            each: example_of(inner, known, each, depth) for each, inner in properties.items() if depth < DEEPEST
        } or BY_NAME.get(name, {})
    if kind == "array":
        if isinstance(BY_NAME.get(name), list):
            return BY_NAME[name]
        return [example_of(schema.get("items", {}), known, name, depth + 1)]
    return _plain(schema, kind or "string", name)


def _plain(schema: Mapping[str, Any], kind: str, name: str) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("format") in BY_FORMAT:
        return BY_FORMAT[schema["format"]]
    kinds = {"string": str, "integer": int, "number": (int, float), "boolean": bool}
    named = BY_NAME.get(name)
    if named is not None and isinstance(named, kinds.get(kind, object)):
        return named
    return max(BY_TYPE.get(kind, 1), schema.get("minimum", 1)) if kind == "integer" else BY_TYPE.get(kind)
