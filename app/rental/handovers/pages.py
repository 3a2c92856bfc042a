"""What the page of a check-out or a check-in shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.core.area import RelatedLine, StateView
from app.core.filters import money
from app.core.forms import Form
from app.core.values import MoneyValue
from app.desk.audit_trail.services import TimelineEntry
from app.desk.records.services import Beside
from app.kit.hire_pricing.marks import explained
from app.payments.charges.models import Charge
from app.payments.charges.rules import DUE, ChargeState, Purpose
from app.payments.charges.services import PURPOSE_WORDS, STATE_WORDS
from app.rental.bookings.models import Booking, VehicleSwap
from app.rental.damages.models import DamageMark
from app.rental.damages.rules import HEIGHT, WIDTH, ZONES, DamageKind
from app.rental.handovers import rules
from app.rental.handovers.forms import (
    AgreementForm,
    ConditionForm,
    DepositForm,
    DriverForm,
    MarkForm,
    SwapForm,
    VehicleForm,
)
from app.rental.handovers.models import Handover
from app.rental.handovers.rules import STEPS, Direction, Gauges, HandoverState, Leg, Step
from app.rental.handovers.services import Settlement
from app.rental.vehicles.models import Vehicle

VIEW, EDIT, REVEAL = "handovers.view", "handovers.edit", "handovers.reveal"
PATH = "/handovers"
TITLES = {Direction.OUT: "Check-out", Direction.IN: "Check-in"}
STEP_TITLES = {
    Step.DRIVER: "Driver",
    Step.VEHICLE: "Vehicle",
    Step.CONDITION: "Condition",
    Step.DEPOSIT: "Deposit",
    Step.AGREEMENT: "Agreement",
}
DOCUMENTS = (("passport", "Passport"), ("identity_card", "Identity card"), ("residence_permit", "Residence permit"))
MOST_CHOICES = 60
NOT_READ = "not charged: one end was not read"
FUEL = tuple(
    (str(eighths), rules.level_in_words(round(eighths * 100 / rules.EIGHTHS), is_battery=False).capitalize())
    for eighths in range(rules.EIGHTHS, -1, -1)
)
KINDS = tuple((kind.value, kind.value.capitalize()) for kind in DamageKind)
ZONE_CHOICES = tuple((key, zone.name) for key, zone in ZONES.items())


@dataclass(frozen=True, slots=True)
class StepLink:
    """A step in the bar above: where it is, and whether it has what it needs."""

    key: str
    title: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class MarkRow:
    """A damage in the drawing and in the table below it."""

    id: str
    number: int
    x: int
    y: int
    words: str
    is_new: bool
    at: Any


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """What is to be paid, and how far it is."""

    href: str
    purpose: str
    amount: str
    state: str
    tone: str
    is_on: bool
    words: str


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """Something that was read at both ends."""

    label: str
    out: str
    back: str
    difference: str
    tone: str = ""


@dataclass(slots=True)
class Forms:
    """The forms of the steps: as they are kept, or as one of them was refused."""

    driver: DriverForm
    vehicle: VehicleForm
    condition: ConditionForm
    mark: MarkForm
    deposit: DepositForm
    agreement: AgreementForm


@dataclass(frozen=True, slots=True)
class HandoverPage:
    """One check-out or check-in, step by step."""

    handover: Handover
    booking: Booking
    title: str
    is_out: bool
    is_done: bool
    can_edit: bool
    can_reveal: bool
    customer_name: str
    vehicle: Vehicle | None
    steps: list[StepLink]
    missing: str
    forms: Forms
    vehicles: list[tuple[str, str]]
    locations: list[tuple[str, str]]
    documents: Sequence[tuple[str, str]]
    fuel: Sequence[tuple[str, str]]
    zones: Sequence[tuple[str, str]]
    kinds: Sequence[tuple[str, str]]
    drawing: list[tuple[str, str, int, int, int, int]]
    marks: list[MarkRow]
    charges: list[ChargeRow]
    total: str
    price_lines: list[tuple[str, str, str]]
    deposit: ChargeRow | None
    is_asking: bool
    needs_deposit: bool
    hire_due: str
    differences: list[DifferenceRow]
    final_charges: list[tuple[str, str, str]]
    give_back: str
    can_settle: bool
    settle_words: str
    notice: str
    said: str
    """What was just done, for those who do not see the bar of steps change."""
    beside: Beside
    timeline: list[TimelineEntry]

    @property
    def size(self) -> tuple[int, int]:
        """The drawing's width and height."""
        return WIDTH, HEIGHT

    @property
    def level(self) -> str:
        """How full the vehicle was."""
        return rules.level_in_words(self.handover.fuel_percent, is_battery=self.handover.is_battery)

    @property
    def signature(self) -> str:
        """The lines that were drawn, as a path."""
        return rules.path_of(self.handover.signature)

    def has(self, step: str) -> bool:
        """Whether a step belongs to this direction."""
        return any(link.key == step for link in self.steps)


