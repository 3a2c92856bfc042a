"""A year of hires of a fleet as rows: with seasons, cancellations, late returns, and what comes next.

Each vehicle has its own chain of hires around today, drawn from the seed and the vehicle's number alone, so that no
vehicle is held twice and a run that was stopped goes on where it stopped.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

from pymysql.cursors import Cursor

from app.cli.failures import CommandFailed
from app.cli.seeds.bookings import HOURS, LENGTHS, Booked, booking_row, hold_row, is_branch_open, turnaround_at
from app.cli.seeds.ids import SeededIds
from app.cli.seeds.locations import Branch, branches
from app.kit.fee_windows import fee_at
from app.kit.ids import reference_of
from app.kit.money import Money
from app.kit.wall_times import moment_of, wall_time
from app.rental.bookings import rules
from app.rental.bookings.rules import BookingState
from app.rental.bookings.writes import PREFIX
from app.rental.vehicles.rules import PeriodKind, VehicleState

HIRES_OF_A_VEHICLE: Final = 50
AHEAD: Final = 6
"""How many of them begin after today."""
MOST_BOOKINGS: Final = 2_000_000
FIRST_REFERENCE: Final = 1_000_000
"""The demo's own references are below; there are 20 million in all, so every ninth seed shares its stretch."""
PEOPLE_OF_A_MARKET: Final = 200
CANCELLED: Final = 0.153
NOT_SHOWN: Final = 0.02
DISPUTED: Final = 0.004
WAITS_FOR_IT: Final = 0.2
"""How often the next customer waits when a vehicle comes back after their time."""
DELAYS_MINUTES: Final = (
    (0.0, -600), (0.05, -230), (0.5, 9), (0.75, 67), (0.9, 193), (0.95, 398), (0.99, 1_491), (1.0, 2_400),
)  # fmt: skip
"""How late vehicles come back: quantiles of 21,310 hires of Getaround; the ends are ours."""
GAP_DAYS: Final = (3.0, 2.8, 2.2, 1.8, 1.5, 1.1, 0.7, 0.6, 1.2, 1.8, 2.6, 1.9)
"""How long a vehicle stands between two hires on average, by month."""
HIGH_SEASON: Final = frozenset({7, 8})
NEAR: Final = timedelta(days=5)
"""From here on hires have their vehicle; later ones often wait."""
ASSIGNED_LATER: Final = 0.45
CLEANED: Final = timedelta(minutes=10)
LONGEST_WAIT: Final = timedelta(hours=3)
NOT_FOR_HIRE: Final = frozenset({VehicleState.ORDERED, VehicleState.RETIRED, VehicleState.FOR_SALE})


@dataclass(frozen=True, slots=True)
class Car:
    """Of a vehicle what its hires need. `busy` is what keeps it now: since when, until when, and whether by a hire."""

    number: int
    id: str
    market: str
    branch: Branch
    class_code: str
    day_price: Money
    is_for_hire: bool
    was_for_hire: bool
    busy: tuple[datetime, datetime | None, bool] | None = None


@dataclass(frozen=True, slots=True)
class Stock:
    """The vehicles of one batch, and people who hire them, by market."""

    cars: Sequence[Car]
    people: Mapping[str, Sequence[Mapping[str, Any]]]
    anybody: Sequence[Mapping[str, Any]]


@dataclass(slots=True)
class Hires:
    """What is the same for all hires of a seed."""

    seed: str
    slot: int
    batch: str
    now: datetime
    ids: SeededIds = field(init=False)
    hold_ids: SeededIds = field(init=False)

    def __post_init__(self) -> None:
        self.ids, self.hold_ids = SeededIds(self.seed, "booking"), SeededIds(self.seed, "occupancy")

    def of_car(self, car: Car, stock: Stock) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
        """Each hire of a vehicle with what it holds, if it still holds anything."""
        random = Random(f"{self.seed}/booking/{car.number}")  # noqa: S311 - made-up records, not secrets
        people = stock.people.get(car.market) or stock.anybody
        for place, drawn in enumerate(_chain(random, car, self.now)):
            number = car.number * HIRES_OF_A_VEHICLE + place
            row = self._row(random, car, drawn, number, people[int(random.random() * len(people))])
            is_held = drawn.state in rules.HOLDS_STOCK
            yield row, hold_row(self.hold_ids.text(number), row) if is_held else None

    def _row(self, random: Random, car: Car, drawn: _Drawn, number: int, customer: Mapping[str, Any]) -> dict[str, Any]:
        pickup_at = moment_of(drawn.starts, car.branch.time_zone)
        created_at = min(pickup_at, self.now) - timedelta(days=0.05 + random.random() ** 2 * 45)
        row = booking_row(
            Booked(
                id=self.ids.text(number),
                reference=reference_of(PREFIX, FIRST_REFERENCE + self.slot % 9 * MOST_BOOKINGS + number),
                market=car.market,
                branch=car.branch,
                state=drawn.state,
                starts=drawn.starts,
                ends=drawn.ends,
                class_code=car.class_code,
                vehicle_id=car.id if drawn.has_vehicle else None,
                day_price=_in_season(car.day_price, drawn.starts.month),
                customer=customer,
                created_at=created_at,
                updated_at=created_at,
                batch=self.batch,
            )
        )
        _tell_end(random, row, drawn, self.now)
        return row


