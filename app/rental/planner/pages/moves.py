"""The dialog of a move: from where to where, what it costs, and what stands in its way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.core.errors import InvalidFields
from app.core.filters import money
from app.kit.wall_times import wall_time
from app.rental.bookings.models import Booking
from app.rental.occupancy.services import VehicleTaken
from app.rental.planner.forms import MoveForm
from app.rental.planner.services.moves import Outcome
from app.rental.vehicles.models import Vehicle


@dataclass(frozen=True, slots=True)
class MovePage:
    """A move that is tried before it is made."""

    booking: Booking
    form: MoveForm
    vehicles: list[tuple[str, str]]
    lines: list[tuple[str, str, str]]
    """What changes: its name, before and after."""
    price: str
    difference: str
    refusal: str
    is_possible: bool
    swap_words: str
    swap_id: str
    expected: str
    back: str


def move_page(
    booking: Booking,
    form: MoveForm,
    outcome: Outcome | None,
    vehicles: list[tuple[str, str]],
    names: dict[str, Vehicle | None],
) -> MovePage:
    """`outcome` is None as long as nothing was asked for."""
    swap = outcome.swap_with if outcome else None
    return MovePage(
        booking=booking,
        form=form,
        vehicles=vehicles,
        lines=_lines(booking, form, names),
        price=_price(outcome),
        difference=_difference(outcome),
        refusal=_refusal(outcome, booking.pickup_zone),
        is_possible=outcome is not None and outcome.refusal is None,
        swap_words=f"{swap.reference} {swap.driver_name} can take {_name(names.get('before'))} instead."
        if swap
        else "",
        swap_id=str(swap.id) if swap else form.text("swap_with"),
        expected=outcome.after.amount if outcome and outcome.refusal is None else "",
        back=form.text("back") or f"/bookings/{booking.id}",
    )


def _lines(booking: Booking, form: MoveForm, names: dict[str, Vehicle | None]) -> list[tuple[str, str, str]]:
    lines: list[tuple[str, str, str]] = []
    if form.text("vehicle"):
        lines.append(("Vehicle", _name(names.get("before")), _name(names.get("after"))))
    for label, end in (("Pick-up", "pickup_local"), ("Return", "return_local")):
        wanted: datetime | None = None if form.errors.get(end) else getattr(form, end, None)
        if wanted:
            lines.append((label, _moment(getattr(booking, end)), _moment(wanted)))
    return [line for line in lines if line[1] != line[2]]


def _price(outcome: Outcome | None) -> str:
    if outcome is None or outcome.refusal is not None:
        return ""
    return (
        money(outcome.after) if outcome.difference.minor == 0 else f"{money(outcome.before)} to {money(outcome.after)}"
    )


def _difference(outcome: Outcome | None) -> str:
    if outcome is None or outcome.refusal is not None:
        return ""
    minor = outcome.difference.minor
    if minor == 0:
        return "The price stays."
    sign = "dearer" if minor > 0 else "cheaper"
    return f"{money(outcome.difference if minor > 0 else -outcome.difference)} {sign}."


def _refusal(outcome: Outcome | None, zone: str) -> str:
    if outcome is None or outcome.refusal is None:
        return ""
    refused = outcome.refusal
    if isinstance(refused, InvalidFields):
        return ". ".join(problem.detail for problem in refused.problems)
    if isinstance(refused, VehicleTaken) and refused.extra.get("from"):
        until = refused.extra["until"]
        words = f"until {_moment(wall_time(until, zone))}" if until else "without an end"
        by = str(refused.extra["by"]).replace("_", " ")
        return f"{refused.title}: by a {by} from {_moment(wall_time(refused.extra['from'], zone))} {words}."
    return f"{refused.title}. {refused.detail or ''}".strip()


def _name(vehicle: Vehicle | None) -> str:
    if vehicle is None:
        return "none"
    return " ".join(part for part in (vehicle.plate, vehicle.title, vehicle.acriss) if part)


def _moment(local: datetime) -> str:
    return f"{local:%a %-d %b %H:%M}"
