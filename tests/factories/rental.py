"""Locations and vehicles."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import SYSTEM
from app.kit.money import Money
from app.rental.locations.models import Location
from app.rental.vehicles.models import Vehicle
from app.rental.vehicles.services import create_vehicle


async def make_location(session: AsyncSession, code: str = "TLL", **values: Any) -> Location:
    """A branch in Tallinn, unless told otherwise."""
    given = {
        "name": f"{code} Airport",
        "kind": "airport",
        "city": "Tallinn",
        "country": "EE",
        "market": "EE",
        "time_zone": "Europe/Tallinn",
        "opening_hours": {"mon": [["08:00", "18:00"]]},
    }
    location = Location(code=code, **(given | values))
    session.add(location)
    await session.flush()
    return location


async def make_vehicle(session: AsyncSession, **fields: Any) -> Vehicle:
    """A Škoda in Estonia, unless told otherwise."""
    given: dict[str, Any] = {"make": "Škoda", "model": "Octavia Combi", "market": "EE", "day_price": Money(7800, "EUR")}
    return await create_vehicle(session, fields=given | fields, actor=SYSTEM)
