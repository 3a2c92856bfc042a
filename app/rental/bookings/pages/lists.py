"""The list of bookings."""

from dataclasses import dataclass

from app.core.area import StateView
from app.core.columns import Column
from app.core.filters import money
from app.core.lists import Frame, RecordList
from app.rental.bookings.queries import SPEC
from app.rental.bookings.schemas.bookings import BookingItem, HireEnd

LIST = RecordList(
    key="bookings",
    title="Bookings",
    path="/bookings",
    spec=SPEC,
    columns=(
        Column("reference", "Reference", css="mono", is_fixed=True),
        Column("driver", "Driver", css="name"),
        Column("class", "Class", css="mono"),
        Column("vehicle", "Vehicle"),
        Column("branch", "Pick-up branch"),
        Column("pickup", "Pick-up", "pickup_at"),
        Column("return", "Return", "return_at"),
        Column("total", "Total", "total", "money"),
        Column("state", "State"),
        Column("return_branch", "Return branch", is_default=False),
        Column("customer", "Customer", is_default=False),
        Column("phone", "Phone", css="mono", is_default=False),
        Column("fee", "Fee", align="money", is_default=False),
        Column("source", "Source", is_default=False),
        Column("supplier", "Supplier", is_default=False),
        Column("market", "Market", is_default=False),
        Column("supplier_reference", "Supplier's number", css="mono", is_default=False),
        Column("created", "Booked", "created_at", css="faint", is_default=False),
        Column("updated", "Changed", "updated_at", css="faint", is_default=False),
    ),
    cells="rental/bookings/_cells.html",
    kind="booking",
    hint="Reference, driver, phone, plate",
    is_selectable=True,
)
VIEWS = (
    ("All", {}),
    ("Confirmed", {"state": "confirmed", "sort": "pickup_at"}),
    ("Without vehicle", {"state": "confirmed", "assigned": "no"}),
    ("On hire", {"state": "on_hire"}),
    ("No-shows", {"state": "no_show"}),
    ("Cancelled", {"state": "cancelled"}),
)
ON = frozenset({"on_hire"})
NEEDS_SOMEBODY = frozenset({"unknown", "disputed", "cancelled_by_supplier"})


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list: the booking, and what is said of it in words."""

    id: str
    name: str
    item: BookingItem
    pickup: str
    back: str
    tone: str
    is_on: bool
    vehicle: str
    fee: str
    state: str


@dataclass(frozen=True, slots=True)
class BookingList:
    """The list page."""

    frame: Frame
    rows: list[Row]
    can_create: bool


def state_view(item: BookingItem) -> StateView:
    """The state as lists show it."""
    if item.is_overdue:
        return StateView("Overdue", "act", is_on=True)
    return StateView(item.state_words, "act" if item.state in NEEDS_SOMEBODY else "", item.state in ON)


def row(item: BookingItem) -> Row:
    """A line of the list."""
    shown = state_view(item)
    vehicle = item.vehicle
    return Row(
        id=item.id,
        name=item.reference,
        item=item,
        pickup=local_in_words(item.pickup),
        back=local_in_words(item.back),
        tone=shown.tone,
        is_on=shown.is_on,
        vehicle=(vehicle.plate or vehicle.title) if vehicle else "",
        fee=money(item.cancellation_fee) if item.cancellation_fee else "",
        state=shown.words,
    )


def local_in_words(end: HireEnd) -> str:
    """`2026-06-29 10:00`, by the branch's clocks."""
    return end.local.replace("T", " ")
