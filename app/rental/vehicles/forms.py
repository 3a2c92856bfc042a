"""The forms of vehicle pages."""

from datetime import UTC, date, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from pydantic import field_validator

from app.core.forms import Form
from app.kit.money import Money


class VehicleForm(Form):
    """New and edit."""

    money: ClassVar[frozenset[str]] = frozenset({"day_price"})

    version: int | None = None
    market: str | None = None
    make: str | None = None
    model: str | None = None
    year: int | None = None
    fleet_number: str | None = None
    plate: str | None = None
    vin: str | None = None
    acriss: str | None = None
    category: str | None = None
    body_type: str | None = None
    transmission: str | None = None
    fuel: str | None = None
    air_conditioning: bool | None = None
    seats: int | None = None
    doors: int | None = None
    bags: int | None = None
    power_kw: int | None = None
    colour: str | None = None
    odometer_km: int | None = None
    fuel_level_percent: int | None = None
    equipment: list[str] | None = None
    day_price: Money | None = None
    home_location: str | None = None
    location: str | None = None
    registration_expires_on: date | None = None
    insurance_expires_on: date | None = None
    inspection_expires_on: date | None = None
    owner: str | None = None

    @field_validator("equipment", mode="before")
    @classmethod
    def split_equipment(cls, value: Any) -> Any:
        """A comma-separated line as slugs."""
        if isinstance(value, str):
            return [part.strip().lower().replace(" ", "_") for part in value.split(",") if part.strip()]
        return value

    @field_validator("odometer_km", "power_kw", mode="before")
    @classmethod
    def without_grouping(cls, value: Any) -> Any:
        """134,487 and 134 487 are whole numbers too."""
        return value.replace(",", "").replace(" ", "") if isinstance(value, str) else value

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in super().values().items() if name != "version"}


class MoveForm(Form):
    """A move: why, and where it lasts, from when and until when, in the branch's own time."""

    reason: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    to_location: str | None = None

    def in_zone(self, zone: str) -> dict[str, Any]:
        """The values with wall times of the branch as moments in UTC."""
        values = super().values()
        for name in ("starts_at", "ends_at"):
            at = values[name]
            if at is not None and at.tzinfo is None:
                values[name] = at.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        return values
