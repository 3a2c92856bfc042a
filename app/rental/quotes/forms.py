"""What is typed to search cars, to quote an offer, and to book a quote."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from app.core.forms import Form
from app.core.values import UNSET
from app.kit.problems import Problem
from app.rental.quotes.schemas.searches import NewCarSearch, PickupFields, ReturnFields, SearchFilters

CITY = "city:"
"""Before the name of a city whose branches are searched together."""
NAMES = {
    "pickup": "place",
    "pickup.locations.0": "place",
    "pickup.city": "place",
    "pickup.local": "pickup_local",
    "return.location": "return_location",
    "return.local": "return_local",
    "driver.name": "driver_name",
    "driver.phone": "driver_phone",
    "driver.email": "driver_email",
    "driver.born_on": "driver_born_on",
    "customer_id": "customer",
}
"""What services call a field, and what a form calls it."""
MISSING = {"place": "Choose a branch", "pickup_local": "Enter the pick-up", "return_local": "Enter the return"}
YOUNGEST, OLDEST = 16, 99
AT = (("promo", "promo"), ("class_code", "classes"))
"""The field that is wrong, by what its refusal says."""


class AskForm(Form):
    """Branches, times and age in one line."""

    place: str | None = None
    pickup_local: datetime | None = None
    return_location: str | None = None
    return_local: datetime | None = None
    driver_age: int | None = None
    residence: str | None = None
    promo: str | None = None
    currency: str | None = None
    class_code: str | None = None
    replaces_booking_id: UUID | None = None

    def asked(self) -> NewCarSearch | None:
        """The search as services take it; None with the errors beside the fields."""
        for name, words in MISSING.items():
            if not self.text(name):
                self.errors.setdefault(name, words)
        if self.driver_age is not None and not YOUNGEST <= self.driver_age <= OLDEST:
            self.refuse("driver_age", f"From {YOUNGEST} to {OLDEST}")
        if self.errors or not self.place or not self.pickup_local or not self.return_local:
            return None
        is_city = self.place.startswith(CITY)
        given = {
            "pickup": PickupFields(
                _local(self.pickup_local),
                locations=UNSET if is_city else [self.place],
                city=self.place.removeprefix(CITY) if is_city else UNSET,
            ),
            "back": ReturnFields(_local(self.return_local), location=self.return_location or UNSET),
            "driver_age": self.driver_age or 30,
            "residence": (self.residence or "").upper() or UNSET,
            "promo": self.promo or UNSET,
            "currency": (self.currency or "").upper() or UNSET,
            "filters": SearchFilters(classes=[self.class_code.upper()]) if self.class_code else UNSET,
            "replaces_booking_id": self.replaces_booking_id or UNSET,
        }
        try:
            plain = {name: value for name, value in given.items() if value is not UNSET}
            return msgspec.convert(msgspec.to_builtins(NewCarSearch(**plain)), NewCarSearch)  # pyright: ignore
        except msgspec.ValidationError as error:
            self.refuse(next((name for name, mark in AT if mark in str(error)), "place"), str(error))
            return None

    def take_problems(self, problems: list[Problem]) -> None:
        """Show what a service refused beside the fields."""
        for problem in problems:
            self.errors.setdefault(NAMES.get(problem.field, problem.field), problem.detail)


class OfferForm(Form):
    """What is taken with an offer: codes of its rate card. Numbers of extras come as `extra.CODE`."""

    many = frozenset({"covers"})
    covers: list[str] | None = None
    product: str | None = None
    additional_drivers: int | None = None

    def choices(self) -> dict[str, Any]:
        """As services take them."""
        extras = [
            {"code": name.removeprefix("extra."), "count": int(count)}
            for name, count in self.raw.items()
            if name.startswith("extra.") and str(count).isdigit() and int(count) > 0
        ]
        return {
            "covers": self.covers or [],
            "extras": extras,
            "product": self.product,
            "additional_drivers": self.additional_drivers or 0,
        }


class QuoteBookingForm(Form):
    """Who hires and who drives."""

    customer: str | None = None
    customer_id: UUID | None = None
    driver_name: str | None = None
    driver_phone: str | None = None
    driver_email: str | None = None
    driver_born_on: date | None = None
    note: str | None = None

    def fields(self) -> dict[str, Any]:
        """As services take it."""
        names = ("name", "phone", "email", "born_on")
        driver = {name: value for name in names if (value := getattr(self, f"driver_{name}")) is not None}
        return {"customer_id": self.customer_id, "note": self.note, "driver": driver or {"name": None}}

    def take_problems(self, problems: list[Problem]) -> None:
        """Show what a service refused beside the fields."""
        for problem in problems:
            name = NAMES.get(problem.field, problem.field)
            is_missing = problem.code == "required" and name == "customer"
            self.errors.setdefault(name, "Choose who hires" if is_missing else problem.detail)


def _local(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M}"
