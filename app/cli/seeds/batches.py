"""Batches of rows: what is in one, which process makes it, and how it comes into the database as a whole."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Any, Final, Literal
from uuid import UUID

from pymysql.cursors import Cursor

from app.cli.failures import CommandFailed
from app.cli.seeds.applications import APPLICATION, Applicant, ApplicationNumbering, make_application
from app.cli.seeds.bookings import BOOKING, OCCUPANCY
from app.cli.seeds.customers import CUSTOMER, CustomerNumbering, make_customer
from app.cli.seeds.hires import HIRES_OF_A_VEHICLE, Hires, Stock, read_people, read_stock
from app.cli.seeds.ids import seeded_id
from app.cli.seeds.loading import Row, Table, load, load_lines, table_of, transaction
from app.cli.seeds.locations import branches, location_rows
from app.cli.seeds.models import variants
from app.cli.seeds.people import MARKETS_OF_CREDIT, names_of
from app.cli.seeds.tags import TAGS_OF, Link, ensure_vocabulary, links_of, load_links
from app.cli.seeds.vehicles import (
    PERIOD,
    STAY,
    VEHICLE,
    Numbering,
    make_vehicle,
    period_rows,
    plates_of_batch,
    stay_rows,
)
from app.core import clock
from app.core.actor import SYSTEM
from app.core.audit import AuditEntry
from app.core.events import OutboxEvent
from app.core.invariants import BATCH_ACTION, BATCH_KIND
from app.desk.customers.services import CustomerKeys
from app.kit.ids import new_id, new_reference
from app.rental.locations.models import Location

BATCH_ROWS: Final = 5_000
NEW_CUSTOMERS_OF_TEN: Final = 7
PERIODS_OF_A_VEHICLE: Final = 2
SLOTS: Final = 1_089
LOCATION: Final[Table] = table_of(Location)
AUDIT: Final[Table] = table_of(AuditEntry)
OUTBOX: Final[Table] = table_of(OutboxEvent)
TABLES: Final = {table.name: table for table in (VEHICLE, PERIOD, STAY, CUSTOMER, APPLICATION, BOOKING, OCCUPANCY)}
UNIQUE: Final = {
    "vehicle": ("plate_key", "vin", "fleet_number"), "application": ("reference",), "booking": ("reference",)
}  # fmt: skip
_ORIGIN: Final[Mapping[Kind, str]] = {"vehicle": "source", "application": "source", "booking": "batch"}

Kind = Literal["vehicle", "application", "booking"]


@dataclass(frozen=True, slots=True)
class Order:
    """The rows [first, last) of one kind under one seed; they all lie in one stretch of `BATCH_ROWS`."""

    kind: Kind
    seed: int
    first: int
    last: int
    now: datetime
    keys: CustomerKeys
    taken: frozenset[str] = frozenset()
    stock: Stock | None = None

    @property
    def source(self) -> str:
        return source_of(self.seed)

    @property
    def start(self) -> int:
        """Where the stretch begins: its random numbers are drawn from there, wherever the order begins."""
        return self.first // BATCH_ROWS * BATCH_ROWS

    def random(self) -> Random:
        return Random(f"{self.seed}/{self.kind}/{self.start}")  # noqa: S311 - made-up records, not secrets


@dataclass(slots=True)
class Batch:
    """Lines by table, and the values of columns that nobody else may have."""

    order: Order
    lines: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    unique: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    links: list[Link] = field(default_factory=list[Link])

    @property
    def count(self) -> int:
        return sum(len(lines) for lines in self.lines.values())

    def add(self, table: Table, row: Row) -> None:
        self.lines.setdefault(table.name, []).append(table.line(row))
        if table.name in TAGS_OF:
            self.links += links_of(table.name, row)


def source_of(seed: int) -> str:
    return f"seed-{seed}"


def orders(kind: Kind, seed: int, present: int, wanted: int, now: datetime, keys: CustomerKeys) -> list[Order]:
    """What is still to be made when the first `present` rows are there already."""
    found: list[Order] = []
    first = present
    while first < wanted:
        last = min(wanted, (first // BATCH_ROWS + 1) * BATCH_ROWS)
        found.append(Order(kind, seed, first, last, now, keys))
        first = last
    return found


def with_stock(cursor: Cursor, waiting: Sequence[Order]) -> list[Order]:
    """The orders of bookings with the vehicles and people that they are made from. Raises CommandFailed."""
    if not waiting or waiting[0].kind != "booking":
        return list(waiting)
    people, first = read_people(cursor), waiting[0]
    last = waiting[-1].last
    cars = read_stock(cursor, first.source, first.first // HIRES_OF_A_VEHICLE, -(-last // HIRES_OF_A_VEHICLE))
    numbers = [car.number for car in cars]
    if not cars or numbers[-1] < (last - 1) // HIRES_OF_A_VEHICLE:
        raise CommandFailed(
            f"{last:,} bookings need {-(-last // HIRES_OF_A_VEHICLE):,} vehicles of the same seed; "
            "`--vehicles` makes them."
        )
    found: list[Order] = []
    for order in waiting:
        start, end = order.first // HIRES_OF_A_VEHICLE, -(-order.last // HIRES_OF_A_VEHICLE)
        of_order = cars[bisect_left(numbers, start) : bisect_left(numbers, end)]
        anybody = next(iter(people.values()))
        found.append(replace(order, stock=Stock(of_order, people, anybody)))
    return found


def present(cursor: Cursor, kind: Kind, source: str) -> int:
    """How many rows of a kind a seed has made already."""
    cursor.execute(f"SELECT COUNT(*) FROM `{kind}` WHERE `{_ORIGIN[kind]}` = %s", (source,))  # noqa: S608 - our kinds
    found: Any = cursor.fetchone()
    return int(found[0])


def warm_up() -> None:
    """Make the pools that all batches draw from."""
    variants()
    for market in MARKETS_OF_CREDIT.things:
        names_of(market)


def make_batch(order: Order) -> Batch:
    """The rows of an order as lines; runs in a process of its own."""
    batch = Batch(order)
    match order.kind:
        case "vehicle":
            _make_vehicles(batch)
        case "application":
            _make_applications(batch)
        case "booking":
            _make_bookings(batch)
    return batch


def _make_vehicles(batch: Batch) -> None:
    order, random = batch.order, batch.order.random()
    numbering = Numbering(str(order.seed), order.seed % SLOTS, order.source)
    plates = plates_of_batch(numbering.slot, order.start // BATCH_ROWS, BATCH_ROWS)
    for number in range(order.start, order.last):
        made = make_vehicle(random, numbering, plates, number, order.now)
        if number < order.first:
            continue
        _free(batch, made.row, "vehicle")
        batch.add(VEHICLE, made.row)
        for row in period_rows(made, numbering, number * PERIODS_OF_A_VEHICLE):
            batch.add(PERIOD, row)
        for row in stay_rows(made):
            batch.add(STAY, row)


def _make_applications(batch: Batch) -> None:
    """Seven customers for ten applications; the other three are by somebody of the same stretch."""
    order, random = batch.order, batch.order.random()
    people = CustomerNumbering(str(order.seed), order.seed % SLOTS, order.source, order.keys)
    numbering = ApplicationNumbering(str(order.seed), order.seed % SLOTS, order.source)
    applicants: list[Applicant] = []
    latest: dict[str, tuple[str, datetime]] = {}
    for number in range(order.start, order.last):
        is_kept = number >= order.first
        if number % 10 < NEW_CUSTOMERS_OF_TEN:
            customer = make_customer(random, people, number // 10 * NEW_CUSTOMERS_OF_TEN + number % 10, order.now)
            applicants.append(applicant_of(customer))
            if is_kept:
                batch.add(CUSTOMER, customer)
            applicant = applicants[-1]
        else:
            applicant = applicants[int(random.random() * len(applicants))]
        row = make_application(random, numbering, number, order.now, applicant)
        link_earlier(row, applicant, latest)
        if is_kept:
            _free(batch, row, "application")
            batch.add(APPLICATION, row)


def _make_bookings(batch: Batch) -> None:
    order = batch.order
    assert order.stock is not None
    hires = Hires(str(order.seed), order.seed % SLOTS, order.source, order.now)
    for car in order.stock.cars:
        for number, (row, hold) in enumerate(hires.of_car(car, order.stock), car.number * HIRES_OF_A_VEHICLE):
            if not order.first <= number < order.last:
                continue
            _free(batch, row, "booking")
            batch.add(BOOKING, row)
            if hold is not None:
                batch.add(OCCUPANCY, hold)


def applicant_of(customer: Row) -> Applicant:
    return Applicant(customer["id"], customer["market"], customer["kind"] == "company", customer["name"])


def link_earlier(row: dict[str, Any], applicant: Applicant, latest: dict[str, tuple[str, datetime]]) -> None:
    """Name the applicant's application before this one, and remember this one for the next."""
    if row["customer_id"] is None:
        return
    before = latest.get(applicant.id)
    if before and before[1] < row["created_at"]:
        row["previous_id"] = before[0]
    if not before or before[1] < row["created_at"]:
        latest[applicant.id] = (row["id"], row["created_at"])


