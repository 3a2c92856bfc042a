"""Bookings as rows: hires that run, that are over, that come, and those that came to nothing."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any, Final

from app.cli.seeds.ids import SeededIds
from app.cli.seeds.loading import Table, table_of
from app.cli.seeds.locations import Branch, location_rows
from app.cli.seeds.stories import MACHINE, Event, Storyteller
from app.cli.seeds.vehicles import MadeVehicle
from app.kit.calendars import public_holidays
from app.kit.fee_windows import fee_at, plain_windows, read_windows
from app.kit.hire_pricing.days import DEFAULT_GRACE_MINUTES
from app.kit.ids import reference_of
from app.kit.money import Money
from app.kit.wall_times import moment_of, wall_time
from app.rental.bookings import rules
from app.rental.bookings.models import Booking
from app.rental.bookings.rules import BookingState
from app.rental.bookings.services.changes import in_words
from app.rental.bookings.services.pricing import plain
from app.rental.bookings.writes import PREFIX
from app.rental.locations.rules import OpeningHours, is_open, read_hours
from app.rental.occupancy.models import Occupancy
from app.rental.vehicles.rules import PeriodKind, VehicleState, overlaps

BOOKING: Final[Table] = table_of(Booking)
OCCUPANCY: Final[Table] = table_of(Occupancy)
PAST: Final = (
    *[BookingState.CLOSED] * 12, BookingState.RETURNED, BookingState.CANCELLED, BookingState.CANCELLED,
    BookingState.NO_SHOW, BookingState.DISPUTED,
)  # fmt: skip
LENGTHS: Final = (1, 2, 2, 3, 3, 3, 4, 5, 7, 7, 10, 14)
HOURS: Final = (9, 10, 11)
GRACE: Final = timedelta(minutes=DEFAULT_GRACE_MINUTES)
WITHOUT_VEHICLE: Final = 0.2
GOES_ON: Final = 0.6
"""How likely a vehicle is booked once more."""
TIGHT: Final = 0.3
"""How likely its next hire begins a few hours after the one before."""
OVERDUE: Final = 0.05
MOST_PAST: Final = 3
BETWEEN: Final = timedelta(hours=3)
LATEST_HOUR: Final = 17
REASONS: Final = ("Other plans", "Flight cancelled", "Found it cheaper", "Booked twice")
ENDS: Final[Mapping[BookingState, tuple[str, ...]]] = {
    BookingState.ON_HIRE: ("checked_out",),
    BookingState.RETURNED: ("checked_out", "checked_in"),
    BookingState.CLOSED: ("checked_out", "checked_in", "closed"),
    BookingState.DISPUTED: ("checked_out", "checked_in", "disputed"),
    BookingState.CANCELLED: ("cancelled",),
    BookingState.NO_SHOW: ("not_shown",),
}
STATES: Final = {
    "checked_out": BookingState.ON_HIRE, "checked_in": BookingState.RETURNED, "closed": BookingState.CLOSED,
    "disputed": BookingState.DISPUTED, "cancelled": BookingState.CANCELLED, "not_shown": BookingState.NO_SHOW,
}  # fmt: skip


@dataclass(slots=True)
class Bookings:
    """The rows of the demo's bookings and of what they hold."""

    rows: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    events: list[list[Event]] = field(default_factory=list[list[Event]])
    """What happened to each of them; what the counters add comes to it before it is told."""
    holds: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


@dataclass(frozen=True, slots=True)
class _Hire:
    """What is decided before a booking is made: wall times of the branch."""

    made: MadeVehicle
    state: BookingState
    starts: datetime
    ends: datetime
    has_vehicle: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """What is decided of a booking before it is a row; wall times of its branch."""

    id: str
    reference: str
    market: str
    branch: Branch
    state: BookingState
    starts: datetime
    ends: datetime
    class_code: str
    vehicle_id: str | None
    day_price: Money
    customer: Mapping[str, Any]
    created_at: datetime
    updated_at: datetime
    batch: str | None = None


