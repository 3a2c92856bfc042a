"""Reading marks and damage cases. The scope is the market and the branch at which the damage was seen."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.listing import Filter, ListSpec
from app.core.read_pool import ReadPool
from app.core.reads import ListRead, Sort
from app.core.scoped import Scoped
from app.kit.markets import MARKETS
from app.rental.damages.models import DamageCase, DamageMark
from app.rental.damages.rules import MOST_MARKS
from app.rental.damages.schemas import PARTY_WORDS, STATE_WORDS, CaseItem

_c = DamageCase.__table__  # type: ignore[attr-defined]  # pyright: ignore
_m = DamageMark.__table__  # type: ignore[attr-defined]  # pyright: ignore

SPEC = ListSpec(
    filters=(
        Filter("state", "State", "choice", tuple(STATE_WORDS.items())),
        Filter("party", "Answers for it", "choice", tuple(PARTY_WORDS.items())),
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
    "id", "reference", "market", "branch", "state", "booking_id", "booking_reference", "vehicle_id", "vehicle_name",
    "words", "party",
)  # fmt: skip

cases = ListRead(
    CaseItem,
    table=_c,
    columns={
        **{name: _c.c[name] for name in _PLAIN},
        "estimate": _c.c.estimate_minor,
        "estimate_currency": _c.c.currency,
        **{name: _c.c[name] for name in ("version", "created_at", "updated_at")},
    },
    where={
        name: _c.c[name] for name in ("state", "party", "market", "branch", "reference", "booking_id", "vehicle_id")
    },
    sorts={"updated_at": Sort(_c.c.updated_at, "ix_damage_case_updated_at")},
    scope={"market": _c.c.market, "branch": _c.c.branch},
    indexes={
        frozenset({"state", "sort:updated_at"}): "ix_damage_case_state",
        frozenset({"vehicle_id", "sort:updated_at"}): "ix_damage_case_vehicle",
    },
)

_one = Scoped(DamageCase)
find_case, get_case, lock_case = _one.find, _one.get, _one.lock


async def list_cases(session: AsyncSession, column: str, key: UUID, actor: Actor, limit: int) -> list[DamageCase]:
    """The cases of a booking or a vehicle that the actor may see, the newest first."""
    statement = select(DamageCase).where(_c.c[column] == key).order_by(_c.c.id.desc()).limit(limit)
    found = (await session.execute(statement)).scalars()
    return [case for case in found if actor.sees(market=case.market, branch=case.branch)]


async def list_marks(session: AsyncSession, vehicle_id: UUID) -> Sequence[DamageMark]:
    """The damage that a vehicle has, in the order in which it was seen."""
    statement = select(DamageMark).where(_m.c.vehicle_id == vehicle_id, _m.c.mended_at.is_(None))
    return (await session.execute(statement.order_by(_m.c.id).limit(MOST_MARKS))).scalars().all()


async def list_marks_of(session: AsyncSession, case_id: UUID) -> Sequence[DamageMark]:
    """The marks of a case."""
    statement = select(DamageMark).where(_m.c.case_id == case_id).order_by(_m.c.id).limit(MOST_MARKS)
    return (await session.execute(statement)).scalars().all()


async def find_mark(session: AsyncSession, mark_id: UUID) -> DamageMark | None:
    return await session.get(DamageMark, mark_id)


async def has_reference(session: AsyncSession, reference: str) -> bool:
    """Whether a reference is taken."""
    return (await session.execute(select(_c.c.id).where(_c.c.reference == reference))).first() is not None


async def represent(reads: ReadPool, ids: Sequence[str], actor: Actor) -> dict[str, CaseItem]:
    """Cases as the API shows them, by id, of those the actor may see."""
    return {item.id: item for item in await cases.by_ids(reads, ids, actor)}
