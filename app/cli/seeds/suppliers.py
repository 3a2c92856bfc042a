"""The demo's suppliers: the companies of the sandbox, most of their branches mapped and some waiting for somebody."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Final

from app.cli.seeds.ids import seeded_id
from app.cli.seeds.supplier_desk import add_calls, add_invoice
from app.core import clock
from app.core.actor import SYSTEM
from app.core.changes import record
from app.core.db import AsyncSession, Database, run_in_unit
from app.kit.ids import reference_of
from app.rental.suppliers.models import Supplier, SupplierBranch, SupplierReservation
from app.rental.suppliers.rules import OPEN, Dialect, Operation
from app.rental.suppliers.rules import ReservationState as S
from app.rental.suppliers.services import billing
from app.rental.suppliers.services.gateway import SANDBOX, seal_secret
from app.rental.suppliers.services.reservations import frame_fees
from app.sandbox.suppliers.catalogue import COMPANIES, MODELS, Company
from app.settings import Settings

MAPPED: Final = {
    "TLLA01": "TLL", "TLLC02": "TLL-P", "RIXA01": "RIX", "HELT2": "HEL", "TLL": "TLL", "ee-tll-apt": "TLL",
    "fi-hel-apt": "HEL", "VNO-1": "VNO",
}  # fmt: skip


PHONES: Final = {
    "baltic": "+372 600 0112", "aurora": "+358 9 000 0340", "nordrive": "+372 600 0175", "sunway": "+370 5 200 0118",
}  # fmt: skip
LIMITS: Final = {"aurora": {"min_age": 21, "max_days": 60}, "sunway": {"advance_hours": 4}}
"""What some of them never hire out."""
DRIVERS: Final = (
    ("Tamm", "Kristjan"), ("Ozoliņa", "Ilze"), ("Virtanen", "Aino"), ("Kazlauskas", "Tomas"), ("Saar", "Piret"),
    ("Korhonen", "Mikko"), ("Rebane", "Jaan"), ("Bērziņš", "Andris"), ("Laine", "Sofia"), ("Petrauskienė", "Rūta"),
)  # fmt: skip
STORIES: Final = (
    # supplier, branch, class, days from now, days long, state, price in minor units, drift, why
    ("baltic", "TLLA01", "CDMR", 3, 4, S.CONFIRMED, 14_980, 0, ""),
    ("baltic", "TLLA01", "IWMR", 9, 7, S.CONFIRMED, 30_120, 0, ""),
    ("baltic", "RIXA01", "EDMR", 5, 3, S.CONFIRMED, 9_710, 340, ""),
    ("aurora", "HELT2", "SFAR", 12, 5, S.CONFIRMED, 37_260, 0, ""),
    ("aurora", "HELT2", "PDAR", 15, 2, S.ON_REQUEST, 21_380, 0, "The supplier says on request."),
    ("nordrive", "ee-tll-apt", "MBMR", 2, 3, S.CANCELLED, 8_860, 0, "Flight cancelled"),
    ("nordrive", "ee-tll-apt", "CDMR", 20, 6, S.CONFIRMED, 23_940, 0, ""),
    ("nordrive", "fi-hel-apt", "IWMR", 7, 4, S.UNKNOWN, 21_010, 0, "no answer within 20 s"),
    ("sunway", "VNO-1", "FVMR", 4, 2, S.CANCEL_PENDING, 14_790, 0, "The party became smaller"),
    ("baltic", "TLLA01", "EDMR", 2, 3, S.UNKNOWN, 11_240, 0, "the connection broke: ServerDisconnectedError"),
    ("baltic", "RIXA01", "CDAR", 1, 2, S.ON_REQUEST, 10_480, 0, "The supplier says on request."),
    ("sunway", "VNO-1", "EDMR", 6, 3, S.REJECTED, 8_720, 0, "sold_out: CAR CLASS NO LONGER AVAILABLE"),
)
"""Reservations that the demo's supply desk has."""
MARKETS: Final = {"TLL": ("EE", "Europe/Tallinn"), "RIX": ("LV", "Europe/Riga"), "HEL": ("FI", "Europe/Helsinki")}
VILNIUS: Final = ("LT", "Europe/Vilnius")
WITH_NUMBER: Final = frozenset({S.CONFIRMED, S.ON_REQUEST, S.CANCELLED, S.CANCEL_PENDING})


