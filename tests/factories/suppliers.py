"""Suppliers of the sandbox, with branches that are mapped."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.cli.seeds.suppliers import capabilities_of
from app.rental.suppliers.models import Supplier, SupplierBranch
from app.rental.suppliers.rules import Dialect
from app.rental.suppliers.services.gateway import SANDBOX, seal_secret
from app.sandbox.suppliers.catalogue import COMPANIES
from app.settings import Settings


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
