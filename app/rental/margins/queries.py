"""Reading what was counted, by supplier and month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.read_pool import ReadPool
from app.core.reads import ascii_text, scope_sql
from app.rental.margins.models import OF_MONTHS, MarginMonth
from app.rental.margins.rules import Mark, Sums, bounds_of
from app.rental.supplier_terms.rules import Margin

_m = MarginMonth.__table__  # type: ignore[attr-defined]  # pyright: ignore
MARKS = text(
    "SELECT CAST(DATE_FORMAT(b.pickup_local, '%Y-%m-01') AS DATE) AS month, COUNT(*), "  # noqa: S608
    "BIT_XOR(CAST(CONV(LEFT(MD5(CONCAT(b.id, ' ', b.version)), 15), 16, 10) AS UNSIGNED)) "
    f"FROM booking b FORCE INDEX (ix_booking_supplier) WHERE {OF_MONTHS} GROUP BY month"
).bindparams(bindparam("codes", expanding=True))
MOST_ROWS = 2_000
MOST_SUPPLIERS = 200
_SUMS = ", ".join(
    f"SUM(f.{name})" for name in ("bookings", "lost", "unkept", "retail_minor", "price_minor", "commission_minor")
)
_FROM = " FROM margin_figure f JOIN supplier s ON s.id = f.supplier_id WHERE f.month >= %s AND f.month <= %s"


@dataclass(frozen=True, slots=True)
class Span:
    """Months from the first to the last, and which suppliers, by their codes."""

    first: date
    last: date
    suppliers: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class MonthOfSupplier:
    """A supplier's bookings of one month in one currency."""

    month: date
    supplier: str
    supplier_name: str
    sums: Sums


async def read_months(reads: ReadPool, actor: Actor, span: Span) -> list[MonthOfSupplier]:
    """The latest month first; in it suppliers by name."""
    where, values = _where(actor, span)
    sql = (
        f"SELECT f.month, s.code, s.name, f.currency, {_SUMS}{_FROM}{where} "
        "GROUP BY f.month, s.code, s.name, f.currency "
        f"ORDER BY f.month DESC, s.name, s.code, f.currency LIMIT {MOST_ROWS}"
    )
    return [MonthOfSupplier(row[0], str(row[1]), str(row[2]), _sums(row[3:])) for row in await reads.fetch(sql, values)]


async def read_totals(reads: ReadPool, actor: Actor, span: Span) -> list[Sums]:
    """The whole of each currency; currencies are never added."""
    where, values = _where(actor, span)
    sql = f"SELECT f.currency, {_SUMS}{_FROM}{where} GROUP BY f.currency ORDER BY f.currency"
    return [_sums(row) for row in await reads.fetch(sql, values)]


async def read_marks(session: AsyncSession, codes: Sequence[str], first: date, last: date) -> dict[date, Mark]:
    """The marks of months as their bookings are; of months without any there is none."""
    rows = await session.execute(MARKS, {**bounds_of(first, last), "codes": codes})
    return {month: Mark(int(bookings), int(versions)) for month, bookings, versions in rows}


async def read_counted(session: AsyncSession) -> dict[date, Mark]:
    """The marks of months when they were counted."""
    rows = await session.execute(select(_m.c.month, _m.c.bookings, _m.c.versions))
    return {month: Mark(bookings, versions) for month, bookings, versions in rows}


async def list_codes(session: AsyncSession) -> list[str]:
    """Of every supplier, also of those that we no longer work with: named, they are ranges of an index."""
    return list((await session.execute(text("SELECT code FROM supplier ORDER BY code"))).scalars())


async def list_suppliers(reads: ReadPool) -> list[tuple[str, str]]:
    """Codes and names, for the filter."""
    rows = await reads.fetch(f"SELECT code, name FROM supplier ORDER BY name LIMIT {MOST_SUPPLIERS}")  # noqa: S608
    return [(str(row[0]), str(row[1])) for row in rows]


def _where(actor: Actor, span: Span) -> tuple[str, list[Any]]:
    sql, allowed = scope_sql(actor, market="f.market", branch="f.location_code")
    values = [span.first.isoformat(), span.last.isoformat(), *allowed]
    if span.suppliers:
        sql += f" AND s.code IN ({', '.join(['%s'] * len(span.suppliers))})"
        values += [ascii_text(code) for code in span.suppliers]
    return sql, values


def _sums(row: Sequence[Any]) -> Sums:
    bookings, lost, unkept, retail, price, commission = (int(value) for value in row[1:])
    return Sums(Margin(str(row[0]), price, retail, commission), bookings, lost, unkept)
