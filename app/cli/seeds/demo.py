"""The demo: a fleet, customers and applications with their stories, loaded once into a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from random import Random
from typing import Any, Final

from pymysql.cursors import Cursor

from app.cli.seeds.accounts import Person
from app.cli.seeds.applications import APPLICATION, ApplicationNumbering, make_application
from app.cli.seeds.batches import (
    AUDIT,
    Batch,
    Order,
    applicant_of,
    link_earlier,
    load_missing_branches,
    record_batch,
    taken_by_others,
)
from app.cli.seeds.bookings import BOOKING, OCCUPANCY, BookingMaker
from app.cli.seeds.counters import TABLES as COUNTER_TABLES
from app.cli.seeds.counters import CounterMaker, names_of
from app.cli.seeds.customers import CUSTOMER, CustomerNumbering, make_customer
from app.cli.seeds.ids import seeded_id
from app.cli.seeds.invoices import InvoiceMaker
from app.cli.seeds.loading import load, transaction
from app.cli.seeds.locations import branches
from app.cli.seeds.models import variants
from app.cli.seeds.priced import CardPrices
from app.cli.seeds.stories import Storyteller
from app.cli.seeds.tags import Link, ensure_vocabulary, links_of, load_links
from app.cli.seeds.vehicles import (
    PERIOD,
    STAY,
    VEHICLE,
    Kind,
    MadeVehicle,
    Numbering,
    build_vehicle,
    make_vehicle,
    period_rows,
    plates_of_batch,
    stay_rows,
)
from app.core.invariants import BATCH_KIND, BATCH_REQUEST
from app.credit.applications.rules import ApplicationState, Product
from app.desk.customers.services import CustomerKeys
from app.rental.vehicles.rules import VehicleState

SEED: Final = "demo"
SLOT: Final = 1_000
VEHICLES: Final = 2_500
CUSTOMERS: Final = 600
APPLICATIONS: Final = 900
BATCH: Final = "records"
ASIDE_MINOR: Final = 20_000
"""By how much an application steps aside that would stand before a shown one in a search for its amount."""

SHOWN_VEHICLES: Final = (
    ("Škoda", "Octavia Combi", "IWMD", "ZAG"), ("Škoda", "Octavia Combi", "IWAD", "ZAG-C"),
    ("Škoda", "Octavia", "IDMD", "ZAG"),
    ("Citroën", "DS 3 Cabrio", "CTMV", "NCE"), ("Citroën", "DS 3 Cabrio", "CTMD", "CDG"),
    ("Citroën", "C3 Pluriel Cabrio", "ETMV", "MRS"),
    ("Škoda", "Octavia Combi", "IWMD", "TLL-P"), ("Tesla", "Model 3", "PDAC", "TLL"),
    ("Fiat", "500C Cabrio", "MTMV", "SPU"),
    ("BMW", "4 Series Convertible", "LTAV", "MUC"), ("Volvo", "V60", "PWAD", "ARN"),
    ("Volkswagen", "Golf", "CDMV", "MUC"),
)  # fmt: skip
"""Make, model, class and branch of cars that are there whatever the dice say."""
SHOWN_APPLICATIONS: Final = (
    ("EE", "Tallinn", Product.REFINANCING, 15_000, ApplicationState.IN_REVIEW),
    ("EE", "Tallinn", Product.REFINANCING, 15_000, ApplicationState.SUBMITTED),
    ("EE", "Tartu", Product.CAR_FINANCE, 12_500, ApplicationState.INFO_REQUESTED),
    ("LV", "Rīga", Product.PERSONAL_LOAN, 5_000, ApplicationState.SCREENING),
    ("DE", "München", Product.CAR_FINANCE, 24_000, ApplicationState.IN_REVIEW),
)
"""Market, town, product, euro and state of applications that are there whatever the dice say."""


@dataclass(slots=True)
class Demo:
    """All rows of the demo before they are loaded."""

    vehicles: list[MadeVehicle]
    customers: list[dict[str, Any]]
    applications: list[dict[str, Any]]


def is_loaded(cursor: Cursor) -> bool:
    """Whether this database has the demo's records, or had them."""
    cursor.execute(
        "SELECT 1 FROM audit_entry WHERE subject_kind = %s AND subject_id = %s LIMIT 1",
        (BATCH_KIND, seeded_id(SEED, BATCH_KIND, BATCH)),
    )
    return cursor.fetchone() is not None


