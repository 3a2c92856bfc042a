"""What the availability page shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.kit import acriss
from app.rental.occupancy.forms import AvailabilityForm
from app.rental.occupancy.services import ClassLeft, Judged

EDIT = "availability.edit"
OBSTACLE_WORDS = {
    "occupied": "On another booking",
    "paused": "Blocked, in maintenance, on transfer or for sale",
    "elsewhere": "At another branch then",
    "needed_elsewhere": "Needed at another branch next",
    "not_in_service": "Not in service",
}
MOST_SHOWN = 300


@dataclass(frozen=True, slots=True)
class ClassRow:
    """What is left of a class."""

    code: str
    words: str
    found: ClassLeft
    tone: str
    href: str


@dataclass(frozen=True, slots=True)
class VehicleRow:
    """A vehicle of the branch, and what stands in its way."""

    id: str
    plate: str
    title: str
    code: str
    obstacle: str


@dataclass(frozen=True, slots=True)
class AvailabilityPage:
    """What a branch has for a stay."""

    form: AvailabilityForm
    locations: list[tuple[str, str]]
    classes: list[ClassRow]
    vehicles: list[VehicleRow]
    unshown: int
    """Vehicles that are not free either, beyond those."""
    is_asked: bool
    can_edit: bool
    query: str


def first_form(given: Mapping[str, str], location: str, now_there: datetime) -> AvailabilityForm:
    """The form of the address; without times, the next three days from ten tomorrow."""
    start = (now_there + timedelta(days=1)).replace(hour=10, minute=0, second=0, microsecond=0)
    usual = {
        "location": location,
        "pickup": f"{start:%Y-%m-%dT%H:%M}",
        "back": f"{start + timedelta(days=3):%Y-%m-%dT%H:%M}",
    }
    return AvailabilityForm.from_raw({**usual, **{name: value for name, value in given.items() if value}})


def class_rows(found: Sequence[ClassLeft], form: AvailabilityForm, *, can_book: bool) -> list[ClassRow]:
    """Classes by code; where something is left, with the way to book it."""
    back = form.text("return_location") or form.text("location")
    hire = (
        f"pickup_location={form.text('location')}&pickup_local={form.text('pickup')}"
        f"&return_location={back}&return_local={form.text('back')}"
    )
    return [
        ClassRow(
            each.class_code,
            acriss.decode(each.class_code),
            each,
            "" if each.left > 0 else "act" if each.left < 0 else "soon",
            f"/bookings/new?{hire}&class_code={each.class_code}" if can_book and each.left > 0 else "",
        )
        for each in found
    ]


def vehicle_rows(judged: Sequence[Judged]) -> tuple[list[VehicleRow], int]:
    """The vehicles that are not free, with the reason, and how many more there are: the others are counted above."""
    rows = [
        VehicleRow(str(one.vehicle.id), one.vehicle.plate, one.vehicle.title, one.vehicle.class_code, words)
        for one in judged
        if (words := OBSTACLE_WORDS[one.obstacle] if one.obstacle else "")
    ]
    return rows[:MOST_SHOWN], max(len(rows) - MOST_SHOWN, 0)
