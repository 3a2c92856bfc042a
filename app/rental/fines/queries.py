"""Reading fines and tolls, and who had a vehicle when. The scope is the market and the branch of the hire."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.listing import Filter, ListSpec
from app.core.read_pool import ReadPool
from app.core.reads import ListRead, Sort, ascii_text, scope_sql
from app.core.scoped import Scoped
from app.kit.identifiers import normalise_plate
from app.kit.markets import MARKETS
from app.rental.fines.models import Fine
from app.rental.fines.schemas import KIND_WORDS, STATE_WORDS, FineItem
from app.rental.vehicles.models import Vehicle

_f = Fine.__table__  # type: ignore[attr-defined]  # pyright: ignore
_v = Vehicle.__table__  # type: ignore[attr-defined]  # pyright: ignore

SPEC = ListSpec(
    filters=(
        Filter("state", "State", "choice", tuple(STATE_WORDS.items())),
        Filter("kind", "Kind", "choice", tuple(KIND_WORDS.items())),
        Filter("market", "Market", "choice", tuple((code, market.name) for code, market in MARKETS.items())),
        Filter("branch", "Branch", "code"),
        Filter("reference", "Reference", "code"),
        Filter("booking_id", "Booking", "id", is_offered=False),
        Filter("vehicle_id", "Vehicle", "id", is_offered=False),
    ),
    sorts=("updated_at",),
    default_sort="-updated_at",
)
_PLAIN = (
    "id", "reference", "market", "branch", "kind", "state", "authority", "authority_reference", "vehicle_id",
    "vehicle_name",
)  # fmt: skip

fines = ListRead(
    FineItem,
    table=_f,
    columns={
        **{name: _f.c[name] for name in _PLAIN},
        "happened_local": func.date_format(_f.c.happened_local, literal_column("'%Y-%m-%dT%H:%i'")),
        **{name: _f.c[name] for name in ("time_zone", "happened_at", "place")},
        "amount": _f.c.amount_minor,
        "amount_currency": _f.c.currency,
        "fee": _f.c.fee_minor,
        "fee_currency": _f.c.currency,
        **{name: _f.c[name] for name in ("booking_id", "booking_reference", "driver_name", "charge_id", "invoice_id")},
        **{name: _f.c[name] for name in ("reason", "version", "created_at", "updated_at")},
    },
    where={name: _f.c[name] for name in ("state", "kind", "market", "branch", "reference", "booking_id", "vehicle_id")},
    sorts={"updated_at": Sort(_f.c.updated_at, "ix_fine_updated_at")},
    scope={"market": _f.c.market, "branch": _f.c.branch},
    indexes={
        frozenset({"state", "sort:updated_at"}): "ix_fine_state",
        frozenset({"vehicle_id", "sort:updated_at"}): "ix_fine_vehicle",
    },
)

_one = Scoped(Fine)
find_fine, get_fine, lock_fine = _one.find, _one.get, _one.lock


async def find_vehicle(session: AsyncSession, plate: str) -> Vehicle | None:
    """The vehicle with a plate, however it is written."""
    statement = select(Vehicle).where(_v.c.plate_key == normalise_plate(plate))
    return (await session.execute(statement)).scalar_one_or_none()


async def find_known(session: AsyncSession, authority: str, reference: str) -> Fine | None:
    """What an authority sent under a reference already."""
    statement = select(Fine).where(_f.c.authority == authority, _f.c.authority_reference == reference)
    return (await session.execute(statement)).scalar_one_or_none()


async def list_about(session: AsyncSession, column: str, key: UUID, actor: Actor, limit: int) -> list[Fine]:
    """The fines of a booking or a vehicle that the actor may see, the newest first."""
    statement = select(Fine).where(_f.c[column] == key).order_by(_f.c.id.desc()).limit(limit)
    found = (await session.execute(statement)).scalars()
    return [fine for fine in found if actor.sees(market=fine.market, branch=fine.branch)]


async def has_reference(session: AsyncSession, reference: str) -> bool:
    """Whether a reference is taken."""
    return (await session.execute(select(_f.c.id).where(_f.c.reference == reference))).first() is not None


async def represent(reads: ReadPool, ids: Sequence[str], actor: Actor) -> dict[str, FineItem]:
    """Fines as the API shows them, by id, of those the actor may see."""
    return {item.id: item for item in await fines.by_ids(reads, ids, actor)}


async def find_simply(reads: ReadPool, text: str, actor: Actor, limit: int) -> list[tuple[str, str, str, str]]:
    """Fines by our reference or the authority's, while the search engine is away."""
    typed = text.replace("%", "").replace("_", "").strip()
    if not typed:
        return []
    scope, values = scope_sql(actor, market="market", branch="branch")
    sql = (
        "SELECT id, reference, CONCAT(authority, ' ', authority_reference), vehicle_name FROM fine "  # noqa: S608
        f"WHERE (reference LIKE %s OR authority_reference LIKE %s){scope} ORDER BY id DESC LIMIT {int(limit)}"
    )
    rows = await reads.fetch(sql, [f"{ascii_text(typed.upper())}%", f"{typed}%", *values])
    return [(str(row[0]), row[1], row[2], row[3]) for row in rows]


async def list_rows(reads: ReadPool, ids: Sequence[str]) -> list[tuple[Any, ...]]:
    """What a search document is made of."""
    places = ", ".join(["%s"] * len(ids))
    sql = (
        "SELECT id, version, reference, market, branch, kind, state, authority, authority_reference, "  # noqa: S608
        f"vehicle_name, driver_name, place, updated_at FROM fine WHERE id IN ({places})"
    )
    return await reads.fetch(sql, list(ids))
