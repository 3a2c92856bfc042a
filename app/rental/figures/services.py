"""Counting figures anew, and reading them beside the period before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.core import clock
from app.core.actor import Actor
from app.core.db import AsyncSession, Database, run_in_unit
from app.core.read_pool import ReadPool
from app.rental.figures import queries, writes
from app.rental.figures.queries import Freshness, Span, read_delays, read_freshness
from app.rental.figures.rules import Figures
from app.rental.occupancy.rules import LONGEST_STAY_DAYS
from app.rental.quotes.services import counting

BACK, AHEAD = 45, 60
"""Days around today that are counted again and again; what is older is counted by `forecourt figures` alone."""
WEEK_DAYS = 7
"""So many days are counted by one statement: over a million vehicles it takes some seconds."""
DELAYS_OVER = timedelta(days=365)
DELAYS_KEPT = timedelta(hours=20)
"""So long they stand: a quarter of an hour says nothing of a year, and of a million hires they take a minute."""
LONGEST_DAYS = 800
PERIODS = {
    "28d": "Last 28 days",
    "month": "This month",
    "last_month": "Last month",
    "90d": "Last 90 days",
    "365d": "Last 365 days",
}
USUAL_PERIOD = "28d"

__all__ = [
    "PERIODS",
    "USUAL_PERIOD",
    "Asked",
    "Freshness",
    "Report",
    "largest_fleet",
    "mark_counted",
    "read_delays",
    "read_freshness",
    "read_report",
    "recount",
]


@dataclass(frozen=True, slots=True)
class Asked:
    """A named period, or days of one's own [since, until)."""

    period: str = USUAL_PERIOD
    since: date | None = None
    until: date | None = None
    branches: Sequence[str] = ()
    classes: Sequence[str] = ()
    market: str = ""
    by: str = "location"


@dataclass(frozen=True, slots=True)
class Looks:
    """How much was looked for and quoted, and how many searches it took for a booking from a quote."""

    searches: int
    quotes: int
    per_booking: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """Figures of a period, of as many days before it, by group and by day."""

    asked: Asked
    span: Span
    whole: Figures
    before: Figures
    groups: Mapping[str, Figures]
    days: Mapping[str, Figures]
    overdue: int
    looks: Looks
    looks_before: Looks
    freshness: Freshness | None


async def read_report(reads: ReadPool, actor: Actor, asked: Asked) -> Report:
    """What somebody asks for, within their scope."""
    since, until = _days(asked)
    span = Span(since, until, asked.branches, asked.classes, asked.market)
    earlier = Span(since - (until - since), since, asked.branches, asked.classes, asked.market)
    whole = await queries.read_figures(reads, actor, span)
    before = await queries.read_figures(reads, actor, earlier)
    looked = await counting.look_to_book(reads, actor, earlier.since, until - timedelta(days=1))
    return Report(
        asked,
        span,
        whole.get("", Figures()),
        before.get("", Figures()),
        await queries.read_figures(reads, actor, span, asked.by),
        await queries.read_figures(reads, actor, span, "day"),
        await queries.count_overdue(reads, actor, span),
        _looks(looked, span),
        _looks(looked, earlier),
        await read_freshness(reads),
    )


async def largest_fleet(reads: ReadPool, actor: Actor) -> str:
    """The code of the actor's branch with the most vehicles today; empty while nothing was counted."""
    return await queries.find_largest_fleet(reads, actor, clock.today())


def _looks(looked: Sequence[counting.Asked], span: Span) -> Looks:
    """Searches name no class, so that a choice of classes does not narrow them."""
    rows = [
        row
        for row in looked
        if span.since <= row.day < span.until
        and (not span.locations or row.location in span.locations)
        and span.market in ("", row.market)
    ]
    searches, quotes = sum(row.searches for row in rows), sum(row.quotes for row in rows)
    return Looks(searches, quotes, counting.searches_per_booking(rows))


def _days(asked: Asked) -> tuple[date, date]:
    today = clock.today()
    if asked.since and asked.until:
        return asked.since, min(asked.until, asked.since + timedelta(days=LONGEST_DAYS))
    first = today.replace(day=1)
    match asked.period:
        case "month":
            return first, today + timedelta(days=1)
        case "last_month":
            return (first - timedelta(days=1)).replace(day=1), first
        case period:
            return today - timedelta(days=int(period.removesuffix("d")) - 1), today + timedelta(days=1)


async def recount(session: AsyncSession, since: date, until: date) -> None:
    """Count the days [since, until) from the bookings as they are and the fleet as it was."""
    first, zones = since, await queries.list_zones(session)
    while first < until:
        last = min(first + timedelta(days=WEEK_DAYS), until)
        await writes.count_days(session, first, last, zones)
        first = last
    await mark_counted(session, "days", since)


def weeks(since: date) -> list[tuple[date, date]]:
    """The stretches [begins, ends) of a week each from a day until the last day that is counted."""
    last = clock.today() + timedelta(days=AHEAD)
    begins = [since + timedelta(days=days) for days in range(0, max((last - since).days, 0), WEEK_DAYS)]
    return [(first, min(first + timedelta(days=WEEK_DAYS), last)) for first in begins]


async def stopped_at(reads: ReadPool) -> date | None:
    """Where a count of older days goes on that was stopped."""
    return await queries.find_stop(reads)


async def mark_counted(session: AsyncSession, kind: str, since: date) -> None:
    """Say that figures of a kind were counted now, from a day on or from an earlier one."""
    await writes.set_state(session, kind, since, is_anew=False)


async def recount_week(session: AsyncSession, since: date, until: date) -> None:
    """One week of a longer count, which goes on at `until` should it be stopped."""
    await recount(session, since, until)
    await writes.set_state(session, writes.STOPPED, until, is_anew=True)


async def finish_recount(session: AsyncSession) -> None:
    """The end of a longer count."""
    await recount_delays(session)
    await writes.forget_state(session, writes.STOPPED)


async def recount_old_delays(database: Database) -> None:
    """Count late returns anew, once a day."""
    if await queries.are_delays_old(database.reads, DELAYS_KEPT):
        await run_in_unit(database, recount_delays)


async def recount_delays(session: AsyncSession) -> None:
    """How late vehicles came back in the last year."""
    today = clock.today()
    since = today - DELAYS_OVER
    await writes.count_delays(session, since, today + timedelta(days=LONGEST_STAY_DAYS))
    await writes.set_state(session, "delays", since, is_anew=True)