class BookingMaker:
    """Makes the bookings of a demo, vehicle by vehicle, so that none is held twice."""

    def __init__(
        self,
        random: Random,
        seed: str,
        customers: Sequence[dict[str, Any]],
        story: Storyteller,
        now: datetime,
        priced: Callable[[Mapping[str, Any], int], dict[str, Any] | None],
    ) -> None:
        self._priced = priced
        self._random, self._story, self._now = random, story, now
        self._ids, self._hold_ids = SeededIds(seed, "booking"), SeededIds(seed, "occupancy")
        self._customers: dict[str, list[dict[str, Any]]] = {}
        for row in customers:
            if row["kind"] == "person":
                self._customers.setdefault(row["market"], []).append(row)
        self._anybody = [row for rows in self._customers.values() for row in rows]
        self.made = Bookings()

    def add(self, made: MadeVehicle) -> None:
        """What this vehicle is booked for: a hire that runs, some that are over, and some that come."""
        if made.row["acriss"] is None or made.row["day_price_minor"] is None:
            return
        branch, draw = made.branch, self._random.random
        running = next((one for one in made.periods if one.kind is PeriodKind.HIRE), None)
        earliest = wall_time(self._now, branch.time_zone)
        if running is not None and running.ends_at is not None:
            starts, ends = (wall_time(moment, branch.time_zone) for moment in (running.starts_at, running.ends_at))
            if draw() < OVERDUE:
                due = (earliest - timedelta(hours=1 + int(draw() * 5))).replace(minute=0, second=0, microsecond=0)
                ends = max(due, starts + timedelta(hours=1))
            self._book(_Hire(made, BookingState.ON_HIRE, starts, ends))
            earliest = ends
        self._book_past(made)
        ahead = self._next(made, earliest, timedelta(days=1 + draw() * 10))
        while draw() < GOES_ON and made.row["state"] in (VehicleState.IN_SERVICE, VehicleState.ON_HIRE):
            ends = self._book_ahead(made, ahead)
            ahead = self._next(made, ends, timedelta(days=1 + draw() * 10))

    def tell(self) -> None:
        """Write the stories of all bookings that were made."""
        for row, events in zip(self.made.rows, self.made.events, strict=True):
            self._story.tell("booking", row, events)

    def _next(self, made: MadeVehicle, ends: datetime, pause: timedelta) -> datetime:
        """When the vehicle is next wanted: soon after it came back, or after some days."""
        soon = ends + BETWEEN
        now = wall_time(self._now, made.branch.time_zone)
        return (
            soon
            if self._random.random() < TIGHT and soon > now + timedelta(hours=1) and soon.hour <= LATEST_HOUR
            else ends + pause
        )

    def _book_past(self, made: MadeVehicle) -> None:
        """Back from now or from its first period, none at the time of another."""
        draw, zone = self._random.random, made.branch.time_zone
        latest = wall_time(min([one.starts_at for one in made.periods] + [self._now]), zone) - timedelta(hours=3)
        around = latest - timedelta(days=2 + draw() * 10)
        for _ in range(MOST_PAST):
            hire = self._hire(made, PAST[int(draw() * len(PAST))], around)
            if hire and hire.ends <= latest and moment_of(hire.starts, zone) > made.row["created_at"]:
                self._book(hire)
                latest = hire.starts - timedelta(hours=3)
            around = min(around, latest) - timedelta(days=3 + draw() * 7)

    def _book_ahead(self, made: MadeVehicle, ahead: datetime) -> datetime:
        has_vehicle = self._random.random() > WITHOUT_VEHICLE
        hire = self._hire(made, BookingState.CONFIRMED, ahead, has_vehicle=has_vehicle)
        if hire is None:
            return ahead + timedelta(days=1)
        zone = made.branch.time_zone
        until = moment_of(hire.ends, zone) + timedelta(hours=2)
        if overlaps(made.periods, moment_of(hire.starts, zone), until) is None:
            self._book(hire)
        return hire.ends

    def _hire(
        self, made: MadeVehicle, state: BookingState, around: datetime, *, has_vehicle: bool = True
    ) -> _Hire | None:
        """From the first day on which both ends are within the branch's hours."""
        random = self._random
        hours = (HOURS[int(random.random() * len(HOURS))] for _ in range(2))
        days = LENGTHS[int(random.random() * len(LENGTHS))]
        first, last = hours
        for later in range(7):
            day = (around + timedelta(days=later)).replace(minute=0, second=0, microsecond=0)
            first = around.hour if later == 0 and first < around.hour <= LATEST_HOUR else first
            starts, ends = day.replace(hour=first), (day + timedelta(days=days)).replace(hour=last)
            if is_branch_open(made.branch, starts) and is_branch_open(made.branch, ends):
                return _Hire(made, state, starts, ends, has_vehicle)
        return None

    def _book(self, hire: _Hire) -> None:
        row = self._row(hire)
        self.made.rows.append(row)
        if hire.state in rules.HOLDS_STOCK:
            self.made.holds.append(self._hold(row))
        self.made.events.append(self._events(row, hire))

    def _row(self, hire: _Hire) -> dict[str, Any]:
        made, number = hire.made, len(self.made.rows)
        pickup_at = moment_of(hire.starts, made.branch.time_zone)
        is_ended = hire.state in (BookingState.CANCELLED, BookingState.NO_SHOW)
        row = booking_row(
            Booked(
                id=self._ids.text(number),
                reference=reference_of(PREFIX, number + 1),
                market=made.row["market"],
                branch=made.branch,
                state=hire.state,
                starts=hire.starts,
                ends=hire.ends,
                class_code=made.row["acriss"],
                vehicle_id=made.row["id"] if hire.has_vehicle and not is_ended else None,
                day_price=Money(made.row["day_price_minor"], made.row["day_price_currency"]),
                customer=self._customer(made.row["market"]),
                created_at=min(pickup_at, self._now) - timedelta(days=1 + self._random.random() * 25),
                updated_at=self._now,
            )
        )
        return row | (self._priced(row, number) or {})

    def _hold(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return hold_row(self._hold_ids.text(len(self.made.holds)), row)

    def _events(self, row: dict[str, Any], hire: _Hire) -> list[Event]:
        """The way to the present state; what a cancellation and a no-show cost goes into the row."""
        who = self._story.somebody("fleet", row["market"])
        row["created_by"] = who.id or None
        total = Money(row["total_minor"], row["total_currency"])
        shown = {name: (None, row[name]) for name in ("pickup_location", "return_location", "class_code")}
        first: dict[str, tuple[Any, Any]] = {"state": (None, "confirmed"), "total_minor": (None, total), **shown}
        events = [Event(row["created_at"], "booking.created", who, first)]
        if row["vehicle_id"]:
            name = vehicle_in_words(hire.made.row)
            at = row["created_at"] + (min(row["pickup_at"], self._now) - row["created_at"]) * 0.7
            events.append(Event(at, "booking.vehicle_assigned", who, {"vehicle": (None, name)}))
        before = "confirmed"
        for step in ENDS.get(hire.state, ()):
            after = STATES[step]
            changes: dict[str, tuple[Any, Any]] = {"state": (before, after.value)}
            at = self._moment_of(step, row)
            why = REASONS[int(self._random.random() * len(REASONS))] if step == "cancelled" else None
            if step in ("cancelled", "not_shown"):
                fee = fee_at(total, read_windows(row["fee_windows"]), at)
                row["fee_minor"] = fee.minor
                row["cancel_requested_at"] = at if step == "cancelled" else None
                changes["fee_minor"] = (None, fee)
            if step in ("checked_out", "checked_in"):
                row["picked_up_at" if step == "checked_out" else "returned_at"] = at
            events.append(Event(at, f"booking.{step}", MACHINE if step == "closed" else who, changes, why))
            before = after.value
        return events

    def _moment_of(self, step: str, row: Mapping[str, Any]) -> datetime:
        delay = timedelta(minutes=5 + self._random.random() * 40)
        match step:
            case "checked_out":
                return min(row["pickup_at"], self._now)
            case "checked_in":
                return row["return_at"] + delay
            case "cancelled":
                return row["pickup_at"] - timedelta(hours=4 + self._random.random() * 20)
            case "not_shown":
                return row["pickup_at"] + rules.HOLD_WINDOW + delay
            case _:
                return row["return_at"] + timedelta(hours=2) + delay

    def _customer(self, market: str) -> dict[str, Any]:
        known = self._customers.get(market) or self._anybody
        return known[int(self._random.random() * len(known))]


def vehicle_in_words(row: Mapping[str, Any]) -> str:
    """A vehicle as moves of bookings name it."""
    title = " ".join(filter(None, (row["make"], row["model"])))
    return in_words({"plate": row["plate"], "title": title, "acriss": row["acriss"]}) or ""


def booking_row(booked: Booked) -> dict[str, Any]:
    """The row of a booking by the day price of its class."""
    zone, price = booked.branch.time_zone, booked.day_price
    pickup_at, return_at = moment_of(booked.starts, zone), moment_of(booked.ends, zone)
    whole, rest = divmod(booked.ends - booked.starts, timedelta(days=1))
    days = whole + (rest > GRACE or not whole)
    total = Money(price.minor * days, price.currency)
    words = f"{days} day{'' if days == 1 else 's'} at {price.amount}"
    return {
        "id": booked.id,
        "version": 1,
        "created_at": booked.created_at,
        "updated_at": booked.updated_at,
        "reference": booked.reference,
        "market": booked.market,
        "source": "own",
        "state": booked.state.value,
        "customer_id": booked.customer["id"],
        "driver_name": booked.customer["name"],
        "driver_phone": booked.customer["phone"],
        "driver_email": booked.customer["email"],
        "driver_born_on": booked.customer["born_on"],
        **_end("pickup", booked.branch, booked.starts, pickup_at),
        **_end("return", booked.branch, booked.ends, return_at),
        "class_code": booked.class_code,
        "vehicle_id": booked.vehicle_id,
        "total_minor": total.minor,
        "total_currency": total.currency,
        "price_lines": [{"code": "TIME", "quantity": days, "amount": plain(total), "explanation": words}],
        "rate_snapshot": {"currency": price.currency, "rate": {"blocks": [{"days": 1, "price": price.amount}]}},
        "fee_windows": plain_windows(rules.fee_windows(pickup_at)),
        "margin": None,
        "fee_minor": None,
        "cancel_requested_at": None,
        "picked_up_at": None,
        "returned_at": None,
        "terms_number": 1,
        "supplier_code": None,
        "supplier_reference": None,
        "note": None,
        "tags": [],
        "choices": {},
        "quote_id": None,
        "pending_terms": None,
        "replaces_id": None,
        "created_by": None,
        "batch": booked.batch,
    }


def hold_row(hold_id: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """What a booking holds, of its own terms, until its vehicle is ready again."""
    same = ("class_code", "vehicle_id", "pickup_location", "return_location")
    return {
        "id": hold_id,
        "holder_id": row["id"],
        **{name: row[name] for name in same},
        "starts_at": row["pickup_at"],
        "ends_at": row["return_at"],
        "free_at": row["return_at"] + turnaround_at(row["return_location"]),
    }


def _end(name: str, branch: Branch, local: datetime, moment: datetime) -> dict[str, Any]:
    return {
        f"{name}_location": branch.code,
        f"{name}_local": f"{local:%Y-%m-%d %H:%M:%S}",
        f"{name}_zone": branch.time_zone,
        f"{name}_at": moment,
    }


@dataclass(frozen=True, slots=True)
class _Place:
    hours: OpeningHours
    holidays: Container[date]
    turnaround: timedelta


@cache
def _places() -> dict[str, _Place]:
    now = datetime.min  # noqa: DTZ901 - only hours are read
    day = now.date().replace(year=2026)
    return {
        row["code"]: _Place(
            read_hours(row["opening_hours"]),
            public_holidays(row["country"]),
            timedelta(minutes=row["turnaround_minutes"]),
        )
        for row in location_rows(day, now)
    }


def turnaround_at(code: str) -> timedelta:
    """How long a branch needs until a vehicle that came back can leave again."""
    return _places()[code].turnaround


def is_branch_open(branch: Branch, local: datetime) -> bool:
    """Whether somebody is at the branch at a wall time there."""
    place = _places()[branch.code]
    return is_open(place.hours, place.holidays, local)
