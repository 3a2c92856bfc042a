"""Hires that benches book: branches and classes with vehicles enough, days that nobody else has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from random import shuffle
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4
from zoneinfo import ZoneInfo

from app.cli.failures import CommandFailed
from app.core import clock

if TYPE_CHECKING:
    from pymysql.cursors import Cursor

    from app.core.db import Database

SMALLEST_CLASS, LARGEST_CLASS = 12, 60
"""How many vehicles of a class a branch has where benches book: enough for every hire, and as many as in real life."""
PLACES: Final = 400
FIRST_DAY, LAST_DAY = 8, 80
HOUR: Final = 10
TURNAROUND: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Place:
    """A class at a branch, and a vehicle of it that nothing is planned with."""

    location: str
    class_code: str
    market: str
    time_zone: str
    vehicle_id: str


@dataclass(frozen=True, slots=True)
class Planned:
    """A hire of one day, by wall times of the branch."""

    key: str
    customer_id: str
    place: Place
    pickup: datetime
    back: datetime

    def body(self, *, with_vehicle: bool = False) -> bytes:
        """The request as clients of the API send it."""
        ends = {
            name: {"location": self.place.location, "local": f"{local:%Y-%m-%dT%H:%M}"}
            for name, local in (("pickup", self.pickup), ("return", self.back))
        }
        given: dict[str, Any] = {
            "customer_id": self.customer_id,
            "driver": {"name": "Mari Tamm", "born_on": "1988-04-12"},
            "class_code": self.place.class_code,
            **ends,
        }
        return json.dumps(given | ({"vehicle_id": self.place.vehicle_id} if with_vehicle else {})).encode()

    def by_hand(self) -> dict[str, Any]:
        """The same for a script: with moments in UTC, as the database keeps them."""
        zone = ZoneInfo(self.place.time_zone)
        moments = {
            name: getattr(self, name).replace(tzinfo=zone).astimezone(ZoneInfo("UTC")) for name in ("pickup", "back")
        }
        told = {
            "starts_at": moments["pickup"],
            "ends_at": moments["back"],
            "free_at": moments["back"] + TURNAROUND,
        }
        return (
            {"key": self.key, "customer_id": self.customer_id, **asdict(self.place)}
            | {"pickup": f"{self.pickup:%Y-%m-%d %H:%M:%S}", "back": f"{self.back:%Y-%m-%d %H:%M:%S}"}
            | {name: f"{moment:%Y-%m-%d %H:%M:%S}" for name, moment in told.items()}
        )


class Plans:
    """Hires one after another, over all places before the next day; none is planned twice by one bench.

    The days come in another order each time, so that what an earlier run has booked is in nobody's way.
    """

    def __init__(self, database_url: str) -> None:
        from app.cli.seeds.loading import connection

        with connection(database_url) as cursor:
            self.places = _places(cursor)
            self._customer = _customer(cursor)
        self._next = self._all()

    def take(self, count: int) -> list[Planned]:
        """The next hires, each of another place than the one before."""
        return [next(self._next) for _ in range(count)]

    def compete(self, planned: Planned, count: int) -> list[Planned]:
        """The same hire, wanted by so many at once, each with a key of their own."""
        return [
            Planned(str(uuid4()), planned.customer_id, planned.place, planned.pickup, planned.back)
            for _ in range(count)
        ]

    def _all(self) -> Iterator[Planned]:
        days = _workdays(clock.today())
        shuffle(days)
        for day, place in product(days, self.places):
            pickup = datetime.combine(day, time(HOUR))
            yield Planned(str(uuid4()), self._customer, place, pickup, pickup + timedelta(days=1))
        raise CommandFailed("No hires are left to book: the bench has booked every day that it may.")


async def ensure_cards(database: Database) -> None:
    """Rate cards in force for every market and category, where there are none."""
    from sqlalchemy import text

    from app.cli.seeds.rate_cards import load_cards_in_force

    async with database.session() as session:
        has_cards = (await session.execute(text("SELECT 1 FROM rate_card LIMIT 1"))).first() is not None
    if not has_cards:
        await load_cards_in_force(database, datetime.now(UTC))


def _workdays(today: date) -> list[date]:
    """Tuesdays to Thursdays without public holidays in sight: every branch at an airport is open at that hour."""
    days = [today + timedelta(days=number) for number in range(FIRST_DAY, LAST_DAY)]
    return [day for day in days if day.weekday() in (1, 2, 3)]


def _places(cursor: Cursor) -> list[Place]:
    """Classes with a rate card at airports, in an order that spreads over branches."""
    from app.cli.seeds.rate_cards import CATEGORIES

    cursor.execute(
        "SELECT found.*, (SELECT v.id FROM vehicle v WHERE v.location_code = found.location_code "
        "AND v.acriss = found.acriss AND v.base_state = 'in_service' "
        "AND NOT EXISTS (SELECT 1 FROM occupancy o WHERE o.vehicle_id = v.id AND o.free_at > UTC_TIMESTAMP()) "
        "AND NOT EXISTS (SELECT 1 FROM vehicle_period p WHERE p.vehicle_id = v.id "
        "AND (p.ends_at IS NULL OR p.ends_at > UTC_TIMESTAMP())) LIMIT 1) AS vehicle_id "
        "FROM (SELECT v.location_code, v.acriss, l.market, l.time_zone FROM vehicle v "
        "JOIN location l ON l.code = v.location_code "
        "WHERE v.base_state = 'in_service' AND v.acriss REGEXP %s AND l.kind = 'airport' AND l.is_active = 1 "
        "GROUP BY v.location_code, v.acriss, l.market, l.time_zone HAVING COUNT(*) BETWEEN %s AND %s "
        "ORDER BY MD5(CONCAT(v.location_code, v.acriss)) LIMIT %s) AS found HAVING vehicle_id IS NOT NULL",
        (f"^[{''.join(CATEGORIES)}]", SMALLEST_CLASS, LARGEST_CLASS, PLACES),
    )
    found = [Place(*(str(value) for value in row)) for row in cursor.fetchall()]
    if not found:
        raise CommandFailed(f"No airport has {SMALLEST_CLASS} vehicles of a class: measure over more of them.")
    return found


def _customer(cursor: Cursor) -> str:
    cursor.execute("SELECT id FROM customer ORDER BY id LIMIT 1")
    if (row := cursor.fetchone()) is None:
        raise CommandFailed("There is no customer to book for.")
    return str(row[0])
