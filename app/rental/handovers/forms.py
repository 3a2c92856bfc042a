"""The forms of the steps of a check-out and a check-in."""

from datetime import date
from uuid import UUID

from app.core.forms import Form
from app.rental.handovers.rules import EIGHTHS
from app.rental.vehicles.services import Reading


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
