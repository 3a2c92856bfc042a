"""Records that a workflow starts from, made through the JSON API, each test with its own."""

import secrets
from typing import Any

import httpx

from app.cli.processes import wait_until

INDEX_SECONDS = 45


def new_plate() -> str:
    """A plate that no other test has."""
    return f"QZ {secrets.randbelow(10**7):07d}"


def add_vehicle(api: httpx.Client, **fields: Any) -> dict[str, Any]:
    """A vehicle in service at Tallinn airport."""
    price = {"amount": "49.00", "currency": "EUR"}
    body = {
        "make": "Saab",
        "model": "900",
        "market": "EE",
        "plate": new_plate(),
        "location": "TLL",
        "home_location": "TLL",
        "odometer_km": 12_500,
        "colour": "red",
        "seats": 5,
        "day_price": price,
    }
    vehicle = created(api, "vehicles", body | fields)
    if vehicle["state"] == "ordered":
        reason = {"reason": "Delivered"}
        vehicle = api.post(f"vehicles/{vehicle['id']}/commissioning", json=reason).raise_for_status().json()
    return vehicle


def add_customer(api: httpx.Client, **fields: Any) -> dict[str, Any]:
    """A person in Estonia about whom nothing is missing."""
    number = secrets.randbelow(10**7)
    body = {
        "market": "EE",
        "kind": "person",
        "given_name": "Leida",
        "family_name": f"Proovik{number}",
        "born_on": "1980-01-08",
        "identity_number": "38001085718",
        "confirm_duplicate": True,
        "email": f"leida{number}@example.test",
    }
    return created(api, "customers", body | fields)


def created(api: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = api.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def wait_until_found(api: httpx.Client, text: str, record_id: str) -> None:
    """Return when the search engine finds the record by this text."""

    def is_found() -> bool:
        items = api.get("search", params={"q": text}).raise_for_status().json()["items"]
        return record_id in {item["id"] for item in items}

    assert wait_until(is_found, seconds=INDEX_SECONDS), f"{text} was not found within {INDEX_SECONDS} s"
