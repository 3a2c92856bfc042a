"""What branch pages show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from app.core import clock
from app.core.columns import Column
from app.core.conflicts import Conflict
from app.core.filters import day
from app.core.lists import Frame, RecordList
from app.kit.calendars import holiday_name, public_holidays
from app.rental.locations import rules
from app.rental.locations.forms import HoursForm
from app.rental.locations.models import Location
from app.rental.locations.queries import SPEC
from app.rental.locations.schemas import LocationItem
from app.rental.locations.services import DELIVERY_WORDS

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
DAY_WORDS = dict(
    zip(
        (*rules.WEEKDAYS, rules.HOLIDAY),
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "Public holidays"),
        strict=True,
    )
)
FAR_AHEAD = timedelta(days=120)
"""How far the page looks ahead for public holidays."""
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


@dataclass(frozen=True, slots=True)
class DayRow:
    """One line of the hours: a weekday, public holidays, or a date that differs."""

    label: str
    hours: str
    note: str = ""
    is_today: bool = False


@dataclass(frozen=True, slots=True)
class LocationDetail:
    """The record page of a branch."""

    location: Location
    kind: str
    delivery: str
    state: str
    is_open: bool
    local: datetime
    week: list[DayRow]
    special: list[DayRow]
    timeline: Sequence[Any]
    can_edit: bool


@dataclass(frozen=True, slots=True)
class HoursEdit:
    """The form of the hours."""

    location: Location
    form: HoursForm
    days: tuple[tuple[str, str], ...] = tuple(DAY_WORDS.items())
    deliveries: tuple[tuple[str, str], ...] = tuple(DELIVERY_WORDS.items())


@dataclass(frozen=True, slots=True)
class HoursConflict:
    """Two people edited at once: choose field by field."""

    location: Location
    conflict: Conflict
    action: str


def detail(location: Location, timeline: Sequence[Any], *, can_edit: bool) -> LocationDetail:
    """The page by the branch's own clock."""
    local = clock.in_zone(location.time_zone).replace(tzinfo=None)
    holidays = public_holidays(location.country)
    is_open = rules.is_open(location.hours, holidays, local)
    return LocationDetail(
        location=location,
        kind=KIND_WORDS.get(location.kind, location.kind),
        delivery=DELIVERY_WORDS[location.delivery],
        state=state_in_words(location, local),
        is_open=is_open,
        local=local,
        week=_week(location, local.date()),
        special=_special(location, local.date()),
        timeline=timeline,
        can_edit=can_edit,
    )


def state_in_words(location: Location, local: datetime) -> str:
    """`Open until 18:00`, `Closed, opens Mon 08:00`."""
    hours, holidays = location.hours, public_holidays(location.country)
    minute = local.hour * 60 + local.minute
    spans = rules.spans_on(hours, holidays, local.date())
    now = next((span for span in spans if span.opens_minute <= minute < span.closes_minute), None)
    if now:
        return f"Open until {now.words.partition('-')[2]}"
    opening = rules.next_opening(hours, holidays, local)
    return f"Closed, opens {opening:%a %H:%M}" if opening else "Closed"


def _week(location: Location, today: date) -> list[DayRow]:
    stored = location.opening_hours
    present = rules.WEEKDAYS[today.weekday()]
    return [DayRow(words, rules.in_words(stored.get(key)), "", key == present) for key, words in DAY_WORDS.items()]


def _special(location: Location, today: date) -> list[DayRow]:
    """The dates of its own and the public holidays of the next months, in order."""
    hours, holidays = location.hours, public_holidays(location.country)
    days = [today + timedelta(days=number) for number in range(FAR_AHEAD.days)]
    own = sorted(other for other in hours.dates if other >= today)
    dates = sorted({*own, *(each for each in days if each in holidays)})
    return [
        DayRow(
            f"{each:%a} {day(each)}",
            ", ".join(span.words for span in rules.spans_on(hours, holidays, each)) or "closed",
            holiday_name(location.country, each),
            each == today,
        )
        for each in dates
    ]
