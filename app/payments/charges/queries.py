"""Reading charges. The scope is the market and the branch of what is charged for."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.actor import Actor
from app.core.area import DataCheck
from app.core.errors import NotFound
from app.core.listing import Filter, ListSpec
from app.core.read_pool import ReadPool
from app.core.reads import ListRead, Sort
from app.core.scoped import Scoped
from app.kit.markets import MARKETS
from app.payments.charges.models import Charge, ChargeOperation
from app.payments.charges.rules import OPEN
from app.payments.charges.schemas import PURPOSE_WORDS, STATE_WORDS, ChargeItem

_c = Charge.__table__  # type: ignore[attr-defined]  # pyright: ignore
_o = ChargeOperation.__table__  # type: ignore[attr-defined]  # pyright: ignore
MOST_OF_SUBJECT = 100
MOST_OPERATIONS = 50

SPEC = ListSpec(
    filters=(
        Filter("state", "State", "choice", tuple(STATE_WORDS.items())),
        Filter("purpose", "For", "choice", tuple(PURPOSE_WORDS.items())),
        Filter("market", "Market", "choice", tuple((code, market.name) for code, market in MARKETS.items())),
        Filter("branch", "Branch", "code"),
        Filter("reference", "Reference", "code"),
        Filter("subject_id", "About", "id", is_offered=False),
    ),
    sorts=("updated_at",),
    default_sort="-updated_at",
)

charges = ListRead(
    ChargeItem,
    table=_c,
    columns={
        **{name: _c.c[name] for name in ("id", "reference", "subject_kind", "subject_id", "subject_name")},
        **{name: _c.c[name] for name in ("market", "branch", "purpose", "words", "state")},
        **{
            part: column
            for name in ("amount", "held", "captured", "refunded")
            for part, column in ((name, _c.c[f"{name}_minor"]), (f"{name}_currency", _c.c.currency))
        },
        **{name: _c.c[name] for name in ("card_words", "covered_by_id", "reason")},
        **{name: _c.c[name] for name in ("version", "created_at", "updated_at")},
    },
    where={name: _c.c[name] for name in ("state", "purpose", "market", "branch", "reference", "subject_id")},
    sorts={"updated_at": Sort(_c.c.updated_at, "ix_charge_updated_at")},
    scope={"market": _c.c.market, "branch": _c.c.branch},
    indexes={
        frozenset({"state", "sort:updated_at"}): "ix_charge_state",
        frozenset({"subject_id", "sort:updated_at"}): "ix_charge_subject_id",
    },
)

CHECKS = (
    DataCheck(
        "I7",
        "Charges of which more was moved than allowed, or whose state says something else than their amounts",
        "SELECT id FROM charge WHERE NOT (0 <= refunded_minor AND refunded_minor <= captured_minor AND "
        "captured_minor <= held_minor AND held_minor <= amount_minor) OR (state IN ('planned', 'failed', 'waived') AND "
        "held_minor > 0) OR (state = 'captured' AND captured_minor = 0) OR (state = 'refunded' AND "
        "refunded_minor <> captured_minor)",
    ),
    DataCheck(
        "I8",
        "Charges that nobody settles although nobody knows what came of them",
        "SELECT c.id FROM charge c LEFT JOIN charge_operation o ON o.open_key = c.id "
        "WHERE c.state = 'unknown' AND o.id IS NULL",
    ),
)

_one = Scoped(Charge)
find_charge, get_charge, lock_charge = _one.find, _one.get, _one.lock


async def get_operation(session: AsyncSession, operation_id: UUID) -> ChargeOperation:
    """Raises NotFound."""
    found = await session.get(ChargeOperation, operation_id, populate_existing=True)
    if found is None:
        raise NotFound
    return found


async def find_open(session: AsyncSession, charge_id: UUID) -> ChargeOperation | None:
    """What is being asked of the provider about a charge."""
    return (await session.execute(select(ChargeOperation).where(_o.c.open_key == charge_id))).scalar_one_or_none()


async def list_open(session: AsyncSession, charges: Sequence[UUID]) -> dict[UUID, ChargeOperation]:
    """What is being asked about several, by charge."""
    statement = select(ChargeOperation).where(_o.c.open_key.in_(charges))
    return {each.charge_id: each for each in (await session.execute(statement)).scalars()}


async def list_operations(session: AsyncSession, charge_id: UUID) -> Sequence[ChargeOperation]:
    """What was asked of the provider about a charge, the newest first."""
    statement = select(ChargeOperation).where(_o.c.charge_id == charge_id).order_by(_o.c.id.desc())
    return (await session.execute(statement.limit(MOST_OPERATIONS))).scalars().all()


async def list_about(session: AsyncSession, kind: str, subject_id: UUID) -> Sequence[Charge]:
    """The charges of a record in the order in which they were made."""
    statement = select(Charge).where(_c.c.subject_kind == kind, _c.c.subject_id == subject_id).order_by(_c.c.id)
    return (await session.execute(statement.limit(MOST_OF_SUBJECT))).scalars().all()


async def list_due(session: AsyncSession, now: datetime, limit: int) -> Sequence[UUID]:
    """Open operations about which the provider is to be asked again."""
    due = select(_o.c.id).where(col(ChargeOperation.state).in_(sorted(OPEN)), _o.c.next_poll_at <= now)
    return (await session.execute(due.order_by(_o.c.next_poll_at).limit(limit))).scalars().all()


async def has_reference(session: AsyncSession, reference: str) -> bool:
    """Whether a reference is taken."""
    return (await session.execute(select(_c.c.id).where(_c.c.reference == reference))).first() is not None


async def represent(reads: ReadPool, ids: Sequence[str], actor: Actor) -> dict[str, ChargeItem]:
    """Charges as the API shows them, by id, of those the actor may see."""
    return {item.id: item for item in await charges.by_ids(reads, ids, actor)}
