"""Reading searches, and what they need of branches and prices."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.listing import Filter, ListSpec
from app.core.read_pool import ReadPool
from app.core.reads import ListRead, Sort, ascii_text, scope_sql
from app.kit.ids import normalise_reference
from app.kit.markets import MARKETS
from app.kit.money import Money
from app.rental.locations.models import Location
from app.rental.quotes.models import CarSearch, Quote, SearchAnswer
from app.rental.quotes.rules import QuoteState, state_at
from app.rental.quotes.schemas.quotes import STATE_WORDS, QuoteItem
from app.rental.vehicles.models import Vehicle

_l = Location.__table__  # type: ignore[attr-defined]  # pyright: ignore
_v = Vehicle.__table__  # type: ignore[attr-defined]  # pyright: ignore
_a = SearchAnswer.__table__  # type: ignore[attr-defined]  # pyright: ignore
_s = CarSearch.__table__  # type: ignore[attr-defined]  # pyright: ignore
_q = Quote.__table__  # type: ignore[attr-defined]  # pyright: ignore

CLASS_LETTERS = 4
MOST_PLACES = 300
MOST_DAYS = 20_000

SPEC = ListSpec(
    filters=(
        Filter("state", "State", "choice", tuple(STATE_WORDS.items())),
        Filter("market", "Market", "choice", tuple((code, market.name) for code, market in MARKETS.items())),
        Filter("pickup_location", "Pick-up branch", "code"),
        Filter("source", "Source", "code"),
        Filter("reference", "Reference", "text"),
    ),
    sorts=("created_at",),
    default_sort="-created_at",
)


def _end(name: str) -> Any:
    """A JSON object of one end of the hire."""
    parts = {"location": "location", "local": "local", "time_zone": "zone", "at": "at"}
    return func.json_object(
        *(part for key, column in parts.items() for part in (literal_column(f"'{key}'"), _q.c[f"{name}_{column}"]))
    )


quotes = ListRead(
    QuoteItem,
    table=_q,
    columns={
        **{name: _q.c[name] for name in ("id", "reference", "market", "state", "source", "source_name")},
        "pickup": _end("pickup"),
        "back": _end("return"),
        **{name: _q.c[name] for name in ("class_code", "model", "driver_age", "choices")},
        "total": _q.c.total_minor,
        "total_currency": _q.c.total_currency,
        **{name: _q.c[name] for name in ("price_lines", "fee_windows", "stages", "currencies", "expires_at")},
        **{name: _q.c[name] for name in ("replaces_id", "replaced_by_id", "booking_id")},
        **{name: _q.c[name] for name in ("version", "created_at", "updated_at")},
    },
    where={
        **{name: _q.c[name] for name in ("state", "market", "pickup_location", "source")},
        "reference": _q.c.reference == bindparam("reference_0"),
    },
    sorts={"created_at": Sort(_q.c.created_at, "ix_quote_created_at")},
    scope={"market": _q.c.market, "branch": _q.c.pickup_location},
    indexes={
        frozenset({"pickup_location", "sort:created_at"}): "ix_quote_branch",
        frozenset({"state", "sort:created_at"}): "ix_quote_state",
        frozenset({"market", "sort:created_at"}): "ix_quote_market",
        frozenset({"source", "sort:created_at"}): "ix_quote_source",
    },
    prepare={"reference": lambda text: normalise_reference(str(text)) or str(text)[:12]},
)


async def find_quote(session: AsyncSession, quote_id: UUID, actor: Actor) -> Quote | None:
    """The quote, when the actor may see it."""
    found = await session.get(Quote, quote_id)
    return found if found is not None and _is_seen(found, actor) else None


async def get_quote(session: AsyncSession, quote_id: UUID, actor: Actor) -> Quote:
    """Raises NotFound when there is none in the actor's scope."""
    found = await find_quote(session, quote_id, actor)
    if found is None:
        raise NotFound
    return found


async def lock_quote(session: AsyncSession, quote_id: UUID, actor: Actor) -> Quote:
    """As `get_quote`, locked until the end of the transaction."""
    found = await session.get(Quote, quote_id, with_for_update=True, populate_existing=True)
    if found is None or not _is_seen(found, actor):
        raise NotFound
    return found