def _free(batch: Batch, row: dict[str, Any], table: str) -> None:
    """Leave out what a record of others has already, as a car that still waits for its plate; draw a reference anew."""
    for column in UNIQUE[table]:
        value = row[column]
        if value in batch.order.taken and column == "reference":
            row[column] = value = new_reference(value.partition("-")[0])
        elif value in batch.order.taken:
            row[column] = value = None
            if column == "plate_key":
                row["plate"] = None
        if value is not None:
            batch.unique.setdefault(column, []).append(value)


def taken_by_others(cursor: Cursor, batch: Batch) -> frozenset[str]:
    """Which of the batch's unique values are in the table already."""
    found: set[str] = set()
    for column, values in batch.unique.items():
        cursor.execute(f"SELECT `{column}` FROM `{batch.order.kind}` WHERE `{column}` IN %s", (values,))  # noqa: S608
        found.update(str(row[0]) for row in cursor.fetchall())
    return frozenset(found)


def store(cursor: Cursor, batch: Batch, *, after: Future[int] | None = None) -> int:
    """Load a batch with its one audit entry and its one event, all or nothing; returns how many rows it has.

    It commits only once `after`, the batch before it, has; when that one failed, this one is taken back too.
    """
    taken = taken_by_others(cursor, batch)
    if taken:
        batch = make_batch(replace(batch.order, taken=taken))
    order = batch.order
    vocabulary = ensure_vocabulary(cursor, order.now)
    with transaction(cursor):
        for name, lines in batch.lines.items():
            load_lines(cursor, TABLES[name], lines)
        load_links(cursor, batch.links, vocabulary, order.now)
        rows = {name: len(lines) for name, lines in batch.lines.items()}
        record_batch(cursor, f"{order.seed}", f"{order.kind}/{order.first}", {"source": order.source, **rows})
        if after is not None:
            after.result()
    return batch.count