def load_demo(cursor: Cursor, people: Sequence[Person], keys: CustomerKeys, now: datetime) -> int:
    """Make and load the demo's records in one transaction; returns how many rows."""
    random = Random(SEED)  # noqa: S311 - made-up records, not secrets
    demo = make_demo(random, keys, now)
    _give_way(cursor, demo, now, keys)
    story = Storyteller(random, people, SEED, f"{BATCH_REQUEST}{seeded_id(SEED, BATCH_KIND, BATCH)}", now)
    vocabulary = ensure_vocabulary(cursor, now)
    with transaction(cursor):
        for row in load_missing_branches(cursor, now):
            story.location(row)
        for made in demo.vehicles:
            story.vehicle(made)
        for row in demo.customers:
            story.customer(row)
        for row in demo.applications:
            story.application(row)
        bookings = BookingMaker(random, SEED, demo.customers, story, now, CardPrices(SEED, now.date()).of)
        for made in demo.vehicles:
            bookings.add(made)
        counters = _counters(demo, bookings, story, now)
        bills = _bills(cursor, demo, bookings, counters, now)
        bookings.tell()
        numbering, numbers = _vehicle_numbering(), count(step=4)
        periods = [row for made in demo.vehicles for row in period_rows(made, numbering, next(numbers))]
        loaded = load(cursor, VEHICLE, [made.row for made in demo.vehicles])
        loaded += load(cursor, PERIOD, periods)
        loaded += load(cursor, STAY, [row for made in demo.vehicles for row in stay_rows(made)])
        loaded += load(cursor, CUSTOMER, demo.customers)
        loaded += load(cursor, APPLICATION, demo.applications)
        loaded += load(cursor, BOOKING, bookings.made.rows)
        loaded += load(cursor, OCCUPANCY, bookings.made.holds)
        loaded += bills.load(cursor)
        for name, table in COUNTER_TABLES.items():
            loaded += load(cursor, table, counters.rows[name])
        load_links(cursor, _links(demo), vocabulary, now)
        loaded += load(cursor, AUDIT, story.entries)
        record_batch(cursor, SEED, BATCH, {"vehicle": VEHICLES, "customer": CUSTOMERS, "application": APPLICATIONS})
    return loaded


def _counters(demo: Demo, bookings: BookingMaker, story: Storyteller, now: datetime) -> CounterMaker:
    """What happened at the counters with the bookings that were made."""
    made = CounterMaker(SEED, {str(one.row["id"]): one.row for one in demo.vehicles}, story, now)
    for row, events in zip(bookings.made.rows, bookings.made.events, strict=True):
        made.add(row, events)
    parts = ("plate", "make", "model")
    names = {
        str(one.row["id"]): " ".join(str(one.row[part]) for part in parts if one.row[part]) for one in demo.vehicles
    }
    names_of([*made.rows["case"], *made.rows["fine"]], names)
    return made


def _bills(cursor: Cursor, demo: Demo, bookings: BookingMaker, counters: CounterMaker, now: datetime) -> InvoiceMaker:
    """What the customers of hires that are over were billed."""
    made = InvoiceMaker(SEED, {str(row["id"]): row for row in demo.customers}, now)
    charges: dict[str, list[dict[str, Any]]] = {}
    for charge in counters.rows["charge"]:
        charges.setdefault(str(charge["subject_id"]), []).append(charge)
    for row, events in zip(bookings.made.rows, bookings.made.events, strict=True):
        made.add(row, events, charges.get(str(row["id"]), ()))
    made.number(cursor)
    for fine in counters.rows["fine"]:
        fine["invoice_id"] = made.invoice_of.get(fine["charge_id"])
    return made


