"""Every route of the application, and records that somebody of another market has no business with."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from app.core import clock
from app.core.actor import SYSTEM
from app.core.openapi import CLOSED_PATH
from app.core.partners.models import PartnerExchange
from app.core.partners.outcomes import Outcome
from app.core.permissions import PUBLIC
from app.kit.ids import new_id
from app.kit.money import Money
from app.payments.charges.rules import Purpose
from app.payments.charges.services import ChargeSubject, plan_charge
from app.rental.bookings.rules import BookingState
from app.rental.damages.services import SeenAt, add_mark, open_case
from app.rental.fines.services import record_fine
from app.rental.handovers.rules import Direction
from app.rental.handovers.services import open_handover
from app.rental.papers.services import issue_invoice
from app.rental.supplier_invoices.services import add_line, open_invoice
from app.rental.suppliers.rules import ReservationState
from app.settings import ROOT
from tests.factories.credit import make_application
from tests.factories.desk import make_customer
from tests.factories.rental import HOURS, make_booking, make_location, make_rate_card, make_vehicle
from tests.factories.staff import make_staff
from tests.factories.suppliers import make_reservation, make_supplier
from tests.factories.tasks import make_task

OURS, THEIRS = "EE", "FI"
MARK = "Kaukainen"
"""Stands in every text of the foreign records: it must never be seen."""
COUNTED = ROOT / "artifacts" / "security"
"""How many cases each part tried, for the table of docs/security.md."""
STREAMS = frozenset({"/live", "/api/v1/live"})
"""Answers that do not end by themselves."""


@dataclass(frozen=True)
class Route:
    """One method of one address, and the permission it names."""

    method: str
    path: str
    permission: str
    parameters: tuple[tuple[str, str], ...]

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")

    @property
    def is_unsafe(self) -> bool:
        return self.method not in ("GET", "HEAD")

    def address(self, values: dict[str, str]) -> str:
        address = self.path
        for name, kind in self.parameters:
            address = address.replace(f"{{{name}:{kind}}}", values[name])
        return address

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def routes_of(litestar: Litestar) -> list[Route]:
    """All routes but the framework's own closed pages and static files."""
    found: list[Route] = []
    for route in litestar.routes:
        for handler in getattr(route, "route_handlers", []):
            if not isinstance(handler, HTTPRouteHandler) or handler.fn.__name__ == "options_handler":
                continue
            if route.path.startswith((CLOSED_PATH, "/static")):
                continue
            pieces = [piece[1:-1] for piece in route.path.split("/") if piece.startswith("{")]
            parameters = tuple((name, kind) for name, _, kind in (piece.partition(":") for piece in pieces))
            found += [
                Route(method, route.path, str(handler.opt["permission"]), parameters)
                for method in sorted(handler.http_methods)
            ]
    return sorted(found, key=str)


@pytest.fixture(scope="session")
def routes(application) -> list[Route]:
    return routes_of(application[1])


@pytest.fixture
def guarded(routes) -> list[Route]:
    """Routes that are not for everybody."""
    return [route for route in routes if route.permission != PUBLIC]


@dataclass(frozen=True)
class Foreign:
    """Records of another market: their ids by the name of the parameter, and the records themselves."""

    ids: dict[str, str]
    records: list[Any]


NOT_SCOPED = {
    "staff_id": "staff belong to no market",
    "job_id": "background work belongs to no market",
    "event_id": "events belong to no market",
    "supplier_id": "suppliers belong to no market",
}
"""Parameters whose records have no market: the permission alone decides."""


async def make_supply(session, settings) -> dict[str, Any]:
    """What is said to a supplier, reserved with it and billed by it in the other market, by the names of parameters."""
    supplier = await make_supplier(session, settings, "aurora")
    reservation = await make_reservation(
        session,
        supplier,
        ReservationState.UNKNOWN,
        pickup_at=clock.now() + timedelta(days=9),
        market=THEIRS,
        pickup_location="HEL",
        surname=MARK,
        time_zone="Europe/Helsinki",
    )
    fields = {"supplier": "aurora", "invoice_number": MARK, "market": THEIRS, "amount": Money(90_000, "EUR")}
    invoice = await open_invoice(session, fields=fields, actor=SYSTEM)
    line = await add_line(session, invoice, "1", fields=fields | {"driver": MARK}, actor=SYSTEM)
    exchange = PartnerExchange(
        partner="supplier.aurora",
        operation="search",
        outcome=Outcome.ANSWERED,
        milliseconds=5,
        method="POST",
        url=MARK,
        market=THEIRS,
    )
    session.add(exchange)
    return {"reservation": reservation, "invoice": invoice, "line": line, "exchange": exchange}