def _is_seen(quote: Quote, actor: Actor) -> bool:
    return actor.sees(market=quote.market, branch=quote.pickup_location)


async def find_of_booking(session: AsyncSession, booking_id: UUID, actor: Actor) -> Quote | None:
    """The quote that a booking was made of, when the actor may see it."""
    found = (await session.execute(select(Quote).where(_q.c.booking_id == booking_id))).scalar_one_or_none()
    return found if found is not None and _is_seen(found, actor) else None


async def has_reference(session: AsyncSession, reference: str) -> bool:
    """Whether a reference is taken."""
    return (await session.execute(select(_q.c.id).where(_q.c.reference == reference))).first() is not None


async def list_due(session: AsyncSession, now: datetime, limit: int) -> Sequence[UUID]:
    """Open quotes whose time is over."""
    statement = select(_q.c.id).where(_q.c.state == QuoteState.OPEN, _q.c.expires_at <= now)
    return (await session.execute(statement.order_by(_q.c.expires_at).limit(limit))).scalars().all()


async def find_simply(reads: ReadPool, text: str, actor: Actor, limit: int) -> list[tuple[str, str, str, str]]:
    """Quotes by reference, class, or the driver of what they became, while the search engine is away."""
    typed = text.replace("%", "").replace("_", "").strip()
    if not typed:
        return []
    code = ascii_text("".join(typed.split()).upper())
    scope, values = scope_sql(actor, market="q.market", branch="q.pickup_location")
    wanted = [("q.reference LIKE %s", f"{code}%"), ("b.driver_name LIKE %s", f"{typed}%")]
    # Only a whole class: its beginning would be that of thousands.
    wanted += [("q.class_code = %s", code)] if len(code) == CLASS_LETTERS else []
    found = " UNION ".join(
        f"(SELECT q.id FROM quote q {'JOIN booking b ON b.id = q.booking_id ' if condition[0] == 'b' else ''}"  # noqa: S608
        f"WHERE {condition}{scope} LIMIT {int(limit)})"
        for condition, _ in wanted
    )
    sql = (
        "SELECT q.id, q.reference, CONCAT_WS(' ', q.class_code, q.pickup_location, "  # noqa: S608
        "DATE_FORMAT(q.pickup_local, '%%Y-%%m-%%d %%H:%%i')), q.state, q.expires_at, q.source_name "
        f"FROM ({found}) found JOIN quote q ON q.id = found.id ORDER BY q.created_at DESC LIMIT {int(limit)}"
    )
    rows = await reads.fetch(sql, [part for _, value in wanted for part in (value, *values)])
    return [(str(row[0]), row[1], row[2], f"{_words_now(row[3], row[4])}, {row[5]}") for row in rows]


def _words_now(state: str, expires_at: datetime | str) -> str:
    """The state in words, also when nobody has written yet that its time is over."""
    until = datetime.fromisoformat(expires_at) if isinstance(expires_at, str) else expires_at
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return STATE_WORDS[state_at(QuoteState(state), until, clock.now()).value]


async def list_rows(reads: ReadPool, ids: Sequence[str]) -> list[tuple[Any, ...]]:
    """What a search document is made of."""
    places = ", ".join(["%s"] * len(ids))
    sql = (
        "SELECT q.id, q.version, q.reference, q.market, q.state, q.source, q.source_name, q.class_code, "  # noqa: S608
        "q.pickup_location, q.pickup_local, q.updated_at, p.name, p.city, b.reference, b.driver_name, c.name "
        "FROM quote q JOIN location p ON p.code = q.pickup_location LEFT JOIN booking b ON b.id = q.booking_id "
        f"LEFT JOIN customer c ON c.id = b.customer_id WHERE q.id IN ({places})"
    )
    return await reads.fetch(sql, list(ids))


async def represent(reads: ReadPool, ids: Sequence[str], actor: Actor) -> dict[str, QuoteItem]:
    """Quotes as the API shows them, by id, of those the actor may see."""
    return {item.id: item for item in await quotes.by_ids(reads, ids, actor)}


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
