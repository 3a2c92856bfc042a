"""What branch pages show."""

from dataclasses import dataclass

from app.core import clock
from app.core.columns import Column
from app.core.lists import Frame, RecordList
from app.kit.calendars import public_holidays
from app.rental.locations import rules
from app.rental.locations.queries import SPEC
from app.rental.locations.schemas import LocationItem

LIST = RecordList(
    key="locations",
    title="Branches",
    path="/locations",
    spec=SPEC,
    columns=(
        Column("code", "Code", "code", css="mono"),
        Column("name", "Branch", "name", is_fixed=True),
        Column("kind", "Kind"),
        Column("city", "City", align="wide"),
        Column("market", "Market"),
        Column("hours", "Open today"),
        Column("zone", "Zone", css="faint"),
        Column("updated", "Changed", "updated_at", css="faint", is_default=False),
    ),
    cells="rental/locations/_cells.html",
    kind="location",
    hint="Code or name",
)
KIND_WORDS = {kind.value: kind.value.capitalize() for kind in rules.LocationKind}


@dataclass(frozen=True, slots=True)
class Row:
    """One branch, as text."""

    id: str
    code: str
    name: str
    kind: str
    city: str
    address: str
    market: str
    hours: str
    is_closed: bool
    time_zone: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class LocationList:
    """The list page."""

    frame: Frame
    rows: list[Row]


def row(item: LocationItem) -> Row:
    """A line of the list."""
    hours = hours_today(item)
    return Row(
        id=item.id,
        code=item.code,
        name=item.name,
        kind=KIND_WORDS.get(item.kind, item.kind),
        city=item.city,
        address=item.address or "",
        market=item.market,
        hours=hours or "closed",
        is_closed=not hours,
        time_zone=item.time_zone,
        updated_at=item.updated_at,
    )


def hours_today(item: LocationItem) -> str:
    """`07:00-12:00, 13:00-22:00` by the branch's own date; empty when closed."""
    today = clock.in_zone(item.time_zone).date()
    spans = rules.spans_on(rules.read_hours(item.opening_hours), public_holidays(item.country), today)
    return ", ".join(span.words for span in spans)
