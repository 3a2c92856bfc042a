"""The forms of the steps of a check-out and a check-in."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from app.core.errors import InvalidFields
from app.core.forms import Form
from app.kit.problems import Problem
from app.rental.handovers.rules import EIGHTHS
from app.rental.handovers.services import SwapWish
from app.rental.vehicles.models import Vehicle
from app.rental.vehicles.services import Reading, SwapReadings


class DriverForm(Form):
    """The driver's papers."""

    version: int | None = None
    licence_number: str | None = None
    licence_country: str | None = None
    licence_expires_on: date | None = None
    document_kind: str | None = None
    document_number: str | None = None


class VehicleForm(Form):
    """Which vehicle leaves."""

    version: int | None = None
    vehicle_id: UUID | None = None
    reason: str | None = None


class ConditionForm(Form):
    """What is read in the vehicle; `fuel` counts eighths of a tank, `battery` is per cent."""

    version: int | None = None
    odometer_km: int | None = None
    fuel: int | None = None
    battery: int | None = None
    location: str | None = None
    note: str | None = None

    def reading(self, *, is_battery: bool) -> Reading:
        """What was read, the fuel in per cent."""
        percent = self.battery if is_battery else None if self.fuel is None else round(self.fuel * 100 / EIGHTHS)
        return Reading(self.odometer_km or 0, percent)


class MarkForm(Form):
    """A damage at a place."""

    zone: str | None = None
    kind: str | None = None
    words: str | None = None
    x: int | None = None
    y: int | None = None


class DepositForm(Form):
    """The card on which the deposit is held."""

    payment_token: str | None = None
    with_hire: bool = False


class AgreementForm(Form):
    """Who agrees, and how."""

    version: int | None = None
    signature: str | None = None
    signed_name: str | None = None
    is_accepted: bool = False


class FinishForm(Form):
    """The version that was looked at."""

    version: int | None = None


class SwapForm(Form):
    """Which vehicle takes over and why; what is read in both, empty where nobody can; one new damage."""

    vehicle_id: UUID | None = None
    reason: str | None = None
    taken_odometer_km: int | None = None
    taken_fuel: int | None = None
    taken_battery: int | None = None
    location: str | None = None
    given_odometer_km: int | None = None
    given_fuel: int | None = None
    given_battery: int | None = None
    zone: str | None = None
    kind: str | None = None
    words: str | None = None

    def wish(self, taken: Vehicle | None, given: Vehicle | None) -> SwapWish:
        """What is wanted. Raises InvalidFields for fuel without an odometer."""
        marks = [{"zone": self.zone, "kind": self.kind, "words": self.words}] if self.zone or self.kind else []
        readings = SwapReadings(self._reading("taken", taken), self._reading("given", given), self.location)
        return SwapWish(self.vehicle_id, self.reason or "", readings, marks)

    def take_problems(self, problems: Sequence[Problem]) -> None:
        """Show what was refused beside the fields."""
        for problem in problems:
            self.refuse(problem.field.replace(".", "_"), problem.detail)

    def _reading(self, name: str, vehicle: Vehicle | None) -> Reading | None:
        odometer, eighths, battery = (getattr(self, f"{name}_{part}") for part in ("odometer_km", "fuel", "battery"))
        percent = battery if vehicle and vehicle.runs_on_battery else eighths and round(eighths * 100 / EIGHTHS)
        if odometer is not None:
            return Reading(odometer, percent)
        if percent is not None:
            raise InvalidFields([Problem(f"{name}.odometer_km", "required", "Read the odometer too, or leave both")])
        return None
