"""Customers."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import SYSTEM
from app.desk.customers.models import Customer
from app.desk.customers.services import CustomerKeys, create_customer

KEYS = CustomerKeys(sealing=[bytes(range(32))], hashing=[bytes(range(32, 64))])


async def make_customer(session: AsyncSession, *, keys: CustomerKeys = KEYS, **fields: Any) -> Customer:
    """A woman in Estonia, unless told otherwise."""
    given: dict[str, Any] = {"market": "EE", "kind": "person", "given_name": "Liis", "family_name": "Tamm"}
    return await create_customer(session, fields=given | fields, actor=SYSTEM, keys=keys)
