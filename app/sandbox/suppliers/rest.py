"""The JSON dialect: resources under /v2, one of them per operation, errors as {"error": {"code", "message"}}."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from app.sandbox.suppliers.catalogue import MODELS
from app.sandbox.suppliers.ledger import TAX_PERCENT, Ask, Ledger, Offer, Refusal, Reservation, kilometres

STATUSES: Final[Mapping[str, int]] = {
    "no_results": 404,
    "sold_out": 409,
    "unknown_location": 404,
    "bad_input": 422,
    "expired": 410,
    "not_found": 404,
    "already_cancelled": 409,
    "unsupported": 501,
    "known": 422,
    "authentication": 401,
}
STATES: Final = {"confirmed": "CONFIRMED", "on_request": "PENDING", "cancelled": "CANCELLED", "rejected": "REJECTED"}


def refused(refusal: Refusal) -> tuple[int, dict[str, Any]]:
    return STATUSES[refusal.kind], {"error": {"code": refusal.kind.upper(), "message": refusal.text}}


def locations(ledger: Ledger) -> dict[str, Any]:
    return {
        "locations": [
            {
                "id": branch.code,
                "name": branch.name,
                "type": "AIRPORT" if branch.iata else "CITY",
                "iata": branch.iata or None,
                "handover": branch.handover or None,
                "address": {"city": branch.city, "countryCode": branch.country},
                "geo": {"lat": float(branch.latitude), "lng": float(branch.longitude)},
                "openingHours": [{"days": "MON-SUN", "from": branch.opens, "to": branch.closes}],
            }
            for branch in ledger.company.branches
        ]
    }


def search(ledger: Ledger, given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "offers": [_offer(ledger, offer) for offer in ledger.search(_ask(given))],
        "currency": ledger.company.currency,
    }


def recheck(ledger: Ledger, key: str) -> dict[str, Any]:
    return {"offer": _offer(ledger, ledger.recheck(key)), "cancellation": _cancellation(ledger)}


def book(ledger: Ledger, given: Mapping[str, Any]) -> dict[str, Any]:
    driver = given.get("driver") or {}
    booked = ledger.book(
        str(given.get("offerId", "")),
        str(given.get("partnerReference", "")),
        str(driver.get("lastName", "")),
        str(driver.get("firstName", "")),
    )
    return _reservation(ledger, booked)


def retrieve(ledger: Ledger, number: str, reference: str, surname: str) -> dict[str, Any]:
    return _reservation(ledger, ledger.retrieve(number, reference, surname))


def modify(ledger: Ledger, number: str, surname: str, given: Mapping[str, Any]) -> dict[str, Any]:
    return _reservation(ledger, ledger.modify(number, surname, _ask(given)))


def cancel(ledger: Ledger, number: str, surname: str) -> dict[str, Any]:
    return _reservation(ledger, ledger.cancel(number, surname))


def _ask(given: Mapping[str, Any]) -> Ask:
    try:
        pickup, back = given["pickup"], given["dropoff"]
        return Ask(
            str(pickup["locationId"]),
            str(back["locationId"]),
            datetime.fromisoformat(str(pickup["dateTime"])),
            datetime.fromisoformat(str(back["dateTime"])),
            int(given.get("driverAge", 30)),
        )
    except (KeyError, TypeError, ValueError):
        raise Refusal("bad_input", "pickup and dropoff need locationId and dateTime", "pickup") from None


def _offer(ledger: Ledger, offer: Offer) -> dict[str, Any]:
    km = kilometres(ledger, offer)
    lines = [_line("TIME", f"{offer.days} days", offer.time_minor)]
    if offer.one_way_minor:
        lines.append(_line("ONE_WAY", "One way fee", offer.one_way_minor))
    if offer.young_minor:
        lines.append(_line("YOUNG_DRIVER", "Young driver", offer.young_minor, guaranteed=False))
    return {
        "offerId": offer.key,
        "availability": "ON_REQUEST" if offer.is_on_request else "AVAILABLE",
        "vehicle": {"sipp": offer.acriss, "name": f"{MODELS[offer.acriss]} or similar", "seats": 5},
        "mileage": {"unlimited": True}
        if km["unlimited"]
        else {"unlimited": False, "km": km["quantity"], "per": "DAY" if km["unit"] == "Day" else "RENTAL"},
        "price": {
            "total": _amount(offer.total_minor),
            "currency": offer.currency,
            "taxIncluded": True,
            "taxPercent": TAX_PERCENT,
            "lines": lines,
        },
        "coverage": [{"code": "CDW", "included": True, "excess": "900.00"}],
    }


def _line(kind: str, description: str, minor: int, *, guaranteed: bool = True) -> dict[str, Any]:
    """A line; what is taken at the counter may be another amount there."""
    marks = {"included": False, "taxIncluded": True, "guaranteed": guaranteed, "required": True}
    return {"type": kind, "description": description, "amount": _amount(minor), **marks}


def _reservation(ledger: Ledger, booked: Reservation) -> dict[str, Any]:
    ask = booked.offer.ask
    return {
        "reservationId": booked.number,
        "partnerReference": booked.client_reference,
        "status": STATES[booked.state],
        "driver": {"firstName": booked.given_name, "lastName": booked.surname},
        "pickup": {"locationId": ask.pickup_branch, "dateTime": ask.pickup.isoformat()},
        "dropoff": {"locationId": ask.return_branch, "dateTime": ask.return_at.isoformat()},
        "offer": _offer(ledger, booked.offer),
        "cancellation": _cancellation(ledger),
    }


def _cancellation(ledger: Ledger) -> dict[str, int]:
    return {"freeUntilHours": ledger.company.free_hours}


def _amount(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"
