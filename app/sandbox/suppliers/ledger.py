"""What a supplier itself knows: offers that it gave out, and every reservation that it really has."""

import secrets
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from app.sandbox.suppliers.catalogue import Branch, Company, days_of, price_minor
from app.sandbox.suppliers.faults import INSIDE, UNITS, Fault, Switchboard

OFFER_SECONDS: Final = 900
MOST_OFFERS: Final = 20_000
ONE_WAY_MINOR: Final = 4_500
YOUNG_MINOR: Final = 900
YOUNGEST, YOUNG = 19, 25
TAX_PERCENT: Final = 22


class Refusal(Exception):
    """The company says no: what kind of no, and in its words."""

    def __init__(self, kind: str, text: str, field_name: str = "") -> None:
        super().__init__(text)
        self.kind, self.text, self.field_name = kind, text, field_name


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody wants to hire; times are wall times of the branches."""

    pickup_branch: str
    return_branch: str
    pickup: datetime
    return_at: datetime
    age: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A priced car, by its rate key."""

    key: str
    acriss: str
    ask: Ask
    days: int
    time_minor: int
    one_way_minor: int
    young_minor: int
    currency: str
    is_on_request: bool
    given_at: float
    drift_percent: int = 0

    @property
    def total_minor(self) -> int:
        return self.time_minor + self.one_way_minor + self.young_minor


@dataclass
class Reservation:
    """What the company really has."""

    number: str
    client_reference: str
    surname: str
    given_name: str
    offer: Offer
    state: str
    versions: int = 1

    def plain(self) -> dict[str, Any]:
        """As the oracle tells it."""
        return {
            "number": self.number,
            "client_reference": self.client_reference,
            "surname": self.surname,
            "state": self.state,
            "acriss": self.offer.acriss,
            "total_minor": self.offer.total_minor,
            "currency": self.offer.currency,
            "pickup": self.offer.ask.pickup.isoformat(),
            "return": self.offer.ask.return_at.isoformat(),
            "versions": self.versions,
        }


