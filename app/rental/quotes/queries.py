"""Reading searches, and what they need of branches and prices."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.read_pool import ReadPool
from app.core.reads import scope_sql
from app.kit.money import Money
from app.rental.locations.models import Location
from app.rental.quotes.models import CarSearch, ExchangeRate, SearchAnswer, SearchDay
from app.rental.quotes.rules import Rate
from app.rental.vehicles.models import Vehicle

_l = Location.__table__  # type: ignore[attr-defined]  # pyright: ignore
_v = Vehicle.__table__  # type: ignore[attr-defined]  # pyright: ignore
_x = ExchangeRate.__table__  # type: ignore[attr-defined]  # pyright: ignore
_a = SearchAnswer.__table__  # type: ignore[attr-defined]  # pyright: ignore
_s = CarSearch.__table__  # type: ignore[attr-defined]  # pyright: ignore
_d = SearchDay.__table__  # type: ignore[attr-defined]  # pyright: ignore

MOST_PLACES = 300
MOST_DAYS = 20_000


async def find_search(session: AsyncSession, search_id: UUID, actor: Actor) -> CarSearch | None:
    """The search, for those who may see every branch that it is about."""
    found = await session.get(CarSearch, search_id, populate_existing=True)
    is_seen = found is not None and all(actor.sees(market=found.market, branch=code) for code in found.locations)
    return found if is_seen else None


async def get_search(session: AsyncSession, search_id: UUID, actor: Actor) -> CarSearch:
    """Raises NotFound, also outside of the scope."""
    found = await find_search(session, search_id, actor)
    if found is None:
        raise NotFound("There is no such search, or it is too old.")
    return found


async def list_answers(session: AsyncSession, search_id: UUID) -> list[SearchAnswer]:
    """What every source said so far."""
    statement = select(SearchAnswer).where(_a.c.search_id == search_id).order_by(_a.c.source, _a.c.pickup_location)
    found = await session.execute(statement, execution_options={"populate_existing": True})
    return list(found.scalars())


async def list_places(
    session: AsyncSession,
    actor: Actor,
    *,
    city: str | None = None,
    box: tuple[float, float, float, float] | None = None,
) -> list[Location]:
    """Active branches of a city, or within south, west, north and east, as far as the actor may see them."""
    statement = select(Location).where(_l.c.is_active).order_by(_l.c.code).limit(MOST_PLACES)
    if actor.markets is not None:
        statement = statement.where(_l.c.market.in_(actor.markets))
    if actor.branches is not None:
        statement = statement.where(_l.c.code.in_(actor.branches))
    if city is not None:
        statement = statement.where(_l.c.city == city)
    if box is not None:
        south, west, north, east = box
        statement = statement.where(_l.c.latitude.between(south, north), _l.c.longitude.between(west, east))
    return list((await session.execute(statement)).scalars())


async def list_day_prices(
    session: AsyncSession, classes: Collection[str], *, locations: Collection[str] = (), markets: Collection[str] = ()
) -> dict[tuple[str, str], Money]:
    """The lowest day price of each class by branch, or by market."""
    place = _v.c.location_code if locations else _v.c.market
    price = func.min(_v.c.day_price_minor).label("price")
    statement = (
        select(place, _v.c.acriss, _v.c.day_price_currency, price)
        .where(place.in_(locations or markets), _v.c.acriss.in_(classes), _v.c.day_price_minor.is_not(None))
        .group_by(place, _v.c.acriss, _v.c.day_price_currency)
        .order_by(price)
    )
    found: dict[tuple[str, str], Money] = {}
    for row in await session.execute(statement):
        found.setdefault((row[0], row.acriss), Money(int(row.price), row.day_price_currency))
    return found


async def list_rates(session: AsyncSession, day: date) -> dict[str, Rate]:
    """The exchange rate of each currency on a day."""
    newest = (
        select(_x.c.currency, func.max(_x.c.valid_from).label("valid_from"))
        .where(_x.c.valid_from <= day)
        .group_by(_x.c.currency)
        .subquery()
    )
    joined = _x.join(newest, (newest.c.currency == _x.c.currency) & (newest.c.valid_from == _x.c.valid_from))
    rows = await session.execute(select(_x.c.currency, _x.c.per_euro, _x.c.valid_from).select_from(joined))
    return {row.currency: Rate(row.currency, row.per_euro, row.valid_from) for row in rows}


async def list_over(session: AsyncSession, now: datetime, limit: int) -> Sequence[UUID]:
    """Searches that nobody may look at any more."""
    statement = select(_s.c.id).where(_s.c.expires_at < now).order_by(_s.c.expires_at).limit(limit)
    return (await session.execute(statement)).scalars().all()


async def list_days(reads: ReadPool, actor: Actor, first: date, last: date) -> list[tuple[Any, ...]]:
    """Day, branch, market, searches, those without an offer, quotes and bookings, inside the scope."""
    scope, values = scope_sql(actor, market="market", branch="location_code")
    sql = (
        "SELECT day, location_code, market, searches, without_offer, quotes, bookings FROM search_day "  # noqa: S608
        f"WHERE day BETWEEN %s AND %s{scope} ORDER BY day, location_code LIMIT {MOST_DAYS}"
    )
    return await reads.fetch(sql, [first, last, *values])
