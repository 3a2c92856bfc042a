"""Reading invoices of suppliers and their lines."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, BindParameter, ColumnElement, Integer, case, cast, func, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.jobs.models import Job
from app.core.listing import Filter, ListSpec
from app.core.read_pool import ReadPool
from app.core.reads import ListRead, Query, Sort
from app.desk.imports.services.lists import BY_IMPORT, imported
from app.rental.supplier_invoices.models import SupplierInvoice, SupplierInvoiceLine
from app.rental.supplier_invoices.rules import Cause, LineState, MatchedBy
from app.rental.supplier_invoices.schemas import SupplierInvoiceItem, SupplierInvoiceLineItem
from app.rental.suppliers.models import Supplier, SupplierReservation

PERMISSION, MATCH = "supplier_invoices.view", "supplier_invoices.match"
MOST_LINES = 5_000
STATE_WORDS = {
    LineState.AGREED.value: "As agreed", LineState.OPEN.value: "To decide", LineState.ACCEPTED.value: "Accepted",
    LineState.DISPUTED.value: "Disputed",
}  # fmt: skip
CAUSE_WORDS = {
    Cause.EXTRA_DAY.value: "Extra day", Cause.ONE_WAY.value: "One-way fee", Cause.YOUNG_DRIVER.value: "Young driver",
    Cause.TAX_BASE.value: "Tax base", Cause.COMMISSION.value: "Commission",
    Cause.CURRENCY_DATE.value: "Date of exchange", Cause.DUPLICATE.value: "Billed twice",
    Cause.CANCELLED.value: "Cancelled but charged", Cause.UNKNOWN_RESERVATION.value: "Unknown reservation",
    Cause.UNEXPLAINED.value: "Not explained",
}  # fmt: skip
MATCH_WORDS = {
    MatchedBy.NUMBER.value: "their number", MatchedBy.REFERENCE.value: "our reference",
    MatchedBy.NAME_AND_DATES.value: "name and dates", MatchedBy.NOTHING.value: "nothing",
}  # fmt: skip

_i = SupplierInvoice.__table__  # type: ignore[attr-defined]  # pyright: ignore
_l = SupplierInvoiceLine.__table__  # type: ignore[attr-defined]  # pyright: ignore
_s = Supplier.__table__  # type: ignore[attr-defined]  # pyright: ignore
_r = SupplierReservation.__table__  # type: ignore[attr-defined]  # pyright: ignore

SPEC = ListSpec(
    filters=(Filter("supplier", "Supplier", "code"), Filter("market", "Market"), Filter("number", "Number", "text")),
    sorts=("issued_on",),
    default_sort="-issued_on",
)
LINES_SPEC = ListSpec(
    filters=(
        Filter("state", "State", "choice", tuple(STATE_WORDS.items())),
        Filter("cause", "Cause", "choice", tuple(CAUSE_WORDS.items())),
        Filter("matched_by", "Matched by", "choice", tuple(MATCH_WORDS.items())),
        Filter("invoice", "Invoice", "id", is_offered=False),
        Filter("supplier", "Supplier", "code"),
        BY_IMPORT,
    ),
    sorts=("created_at",),
    default_sort="-created_at",
)


def _sum(what: Any, *conditions: ColumnElement[bool], to: Any = Integer) -> ColumnElement[Any]:
    summed = select(what).select_from(_l).where(_l.c.invoice_id == _i.c.id, *conditions)
    return cast(summed.correlate(_i).scalar_subquery(), to)


def _of_supplier(codes: Sequence[BindParameter[Any]]) -> ColumnElement[bool]:
    return _i.c.supplier_id.in_(select(_s.c.id).where(_s.c.code.in_(codes)))


def _lines_of_supplier(codes: Sequence[BindParameter[Any]]) -> ColumnElement[bool]:
    of_code = select(_s.c.id).where(_s.c.code.in_(codes))
    return _l.c.invoice_id.in_(select(_i.c.id).where(_i.c.supplier_id.in_(of_code)))


invoices = ListRead(
    SupplierInvoiceItem,
    table=_i,
    columns={
        "id": _i.c.id,
        "supplier": _s.c.code,
        "supplier_name": _s.c.name,
        "number": _i.c.number,
        "market": _i.c.market,
        "issued_on": _i.c.issued_on,
        "currency": _i.c.currency,
        "lines": _sum(func.count()),
        "open_lines": _sum(func.count(), _l.c.state == literal_column("'open'")),
        "disputed_lines": _sum(func.count(), _l.c.state == literal_column("'disputed'")),
        "billed_minor": _sum(func.coalesce(func.sum(_l.c.amount_minor), literal_column("0")), to=BigInteger),
        "expected_minor": _sum(func.coalesce(func.sum(_l.c.expected_minor), literal_column("0")), to=BigInteger),
        "version": _i.c.version,
        "created_at": _i.c.created_at,
        "updated_at": _i.c.updated_at,
    },
    joins=lambda page: page.join(_s, _s.c.id == _i.c.supplier_id),
    where={"supplier": _of_supplier, "market": _i.c.market, "number": _i.c.number},
    sorts={"issued_on": Sort(_i.c.issued_on, "ix_supplier_invoice_issued")},
    scope={"market": _i.c.market},
)
lines = ListRead(
    SupplierInvoiceLineItem,
    table=_l,
    columns={
        "id": _l.c.id,
        "invoice_id": _l.c.invoice_id,
        "invoice_number": _i.c.number,
        "supplier": _s.c.code,
        **{
            name: _l.c[name]
            for name in (
                "market", "supplier_number", "our_reference", "driver", "pickup_on", "return_on", "description",
            )
        },
        "amount": _l.c.amount_minor,
        "amount_currency": _l.c.currency,
        "expected": _l.c.expected_minor,
        "expected_currency": _l.c.currency,
        "difference_minor": _l.c.amount_minor - _l.c.expected_minor,
        "matched_by": _l.c.matched_by,
        "reservation_id": _l.c.reservation_id,
        "reservation": _r.c.reference,
        **{
            name: _l.c[name]
            for name in ("cause", "parts", "state", "reason", "decided_by", "version", "created_at", "updated_at")
        },
    },
    joins=lambda page: page.join(_i, _i.c.id == _l.c.invoice_id)
    .join(_s, _s.c.id == _i.c.supplier_id)
    .outerjoin(_r, _r.c.id == _l.c.reservation_id),
    where={
        "state": _l.c.state,
        "cause": _l.c.cause,
        "matched_by": _l.c.matched_by,
        "invoice": _l.c.invoice_id,
        "supplier": _lines_of_supplier,
        BY_IMPORT.name: imported(_l.c.id),
    },
    # Ids are ordered by the moment they were made.
    sorts={"created_at": Sort(_l.c.id, "PRIMARY")},
    scope={"market": _l.c.market},
    indexes={
        frozenset({"invoice", "sort:created_at"}): "ix_supplier_invoice_line_invoice",
        frozenset({"state", "sort:created_at"}): "ix_supplier_invoice_line_state",
    },
)  # fmt: skip


async def find_invoice(session: AsyncSession, invoice_id: UUID, actor: Actor) -> SupplierInvoice | None:
    """The invoice, inside permission and scope."""
    found = await session.get(SupplierInvoice, invoice_id) if actor.may(PERMISSION) else None
    return found if found is not None and actor.sees(market=found.market) else None


async def get_invoice(session: AsyncSession, invoice_id: UUID, actor: Actor) -> SupplierInvoice:
    """Raises NotFound, also outside of permission and scope."""
    found = await find_invoice(session, invoice_id, actor)
    if found is None:
        raise NotFound
    return found


async def find_line(session: AsyncSession, line_id: UUID, actor: Actor) -> SupplierInvoiceLine | None:
    """The line, inside permission and scope."""
    found = await session.get(SupplierInvoiceLine, line_id) if actor.may(PERMISSION) else None
    return found if found is not None and actor.sees(market=found.market) else None


async def get_line(session: AsyncSession, line_id: UUID, actor: Actor) -> SupplierInvoiceLine:
    """Raises NotFound, also outside of permission and scope."""
    found = await find_line(session, line_id, actor)
    if found is None:
        raise NotFound
    return found


async def lock_line(session: AsyncSession, line_id: UUID) -> SupplierInvoiceLine:
    """Raises NotFound."""
    found = await session.get(SupplierInvoiceLine, line_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    return found


async def find_by_number(session: AsyncSession, supplier_id: UUID, number: str) -> SupplierInvoice | None:
    statement = select(SupplierInvoice).where(_i.c.supplier_id == supplier_id, _i.c.number == number)
    return (await session.execute(statement)).scalar_one_or_none()


async def find_by_key(session: AsyncSession, invoice_id: UUID, key: str) -> SupplierInvoiceLine | None:
    statement = select(SupplierInvoiceLine).where(_l.c.invoice_id == invoice_id, _l.c.row_key == key)
    return (await session.execute(statement)).scalar_one_or_none()


async def is_billed(session: AsyncSession, reservation_id: UUID, line_id: UUID) -> bool:
    """Whether an earlier line, not disputed, is about the reservation."""
    statement = select(_l.c.id).where(
        _l.c.reservation_id == reservation_id, _l.c.id < line_id, _l.c.state != LineState.DISPUTED.value
    )
    return (await session.execute(statement.limit(1))).first() is not None


async def list_of_reservation(session: AsyncSession, reservation_id: UUID) -> list[SupplierInvoiceLine]:
    """The lines about a reservation that nobody disputes."""
    statement = select(SupplierInvoiceLine).where(
        _l.c.reservation_id == reservation_id, _l.c.state != LineState.DISPUTED.value
    )
    return list((await session.execute(statement.order_by(_l.c.id).limit(MOST_LINES))).scalars())


async def list_lines(session: AsyncSession, invoice_id: UUID, *states: LineState) -> list[SupplierInvoiceLine]:
    """The lines of an invoice in the order they came, at most 5,000."""
    statement = select(SupplierInvoiceLine).where(_l.c.invoice_id == invoice_id)
    if states:
        statement = statement.where(_l.c.state.in_([state.value for state in states]))
    return list((await session.execute(statement.order_by(_l.c.id).limit(MOST_LINES))).scalars())


class Sums(NamedTuple):
    """What the lines of an invoice come to, in its currency; `lines` counts those of every currency."""

    lines: int = 0
    billed_minor: int = 0
    expected_minor: int = 0


async def sum_lines(session: AsyncSession, invoice: SupplierInvoice) -> dict[LineState, Sums]:
    """By state, whatever the number of lines."""
    own = _l.c.currency == invoice.currency
    billed, expected = (func.sum(case((own, column), else_=0)) for column in (_l.c.amount_minor, _l.c.expected_minor))
    statement = (
        select(_l.c.state, func.count(), billed, expected).where(_l.c.invoice_id == invoice.id).group_by(_l.c.state)
    )
    rows = await session.execute(statement)
    return {LineState(row[0]): Sums(*(int(each) for each in row[1:])) for row in rows}


async def sum_causes(session: AsyncSession, invoice_id: UUID, currency: str) -> list[tuple[Cause, int, int]]:
    """What each cause comes to in the lines of a currency: how many have it, and the sum; the largest first."""
    sql = text(
        "SELECT part.cause, COUNT(*), SUM(part.minor) FROM supplier_invoice_line l, JSON_TABLE(l.parts, '$[*]' COLUMNS"
        " (cause VARCHAR(32) PATH '$.cause', minor BIGINT PATH '$.minor')) part"
        " WHERE l.invoice_id = :invoice_id AND l.currency = :currency GROUP BY part.cause"
        " ORDER BY ABS(SUM(part.minor)) DESC, part.cause"
    )
    rows = await session.execute(sql, {"invoice_id": str(invoice_id), "currency": currency})
    return [(Cause(cause), int(lines), int(minor)) for cause, lines, minor in rows]


async def list_first_ids(session: AsyncSession, invoice_id: UUID, limit: int) -> list[str]:
    """The lines that a page begins with: what is open first, then as they came."""
    statement = select(_l.c.id).where(_l.c.invoice_id == invoice_id)
    statement = statement.order_by(_l.c.state != LineState.OPEN.value, _l.c.id).limit(limit)
    return [str(line_id) for line_id in (await session.execute(statement)).scalars()]


def disputed(invoice_id: UUID, *, limit: int, cursor: str | None = None) -> Query:
    """The question for the lines that a letter is about, as they came."""
    filters = {"invoice": [str(invoice_id)], "state": [LineState.DISPUTED.value]}
    return Query(filters, "created_at", limit, cursor)


async def list_open_ids(
    session: AsyncSession, invoice_id: UUID, *, after: UUID | None = None, limit: int
) -> Sequence[UUID]:
    """Some lines of an invoice that nobody has decided on, in the order in which they came."""
    statement = select(_l.c.id).where(*_open_lines(invoice_id))
    if after is not None:
        statement = statement.where(_l.c.id > after)
    return (await session.execute(statement.order_by(_l.c.id).limit(limit))).scalars().all()


async def count_open(session: AsyncSession, invoice_id: UUID) -> int:
    """How many lines of an invoice nobody has decided on."""
    return (await session.execute(select(func.count()).select_from(_l).where(*_open_lines(invoice_id)))).scalar_one()


def _open_lines(invoice_id: UUID) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _l.c.invoice_id == invoice_id, _l.c.state == LineState.OPEN.value


async def find_job(session: AsyncSession, job_id: UUID) -> Job | None:
    return await session.get(Job, job_id)


async def list_reservations(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Our references of some reservations."""
    rows = await session.execute(select(_r.c.id, _r.c.reference).where(_r.c.id.in_(ids))) if ids else []
    return {row[0]: row[1] for row in rows}


async def represent_invoices(reads: ReadPool, ids: Sequence[str], actor: Actor) -> dict[str, SupplierInvoiceItem]:
    """Invoices as the API shows them, by id, of those the actor may see."""
    return {item.id: item for item in await invoices.by_ids(reads, ids, actor)}


async def represent_lines(reads: ReadPool, ids: Sequence[str], actor: Actor) -> dict[str, SupplierInvoiceLineItem]:
    """Lines as the API shows them, by id, of those the actor may see."""
    return {item.id: item for item in await lines.by_ids(reads, ids, actor)}