def _links(demo: Demo) -> list[Link]:
    kinds = {
        "vehicle": [made.row for made in demo.vehicles],
        "customer": demo.customers,
        "application": demo.applications,
    }
    return [link for kind, rows in kinds.items() for row in rows for link in links_of(kind, row)]


def make_demo(random: Random, keys: CustomerKeys, now: datetime) -> Demo:
    """The rows that searches in the tour look for come first."""
    customers = _customers(random, keys, now)
    return Demo(_vehicles(random, now), customers, _applications(random, customers, now))


def _vehicle_numbering() -> Numbering:
    return Numbering(SEED, SLOT, None)


def _vehicles(random: Random, now: datetime) -> list[MadeVehicle]:
    numbering = _vehicle_numbering()
    places = {branch.code: branch for branch in branches()}
    kinds = {(variant.make, variant.model, variant.code): variant for variant in variants().things}
    plates = plates_of_batch(SLOT, 0, VEHICLES)
    shown = [
        build_vehicle(
            random,
            numbering,
            plates,
            number,
            now,
            Kind(kinds[make, model, code], places[branch], VehicleState.IN_SERVICE),
        )
        for number, (make, model, code, branch) in enumerate(SHOWN_VEHICLES)
    ]
    others = range(len(shown), VEHICLES)
    return shown + [make_vehicle(random, numbering, plates, number, now) for number in others]


def _customers(random: Random, keys: CustomerKeys, now: datetime) -> list[dict[str, Any]]:
    numbering = CustomerNumbering(SEED, SLOT, None, keys)
    found: list[dict[str, Any]] = []
    for number in range(CUSTOMERS):
        shown = SHOWN_APPLICATIONS[number] if number < len(SHOWN_APPLICATIONS) else None
        row = make_customer(random, numbering, number, now, shown[0] if shown else None)
        if shown:
            row["address"]["city"] = shown[1]
        found.append(row)
    return found


def _applications(random: Random, customers: Sequence[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    numbering = ApplicationNumbering(SEED, SLOT, None)
    applicants = [applicant_of(row) for row in customers]
    latest: dict[str, tuple[str, datetime]] = {}
    found: list[dict[str, Any]] = []
    shown = {(product.value, euro * 100) for _, _, product, euro, _ in SHOWN_APPLICATIONS}
    for number in range(APPLICATIONS):
        if number < len(SHOWN_APPLICATIONS):
            applicant = applicants[number]
            _, _, product, euro, state = SHOWN_APPLICATIONS[number]
            row = make_application(
                random, numbering, number, now, applicant, product=product, state=state, amount_euro=euro
            )
        else:
            applicant = applicants[number if number < CUSTOMERS else int(random.random() * CUSTOMERS)]
            row = make_application(random, numbering, number, now, applicant)
            if (row["product"], row["amount_minor"]) in shown:
                row["amount_minor"] += ASIDE_MINOR
        link_earlier(row, applicant, latest)
        found.append(row)
    return found


def _give_way(cursor: Cursor, demo: Demo, now: datetime, keys: CustomerKeys) -> None:
    """Leave out plates and numbers that records of others have already."""
    columns = ("plate_key", "vin", "fleet_number")
    batch = Batch(Order("vehicle", 0, 0, 0, now, keys))
    batch.unique = {name: [made.row[name] for made in demo.vehicles if made.row[name]] for name in columns}
    taken = taken_by_others(cursor, batch)
    for made in demo.vehicles if taken else ():
        for name in columns:
            if made.row[name] in taken:
                made.row[name] = None
        if made.row["plate_key"] is None:
            made.row["plate"] = None
