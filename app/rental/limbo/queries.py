"""Reading what hangs at suppliers."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, select

from app.core.actor import Actor
from app.core.listing import Filter, ListSpec
from app.core.read_pool import ReadPool
from app.core.reads import ListRead, Query, Sort, scope_sql
from app.kit.money import Money
from app.rental.limbo.schemas import LimboRow
from app.rental.suppliers.models import Supplier, SupplierReservation
from app.rental.suppliers.rules import OPEN

STATE_WORDS = {state.value: state.value.replace("_", " ").capitalize() for state in sorted(OPEN)}
STATE_WORDS["unknown"] = "Not known"
MOST_CURRENCIES = 30

SPEC = ListSpec(
    filters=(
        Filter("state", "State", "choice", tuple(STATE_WORDS.items())),
        Filter("supplier", "Supplier", "code"),
        Filter("reference", "Reference", "code"),
        Filter("location", "Pick-up", "code"),
    ),
    sorts=("boundary",),
    default_sort="boundary",
)

_r = SupplierReservation.__table__  # type: ignore[attr-defined]  # pyright: ignore
_s = Supplier.__table__  # type: ignore[attr-defined]  # pyright: ignore


def _own(*names: str) -> dict[str, Any]:
    return {name: _r.c[name] for name in names}


def _of_supplier(codes: Sequence[BindParameter[Any]]) -> ColumnElement[bool]:
    return _r.c.supplier_id.in_(select(_s.c.id).where(_s.c.code.in_(codes)))


limbo = ListRead(
    LimboRow,
    table=_r,
    columns={
        "id": _r.c.id,
        "reference": _r.c.reference,
        "supplier": _s.c.code,
        "supplier_name": _s.c.name,
        "capabilities": _s.c.capabilities,
        "stops": _s.c.stops,
        **_own("state", "supplier_number", "surname", "market", "acriss", "pickup_location", "return_location"),
        **_own("pickup_local", "return_local", "time_zone"),
        "offered": _r.c.offered_minor,
        "offered_currency": _r.c.currency,
        **_own("confirmed_minor", "fee_windows", "boundary_at"),
        "exposed": _r.c.exposed_minor,
        "exposed_currency": _r.c.currency,
        **_own("polls", "next_poll_at", "reason", "version", "updated_at"),
    },
    joins=lambda page: page.join(_s, _s.c.id == _r.c.supplier_id),
    where={
        "hangs": _r.c.limbo_at.isnot(None),
        "state": _r.c.state,
        "supplier": _of_supplier,
        "reference": _r.c.reference,
        "location": _r.c.pickup_location,
    },
    sorts={"boundary": Sort(_r.c.limbo_at, "ix_supplier_reservation_limbo")},
    scope={"market": _r.c.market, "branch": _r.c.pickup_location},
    indexes={frozenset({"hangs", "sort:boundary"}): "ix_supplier_reservation_limbo"},
)


def hanging(query: Query) -> Query:
    """The question, asked of what hangs only."""
    return replace(query, filters={**query.filters, "hangs": ["1"]})


async def sum_exposed(reads: ReadPool, actor: Actor) -> list[Money]:
    """The money exposed in everything that hangs and that the actor may see, per currency."""
    scope, values = scope_sql(actor, market="market", branch="pickup_location")
    sql = (
        "SELECT currency, SUM(exposed_minor) FROM supplier_reservation WHERE limbo_at IS NOT NULL"  # noqa: S608 - our words
        f"{scope} GROUP BY currency ORDER BY currency LIMIT {MOST_CURRENCIES}"
    )
    return [Money(int(row[1]), row[0]) for row in await reads.fetch(sql, values)]


async def count_pressing(reads: ReadPool, actor: Actor, seconds: int) -> int:
    """How many become dearer within so many seconds, or cannot become dearer any more."""
    scope, values = scope_sql(actor, market="market", branch="pickup_location")
    sql = (
        "SELECT COUNT(*) FROM supplier_reservation"  # noqa: S608 - our words
        f" WHERE limbo_at <= UTC_TIMESTAMP(6) + INTERVAL %s SECOND{scope}"
    )
    (row,) = await reads.fetch(sql, [seconds, *values])
    return int(row[0])
