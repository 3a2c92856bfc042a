"""Kinds and documents that the search tests look for."""

from typing import Any

from search.bulk import Write
from search.kinds import SearchKind
from search.query import Grant

VEHICLES = SearchKind("vehicle", facets=("state", "fuel", "make"), numbers=("odometer_km",), dates=("available_on",))
CUSTOMERS = SearchKind("customer", facets=("state",))
APPLICATIONS = SearchKind("application", facets=("state",), numbers=("amount_minor",))
KINDS = (VEHICLES, CUSTOMERS, APPLICATIONS)

EVERYTHING = (Grant("vehicles.view"), Grant("customers.view"), Grant("applications.view"))


def vehicle(key: str, title: str, plate: str, vin: str, **fields: Any) -> Write:
    make = title.split(maxsplit=1)[0]
    year = str(fields.pop("year", 2022))
    body = fields.pop("body", "hatchback")
    document = {
        "id": key,
        "kind": "vehicle",
        "market": "EE",
        "branch": ["TLL1"],
        "permission": "vehicles.view",
        "reference": plate,
        "idents": [plate, vin],
        "ident_parts": [vin[-6:], vin[-8:]],
        "nums": [year],
        "title": title,
        "subtitle": f"{plate} · {year}",
        "keywords": [body],
        "rank": 1.0,
        "updated_at": "2026-09-01T10:00:00Z",
        "state": "available",
        "fuel": "petrol",
        "make": make,
        "odometer_km": 42_000,
    }
    return Write(key, fields.pop("version", 1), document | fields)


def customer(key: str, title: str, reference: str, email: str, phone: str, **fields: Any) -> Write:
    document = {
        "id": key,
        "kind": "customer",
        "market": "EE",
        "permission": "customers.view",
        "reference": reference,
        "idents": [reference, email, phone],
        "ident_parts": [phone[4:]],
        "title": title,
        "subtitle": email,
        "rank": 1.0,
        "updated_at": "2026-09-02T10:00:00Z",
        "state": "active",
    }
    return Write(key, fields.pop("version", 1), document | fields)


def application(key: str, reference: str, applicant: str, amount: int, **fields: Any) -> Write:
    document = {
        "id": key,
        "kind": "application",
        "market": "EE",
        "permission": "applications.view",
        "reference": reference,
        "idents": [reference],
        "nums": [str(amount), "48"],
        "title": applicant,
        "subtitle": f"Car loan · {amount:,} EUR over 48 months",
        "keywords": ["vehicle loan", fields.pop("purpose", "Skoda Octavia")],
        "rank": 1.0,
        "updated_at": "2026-09-03T10:00:00Z",
        "state": "submitted",
        "amount_minor": amount * 100,
    }
    return Write(key, fields.pop("version", 1), document | fields)


SAMPLE: dict[SearchKind, list[Write]] = {
    VEHICLES: [
        vehicle("v-octavia", "Škoda Octavia", "482 BKT", "TMBJJ7NE8L0123456", body="estate", year=2021),
        vehicle("v-fabia", "Škoda Fabia", "119 LMN", "TMBEA6NJ5J7654321", year=2020),
        vehicle("v-golf", "Volkswagen Golf", "TÜ-AB 1234", "WVWZZZ1KZAW000777", year=2019),
        vehicle("v-goal", "Opel Goal", "901 GOL", "W0LZZZ1KZAW000888"),
        vehicle("v-citroen", "Citroën C4", "733 CCC", "VF7NC5FWC31500000"),
        vehicle("v-mercedes", "Mercedes-Benz Vito", "555 VAN", "WDF44760313222111", body="minivan"),
    ],
    CUSTOMERS: [
        customer("c-muller", "Jürgen Müller", "CU-4K7M2Q", "j.muller@example.org", "+37251234567"),
        customer("c-obrien", "Niamh O'Brien", "CU-8H2X9C", "niamh@example.org", "+353861112222"),
        customer("c-tamm", "Mari Tamm", "CU-7F3K9R", "a.b@example.org", "+37255500011"),
        customer("c-kask", "Jaan Kask", "CU-2B6N5W", "ab@example.org", "+37255500022"),
        customer("c-octavia", "Octavia Saar", "CU-9T4D3V", "octavia@example.org", "+37255500033"),
    ],
    APPLICATIONS: [
        application("a-tamm", "AP-7F3K9Q", "Mari Tamm", 15_000),
        application("a-muller", "AP-3D8W5Z", "Jürgen Müller", 9_400, purpose="Volkswagen Golf"),
    ],
}