def record_batch(cursor: Cursor, seed: str, name: str, facts: Mapping[str, Any]) -> UUID:
    """Write the audit entry and the event of a batch within the running transaction."""
    batch_id, now = seeded_id(seed, BATCH_KIND, name), clock.now()
    entry = {
        "id": new_id(),
        "at": now,
        "actor_id": None,
        "actor_name": SYSTEM.name,
        "action": BATCH_ACTION,
        "subject_kind": BATCH_KIND,
        "subject_id": batch_id,
        "subject_version": 1,
        "changes": {},
        "facts": dict(facts),
        "why": None,
        "request_id": None,
    }
    event = {
        "id": new_id(),
        "aggregatetype": BATCH_KIND,
        "aggregateid": batch_id,
        "type": BATCH_ACTION,
        "payload": {"kind": BATCH_KIND, "id": str(batch_id), "version": 1, "actor_id": None, "changed": []},
        "created_at": now,
        "position": None,
    }
    load(cursor, AUDIT, [entry])
    load(cursor, OUTBOX, [event])
    return batch_id


def analyse(cursor: Cursor) -> None:
    """Have the server count anew: with the statistics of an empty table it reads whole tables for a page."""
    cursor.execute(f"ANALYZE TABLE {', '.join(f'`{name}`' for name in TABLES)}")


def load_missing_branches(cursor: Cursor, now: datetime) -> Sequence[dict[str, Any]]:
    """Add the branches whose codes are not there yet; returns their rows."""
    cursor.execute("SELECT code FROM location WHERE code IN %s", ([branch.code for branch in branches()],))
    known = {str(row[0]) for row in cursor.fetchall()}
    rows = [row for row in location_rows(now.date(), now) if row["code"] not in known]
    load(cursor, LOCATION, rows)
    return rows
