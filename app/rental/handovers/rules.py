"""What a check-out and a check-in ask for, in which order, and what differs between the two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from app.kit.checks import Checks
from app.kit.money import Money
from app.kit.problems import Problem
from app.rental.bookings.rules import BookingState

EIGHTHS = 8
MOST_STROKES, MOST_POINTS = 60, 4_000
SIGNATURE_WIDTH, SIGNATURE_HEIGHT = 600, 200
LATEST_DAY = date(2099, 12, 31)
LEAST_DEPOSIT_MAJOR, MOST_DEPOSIT_MAJOR = 200, 1_500
REFUEL_EIGHTH_MINOR: Mapping[str, int] = {
    "EUR": 1_600, "CHF": 1_700, "GBP": 1_500, "SEK": 18_000, "NOK": 19_000, "DKK": 12_500, "PLN": 7_500, "CZK": 42_000,
    "HUF": 650_000, "RON": 8_000, "MXN": 32_000, "USD": 1_500,
}  # fmt: skip
"""What filling an eighth of a tank costs, service included."""
CHARGE_TENTH_PART = 4
"""A tenth of a battery costs this part of an eighth of a tank."""


class Direction(StrEnum):
    OUT = "out"
    IN = "in"


class HandoverState(StrEnum):
    DRAFT = "draft"
    DONE = "done"


class Step(StrEnum):
    """A part of the page that is saved by itself."""

    DRIVER = "driver"
    VEHICLE = "vehicle"
    CONDITION = "condition"
    DEPOSIT = "deposit"
    AGREEMENT = "agreement"


BEGINS_IN: Mapping[Direction, frozenset[BookingState]] = {
    Direction.OUT: frozenset({BookingState.CONFIRMED, BookingState.NO_SHOW}),
    Direction.IN: frozenset({BookingState.ON_HIRE}),
}
"""States of a booking in which one is begun."""
STEPS: Mapping[Direction, tuple[Step, ...]] = {
    Direction.OUT: (Step.DRIVER, Step.VEHICLE, Step.CONDITION, Step.DEPOSIT, Step.AGREEMENT),
    Direction.IN: (Step.CONDITION, Step.AGREEMENT),
}


@dataclass(frozen=True, slots=True)
class Filled:
    """Which steps of a handover have what they need."""

    has_licence: bool
    has_vehicle: bool
    has_condition: bool
    has_deposit: bool
    is_agreed: bool

    def missing(self, direction: Direction) -> list[Step]:
        """The steps that are still to be done, in their order."""
        done = {
            Step.DRIVER: self.has_licence,
            Step.VEHICLE: self.has_vehicle,
            Step.CONDITION: self.has_condition,
            Step.DEPOSIT: self.has_deposit,
            Step.AGREEMENT: self.is_agreed,
        }
        return [step for step in STEPS[direction] if not done[step]]


@dataclass(frozen=True, slots=True)
class Gauges:
    """What was read in a vehicle; None where nobody could."""

    odometer_km: int | None = None
    fuel_percent: int | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """The part of a hire that was driven with one vehicle: what was read when it left and when it was taken back."""

    vehicle_id: UUID | None
    out: Gauges
    back: Gauges = Gauges()
    is_battery: bool = False

    @property
    def driven_km(self) -> int | None:
        """None where one end was not read."""
        ends = self.out.odometer_km, self.back.odometer_km
        return None if None in ends else max(0, (ends[1] or 0) - (ends[0] or 0))

    @property
    def missing_percent(self) -> int | None:
        """Missing fuel, or battery, never negative; None where one end was not read."""
        ends = self.out.fuel_percent, self.back.fuel_percent
        return None if None in ends else max(0, (ends[0] or 0) - (ends[1] or 0))


@dataclass(frozen=True, slots=True)
class Change:
    """A vehicle that took the place of another one: what was read in both, and whether it runs on a battery."""

    taken_id: UUID
    taken: Gauges
    given_id: UUID
    given: Gauges
    is_battery: bool = False


def legs(
    first: Leg, changes: Sequence[Change], vehicle_id: UUID | None, back: Gauges, *, is_battery: bool
) -> list[Leg]:
    """The parts of a hire, one for each vehicle.

    `first`: as the first vehicle left. `vehicle_id`, `back`: the one that came back, with what was read in it; one
    that nobody noted as having taken over has a part of its own, of which nothing was read when it left.
    """
    found, running = list[Leg](), first
    for change in changes:
        if running.vehicle_id != change.taken_id:
            found.append(running)
            running = Leg(change.taken_id, Gauges())
        found.append(replace(running, back=change.taken))
        running = Leg(change.given_id, change.given, is_battery=change.is_battery)
    if running.vehicle_id != vehicle_id:
        found.append(running)
        running = Leg(vehicle_id, Gauges(), is_battery=is_battery)
    return [*found, replace(running, back=back)]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a hire came back with that it did not leave with."""

    legs: Sequence[Leg]
    late_minutes: int
    is_other_branch: bool

    @property
    def driven_km(self) -> int:
        """With all vehicles, as far as it was read."""
        return sum(leg.driven_km or 0 for leg in self.legs)

    @property
    def missing_percent(self) -> int:
        """Missing fuel, or battery, of all vehicles as far as it was read."""
        return sum(leg.missing_percent or 0 for leg in self.legs)


