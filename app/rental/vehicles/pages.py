"""What vehicle pages show, and in which words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from app.core.actor import Actor
from app.core.columns import Column
from app.core.conflicts import Conflict
from app.core.filters import money, number
from app.core.lists import Frame, Opened, RecordList, frame
from app.core.previews import Drawer
from app.core.search_lists import Answer
from app.desk.records.services import Beside
from app.kit import acriss
from app.kit.markets import MARKETS
from app.rental.vehicles.forms import MoveForm, VehicleForm
from app.rental.vehicles.models import Vehicle, VehiclePeriod
from app.rental.vehicles.queries import SPEC
from app.rental.vehicles.rules import CLASS_PARTS, DOCUMENTS, Due, PeriodKind, VehicleState, allowed_moves
from app.rental.vehicles.schemas import STATE_WORDS, VehicleItem

LIST = RecordList(
    key="vehicles",
    title="Vehicles",
    path="/vehicles",
    spec=SPEC,
    columns=(
        Column("plate", "Plate", "plate", css="mono"),
        Column("vehicle", "Vehicle", "make", css="name", is_fixed=True),
        Column("class", "Class", align="wide"),
        Column("branch", "Branch"),
        Column("state", "State"),
        Column("odometer", "Odometer", "odometer_km", "number"),
        Column("day_price", "Day price", "day_price", "money"),
        Column("due", "Due", "due_on"),
        Column("year", "Year", "year", "number", is_default=False),
        Column("market", "Market", is_default=False),
        Column("home_branch", "Home branch", is_default=False),
        Column("fleet_number", "Fleet number", css="mono", is_default=False),
        Column("vin", "VIN", css="mono", is_default=False),
        Column("colour", "Colour", is_default=False),
        Column("seats", "Seats", align="number", is_default=False),
        Column("fuel_level", "Tank", align="number", is_default=False),
        Column("registration", "Registration until", is_default=False),
        Column("insurance", "Insurance until", is_default=False),
        Column("inspection", "Inspection until", is_default=False),
        Column("created", "Added", "created_at", css="faint", is_default=False),
        Column("updated", "Changed", "updated_at", css="faint", is_default=False),
    ),
    cells="rental/vehicles/_cells.html",
    kind="vehicle",
    hint="Plate, VIN, make, model, branch",
    is_selectable=True,
)
VIEWS = (
    ("All", {}),
    ("In service", {"state": "in_service"}),
    ("Blocked", {"state": "blocked"}),
    ("In maintenance", {"state": "in_maintenance"}),
    ("For sale", {"state": "for_sale"}),
)
SOON = timedelta(days=31)


def views(today: date) -> list[tuple[str, dict[str, str]]]:
    """The tabs of the list: states, and the documents that are over or end within 30 days."""
    return [
        *VIEWS,
        ("Documents over", {"due_before": today.isoformat()}),
        ("Documents due", {"due_before": (today + SOON).isoformat()}),
    ]


ON = frozenset({VehicleState.ON_HIRE})
DOCUMENT_WORDS = {"registration": "Registration", "insurance": "Insurance", "inspection": "Inspection"}
PERIOD_WORDS = {
    PeriodKind.BLOCK: "Block",
    PeriodKind.MAINTENANCE: "Maintenance",
    PeriodKind.TRANSFER: "Transfer",
    PeriodKind.SALE_LISTING: "For sale",
    PeriodKind.HIRE: "Hire",
}


@dataclass(frozen=True, slots=True)
class MoveWords:
    """How a move is offered: its address below the vehicle, its button, and what its form asks."""

    slug: str
    label: str
    permission: str
    text: str = ""
    lasts: bool = False
    needs_reason: bool = True
    toast: str = ""


MOVE_WORDS: dict[str, MoveWords] = {
    "commissioning": MoveWords(
        "commissioning",
        "Put into service",
        "vehicles.dispose",
        "The vehicle becomes available.",
        toast="Put into service",
    ),
    "block": MoveWords(
        "block", "Block", "vehicles.move", "It cannot be hired out meanwhile.", lasts=True, toast="Vehicle blocked"
    ),
    "block_removal": MoveWords(
        "block/removal", "End the block", "vehicles.move", needs_reason=False, toast="Block ended"
    ),
    "maintenance": MoveWords(
        "maintenance", "Send to maintenance", "vehicles.move", lasts=True, toast="Sent to maintenance"
    ),
    "maintenance_removal": MoveWords(
        "maintenance/removal", "Back from maintenance", "vehicles.move", needs_reason=False, toast="Back in service"
    ),
    "transfer": MoveWords(
        "transfer", "Transfer", "vehicles.move", "To another branch.", lasts=True, toast="Sent on transfer"
    ),
    "arrival": MoveWords("transfer/removal", "Arrived", "vehicles.move", needs_reason=False, toast="Arrived"),
    "sale_listing": MoveWords("sale-listing", "List for sale", "vehicles.dispose", lasts=True, toast="Listed for sale"),
    "sale_listing_removal": MoveWords(
        "sale-listing/removal", "Take off sale", "vehicles.dispose", needs_reason=False, toast="Taken off sale"
    ),
    "retirement": MoveWords(
        "retirement", "Retire", "vehicles.dispose", "For good, once somebody else agrees.", toast="Vehicle retired"
    ),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list: the vehicle, and what is said of it in words."""

    id: str
    name: str
    item: VehicleItem
    branch: str
    home_branch: str
    is_on: bool
    due: str
    tone: str


