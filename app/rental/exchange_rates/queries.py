"""Reading exchange rates and the sheets that they came in."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.listing import Filter, ListSpec
from app.core.read_pool import ReadPool
from app.core.reads import ListRead, Sort
from app.kit.agreed_sheets import STATE_WORDS
from app.rental.exchange_rates.models import ExchangeRate, ExchangeRateSheet
from app.rental.exchange_rates.rules import LOOK_BACK, Rate, Rates
from app.rental.exchange_rates.schemas import SheetItem

_s = ExchangeRateSheet.__table__  # type: ignore[attr-defined]  # pyright: ignore
_r = ExchangeRate.__table__  # type: ignore[attr-defined]  # pyright: ignore

SPEC = ListSpec(
    filters=(Filter("state", "State", "choice", tuple(STATE_WORDS.items())),),
    sorts=("valid_from",),
    default_sort="-valid_from",
)
sheets = ListRead(
    SheetItem,
    table=_s,
    columns={
        name: _s.c[name]
        for name in (
            "id", "valid_from", "source", "state", "created_by_name", "agreed_by_name", "version", "created_at",
            "updated_at",
        )
    },
    where={"state": _s.c.state},
    sorts={"valid_from": Sort(_s.c.valid_from, "ix_exchange_rate_sheet_valid")},
    scope={},
)  # fmt: skip


async def find_sheet(session: AsyncSession, sheet_id: UUID, _actor: Actor) -> ExchangeRateSheet | None:
    """A sheet; everybody with the permission sees all of them."""
    return await session.get(ExchangeRateSheet, sheet_id)


async def list_lines(session: AsyncSession, sheet_id: UUID) -> list[ExchangeRate]:
    """The rates of a sheet."""
    statement = select(ExchangeRate).where(_r.c.sheet_id == sheet_id).order_by(_r.c.base, _r.c.currency)
    return list((await session.execute(statement)).scalars())


async def list_rates(session: AsyncSession, day: date) -> Rates:
    """The rate of each pair on a day: the youngest, and of one day the one agreed to last."""
    statement = (
        select(_r.c.base, _r.c.currency, _r.c.rate, _r.c.valid_from, _s.c.source)
        .select_from(_r.join(_s, _s.c.id == _r.c.sheet_id))
        .where(_r.c.valid_from.between(day - LOOK_BACK, day), _r.c.agreed_at.is_not(None))
        .order_by(_r.c.valid_from, _r.c.agreed_at)
    )
    rows = await session.execute(statement)
    return {
        (row.base, row.currency): Rate(row.base, row.currency, row.rate, row.valid_from, row.source) for row in rows
    }


async def represent(reads: ReadPool, ids: Sequence[str], actor: Actor) -> dict[str, SheetItem]:
    """Sheets as the API shows them, by id."""
    return {item.id: item for item in await sheets.by_ids(reads, ids, actor)}


async def list_sheets(session: AsyncSession, limit: int) -> list[ExchangeRateSheet]:
    """The sheets of the latest days."""
    statement = select(ExchangeRateSheet).order_by(_s.c.valid_from.desc(), _s.c.id.desc()).limit(limit)
    return list((await session.execute(statement)).scalars())
