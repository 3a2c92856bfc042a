"""Reading terms with suppliers."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.listing import Filter, ListSpec
from app.core.read_pool import ReadPool
from app.core.reads import ListRead, Sort
from app.kit.agreed_sheets import STATE_WORDS, SheetState
from app.rental.supplier_terms.models import SupplierTerms
from app.rental.supplier_terms.schemas import SupplierTermsItem
from app.rental.suppliers.models import Supplier
from app.rental.suppliers.rules import SEES_MARGINS as VIEW

_t = SupplierTerms.__table__  # type: ignore[attr-defined]  # pyright: ignore
_s = Supplier.__table__  # type: ignore[attr-defined]  # pyright: ignore

SPEC = ListSpec(
    filters=(
        Filter("state", "State", "choice", tuple(STATE_WORDS.items())),
        Filter("supplier", "Supplier", "code"),
    ),
    sorts=("valid_from",),
    default_sort="-valid_from",
)


def _of_supplier(codes: Sequence[BindParameter[Any]]) -> ColumnElement[bool]:
    return _t.c.supplier_id.in_(select(_s.c.id).where(_s.c.code.in_(codes)))


sheets = ListRead(
    SupplierTermsItem,
    table=_t,
    columns={
        "id": _t.c.id,
        "supplier": _s.c.code,
        "supplier_name": _s.c.name,
        **{
            name: _t.c[name]
            for name in (
                "valid_from", "currency", "state", "note", "lines", "created_by_name", "agreed_by_name", "version",
                "created_at", "updated_at",
            )
        },
    },
    joins=lambda page: page.join(_s, _s.c.id == _t.c.supplier_id),
    where={
        "state": _t.c.state,
        "supplier": _of_supplier,
    },
    sorts={"valid_from": Sort(_t.c.valid_from, "ix_supplier_terms_valid")},
    scope={},
)  # fmt: skip


async def find_sheet(session: AsyncSession, sheet_id: UUID, actor: Actor) -> SupplierTerms | None:
    """Terms, for those who may see what we earn; suppliers are of no market."""
    return await session.get(SupplierTerms, sheet_id) if actor.may(VIEW) else None


async def list_in_force(session: AsyncSession, day: date, supplier_id: UUID | None = None) -> list[SupplierTerms]:
    """Of each supplier the terms that hold on a day: of the youngest day, and of one day those agreed to last."""
    order = (_t.c.valid_from.desc(), _t.c.agreed_at.desc(), _t.c.id.desc())
    ranked = select(
        _t.c.id, func.row_number().over(partition_by=_t.c.supplier_id, order_by=order).label("place")
    ).where(_t.c.state == SheetState.IN_FORCE.value, _t.c.valid_from <= day)
    if supplier_id is not None:
        ranked = ranked.where(_t.c.supplier_id == supplier_id)
    latest = ranked.subquery()
    statement = select(SupplierTerms).join(latest, latest.c.id == _t.c.id).where(latest.c.place == 1)
    return list((await session.execute(statement)).scalars())


async def list_sheets(
    session: AsyncSession, limit: int, supplier_id: UUID | None = None
) -> list[tuple[SupplierTerms, Supplier]]:
    """The terms of the latest days, of one supplier or of all."""
    statement = select(SupplierTerms, Supplier).join(Supplier, _s.c.id == _t.c.supplier_id)
    if supplier_id is not None:
        statement = statement.where(_t.c.supplier_id == supplier_id)
    rows = await session.execute(statement.order_by(_t.c.valid_from.desc(), _t.c.id.desc()).limit(limit))
    return [(row[0], row[1]) for row in rows]


async def represent(reads: ReadPool, ids: Sequence[str], actor: Actor) -> dict[str, SupplierTermsItem]:
    """Terms as the API shows them, by id."""
    return {item.id: item for item in await sheets.by_ids(reads, ids, actor)}