async def add_suppliers(database: Database, settings: Settings) -> None:
    """Make them once, as an administrator would."""
    await run_in_unit(database, lambda session: _add(session, settings))


async def _add(session: AsyncSession, settings: Settings) -> None:
    if await billing.find_supplier(session, next(iter(COMPANIES))) is not None:
        return
    for company in COMPANIES.values():
        supplier = _supplier(company, settings)
        session.add(supplier)
        await record(session, "supplier.created", supplier, actor=SYSTEM)
        for branch in company.branches:
            session.add(
                SupplierBranch(
                    id=seeded_id("suppliers", company.code, branch.code),
                    supplier_id=supplier.id,
                    code=branch.code,
                    name=branch.name,
                    city=branch.city,
                    country=branch.country,
                    iata=branch.iata,
                    latitude=Decimal(branch.latitude),
                    longitude=Decimal(branch.longitude),
                    location_code=MAPPED.get(branch.code),
                )
            )

    for place, story in enumerate(STORIES):
        reservation = _reservation(place, *story)
        session.add(reservation)
        await record(session, "supplier_reservation.submitted", reservation, actor=SYSTEM)

    await add_calls(session)
    await add_invoice(session)


def _reservation(
    place: int,
    code: str,
    branch: str,
    acriss: str,
    ahead: int,
    days: int,
    state: S,
    minor: int,
    drift: int,
    why: str,
) -> SupplierReservation:
    company, location = COMPANIES[code], MAPPED[branch]
    market, zone = MARKETS.get(location, VILNIUS)
    pickup = (clock.now() + timedelta(days=ahead)).replace(hour=10, minute=0, second=0, microsecond=0, tzinfo=None)
    surname, given_name = DRIVERS[place % len(DRIVERS)]
    amount = f"{minor // 100}.{minor % 100:02d}"
    line = {"code": "TIME", "words": f"Time and mileage, {days} days", "amount": {"amount": amount, "currency": "EUR"}}
    reservation = SupplierReservation(
        id=seeded_id("suppliers", "reservation", str(place)),
        reference=reference_of("SR", 7_000 + place),
        supplier_id=seeded_id("suppliers", "supplier", code),
        state=state,
        market=market,
        pickup_location=location,
        return_location=location,
        pickup_branch=branch,
        return_branch=branch,
        pickup_local=pickup,
        return_local=pickup + timedelta(days=days),
        time_zone=zone,
        surname=surname,
        given_name=given_name,
        driver_age=27 + 3 * place,
        acriss=acriss,
        rate_key=f"demo-{place}",
        offered_minor=minor,
        confirmed_minor=minor + drift if state is S.CONFIRMED else None,
        currency="EUR",
        offer={"acriss": acriss, "model": f"{MODELS[acriss]} or similar", "lines": [line], "included_km": 300 * days},
        supplier_number=f"{company.code[:2].upper()}{48_210_000 + 137 * place}" if state in WITH_NUMBER else None,
        reason=why,
        sent_at=clock.now(),
        next_poll_at=clock.now() + timedelta(minutes=20) if state in OPEN else None,
    )
    frame_fees(reservation)
    return reservation


def _supplier(company: Company, settings: Settings) -> Supplier:
    supplier_id = seeded_id("suppliers", "supplier", company.code)
    return Supplier(
        id=supplier_id,
        code=company.code,
        name=company.name,
        dialect=Dialect(company.dialect),
        base_url=f"{SANDBOX}/suppliers/{company.code}",
        phone=PHONES[company.code],
        account="FORECOURT",
        secret_sealed=seal_secret(settings, supplier_id, company.secret),
        currency=company.currency,
        capabilities=capabilities_of(company),
        has_period_quirk=company.says_rental_period,
        limits=LIMITS.get(company.code, {}),
        branches_read_at=clock.now(),
    )


def capabilities_of(company: Company) -> list[str]:
    """What a company of the sandbox can do by machine."""
    missing = {
        operation
        for operation, is_there in (
            (Operation.AMEND, company.can_amend),
            (Operation.CANCEL, company.can_cancel),
            (Operation.RETRIEVE_BY_OURS, company.knows_our_reference),
        )
        if not is_there
    }
    return [operation.value for operation in Operation if operation not in missing]
