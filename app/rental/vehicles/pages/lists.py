"""The list of vehicles: its columns, views and rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from app.core.actor import Actor
from app.core.columns import Column
from app.core.lists import Frame, Opened, RecordList
from app.core.previews import Drawer
from app.core.search_lists import Answer, frame_answer
from app.rental.vehicles.queries import SPEC
from app.rental.vehicles.rules import VehicleState
from app.rental.vehicles.schemas import VehicleItem

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
ON = frozenset({VehicleState.ON_HIRE})
DOCUMENT_WORDS = {"registration": "Registration", "insurance": "Insurance", "inspection": "Inspection"}


def views(today: date) -> list[tuple[str, dict[str, str]]]:
    """The tabs of the list: states, and the documents that are over or end within 30 days."""
    return [
        *VIEWS,
        ("Documents over", {"due_before": today.isoformat()}),
        ("Documents due", {"due_before": (today + SOON).isoformat()}),
    ]


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


def vehicle_list(
    opened: Opened,
    found: Answer[VehicleItem],
    drawer: Drawer | None,
    labels: Mapping[str, Mapping[str, str]],
    actor: Actor,
) -> VehicleList:
    """The list page of an answer; `labels` names branches and the values of other filters."""
    around = frame_answer(LIST, opened, found, labels=labels, drawer=drawer)
    rows = [row(item, labels["location"]) for item in found.page.items]
    return VehicleList(around, rows, can_create=actor.may("vehicles.edit"), can_import=actor.may("imports.vehicles"))


def branches_of(opened: Opened, found: Answer[VehicleItem]) -> set[str]:
    """The codes of the branches that rows and chips name."""
    places = {code for item in found.page.items for code in (item.location, item.home_location) if code}
    return places.union(opened.asked.chosen.get("location", ()))


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