@dataclass(slots=True)
class _Drawn:
    """One hire of the chain: wall times of the branch, how it went, how late it came back and how late it left."""

    starts: datetime
    ends: datetime
    state: BookingState
    has_vehicle: bool = True
    late: timedelta = timedelta()
    waited: timedelta = timedelta()


def read_stock(cursor: Cursor, source: str, first: int, last: int) -> list[Car]:
    """The vehicles [first, last) of a seed that are there, in their order, and what keeps them."""
    cursor.execute(
        "SELECT CAST(v.source_key AS INT), v.id, v.market, v.location_code, v.acriss, v.day_price_minor, "
        "v.day_price_currency, v.state, p.starts_at, p.ends_at, p.kind FROM vehicle v "
        "LEFT JOIN vehicle_period p ON p.vehicle_id = v.id AND (p.ends_at IS NULL OR p.ends_at > UTC_TIMESTAMP()) "
        "WHERE v.source = %s AND CAST(v.source_key AS INT) >= %s AND CAST(v.source_key AS INT) < %s "
        "ORDER BY CAST(v.source_key AS INT)",
        (source, first, last),
    )
    known = {branch.code: branch for branch in branches()}
    found: list[Car] = []
    for number, car_id, market, branch, acriss, minor, currency, state, starts_at, ends_at, kind in cursor.fetchall():
        is_for_hire = acriss is not None and minor is not None and branch in known
        found.append(
            Car(
                int(number),
                str(car_id),
                market,
                known.get(branch) or branches()[0],
                acriss or "CDMR",
                Money(minor or 4_500, currency or "EUR"),
                is_for_hire=is_for_hire and state not in NOT_FOR_HIRE,
                was_for_hire=state != VehicleState.ORDERED,
                busy=(_utc(starts_at), ends_at and _utc(ends_at), kind == PeriodKind.HIRE) if starts_at else None,
            )
        )
    return found


def read_people(cursor: Cursor) -> dict[str, list[Mapping[str, Any]]]:
    """People who hire, by market. Raises CommandFailed when there are none."""
    people: dict[str, list[Mapping[str, Any]]] = {}
    cursor.execute("SELECT DISTINCT market FROM customer WHERE kind = 'person'")
    for (market,) in cursor.fetchall():
        cursor.execute(
            "SELECT id, name, phone, email, born_on FROM customer WHERE market = %s AND kind = 'person' "
            "ORDER BY id LIMIT %s",
            (market, PEOPLE_OF_A_MARKET),
        )
        names = ("id", "name", "phone", "email", "born_on")
        people[market] = [dict(zip(names, (str(row[0]), *row[1:]), strict=True)) for row in cursor.fetchall()]
    if not people:
        raise CommandFailed("Bookings need customers, and there are none; `--applications 1000` makes some.")
    return people


def _chain(random: Random, car: Car, now: datetime) -> list[_Drawn]:
    """The hires of a vehicle in the order of their numbers: those that are over, the latest first, then the others."""
    zone = car.branch.time_zone
    local = wall_time(now, zone)
    running: list[_Drawn] = []
    before = after = local
    if car.busy is not None:
        starts_at, ends_at, is_hire = car.busy
        starts, ends = wall_time(starts_at, zone), wall_time(ends_at or now + timedelta(days=30), zone)
        before, after = min(local, starts), max(local, ends)
        if is_hire and ends_at is not None and starts < local and car.is_for_hire:
            running = [_Drawn(starts, ends, BookingState.ON_HIRE)]
    over = _over(random, car, before, HIRES_OF_A_VEHICLE - AHEAD - len(running))
    coming = _coming(random, car, local, after, AHEAD)
    return [*over, *running, *coming]


def _over(random: Random, car: Car, before: datetime, number: int) -> list[_Drawn]:
    """Hires that ended before, the latest first; a cancelled one leaves its time to another."""
    found: list[_Drawn] = []
    turnaround, until, following = turnaround_at(car.branch.code), before, None
    while len(found) < number:
        latest = until - turnaround - timedelta(days=random.expovariate(1 / GAP_DAYS[until.month - 1]))
        starts, ends = _open_before(random, car.branch, latest, _days(random, latest.month))
        state = _how_it_went(random, ends, before) if car.was_for_hire else BookingState.CANCELLED
        if state in (BookingState.CANCELLED, BookingState.NO_SHOW):
            found.append(_Drawn(starts, ends, state, has_vehicle=False))
            until = until if car.was_for_hire else starts
            continue
        late, room = _delay(random.random()), until - CLEANED - ends
        if late > room:
            is_waited_for = following is not None and random.random() < WAITS_FOR_IT
            late = min(late, room + LONGEST_WAIT) if is_waited_for else max(timedelta(), room)
            if following is not None and is_waited_for:
                following.waited = late - room
        following = _Drawn(starts, ends, state, late=late)
        found.append(following)
        until = starts
    return found


