"""The forms of booking pages. Times are wall times of their branches."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from app.core.errors import InvalidFields
from app.core.forms import Form
from app.kit.money import Money, MoneyError
from app.kit.problems import Problem

NAMES = {
    "pickup.location": "pickup_location",
    "pickup.local": "pickup_local",
    "return.location": "return_location",
    "return.local": "return_local",
    "driver.name": "driver_name",
    "driver.phone": "driver_phone",
    "driver.email": "driver_email",
    "driver.born_on": "driver_born_on",
    "customer_id": "customer",
}
"""What services call a field, and what the form calls it."""


LABELS = {
    "pickup_location": "Pick-up branch",
    "pickup_local": "Pick-up",
    "return_location": "Return branch",
    "return_local": "Return",
    "class_code": "Class",
    "driver_name": "Driver",
    "customer": "Customer",
    "reason": "Reason",
}
"""What the form calls its fields where one of them is missing."""


EXTRA = "extra."
"""How the fields of a form begin that say how many of an extra are taken."""


class HireForm(Form):
    """Both ends of a hire, its class, and what is taken with it."""

    many: ClassVar[frozenset[str]] = frozenset({"covers"})

    pickup_location: str | None = None
    pickup_local: datetime | None = None
    return_location: str | None = None
    return_local: datetime | None = None
    class_code: str | None = None
    brand: str | None = None
    product: str | None = None
    covers: list[str] | None = None
    additional_drivers: int | None = None

    def choices(self) -> dict[str, Any]:
        """What is taken, as services take it; a number of an extra that is none is refused."""
        counts = {name: self.text(name).strip() for name in self.raw if name.startswith(EXTRA)}
        for name, text in counts.items():
            if text and not (text.isascii() and text.isdigit() and len(text) < 4):
                self.refuse(name, "Enter a whole number")
        taken = {name: int(text) for name, text in counts.items() if name not in self.errors and text.strip("0")}
        return {
            "brand": self.brand,
            "product": self.product,
            "covers": self.covers or [],
            "extras": [{"code": name.removeprefix(EXTRA), "count": count} for name, count in taken.items()],
            "additional_drivers": self.additional_drivers or 0,
        }

    def ends(self) -> dict[str, Any]:
        """The ends as services take them; the return is at the branch of the pick-up unless it says otherwise."""
        back = self.return_location or self.pickup_location
        return {
            "pickup": _end(self.pickup_location, self.pickup_local),
            "back": _end(back, self.return_local),
            "class_code": self.class_code,
            "choices": self.choices(),
        }

    def take_problems(self, problems: list[Problem]) -> None:
        """Show what a service refused beside the fields."""
        for problem in problems:
            name = NAMES.get(problem.field, problem.field.removeprefix("choices."))
            if name == "return_location" and not self.return_location and "pickup_location" in self.errors:
                continue  # it is the branch of the pick-up, which is told already
            is_missing = problem.code == "required" and name in LABELS
            self.errors.setdefault(name, f"{LABELS[name]} is missing" if is_missing else problem.detail)


class BookingForm(HireForm):
    """A new booking."""

    customer: str | None = None
    customer_id: UUID | None = None
    driver_name: str | None = None
    driver_phone: str | None = None
    driver_email: str | None = None
    driver_born_on: date | None = None
    note: str | None = None

    def fields(self) -> dict[str, Any]:
        """What is booked, as services take it."""
        names = ("name", "phone", "email", "born_on")
        driver = {name: value for name in names if (value := getattr(self, f"driver_{name}")) is not None}
        return {"customer_id": self.customer_id, "note": self.note, "driver": driver or {"name": None}, **self.ends()}


class AmendForm(HireForm):
    """Other terms of a booking, why, and what version of it was read."""

    reason: str | None = None
    version: int | None = None

    def fields(self) -> dict[str, Any]:
        return {"reason": self.reason, **self.ends()}


class MoveForm(Form):
    """Why something is done, and with which vehicle or class."""

    reason: str | None = None
    vehicle_id: UUID | None = None
    class_code: str | None = None
    version: int | None = None


OWN, SUPPLIER = "own", "supplier"


class WalkForm(Form):
    """What takes a booking's place, as the choice writes it, and why."""

    reason: str | None = None
    target: str | None = None

    @property
    def kind(self) -> str:
        """Whether a class of ours is chosen or a supplier's car."""
        return (self.target or "").partition("|")[0]

    def take_problems(self, problems: list[Problem]) -> None:
        """Show what a service refused: whatever it is about, it is about the choice or the reason."""
        for problem in problems:
            self.errors.setdefault("reason" if problem.field == "reason" else "target", problem.detail)

    def own(self) -> tuple[str, str]:
        """Branch and class. Raises InvalidFields."""
        _, location, class_code = self._parts(3)
        return location, class_code

    def supplied(self) -> tuple[str, Money, str]:
        """Supplier, what the car was told to cost, and its key. Raises InvalidFields."""
        _, code, amount, currency, key = self._parts(5)
        try:
            return code, Money.parse(amount, currency), key
        except MoneyError as error:
            raise InvalidFields([Problem("target", "malformed", str(error))]) from None

    def _parts(self, count: int) -> list[str]:
        parts = (self.target or "").split("|", count - 1)
        if len(parts) != count:
            raise InvalidFields([Problem("target", "required", "Choose what takes its place")])
        return parts


def _end(location: str | None, local: datetime | None) -> dict[str, Any]:
    return {"location": location, "local": local.replace(tzinfo=None) if local else None}
