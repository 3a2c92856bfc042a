"""The record page of a vehicle, its form, and the fields that are edited in place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.core.conflicts import Conflict
from app.core.filters import money, number
from app.desk.records.services import Beside
from app.kit import acriss
from app.kit.markets import MARKETS
from app.rental.vehicles.forms import VehicleForm
from app.rental.vehicles.models import Vehicle, VehiclePeriod
from app.rental.vehicles.pages.lists import DOCUMENT_WORDS, due_in_words
from app.rental.vehicles.pages.moves import OfferedMove
from app.rental.vehicles.rules import CLASS_PARTS, DOCUMENTS, Due, PeriodKind, VehicleState
from app.rental.vehicles.schemas import STATE_WORDS

PERIOD_WORDS = {
    PeriodKind.BLOCK: "Block",
    PeriodKind.MAINTENANCE: "Maintenance",
    PeriodKind.TRANSFER: "Transfer",
    PeriodKind.SALE_LISTING: "For sale",
    PeriodKind.HIRE: "Hire",
}


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """One stretch of time in the panel of periods."""

    words: str
    starts_at: Any
    ends_at: Any
    reason: str
    is_now: bool


@dataclass(frozen=True, slots=True)
class VehicleDetail:
    """The record page."""

    vehicle: Vehicle
    state: str
    is_on: bool
    class_words: str
    due: list[tuple[str, date, str, str]]
    documents: list[tuple[str, date | None]]
    location_name: str
    home_location_name: str
    zone: str
    moves: list[OfferedMove]
    withheld: str
    periods: list[PeriodRow]
    timeline: Sequence[Any]
    beside: Beside
    can_edit: bool
    locations: list[tuple[str, str]]
    cells: dict[str, "Cell"]
    source_fields: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class VehicleEdit:
    """New and edit: the form and its menus."""

    form: VehicleForm
    vehicle: Vehicle | None
    action: str
    cancel_href: str
    locations: list[tuple[str, str]]
    markets: list[tuple[str, str]] = field(
        default_factory=lambda: [(code, market.name) for code, market in MARKETS.items()]
    )
    currencies: list[str] = field(default_factory=lambda: sorted({market.currency for market in MARKETS.values()}))
    categories: list[tuple[str, str]] = field(default_factory=lambda: list(acriss.choices("category")))
    body_types: list[tuple[str, str]] = field(default_factory=lambda: list(acriss.choices("body_type")))
    transmissions: list[tuple[str, str]] = field(default_factory=lambda: list(acriss.choices("transmission")))
    fuels: list[tuple[str, str]] = field(default_factory=lambda: list(acriss.choices("fuel")))


@dataclass(frozen=True, slots=True)
class VehicleConflict:
    """Two people edited at once: choose field by field."""

    vehicle: Vehicle
    conflict: Conflict
    action: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of the record page, shown or being edited in place."""

    vehicle: Vehicle
    name: str
    label: str
    text: str
    form: VehicleForm | None = None
    locations: Sequence[tuple[str, str]] = ()


def due_rows(found: list[Due]) -> list[tuple[str, date, str, str]]:
    """Documents that somebody must look at: name, date, words, tone."""
    return [
        (DOCUMENT_WORDS[one.document], one.expires_on, due_in_words(one.document, one.days), one.tone) for one in found
    ]


def period_rows(periods: list[VehiclePeriod], now: Any) -> list[PeriodRow]:
    """Stretches of time, the newest first."""
    return [
        PeriodRow(
            PERIOD_WORDS[period.kind],
            period.starts_at,
            period.ends_at,
            period.reason,
            period.starts_at <= now and (period.ends_at is None or now < period.ends_at),
        )
        for period in reversed(periods)
    ][:20]


def form_of(vehicle: Vehicle) -> VehicleForm:
    """The edit form with present values."""
    return VehicleForm.of(form_values(vehicle))


def form_values(vehicle: Vehicle) -> dict[str, Any]:
    """Present values under the form's names."""
    values = {name: getattr(vehicle, name, None) for name in VehicleForm.model_fields}
    return values | {
        "home_location": vehicle.home_location_code,
        "location": vehicle.location_code,
        "equipment": ", ".join(vehicle.equipment),
        "air_conditioning": {True: "true", False: "false", None: ""}[vehicle.air_conditioning],
    }


def documents_of(vehicle: Vehicle) -> list[tuple[str, date | None]]:
    """All three documents with their dates."""
    return [(DOCUMENT_WORDS[name], getattr(vehicle, f"{name}_expires_on")) for name in DOCUMENTS]


def source_rows(vehicle: Vehicle) -> list[tuple[str, str]]:
    """Columns of the imported file that have no field of their own."""
    return [(name.replace("_", " ").capitalize(), str(value)) for name, value in vehicle.source_fields.items()]


def class_in_words(vehicle: Vehicle) -> str:
    """The code in words, or the parts that are known."""
    if vehicle.acriss:
        return acriss.decode(vehicle.acriss)
    return acriss.describe(*(getattr(vehicle, name) for name in CLASS_PARTS))


def state_in_words(state: VehicleState) -> str:
    return STATE_WORDS[state.value]


CELLS = {"odometer_km": "Odometer", "day_price": "Day price", "location": "Branch"}


def cell(vehicle: Vehicle, name: str, location_names: Mapping[str, str]) -> Cell:
    """One of the fields that are edited in place, as text."""
    texts = {
        "odometer_km": odometer_in_words(vehicle),
        "day_price": money(vehicle.day_price),
        "location": location_names.get(vehicle.location_code or "", vehicle.location_code or ""),
    }
    return Cell(vehicle, name, CELLS[name], texts[name])


def odometer_in_words(vehicle: Vehicle) -> str:
    return f"{number(vehicle.odometer_km)} km" if vehicle.odometer_km is not None else ""
