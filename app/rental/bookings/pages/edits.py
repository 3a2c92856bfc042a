"""The form of a new booking."""

from dataclasses import dataclass

from app.rental.bookings.forms import BookingForm
from app.rental.bookings.pages.prices import HirePrice


@dataclass(frozen=True, slots=True)
class CustomerLookup:
    """Finding who hires: what was typed, who was found, who is chosen."""

    typed: str
    chosen: str
    found: list[tuple[str, str, str]]
    error: str = ""


@dataclass(frozen=True, slots=True)
class BookingNew:
    """The form and its menus."""

    form: BookingForm
    lookup: CustomerLookup
    locations: list[tuple[str, str]]
    classes: list[tuple[str, str]]
    price: HirePrice
