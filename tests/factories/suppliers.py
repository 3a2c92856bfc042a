"""Suppliers of the sandbox, with branches that are mapped."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from app.cli.seeds.suppliers import capabilities_of
from app.core import clock
from app.kit.agreed_sheets import SheetState
from app.kit.wall_times import wall_time
from app.rental.supplier_terms.models import SupplierTerms
from app.rental.supplier_terms.rules import TermsLine
from app.rental.suppliers.models import Supplier, SupplierBranch, SupplierReservation
from app.rental.suppliers.rules import Dialect, ReservationState
from app.rental.suppliers.services.gateway import SANDBOX, seal_secret
from app.rental.suppliers.services.reservations import frame_fees
from app.sandbox.suppliers.catalogue import COMPANIES
from app.settings import Settings

_NUMBERS = count(1)


async def make_supplier(
    session: AsyncSession,
    settings: Settings,
    code: str = "baltic",
    mapped: Mapping[str, str] | None = None,
    **values: Any,
) -> Supplier:
    """A company of the sandbox as a supplier; `mapped` says which branch is which location."""
    company = COMPANIES[code]
    given = {
        "code": code,
        "name": company.name,
        "dialect": Dialect(company.dialect),
        "base_url": f"{SANDBOX}/suppliers/{code}",
        "account": "FORECOURT",
        "currency": company.currency,
        "capabilities": capabilities_of(company),
        "has_period_quirk": company.says_rental_period,
    }
    supplier = Supplier(**(given | values))
    supplier.secret_sealed = seal_secret(settings, supplier.id, company.secret)
    session.add(supplier)
    await session.flush()
    for branch, location in (mapped or {}).items():
        found = company.branch(branch)
        assert found is not None
        session.add(
            SupplierBranch(
                supplier_id=supplier.id, code=found.code, name=found.name, city=found.city, country=found.country,
                iata=found.iata, location_code=location or None,
            )
        )  # fmt: skip
    await session.flush()
    return supplier


async def make_reservation(
    session: AsyncSession,
    supplier: Supplier,
    state: ReservationState = ReservationState.CONFIRMED,
    *,
    pickup_at: datetime,
    days: int = 3,
    minor: int = 12_000,
    **values: Any,
) -> SupplierReservation:
    """A reservation with a supplier, as it stands after whatever led to its state."""
    number = next(_NUMBERS)
    zone = values.get("time_zone", "Europe/Tallinn")
    pickup = wall_time(pickup_at, zone).replace(second=0, microsecond=0)
    given = {
        "reference": f"SR-{number:06d}",
        "supplier_id": supplier.id,
        "state": state,
        "market": "EE",
        "pickup_location": "TLL",
        "return_location": "TLL",
        "pickup_branch": "TLLA01",
        "return_branch": "TLLA01",
        "pickup_local": pickup,
        "return_local": pickup + timedelta(days=days),
        "time_zone": zone,
        "surname": "Kask",
        "driver_age": 35,
        "acriss": "EDMR",
        "rate_key": f"key-{number}",
        "offered_minor": minor,
        "confirmed_minor": minor if state is ReservationState.CONFIRMED else None,
        "currency": "EUR",
        "supplier_number": f"BA{number}" if state is not ReservationState.UNKNOWN else None,
    }
    reservation = SupplierReservation(**(given | values))
    frame_fees(reservation)
    session.add(reservation)
    await session.flush()
    return reservation


async def make_terms(session: AsyncSession, supplier: Supplier, *lines: TermsLine, **values: Any) -> SupplierTerms:
    """Terms in force with a supplier, from today unless told otherwise."""
    given = {"valid_from": clock.today(), "state": SheetState.IN_FORCE, "agreed_at": clock.now()}
    kept = msgspec.to_builtins(list(lines))
    sheet = SupplierTerms(supplier_id=supplier.id, currency=supplier.currency, lines=kept, **(given | values))
    session.add(sheet)
    await session.flush()
    return sheet
