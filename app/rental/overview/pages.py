"""What a fleet clerk's day begins with: documents, maintenance and transfers, each a number with its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from app.core.area import Tile, Waiting
from app.core.filters import age, number, to_datetime
from app.core.reads import COUNT_CAP
from app.rental.vehicles.rules import DUE_SOON_DAYS, Due, due

PATH = "/vehicles"
DOCUMENT_WORDS = {"registration": "Registration", "insurance": "Insurance", "inspection": "Inspection"}

Filters = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of one person's fleet; each is the length of the list behind its tile."""

    fleet: int
    in_service: int
    over: int
    due: int
    in_maintenance: int
    in_maintenance_before: int
    in_transit: int
    long_in_transit: int


def tiles(counts: Counts, lists: Mapping[str, Filters]) -> list[Tile]:
    """Tiles that lead to the lists of the same filters."""
    share = f", {100 * counts.in_service // counts.fleet} %" if counts.fleet else ""
    before = f"{number(counts.in_maintenance_before)} a week ago"
    long = f"{number(counts.long_in_transit)} for more than 3 days" if counts.long_in_transit else "none for long"
    return [
        Tile("In service", _href(lists["in_service"]), _count(counts.in_service), f"of {_count(counts.fleet)}{share}"),
        Tile("Documents over", _href(lists["over"]), _count(counts.over), "", "act" if counts.over else ""),
        Tile(
            f"Documents due in {DUE_SOON_DAYS} days",
            _href(lists["due"]),
            _count(counts.due),
            f"{_count(counts.over)} of them over" if counts.over else "",
            "soon" if counts.due else "",
        ),
        Tile("In maintenance", _href(lists["in_maintenance"]), _count(counts.in_maintenance), before),
        Tile(
            "In transit",
            _href(lists["in_transit"]),
            _count(counts.in_transit),
            long,
            "soon" if counts.long_in_transit else "",
        ),
    ]


def documents_over(rows: Sequence[tuple[Any, ...]], today: date) -> list[Waiting]:
    """Vehicles whose documents have ended, the longest first."""
    lines: list[Waiting] = []
    for key, make, model, reference, *ends in rows:
        first = due(dict(zip(DOCUMENT_WORDS, ends, strict=True)), today)[0]
        text = f"{DOCUMENT_WORDS[first.document]} is over: {make} {model or ''}".rstrip()
        lines.append(Waiting(_over(first), "act", text, f"{PATH}/{key}", "Vehicle", reference, first.days * 86_400.0))
    return lines


def long_transits(rows: Sequence[tuple[Any, ...]], now: datetime) -> list[Waiting]:
    """Vehicles that should have arrived long ago."""
    lines: list[Waiting] = []
    for key, make, model, reference, since, destination in rows:
        left = to_datetime(since)
        text = f"On the way{f' to {destination}' if destination else ''}: {make} {model or ''}".rstrip()
        order = (left - now).total_seconds()
        lines.append(Waiting(f"left {age(left)}", "soon", text, f"{PATH}/{key}", "Vehicle", reference, order))
    return lines


def _count(value: int) -> str:
    return f"{number(COUNT_CAP)}+" if value > COUNT_CAP else number(value)


def _over(first: Due) -> str:
    return f"{-first.days} {'day' if first.days == -1 else 'days'} over"


def _href(filters: Filters) -> str:
    return f"{PATH}?{urlencode(filters, doseq=True)}"