def difference(found: Sequence[Leg], due_at: datetime, back_at: datetime, *, is_other_branch: bool) -> Difference:
    """From what was read on the way, and when it was to be back."""
    late = int((back_at - due_at).total_seconds() // 60)
    return Difference(found, max(0, late), is_other_branch)


def level_in_words(percent: int | None, *, is_battery: bool) -> str:
    """What is in it: `full tank (8/8)`, `6/8 of a tank`, `empty tank (0/8)`, `80 % of the battery`."""
    if percent is None:
        return ""
    named = {0: "empty tank (0/8)", EIGHTHS: "full tank (8/8)"}.get(round(percent * EIGHTHS / 100))
    return named if named and not is_battery else part_in_words(percent, is_battery=is_battery)


def part_in_words(percent: int, *, is_battery: bool) -> str:
    """How much of it, such as what is missing: `2/8 of a tank`, `20 % of the battery`."""
    return f"{percent} % of the battery" if is_battery else f"{round(percent * EIGHTHS / 100)}/8 of a tank"


def fuel_charge(missing_percent: int, currency: str, *, is_battery: bool) -> Money:
    """What filling up costs: started eighths of a tank, started tenths of a battery."""
    eighth = REFUEL_EIGHTH_MINOR.get(currency, REFUEL_EIGHTH_MINOR["EUR"])
    if is_battery:
        return Money(-(-missing_percent // 10) * eighth // CHARGE_TENTH_PART, currency)
    return Money(-(-missing_percent * EIGHTHS // 100) * eighth, currency)


def deposit(covers: Sequence[Money], total: Money, scale: int) -> Money:
    """What is held while the vehicle is away: the deposit of the cover that is taken, else the price of the hire.

    `scale`: minor units of a major one. Without a cover it is rounded up to whole hundreds, within bounds.
    """
    if covers:
        return max(covers, key=lambda amount: amount.minor)
    hundreds = -(-total.minor // (100 * scale)) * 100
    return Money(
        min(max(hundreds, LEAST_DEPOSIT_MAJOR), max(MOST_DEPOSIT_MAJOR, hundreds // 2)) * scale, total.currency
    )


def check_driver(fields: Mapping[str, Any], *, today: date) -> list[Problem]:
    """Problems of the papers that a driver shows."""
    checks = Checks(fields)
    checks.required("licence_number", "licence_country", "licence_expires_on")
    for name in ("licence_number", "document_number"):
        checks.text(name, 40)
    checks.text("document_kind", 20)
    country = checks.text("licence_country", 2)
    if country is not None and not (len(country) == 2 and country.isascii() and country.isalpha()):
        checks.refuse("licence_country", "malformed", "Two letters such as EE")
    expires = checks.day("licence_expires_on", date(1990, 1, 1), LATEST_DAY)
    if expires is not None and expires < today:
        checks.refuse("licence_expires_on", "out_of_range", "The licence is over")
    return checks.problems


def check_signature(strokes: object) -> list[Problem]:
    """Problems of the lines of a signature: lists of points on a paper of 600 by 200."""
    wrong = [Problem("signature", "malformed", "Sign again")]
    if not isinstance(strokes, list) or len(strokes) > MOST_STROKES:  # pyright: ignore[reportUnknownArgumentType]
        return wrong
    points = 0
    for stroke in strokes:  # pyright: ignore[reportUnknownVariableType]
        if not isinstance(stroke, list):
            return wrong
        for point in stroke:  # pyright: ignore[reportUnknownVariableType]
            if not (isinstance(point, list) and len(point) == 2 and all(type(part) is int for part in point)):  # pyright: ignore
                return wrong
            if not (0 <= point[0] <= SIGNATURE_WIDTH and 0 <= point[1] <= SIGNATURE_HEIGHT):
                return wrong
        points += len(stroke)  # pyright: ignore[reportUnknownArgumentType]
    return wrong if points > MOST_POINTS else []


def path_of(strokes: Sequence[Sequence[Sequence[int]]]) -> str:
    """The lines of a signature as a path of SVG."""
    return " ".join(
        "M"
        + " L".join(f"{x} {y}" for x, y in stroke)
        + (f" L{stroke[0][0]} {stroke[0][1]}" if len(stroke) == 1 else "")
        for stroke in strokes
        if stroke
    )
