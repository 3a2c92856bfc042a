"""Requests made up from the description, right and wrong ones: no fault, and no answer that is not described."""

import asyncio
import json
import subprocess
import sys
from datetime import datetime, time, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx

from app.core import clock
from app.core.actor import SYSTEM
from app.kit.money import Money
from app.rental.bookings.models import Booking
from app.rental.bookings.rules import BookingState
from app.rental.damages.services import SeenAt, add_mark, open_case
from app.rental.fines.services import record_fine
from app.rental.papers.services import issue_invoice
from tests.api.serving import Served
from tests.factories.rental import HOURS, make_location, make_rate_card, make_vehicle

SECONDS = 600
EXAMPLES = 12
CONFIGURATION = """
seed = 7
workers = 2
suppress-health-check = ["all"]
warnings = false

[generation]
max-examples = {examples}
database = "none"

[phases.stateful]
enabled = false

[parameters]
"path.vehicle_id" = {vehicles}
"path.location_id" = {locations}
"path.customer_id" = {customers}
"path.application_id" = {applications}
"path.task_id" = {tasks}
"path.approval_id" = {approvals}
"path.rate_card_id" = {rate_cards}
"path.booking_id" = {bookings}
"path.search_id" = {searches}
"path.quote_id" = {quotes}
"path.charge_id" = {charges}
"path.case_id" = {cases}
"path.paper_id" = {papers}
"path.fine_id" = {fines}
"path.kind" = ["agreement", "voucher", "other"]

[checks]
# These need values that only the business knows to be right, such as a VIN with its check digit.
positive_data_acceptance.enabled = false
# The parameters above name the same records again and again, and nothing is ever deleted.
use_after_free.enabled = false
ensure_resource_availability.enabled = false
object_level_authorization.enabled = false
# What comes first wins: a record of another version is told before a key that is too long.
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 428, 429]
missing_required_header.expected-statuses = [400, 401, 403, 404, 415, 422, 428]
"""
CUSTOMER = {"market": "EE", "kind": "company", "company_name": "Kask OÜ"}
TASK = {"kind": "general", "title": "Order keys"}
PRICE = {"day_price": {"amount": "110.00", "currency": "EUR"}}
APPLICATION = {
    "market": "EE",
    "product": "personal_loan",
    "amount": {"amount": "5000.00", "currency": "EUR"},
    "term_months": 48,
}


def booking(customer_id: str) -> dict[str, object]:
    day = clock.today() + timedelta(days=30)
    return {
        "customer_id": customer_id,
        "driver": {"name": "Liis Tamm"},
        "pickup": {"location": "SCA", "local": f"{day}T10:00"},
        "return": {"location": "SCB", "local": f"{day + timedelta(days=3)}T10:00"},
        "class_code": "IWMD",
    }


def charge(booking_id: str) -> dict[str, object]:
    money = {"amount": "200.00", "currency": "EUR"}
    return {"subject_kind": "booking", "subject_id": booking_id, "purpose": "deposit", "amount": money}


def fine(plate: str, number: str) -> dict[str, object]:
    given = {"kind": "fine", "plate": plate, "authority": "Police", "authority_reference": number}
    happened = datetime.combine(clock.today(), time(10))
    return given | {"happened_local": happened, "amount": Money(8_000, "EUR")}


def car_search() -> dict[str, object]:
    day = clock.today() + timedelta(days=30)
    return {
        "pickup": {"locations": ["SCA"], "local": f"{day}T10:00"},
        "return": {"local": f"{day + timedelta(days=3)}T10:00"},
    }


async def test_no_fault_and_no_undescribed_answer(live, served, tmp_path):
    records = await _records(live, served)
    lists = {name: json.dumps([*ids, str(uuid4())]) for name, ids in records.items()}
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION.format(examples=EXAMPLES, **lists))
    done = await asyncio.to_thread(_run, served, tmp_path)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]


async def _records(live, served: Served) -> dict[str, list[str]]:
    """Some records of each kind, so that requests reach them."""
    async with live.database.unit() as session:
        locations = [await make_location(session, code, opening_hours=HOURS) for code in ("SCA", "SCB")]
        vehicles = [
            await make_vehicle(session, location="SCA", plate=f"SCA {year}", year=year, acriss="IWMD")
            for year in range(2019, 2024)
        ]
        cards = [await make_rate_card(session, acriss=f"{letter}***") for letter in "MEC"]
    async with await live.client("fleet_clerk") as maker:
        approvals = [
            (await maker.patch(f"/vehicles/{vehicle.id}", json=PRICE, headers={"if-match": vehicle.etag})).json()["id"]
            for vehicle in vehicles
        ]
    async with httpx.AsyncClient(base_url=f"{served.address}/api/v1", headers=served.headers) as client:
        customers = [(await client.post("/customers", json=CUSTOMER)).json()["id"] for _ in range(3)]
        tasks = [(await client.post("/tasks", json=TASK)).json()["id"] for _ in range(4)]
        bookings = [(await client.post("/bookings", json=booking(customers[0]))).json()["id"] for _ in range(3)]
        charges = [(await client.post("/charges", json=charge(bookings[0]))).json()["id"] for _ in range(3)]
        applications = [(await client.post("/applications", json=APPLICATION)).json()["id"] for _ in range(4)]
        searches = [(await client.post("/car-searches", json=car_search())).json()["id"] for _ in range(2)]
        offered = {"search_id": searches[0], "offer_id": "own.SCA.IWMD"}
        quotes = [(await client.post("/quotes", json=offered)).json()["id"] for _ in range(3)]
    async with live.database.unit() as session:
        over = await session.get(Booking, UUID(bookings[-1]))
        assert over is not None
        over.state = BookingState.RETURNED
        papers = [str((await issue_invoice(session, over.id, actor=SYSTEM)).id)]
        fines = [str((await record_fine(session, fields=fine(vehicles[0].plate, at), actor=SYSTEM)).id) for at in "abc"]
        cases = []
        for vehicle in vehicles[:3]:
            mark = await add_mark(session, vehicle.id, fields={"zone": "roof", "kind": "dent"})
            seen = SeenAt(over, vehicle, "SCA", vehicle.id)
            cases.append(str((await open_case(session, seen, [mark], actor=SYSTEM)).id))
    return {
        "vehicles": [str(vehicle.id) for vehicle in vehicles],
        "locations": [str(location.id) for location in locations],
        "customers": customers,
        "applications": applications,
        "tasks": tasks,
        "approvals": approvals,
        "rate_cards": [str(card.id) for card in cards],
        "bookings": bookings,
        "searches": searches,
        "quotes": quotes,
        "charges": charges,
        "cases": cases,
        "papers": papers,
        "fines": fines,
    }


def _run(served: Served, directory: Path) -> subprocess.CompletedProcess[str]:
    command = [
        str(Path(sys.executable).with_name("st")),
        "run",
        f"{served.address}/api/v1/openapi.json",
        "--header",
        f"Authorization: {served.headers['authorization']}",
        "--exclude-operation-id",  # it would end the token of this run
        "deleteCurrentTokens",
        "--exclude-operation-id",  # it never ends
        "followChanges",
        "--no-color",
    ]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=SECONDS, check=False)
