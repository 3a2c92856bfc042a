"""How much is looked for, quoted and booked from quotes, by day and branch: for dashboards."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.core.actor import Actor
from app.core.read_pool import ReadPool
from app.rental.quotes import queries


@dataclass(frozen=True, slots=True)
class Asked:
    """One branch on one day (UTC): searches, those in which nothing could be offered, quotes, bookings from quotes."""

    day: date
    location: str
    market: str
    searches: int
    without_offer: int
    quotes: int
    bookings: int


async def look_to_book(reads: ReadPool, actor: Actor, first: date, last: date) -> list[Asked]:
    """What was asked for between two days, both included, at the branches that the actor may see."""
    return [Asked(*row) for row in await queries.list_days(reads, actor, first, last)]


def searches_per_booking(rows: Iterable[Asked]) -> float | None:
    """How many searches it takes for a booking; nothing while there is none."""
    counted = list(rows)
    bookings = sum(row.bookings for row in counted)
    return sum(row.searches for row in counted) / bookings if bookings else None
