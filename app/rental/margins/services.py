"""Margins of suppliers' cars: counted anew by month, and read for some months."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.core import clock
from app.core.actor import Actor
from app.core.db import AsyncSession
from app.core.read_pool import ReadPool
from app.rental.figures.services import Freshness, mark_counted, read_freshness
from app.rental.margins import queries, writes
from app.rental.margins.queries import MonthOfSupplier, Span
from app.rental.margins.rules import Mark, Sums, changed_months, month_of, months_between

KIND = "margins"
BACK, AHEAD = 3, 12
"""Months around this one that are counted again and again; older ones are counted by `forecourt figures` alone."""
MOST_MONTHS = 36
PERIODS = {
    "12m": "Last 12 months",
    "3m": "Last 3 months",
    "month": "This month",
    "last_month": "Last month",
    "ahead": "This month and 12 ahead",
}
USUAL_PERIOD = "12m"
SPANS = {"12m": (-11, 0), "3m": (-2, 0), "month": (0, 0), "last_month": (-1, -1), "ahead": (0, AHEAD)}


@dataclass(frozen=True, slots=True)
class Asked:
    """A named period, or months of one's own, both of them counted; and which suppliers."""

    period: str = USUAL_PERIOD
    first: date | None = None
    last: date | None = None
    suppliers: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The months of suppliers, and the whole of each currency."""

    asked: Asked
    span: Span
    rows: Sequence[MonthOfSupplier]
    totals: Sequence[Sums]
    freshness: Freshness | None


async def read_report(reads: ReadPool, actor: Actor, asked: Asked) -> Report:
    """What somebody asks for, within their scope; at most `MOST_MONTHS`, the latest of them."""
    first, last = _months(asked)
    if months_between(first, last) > MOST_MONTHS:
        first = month_of(last, 1 - MOST_MONTHS)
    span = Span(first, last, asked.suppliers)
    return Report(
        asked,
        span,
        await queries.read_months(reads, actor, span),
        await queries.read_totals(reads, actor, span),
        await read_freshness(reads, KIND),
    )


def recent_months() -> list[date]:
    """The months that the worker counts."""
    return [month_of(clock.today(), ahead) for ahead in range(-BACK, AHEAD + 1)]


def months_since(day: date) -> list[date]:
    """The months from that of a day on, to the last that is counted."""
    last = month_of(clock.today(), AHEAD)
    return [month_of(day, ahead) for ahead in range(months_between(day, last))]


async def list_changed(session: AsyncSession) -> list[date]:
    """Of the months that the worker counts, those whose bookings changed since they were counted."""
    months = recent_months()
    present = await queries.read_marks(session, await queries.list_codes(session), months[0], months[-1])
    return changed_months(months, await queries.read_counted(session), present)


async def recount_month(session: AsyncSession, month: date) -> None:
    """Count one month from the bookings as they are.

    The mark is read first: what changes while it is counted may be in the count, but never in the mark alone.
    """
    codes = await queries.list_codes(session)
    marks = await queries.read_marks(session, codes, month, month)
    await writes.count_month(session, month, codes)
    await writes.keep_mark(session, month, marks.get(month, Mark()))
    await mark_counted(session, KIND, month)


async def mark_looked(session: AsyncSession) -> None:
    """Say that what was counted is what there is now."""
    await mark_counted(session, KIND, recent_months()[0])


def _months(asked: Asked) -> tuple[date, date]:
    if asked.first and asked.last:
        return month_of(asked.first), month_of(asked.last)
    today, (first, last) = clock.today(), SPANS[asked.period]
    return month_of(today, first), month_of(today, last)