def _coming(random: Random, car: Car, local: datetime, after: datetime, number: int) -> list[_Drawn]:
    """Hires that are still to come; of what is not for hire they are promises of the class that came to nothing."""
    found: list[_Drawn] = []
    turnaround, free = turnaround_at(car.branch.code), after
    while len(found) < number:
        earliest = free + turnaround + timedelta(days=random.expovariate(1 / GAP_DAYS[free.month - 1]))
        starts, ends = _open_after(random, car.branch, earliest, _days(random, earliest.month))
        is_kept = car.is_for_hire and random.random() > CANCELLED / 2
        state = BookingState.CONFIRMED if is_kept else BookingState.CANCELLED
        has_vehicle = is_kept and (starts - local < NEAR or random.random() < ASSIGNED_LATER)
        found.append(_Drawn(starts, ends, state, has_vehicle))
        if is_kept or not car.is_for_hire:
            free = ends
    return found


def _days(random: Random, month: int) -> int:
    days = LENGTHS[int(random.random() * len(LENGTHS))]
    return days + (days > 1 and month in HIGH_SEASON) * (1 + int(random.random() * 3))


def _open_before(random: Random, branch: Branch, latest: datetime, days: int) -> tuple[datetime, datetime]:
    """Both ends at hours of the branch, not after a wall time; on a day when it is open if there is one in a week."""
    first, last = (HOURS[int(random.random() * len(HOURS))] for _ in range(2))
    day = latest.replace(hour=0, minute=0, second=0, microsecond=0)
    if latest.hour < last:
        day -= timedelta(days=1)
    for earlier in range(7):
        ends = (day - timedelta(days=earlier)).replace(hour=last)
        starts = (ends - timedelta(days=days)).replace(hour=first)
        if is_branch_open(branch, starts) and is_branch_open(branch, ends):
            return starts, ends
    return (day - timedelta(days=days)).replace(hour=first), day.replace(hour=last)


def _open_after(random: Random, branch: Branch, earliest: datetime, days: int) -> tuple[datetime, datetime]:
    first, last = (HOURS[int(random.random() * len(HOURS))] for _ in range(2))
    day = earliest.replace(hour=0, minute=0, second=0, microsecond=0)
    if earliest.hour >= first:
        day += timedelta(days=1)
    for later in range(7):
        starts = (day + timedelta(days=later)).replace(hour=first)
        ends = (starts + timedelta(days=days)).replace(hour=last)
        if is_branch_open(branch, starts) and is_branch_open(branch, ends):
            return starts, ends
    return day.replace(hour=first), (day + timedelta(days=days)).replace(hour=last)


def _how_it_went(random: Random, ends: datetime, before: datetime) -> BookingState:
    draw = random.random()
    if draw < CANCELLED:
        return BookingState.CANCELLED
    if draw < CANCELLED + NOT_SHOWN:
        return BookingState.NO_SHOW
    if draw < CANCELLED + NOT_SHOWN + DISPUTED:
        return BookingState.DISPUTED
    return BookingState.RETURNED if before - ends < timedelta(days=1.5) else BookingState.CLOSED


def _delay(draw: float) -> timedelta:
    """How late a vehicle comes back, by its quantile; between two known ones on a straight line."""
    place = max(1, min(bisect([each for each, _ in DELAYS_MINUTES], draw), len(DELAYS_MINUTES) - 1))
    (low, first), (high, last) = DELAYS_MINUTES[place - 1 : place + 1]
    return timedelta(minutes=round(first + (last - first) * (draw - low) / (high - low)))


def _in_season(price: Money, month: int) -> Money:
    percent = 125 if month in HIGH_SEASON else 100
    return Money(price.minor * percent // 100, price.currency)


def _tell_end(random: Random, row: dict[str, Any], drawn: _Drawn, now: datetime) -> None:
    """When it left, came back, or what it cost that it did not."""
    pickup_at, return_at = row["pickup_at"], row["return_at"]
    total, windows = Money(row["total_minor"], row["total_currency"]), rules.fee_windows(pickup_at)
    match drawn.state:
        case BookingState.CANCELLED:
            latest = min(pickup_at, now)
            at = row["created_at"] + (latest - row["created_at"]) * (0.2 + random.random() * 0.79)
            row |= {"cancel_requested_at": at, "fee_minor": fee_at(total, windows, at).minor, "updated_at": at}
        case BookingState.NO_SHOW:
            at = pickup_at + rules.HOLD_WINDOW + timedelta(minutes=int(random.random() * 90))
            row |= {"fee_minor": total.minor, "updated_at": at}
        case BookingState.ON_HIRE:
            row |= {"picked_up_at": pickup_at, "updated_at": pickup_at}
        case BookingState.CONFIRMED:
            pass
        case _:
            left_at = pickup_at + max(drawn.waited, timedelta(minutes=int(random.random() * 25)))
            back_at = min(max(return_at + drawn.late, left_at + timedelta(hours=1)), now)
            row |= {"picked_up_at": left_at, "returned_at": back_at, "updated_at": back_at}


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
