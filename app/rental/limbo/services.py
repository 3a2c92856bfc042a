"""The limbo desk: what hangs, until when it costs what, what was said about it, and what to do next."""

from dataclasses import dataclass
from datetime import datetime

from app.core import clock
from app.core.actor import Actor
from app.core.cursors import CursorSigner
from app.core.read_pool import ReadPool
from app.core.reads import Page, Query
from app.core.values import MoneyValue
from app.desk.exchanges import services as exchanges
from app.desk.exchanges.services import ExchangeLine
from app.kit.fee_windows import fee_at, read_windows
from app.kit.money import Money
from app.kit.wall_times import wall_time
from app.rental.limbo import queries, rules
from app.rental.limbo.rules import Advice, Hanging, Tone
from app.rental.limbo.schemas import LimboRow
from app.rental.suppliers.models import SupplierReservation
from app.rental.suppliers.rules import PRESSING, ReservationState, Stop, stop_for

POLLS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Entry:
    """One reservation that hangs, with everything worked out for this moment."""

    row: LimboRow
    state: ReservationState
    boundary_at: datetime | None
    boundary_local: datetime | None
    fee_now: Money
    advice: Advice
    tone: Tone
    now: datetime


@dataclass(frozen=True, slots=True)
class Figures:
    """All that hangs, in few numbers."""

    hanging: int
    pressing: int
    exposed: list[Money]


async def open_desk(
    reads: ReadPool, cursors: CursorSigner, query: Query, actor: Actor
) -> tuple[Page[LimboRow], list[Entry]]:
    """A page of what hangs, the most pressing first."""
    page = await queries.limbo.page(reads, cursors, queries.hanging(query), actor)
    now = clock.now()
    return page, [entry_of(row, now) for row in page.items]


async def count_desk(reads: ReadPool, query: Query, actor: Actor) -> int:
    """How much hangs, as far as counting goes."""
    return await queries.limbo.count(reads, queries.hanging(query), actor)


async def figures_of(reads: ReadPool, actor: Actor) -> Figures:
    """What hangs in all, whatever the list is narrowed to."""
    hanging = await queries.limbo.count(reads, queries.hanging(Query({}, "boundary")), actor)
    pressing = await queries.count_pressing(reads, actor, int(PRESSING.total_seconds()))
    return Figures(hanging, pressing, await queries.sum_exposed(reads, actor))


async def list_polls(reads: ReadPool, entries: list[Entry]) -> dict[str, list[ExchangeLine]]:
    """What was said of late about each of them."""
    ids = [entry.row.id for entry in entries]
    return await exchanges.list_about_many(reads, SupplierReservation.record_kind, ids, POLLS_SHOWN)


async def find_polls(reads: ReadPool, reservation_id: str, actor: Actor, limit: int) -> list[ExchangeLine] | None:
    """What was said about one reservation; None for one that the actor does not see."""
    if not await queries.limbo.by_ids(reads, [reservation_id], actor):
        return None
    found = await exchanges.list_about_many(reads, SupplierReservation.record_kind, [reservation_id], limit)
    return found.get(reservation_id, [])


def entry_of(row: LimboRow, now: datetime) -> Entry:
    """Everything that the desk says of one reservation at a moment."""
    state = ReservationState(row.state)
    boundary_at = datetime.fromisoformat(row.boundary_at) if isinstance(row.boundary_at, str) else None
    windows = read_windows(row.fee_windows)
    pickup_at = next((window.until for window in reversed(windows) if window.until), boundary_at or now)
    to_boundary = rules.left(boundary_at, now)
    hanging = Hanging(
        state=state,
        age=now - datetime.fromisoformat(row.updated_at),
        polls=row.polls,
        capabilities=frozenset(row.capabilities),
        has_number=isinstance(row.supplier_number, str),
        to_boundary=to_boundary,
        to_pickup=pickup_at - now,
        is_silent=stop_for(row.stops, row.market) is Stop.ALL,
    )
    return Entry(
        row=row,
        state=state,
        boundary_at=boundary_at,
        boundary_local=wall_time(boundary_at, row.time_zone) if boundary_at else None,
        fee_now=fee_at(_total(row), windows, now) if windows else _money(row.exposed),
        advice=rules.advise(hanging),
        tone=rules.tone_of(to_boundary),
        now=now,
    )


def _total(row: LimboRow) -> Money:
    if isinstance(row.confirmed_minor, int):
        return Money(row.confirmed_minor, row.offered.currency)
    return _money(row.offered)


def _money(value: MoneyValue) -> Money:
    return value.to_money()