@pytest.fixture
async def foreign(session, settings) -> Foreign:
    """One of each kind with a market and what hangs on them, all of the other market and marked."""
    await make_location(
        session, "HEL", name=f"{MARK} Airport", market=THEIRS, country="FI", city=MARK, opening_hours=HOURS
    )
    where = {"market": THEIRS, "location": "HEL", "home_location": "HEL"}
    vehicle = await make_vehicle(session, make=MARK, model=MARK, acriss="IWMD", plate="HEL 417", **where)
    customer = await make_customer(session, market=THEIRS, given_name=MARK, family_name=MARK)
    application = await make_application(session, market=THEIRS, purpose=MARK, customer_id=customer.id)
    card = await make_rate_card(session, market=THEIRS, name=MARK)
    place = {"location": "HEL"}
    starts = datetime.combine(clock.today() + timedelta(days=30), time(10))
    booking = await make_booking(
        session,
        customer=customer,
        driver={"name": MARK, "phone": "+358401234567"},
        pickup=place | {"local": starts},
        back=place | {"local": starts + timedelta(days=2)},
        class_code="IWMD",
    )
    charge = await plan_charge(
        session,
        ChargeSubject("booking", booking.id, MARK, THEIRS, "HEL"),
        purpose=Purpose.DEPOSIT,
        amount=Money(20_000, "EUR"),
        words=MARK,
        actor=SYSTEM,
    )
    handover = await open_handover(session, booking.id, Direction.OUT, actor=SYSTEM)
    seen = SeenAt(booking, vehicle, "HEL", handover.id)
    mark = await add_mark(session, vehicle.id, fields={"zone": "roof", "kind": "dent", "words": MARK})
    case = await open_case(session, seen, [mark], actor=SYSTEM)
    fine = await _fined(session, vehicle.plate, starts)
    invoice = await _billed(session, customer, place, starts)
    supply = await make_supply(session, settings)
    other = await make_staff(session, roles=["engineer"], markets=[THEIRS])
    await session.commit()
    ids = {
        "vehicle_id": vehicle.id,
        "customer_id": customer.id,
        "application_id": application.id,
        "rate_card_id": card.id,
        "booking_id": booking.id,
        "charge_id": charge.id,
        "handover_id": handover.id,
        "case_id": case.id,
        "mark_id": mark.id,
        "paper_id": invoice.id,
        "fine_id": fine.id,
        **{f"{name}_id": record.id for name, record in supply.items()},
        "record_id": vehicle.id,
        "staff_id": other.id,
    }
    records = [vehicle, customer, application, card, booking, charge, handover, case, fine]
    records += [supply[name] for name in ("reservation", "invoice", "line")]
    return Foreign({name: str(value) for name, value in ids.items()}, records)


async def _fined(session: Any, plate: str, happened: datetime) -> Any:
    """A fine of their vehicle."""
    fields = {"kind": "fine", "plate": plate, "happened_local": happened, "authority": MARK, "place": MARK}
    fields |= {"authority_reference": MARK, "amount": Money(8_000, "EUR")}
    return await record_fine(session, fields=fields, actor=SYSTEM)


async def _billed(session: Any, customer: Any, place: dict[str, Any], starts: datetime) -> Any:
    """The invoice of a hire that is over."""
    starts += timedelta(days=5)
    booking = await make_booking(
        session, customer=customer, pickup=place | {"local": starts}, back=place | {"local": starts + timedelta(days=1)}
    )
    booking.state = BookingState.RETURNED
    return await issue_invoice(session, booking.id, actor=SYSTEM)


def values_for(route: Route, foreign: Foreign) -> dict[str, str]:
    """Something for every parameter: a foreign record's id where there is one, an id that nobody has elsewhere."""
    values: dict[str, str] = {}
    for name, kind in route.parameters:
        if kind == "uuid":
            values[name] = foreign.ids.get(name, str(new_id()))
        else:
            values[name] = {"kind": "vehicle"}.get(name, "odometer_km" if "fields" in route.path else "none")
    return values


@pytest.fixture(scope="session")
def tried() -> Iterator[Callable[[str, int], None]]:
    """`tried("headers", 120)`: what a part has tried; kept in artifacts/security as one file per worker."""
    counts: dict[str, int] = {}

    def count(part: str, cases: int) -> None:
        counts[part] = counts.get(part, 0) + cases

    yield count
    COUNTED.mkdir(parents=True, exist_ok=True)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    (COUNTED / f"{worker}.json").write_text(json.dumps(counts, indent=1))


@dataclass(frozen=True)
class World:
    """Records of our own market, and their ids by the name of the parameter."""

    ids: dict[str, str]
    records: dict[str, Any]

    def addresses(self) -> list[str]:
        """The pages of the records."""
        ids = self.ids
        pages = [
            f"/vehicles/{ids['vehicle_id']}", f"/customers/{ids['customer_id']}", f"/tasks/{ids['task_id']}",
            f"/applications/{ids['application_id']}", f"/staff/{ids['staff_id']}",
        ]  # fmt: skip
        return [
            *pages,
            *(f"{page}/edit" for page in pages),
            f"/records/vehicle/{ids['vehicle_id']}/notes",
            f"/rate-cards/{ids['rate_card_id']}",
        ]


@pytest.fixture
async def world(session) -> World:
    """One of each kind of record."""
    location = await make_location(session)
    vehicle = await make_vehicle(session, plate="123 ABC", location="TLL", home_location="TLL")
    customer = await make_customer(session, email="liis@example.test")
    application = await make_application(session, customer_id=customer.id)
    task = await make_task(session)
    card = await make_rate_card(session)
    person = await make_staff(session, roles=["fleet_clerk"])
    await session.commit()
    records = {
        "location": location, "vehicle": vehicle, "customer": customer, "application": application, "task": task,
        "staff": person, "rate_card": card,
    }  # fmt: skip
    ids = {f"{name}_id": str(record.id) for name, record in records.items()}
    return World(ids | {"record_id": ids["vehicle_id"], "kind": "vehicle"}, records)


def address_of(route: Route, ids: dict[str, str]) -> str:
    """The route's address with these ids, and ids that nobody has for the rest."""
    values = {name: ids.get(name) or (str(new_id()) if kind == "uuid" else "make") for name, kind in route.parameters}
    return route.address(values)