@dataclass(frozen=True, slots=True)
class SwapPage:
    """Swapping the vehicle of a hire that runs: which one takes over, then what is read in both."""

    booking: Booking
    form: SwapForm
    taken: Vehicle | None
    given: Vehicle | None
    choices: list[tuple[str, str]]
    locations: list[tuple[str, str]]
    fuel: Sequence[tuple[str, str]]
    zones: Sequence[tuple[str, str]]
    kinds: Sequence[tuple[str, str]]


def forms_of(handover: Handover, driver_name: str, refused: Mapping[str, Form]) -> Forms:
    """The forms as they are kept, or by their step as they were refused."""
    eighths = None if handover.fuel_percent is None else round(handover.fuel_percent * rules.EIGHTHS / 100)
    version = handover.version
    forms = Forms(
        driver=DriverForm.of(
            {
                "version": version,
                "licence_country": handover.licence_country,
                "licence_expires_on": handover.licence_expires_on,
                "document_kind": handover.document_kind,
            }
        ),
        vehicle=VehicleForm.of({"version": version, "vehicle_id": handover.vehicle_id}),
        condition=ConditionForm.of(
            {
                "version": version,
                "odometer_km": handover.odometer_km,
                "fuel": eighths,
                "battery": handover.fuel_percent,
                "location": handover.location,
                "note": handover.note,
            }
        ),
        mark=MarkForm.of({}),
        deposit=DepositForm.of({"with_hire": "true"}),
        agreement=AgreementForm.of({"version": version, "signed_name": handover.signed_name or driver_name}),
    )
    for step, form in refused.items():
        setattr(forms, step, form)
    return forms


def step_links(handover: Handover, missing: Sequence[Step]) -> list[StepLink]:
    """The bar of steps."""
    is_done = handover.state is HandoverState.DONE
    return [
        StepLink(step.value, STEP_TITLES[step], is_done or step not in missing) for step in STEPS[handover.direction]
    ]


def missing_in_words(missing: Sequence[Step]) -> str:
    """`Still missing: driver, deposit.`"""
    names = ", ".join(STEP_TITLES[step].lower() for step in missing)
    return f"Still missing: {names}." if names else ""


def mark_rows(marks: Sequence[DamageMark], handover: Handover) -> list[MarkRow]:
    """The damage that the vehicle has, numbered as in the drawing."""
    return [
        MarkRow(
            str(mark.id), number, mark.x, mark.y,
            f"{ZONES[mark.zone].name}: {mark.kind.value}" + (f", {mark.words}" if mark.words else ""),
            mark.found_by == handover.id,
            mark.found_at,
        )
        for number, mark in enumerate(marks, 1)
    ]  # fmt: skip


def drawing() -> list[tuple[str, str, int, int, int, int]]:
    """The zones of the drawing."""
    return [(key, zone.name, zone.x, zone.y, zone.width, zone.height) for key, zone in ZONES.items()]


def charge_row(charge: Charge, *, is_asked: bool = False) -> ChargeRow:
    """A charge beside the handover."""
    words = STATE_WORDS[charge.state] + (", the provider is asked" if is_asked else "")
    tone = {ChargeState.UNKNOWN: "act", ChargeState.FAILED: "soon"}.get(charge.state, "")
    return ChargeRow(
        f"/charges/{charge.id}",
        PURPOSE_WORDS[charge.purpose],
        money(charge.amount),
        words,
        tone,
        charge.state in (ChargeState.HELD, ChargeState.CAPTURED),
        charge.words or charge.card_words or charge.reason,
    )