@dataclass
class Ledger:
    """One company at work."""

    company: Company
    switchboard: Switchboard = field(default_factory=Switchboard)
    offers: dict[str, Offer] = field(default_factory=dict[str, Offer])
    reservations: dict[str, Reservation] = field(default_factory=dict[str, Reservation])
    calls: Counter[str] = field(default_factory=Counter[str])

    def search(self, ask: Ask) -> list[Offer]:
        """Every class that is free, priced. Raises Refusal."""
        pickup, back = self._places(ask)
        inside = self.switchboard.take("search", INSIDE)
        if inside and inside.fault == "empty":
            raise Refusal("no_results", "NO CARS AVAILABLE FOR THIS REQUEST")
        found = [self._offer(ask, pickup, back, acriss) for acriss in self.company.cars if self._free(ask, acriss) > 0]
        if not found:
            raise Refusal("no_results", "NO CARS AVAILABLE FOR THIS REQUEST")
        if inside and inside.fault == "twice":
            return [offer for offer in found for _ in range(2)]
        return found[: len(found) // 2] if inside and inside.fault == "partial" else found

    def recheck(self, key: str) -> Offer:
        """The offer as it is now; a fault lets the price drift. Raises Refusal."""
        inside = self.switchboard.take("recheck", INSIDE)
        offer = self._known(key, inside)
        if inside and inside.fault == "drift":
            offer = replace(offer, time_minor=offer.time_minor * (100 + inside.percent) // 100)
        if inside and inside.fault == "on_request":
            offer = replace(offer, is_on_request=True)
        if (inside and inside.fault == "overbooked") or self._free(offer.ask, offer.acriss) <= 0:
            raise Refusal("sold_out", "CAR CLASS NO LONGER AVAILABLE")
        self.offers[key] = offer
        return offer

    def book(self, key: str, client_reference: str, surname: str, given_name: str) -> Reservation:
        """Reserve; the same reference twice is two reservations, unless this company looks. Raises Refusal."""
        if self.company.is_deduplicating:
            for known in self.reservations.values():
                if known.client_reference == client_reference:
                    return known
        inside = self.switchboard.take("book", INSIDE)
        offer = self._known(key, inside)
        if not surname:
            raise Refusal("bad_input", "SURNAME MISSING", "surname")
        _decline(inside)
        if inside and inside.fault == "overbooked":
            raise Refusal("sold_out", "CAR CLASS NO LONGER AVAILABLE")
        is_asked = offer.is_on_request or (inside is not None and inside.fault == "on_request")
        if inside and inside.fault == "drift":
            offer = replace(offer, time_minor=offer.time_minor * (100 + inside.percent) // 100)
        number = f"{self.company.code[:2].upper()}{secrets.randbelow(10**8):08d}"
        state = "on_request" if is_asked else "confirmed"
        made = Reservation(number, client_reference, surname, given_name, offer, state)
        self.reservations[number] = made
        return made

    def retrieve(self, number: str, client_reference: str, surname: str) -> Reservation:
        """By its number, or by our reference where the company knows it; the surname has to fit. Raises Refusal."""
        found = self.reservations.get(number) if number else None
        if found is None and client_reference and self.company.knows_our_reference:
            mine = [each for each in self.reservations.values() if each.client_reference == client_reference]
            found = mine[0] if mine else None
        if found is None or found.surname.casefold() != surname.casefold():
            raise Refusal("not_found", "RESERVATION NOT FOUND")
        return found

    def modify(self, number: str, surname: str, ask: Ask) -> Reservation:
        """Other times for the same class, priced anew. Raises Refusal."""
        if not self.company.can_amend:
            raise Refusal("unsupported", "MODIFICATION NOT SUPPORTED")
        found = self.retrieve(number, "", surname)
        if found.state not in ("confirmed", "on_request"):
            raise Refusal("known", "RESERVATION CANNOT BE MODIFIED")
        _decline(self.switchboard.take("amend", INSIDE))
        pickup, back = self._places(ask)
        found.offer = self._offer(ask, pickup, back, found.offer.acriss)
        found.versions += 1
        return found

    def cancel(self, number: str, surname: str) -> Reservation:
        """Raises Refusal, also the second time."""
        if not self.company.can_cancel:
            raise Refusal("unsupported", "CANCELLATION BY TELEPHONE ONLY")
        found = self.retrieve(number, "", surname)
        if found.state == "cancelled":
            raise Refusal("already_cancelled", "RESERVATION ALREADY CANCELLED")
        _decline(self.switchboard.take("cancel", INSIDE))
        found.state = "cancelled"
        return found

    def set_state(self, number: str, state: str) -> Reservation:
        """What the people of the company decide: an answer to a request, a cancellation of theirs."""
        found = self.reservations[number]
        found.state = state
        return found

    def _places(self, ask: Ask) -> tuple[Branch, Branch]:
        pickup, back = self.company.branch(ask.pickup_branch), self.company.branch(ask.return_branch)
        if pickup is None:
            raise Refusal("unknown_location", "PICK UP LOCATION UNKNOWN", "pickup")
        if back is None:
            raise Refusal("unknown_location", "RETURN LOCATION UNKNOWN", "return")
        if ask.return_at <= ask.pickup:
            raise Refusal("bad_input", "RETURN BEFORE PICK UP", "return")
        if ask.age < YOUNGEST:
            raise Refusal("known", "DRIVER TOO YOUNG", "age")
        for branch, at in ((pickup, ask.pickup), (back, ask.return_at)):
            if not branch.opens <= at.strftime("%H:%M") <= branch.closes:
                raise Refusal("known", f"LOCATION {branch.code} CLOSED AT THIS TIME")
        return pickup, back

    def _offer(self, ask: Ask, pickup: Branch, back: Branch, acriss: str) -> Offer:
        days = days_of(ask.pickup, ask.return_at)
        while len(self.offers) >= MOST_OFFERS:
            self.offers.pop(next(iter(self.offers)))
        offer = Offer(
            key=secrets.token_urlsafe(18),
            acriss=acriss,
            ask=ask,
            days=days,
            time_minor=price_minor(self.company, pickup, acriss, ask.pickup, days),
            one_way_minor=0 if pickup.code == back.code else ONE_WAY_MINOR,
            young_minor=YOUNG_MINOR * days if ask.age < YOUNG else 0,
            currency=self.company.currency,
            is_on_request=acriss in self.company.on_request,
            given_at=time.monotonic(),
        )
        self.offers[offer.key] = offer
        return offer

    def _known(self, key: str, inside: Fault | None) -> Offer:
        """The offer of a key, while it is valid by the company's own clock, which a fault puts forward."""
        offer, skew = self.offers.get(key), OFFER_SECONDS if inside and inside.fault == "clock_skew" else 0
        if offer is None or time.monotonic() + skew - offer.given_at >= OFFER_SECONDS:
            raise Refusal("expired", "RATE NO LONGER VALID, PLEASE SEARCH AGAIN", "key")
        return offer

    def _free(self, ask: Ask, acriss: str) -> int:
        taken = sum(
            each.state in ("confirmed", "on_request")
            and each.offer.acriss == acriss
            and each.offer.ask.pickup_branch == ask.pickup_branch
            and each.offer.ask.pickup < ask.return_at
            and ask.pickup < each.offer.ask.return_at
            for each in self.reservations.values()
        )
        return self.company.cars[acriss] - taken


def _decline(inside: Fault | None) -> None:
    if inside and inside.fault == "decline":
        raise Refusal("known", "REQUEST DECLINED BY THE BRANCH")


def kilometres(ledger: Ledger, offer: Offer) -> Mapping[str, Any]:
    """What is written about kilometres: number and unit. A fault turns the unit round."""
    per_day = ledger.company.km_per_day
    if per_day is None:
        return {"unlimited": True}
    trap = ledger.switchboard.take("search", UNITS) is not None
    says_period = ledger.company.says_rental_period != trap
    return {
        "unlimited": False,
        "quantity": per_day,
        "unit": "RentalPeriod" if says_period else "Day",
        "days": offer.days,
    }
