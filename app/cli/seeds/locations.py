"""Branches as rows: position and zone of an airport from the airports' list, hours by the kind of place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final

import airportsdata

from app.cli.seeds.branches import AIRPORTS, IN_TOWN
from app.cli.seeds.ids import seeded_id
from app.kit.markets import MARKETS
from app.rental.locations.rules import WEEKDAYS, Delivery, LocationKind

Hours = dict[str, list[list[str]]]

WORKDAYS: Final = WEEKDAYS[:5]
CITIES_WITHOUT_AIRPORT: Final = {"EPU": ("EE", "Pärnu", "Europe/Tallinn")}
LARGEST_AIRPORT_ALL_DAY: Final = 5
STAYS_LATE: Final = frozenset({LocationKind.AIRPORT, LocationKind.PORT})
"""Kinds of places that wait for a late flight or ferry, for an extra."""
DELIVERIES: Final[dict[str, Delivery]] = {
    LocationKind.AIRPORT: Delivery.IN_TERMINAL, LocationKind.PORT: Delivery.SHUTTLE,
    LocationKind.HOTEL: Delivery.MEET_AND_GREET,
}  # fmt: skip
WAYS: Final[dict[str, str]] = {
    LocationKind.AIRPORT: "Arrivals hall, follow the signs for rental cars.",
    LocationKind.PORT: "The shuttle stops in front of the terminal every 15 minutes.",
}
TURNAROUND_MINUTES: Final[dict[str, int]] = {LocationKind.AIRPORT: 60, LocationKind.PORT: 45}


@dataclass(frozen=True, slots=True)
class Branch:
    """A place with its share of the fleet."""

    code: str
    name: str
    kind: str
    city: str
    market: str
    size: int
    address: str
    latitude: Decimal
    longitude: Decimal
    time_zone: str


@cache
def branches() -> tuple[Branch, ...]:
    """All branches, by code."""
    airports = _airports()
    in_town = [_in_town(line, airports) for line in IN_TOWN.strip().splitlines()]
    return tuple(sorted([*airports.values(), *in_town], key=lambda branch: branch.code))


def location_rows(today: date, opened_at: datetime) -> list[dict[str, Any]]:
    """The rows of all branches; the same ids in every database."""
    return [
        {
            "id": seeded_id("branches", "location", branch.code),
            "version": 1,
            "created_at": opened_at,
            "updated_at": opened_at,
            "code": branch.code,
            "name": branch.name,
            "kind": branch.kind,
            "address": branch.address,
            "city": branch.city,
            "country": MARKETS[branch.market].country,
            "market": branch.market,
            "latitude": branch.latitude,
            "longitude": branch.longitude,
            "time_zone": branch.time_zone,
            "opening_hours": hours_of(branch, today),
            "allows_out_of_hours": branch.kind in STAYS_LATE,
            "turnaround_minutes": TURNAROUND_MINUTES.get(branch.kind, 30),
            "delivery": DELIVERIES.get(branch.kind, Delivery.AT_BRANCH),
            "delivery_note": WAYS.get(branch.kind),
            "is_active": True,
        }
        for branch in branches()
    ]


def hours_of(branch: Branch, today: date) -> dict[str, Any]:
    """Opening hours as JSON: airports long, towns with a break on Saturdays, closed or shorter on holidays."""
    year = today.year
    hours: Hours
    match branch.kind:
        case LocationKind.AIRPORT if branch.size >= LARGEST_AIRPORT_ALL_DAY:
            hours = _every(WEEKDAYS, [["00:00", "24:00"]]) | {"holiday": [["06:00", "22:00"]]}
        case LocationKind.AIRPORT:
            hours = _every(WEEKDAYS, [["07:00", "23:00"]]) | {"holiday": [["09:00", "18:00"]]}
        case LocationKind.PORT:
            hours = _every(WEEKDAYS, [["07:30", "12:30"], ["15:00", "21:30"]]) | {"holiday": [["09:00", "12:30"]]}
        case LocationKind.RAIL:
            hours = _every(WORKDAYS, [["07:00", "21:00"]]) | _every(WEEKDAYS[5:], [["08:00", "18:00"]])
        case LocationKind.HOTEL:
            hours = _every(WEEKDAYS, [["08:00", "12:00"], ["16:00", "20:00"]])
        case _:
            hours = _every(WORKDAYS, [["08:00", "18:00"]]) | {"sat": [["09:00", "12:00"], ["13:00", "15:00"]]}
    short_days = {f"{year}-12-24": [["08:00", "12:00"]], f"{year}-12-31": [["08:00", "14:00"]]}
    return {**hours, "dates": short_days}


def _every(days: Sequence[str], spans: list[list[str]]) -> Hours:
    return {day: list(spans) for day in days}


def _airports() -> dict[str, Branch]:
    known: Mapping[str, Mapping[str, Any]] = airportsdata.load("IATA")
    found: dict[str, Branch] = {}
    for line in AIRPORTS.strip().splitlines():
        market, _, places = line.partition(" ")
        for place in places.split("|"):
            code, rest = place.split(maxsplit=1)
            city, size = rest.rsplit(maxsplit=1)
            airport = known[code]
            found[code] = Branch(
                code,
                f"{city} Airport",
                LocationKind.AIRPORT,
                city,
                market,
                int(size),
                str(airport["name"]),
                round(Decimal(str(airport["lat"])), 6),
                round(Decimal(str(airport["lon"])), 6),
                str(airport["tz"]),
            )
    return found


def _in_town(line: str, airports: Mapping[str, Branch]) -> Branch:
    head, address, latitude, longitude, size = line.split("|")
    code, kind, name = head.split(maxsplit=2)
    if near := airports.get(code[:3]):
        market, city, zone = near.market, near.city, near.time_zone
    else:
        market, city, zone = CITIES_WITHOUT_AIRPORT[code]
    return Branch(code, name, kind, city, market, int(size), address, Decimal(latitude), Decimal(longitude), zone)