@dataclass(frozen=True, slots=True)
class VehicleList:
    """The list page."""

    frame: Frame
    rows: list[Row]
    can_create: bool
    can_import: bool


@dataclass(frozen=True, slots=True)
class OfferedMove:
    """A button and its form."""

    name: str
    words: MoveWords
    tone: str
    form: MoveForm


@dataclass(frozen=True, slots=True)
class MovePage:
    """A move's form that was refused."""

    vehicle: Vehicle
    move: OfferedMove
    locations: list[tuple[str, str]]
    zone: str


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


def vehicle_list(
    opened: Opened, found: Answer[VehicleItem], drawer: Drawer | None, branches: Mapping[str, str], actor: Actor
) -> VehicleList:
    """The list page of an answer."""
    around = frame(
        LIST,
        opened,
        page=found.page,
        total=found.total,
        facets=found.facets,
        menus_later=found.facets is None,
        labels={"location": branches},
        notice=found.notice,
        drawer=drawer,
    )
    rows = [row(item, branches) for item in found.page.items]
    return VehicleList(around, rows, can_create=actor.may("vehicles.edit"), can_import=actor.may("imports.vehicles"))


def row(item: VehicleItem, branches: Mapping[str, str]) -> Row:
    """A line of the list."""
    first = item.due[0] if item.due else None
    here, home = item.location or "", item.home_location or ""
    return Row(
        id=item.id,
        name=f"{item.make} {item.model}" if item.model else item.make,
        item=item,
        branch=branches.get(here, here),
        home_branch=branches.get(home, home),
        is_on=item.state in ON,
        due=due_in_words(first.document, first.days) if first else "",
        tone=first.tone if first else "",
    )


def due_in_words(document: str, days: int) -> str:
    """`Inspection 4 days over`, `Insurance in 6 days`."""
    name = DOCUMENT_WORDS[document]
    if days == 0:
        return f"{name} ends today"
    many = "day" if abs(days) == 1 else "days"
    return f"{name} {-days} {many} over" if days < 0 else f"{name} in {days} {many}"


def moves_for(vehicle: Vehicle, actor: Actor) -> list[OfferedMove]:
    """The moves that the state allows and the actor may make."""
    offered = [
        (move.name, MOVE_WORDS[move.name])
        for move in allowed_moves(vehicle.state)
        if actor.may(MOVE_WORDS[move.name].permission)
    ]
    return [
        OfferedMove(name, words, "danger" if name == "retirement" else "", MoveForm.of({})) for name, words in offered
    ]


def refused_move(vehicle: Vehicle, name: str, form: MoveForm, shown: VehicleDetail) -> MovePage:
    """The form again, with what is wrong."""
    move = OfferedMove(name, MOVE_WORDS[name], "danger" if name == "retirement" else "", form)
    return MovePage(vehicle, move, shown.locations, shown.zone)


def withheld_in_words(vehicle: Vehicle, actor: Actor) -> str:
    """What the state would allow but the role does not."""
    missing = [
        MOVE_WORDS[move.name].label.lower()
        for move in allowed_moves(vehicle.state)
        if not actor.may(MOVE_WORDS[move.name].permission)
    ]
    if vehicle.state is VehicleState.RETIRED:
        return "This vehicle is retired; nothing more can happen."
    return f"Another role may {', '.join(missing)}." if missing else ""


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
