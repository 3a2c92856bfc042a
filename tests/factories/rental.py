"""Locations, vehicles, rate cards and bookings."""

from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.actor import SYSTEM
from app.kit.hire_pricing.card_terms import CardTerms
from app.kit.money import Money
from app.rental.bookings.models import Booking
from app.rental.bookings.services import Priced, create_booking
from app.rental.locations.models import Location
from app.rental.rates.models import RateCard
from app.rental.rates.queries import find_version
from app.rental.rates.rules import CardState, VersionState
from app.rental.rates.services import create_card
from app.rental.vehicles.models import Vehicle
from app.rental.vehicles.services import create_vehicle
from tests.factories.desk import make_customer


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


HOURS = {day: [["08:00", "20:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday")}


async def make_fleet(session: AsyncSession, count: int = 2, **fields: Any) -> list[Vehicle]:
    """Some cars of one class at a branch in Tallinn that is open every day."""
    await make_location(session, "TLL", opening_hours=HOURS)
    given = {"acriss": "IWMD", "location": "TLL"} | fields
    return [await make_vehicle(session, plate=f"AAA {number}", **given) for number in range(count)]


async def make_card_in_force(session: AsyncSession, *, terms: Any = None, **fields: Any) -> RateCard:
    """A card for intermediate cars in Estonia that is in force; `terms` are changes of the example's."""
    given = msgspec.to_builtins(msgspec.convert(CardTerms.EXAMPLE, CardTerms)) | {"guards": {}} | (terms or {})
    card = await make_rate_card(
        session,
        terms=msgspec.convert(given, CardTerms),
        **({"acriss": "I***", "name": "Intermediate Estonia"} | fields),
    )
    draft = await find_version(session, card.id, 1)
    assert draft is not None
    draft.state, card.state, card.active_number, card.draft_number = (VersionState.ACTIVE, CardState.ACTIVE, 1, None)
    await session.flush()
    return card


async def make_booking(
    session: AsyncSession, *, actor: Any = SYSTEM, priced: Priced | None = None, **fields: Any
) -> Booking:
    """Three days of a car in Tallinn, thirty days ahead unless told otherwise; `days` may be given."""
    customer = fields.pop("customer", None) or await make_customer(session)
    starts_on = fields.pop("starts_on", None) or clock.today() + timedelta(days=30)
    days = fields.pop("days", 3)
    given: dict[str, Any] = {
        "customer_id": customer.id,
        "driver": {"name": customer.name, "phone": "+37255512345"},
        "pickup": {"location": "TLL", "local": datetime.combine(starts_on, time(10))},
        "back": {"location": "TLL", "local": datetime.combine(starts_on + timedelta(days=days), time(10))},
        "class_code": "IWMD",
    }
    return await create_booking(session, fields=given | fields, actor=actor, priced=priced)
