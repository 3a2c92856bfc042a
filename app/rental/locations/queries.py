"""Reading locations."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import bindparam, cast, or_, select
from sqlalchemy.dialects import mysql
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.listing import Filter, ListSpec
from app.core.read_pool import ReadPool
from app.core.reads import ListRead, Sort, ascii_text, scope_sql
from app.kit.markets import MARKETS
from app.rental.locations.models import Location
from app.rental.locations.schemas import LocationItem

_l = Location.__table__  # type: ignore[attr-defined]  # pyright: ignore

_CODE_AS_TEXT = cast(_l.c.code, mysql.CHAR(charset="utf8mb4"))
"""Comparable with letters that no code has."""

SPEC = ListSpec(
    filters=(
        Filter("market", "Market", "choice", tuple((code, market.name) for code, market in MARKETS.items())),
        Filter("country", "Country", "code"),
        Filter("kind", "Kind", "code"),
        Filter("code", "Code", "code"),
    ),
    sorts=("code", "name", "updated_at"),
    default_sort="code",
)

locations = ListRead(
    LocationItem,
    table=_l,
    columns={
        name: _l.c[name]
        for name in (
            "id",
            "code",
            "name",
            "kind",
            "address",
            "city",
            "country",
            "market",
            "latitude",
            "longitude",
            "time_zone",
            "opening_hours",
            "allows_out_of_hours",
            "turnaround_minutes",
            "delivery",
            "delivery_note",
            "version",
            "created_at",
            "updated_at",
        )
    },
    where={
        "market": _l.c.market,
        "country": _l.c.country,
        "kind": _l.c.kind,
        "code": _l.c.code,
        "q": or_(*(column.like(bindparam("q_0")) for column in (_CODE_AS_TEXT, _l.c.name, _l.c.city))),
    },
    prepare={"q": lambda text: f"%{str(text).replace('%', '').replace('_', ' ')}%"},
    sorts={"code": Sort(_l.c.code), "name": Sort(_l.c.name), "updated_at": Sort(_l.c.updated_at)},
    scope={"market": _l.c.market, "branch": _l.c.code},
)


def is_seen(location: Location, actor: Actor) -> bool:
    """Whether the location is in the actor's markets and branches."""
    return actor.sees(market=location.market, branch=location.code)


async def find_location(session: AsyncSession, location_id: UUID, actor: Actor) -> Location | None:
    """The location, when the actor may see it."""
    found = await session.get(Location, location_id)
    return found if found is not None and is_seen(found, actor) else None


async def get_location(session: AsyncSession, location_id: UUID, actor: Actor) -> Location:
    """Raises NotFound when there is none in the actor's scope."""
    found = await find_location(session, location_id, actor)
    if found is None:
        raise NotFound
    return found


async def lock_location(session: AsyncSession, location_id: UUID, actor: Actor) -> Location:
    """As `get_location`, locked until the end of the transaction."""
    found = await session.get(Location, location_id, with_for_update=True, populate_existing=True)
    if found is None or not is_seen(found, actor):
        raise NotFound
    return found


async def represent(reads: ReadPool, ids: Sequence[str], actor: Actor) -> dict[str, LocationItem]:
    """Locations as the API shows them, by id, of those the actor may see."""
    return {item.id: item for item in await locations.by_ids(reads, ids, actor)}


_BY_CODES = select(Location).where(_l.c.code.in_(bindparam("codes", expanding=True)))


async def find_by_codes(session: AsyncSession, codes: set[str]) -> dict[str, Location]:
    """Locations by their codes, whoever asks."""
    known = [code for code in codes if code.isascii()]
    rows = await session.execute(_BY_CODES, {"codes": known})
    return {location.code: location for location in rows.scalars()}


async def list_in_market(session: AsyncSession, market: str) -> list[Location]:
    """The active locations of a market, whoever asks."""
    statement = select(Location).where(Location.market == market, Location.is_active).limit(1000)  # pyright: ignore
    return list((await session.execute(statement)).scalars())


async def list_names(reads: ReadPool, actor: Actor, *, of: Collection[str] | None = None) -> dict[str, str]:
    """Names of the active locations the actor may see, by code, on the read path; with `of`, of these codes."""
    scope, values = scope_sql(actor, market="market", branch="code")
    if of is not None:
        codes = sorted(ascii_text(code) for code in of)
        scope, values = f"{scope} AND code IN ({', '.join(['%s'] * len(codes))})", values + codes
    sql = f"SELECT code, name FROM location WHERE is_active = 1{scope} ORDER BY code LIMIT 1000"  # noqa: S608
    return {str(code): str(name) for code, name in await reads.fetch(sql, values)}


async def list_choices(session: AsyncSession, actor: Actor) -> list[tuple[str, str]]:
    """Codes and names of the active locations the actor may see, for menus."""
    statement = select(Location.code, Location.name).where(Location.is_active).order_by(Location.code).limit(1000)  # pyright: ignore
    if actor.markets is not None:
        statement = statement.where(Location.market.in_(actor.markets))  # pyright: ignore
    if actor.branches is not None:
        statement = statement.where(Location.code.in_(actor.branches))  # pyright: ignore
    rows = await session.execute(statement)
    return [(str(row.code), str(row.name)) for row in rows]
