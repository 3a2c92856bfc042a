"""Locations, vehicles and rate cards."""

from datetime import date
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.actor import SYSTEM
from app.kit.hire_pricing.card_terms import CardTerms
from app.kit.money import Money
from app.rental.locations.models import Location
from app.rental.rates.models import RateCard
from app.rental.rates.services import create_card
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


async def make_rate_card(
    session: AsyncSession, *, terms: CardTerms | None = None, valid_from: date | None = None, **fields: Any
) -> RateCard:
    """A card for compact cars in Estonia with a draft, unless told otherwise."""
    given = {"market": "EE", "name": "Compact Estonia", "acriss": "C***"}
    return await create_card(
        session,
        fields=given | fields,
        terms=terms or msgspec.convert(CardTerms.EXAMPLE, CardTerms),
        valid_from=valid_from or clock.today(),
        actor=SYSTEM,
    )