def hire_due(charges: Sequence[Charge]) -> str:
    """What of the hire itself is not paid yet."""
    for charge in charges:
        if charge.purpose is Purpose.HIRE and charge.state in DUE:
            return money(charge.amount)
    return ""


def differences(handover: Handover, found: Settlement) -> list[DifferenceRow]:
    """What was read at both ends of each vehicle's part of the hire, side by side."""
    differs = found.difference
    late = f"{differs.late_minutes} minutes late" if differs.late_minutes else "in time"
    found_words, tone = (f"{len(found.new_marks)} new", "act") if found.new_marks else ("none new", "")
    branch = "another one" if differs.is_other_branch else "as agreed"
    rows = [row for leg in differs.legs for row in _leg_rows(leg, found, is_only=len(differs.legs) == 1)]
    if len(differs.legs) > 1:
        rows.append(DifferenceRow("Odometer, whole hire", "", "", f"{differs.driven_km:,} km"))
    return [
        *rows,
        DifferenceRow("Return", "", "", late, "soon" if differs.late_minutes else ""),
        DifferenceRow("Branch", handover.branch, handover.location, branch),
        DifferenceRow("Damage", "", "", found_words, tone),
    ]


def _leg_rows(leg: Leg, found: Settlement, *, is_only: bool) -> list[DifferenceRow]:
    """Odometer and fuel of one vehicle; what nobody read is said and not charged."""
    whose = "" if is_only else f", {found.names.get(leg.vehicle_id, '')}"
    driven, missing = leg.driven_km, leg.missing_percent
    words = {"km": f"{driven:,} km" if driven is not None else NOT_READ, "fuel": NOT_READ}
    if missing is not None:
        part = rules.part_in_words(missing, is_battery=leg.is_battery) if missing else "none"
        words["fuel"] = f"{part} missing"
    return [
        DifferenceRow(f"Odometer{whose}", _km(leg.out), _km(leg.back), words["km"], "soon" if driven is None else ""),
        DifferenceRow(
            f"Fuel{whose}", _tank(leg.out, leg), _tank(leg.back, leg), words["fuel"], "soon" if missing is None else ""
        ),
    ]


def _km(read: Gauges) -> str:
    return f"{read.odometer_km:,} km" if read.odometer_km is not None else "not read"


def _tank(read: Gauges, leg: Leg) -> str:
    return rules.level_in_words(read.fuel_percent, is_battery=leg.is_battery) or "not read"


def price_lines(lines: Sequence[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """The price as it was agreed: for what, how it comes about with what it says of itself, how much."""
    return [(str(line["code"]), explained(line), money(MoneyValue(**line["amount"]))) for line in lines]


def related_line(handover: Handover) -> RelatedLine:
    """A check-out or a check-in beside its booking."""
    is_done = handover.state is HandoverState.DONE
    fuel = rules.level_in_words(handover.fuel_percent, is_battery=handover.is_battery)
    km = f"{handover.odometer_km:,} km" if handover.odometer_km is not None else ""
    text = ", ".join(part for part in (handover.location, km, fuel, handover.done_by or handover.saved_by) if part)
    state = StateView("Done" if is_done else "Draft", "" if is_done else "soon", is_done)
    return RelatedLine(f"{PATH}/{handover.id}", TITLES[handover.direction], text, state)


def swap_line(swap: VehicleSwap, names: Mapping[UUID, str]) -> RelatedLine:
    """A swap beside its booking."""
    read = [f"{km:,} km" if km is not None else "not read" for km in (swap.taken_km, swap.given_km)]
    text = (
        f"{names.get(swap.taken_id, '')} in ({read[0]}), {names.get(swap.given_id, '')} out ({read[1]}): {swap.reason}"
    )
    state = StateView("Done", "" if None not in (swap.taken_km, swap.given_km) else "soon", is_on=True)
    return RelatedLine(f"/vehicles/{swap.given_id}", "Swap", text, state)
