"""How suppliers do, from tallies: whatever the number of exchanges, a window is the sum of few rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from app.core import clock
from app.core.actor import Actor
from app.core.partners.client import Partners
from app.core.partners.tallies import FINE, HOURS, QUARTERS, Span
from app.core.read_pool import ReadPool
from app.desk.exchanges import services as exchanges
from app.rental.suppliers import queries
from app.rental.suppliers.rules import CONFIRMED, NO_FAULT, NOT_CONFIRMED, Drift, Measured, Window, share

PREFIX = "supplier."
SPANS: Mapping[Window, tuple[Span, int]] = {
    Window.HOUR: (FINE, 12), Window.DAY: (HOURS, 24), Window.WEEK: (QUARTERS, 28),
}  # fmt: skip
"""The slots of each window: as many as a small chart shows."""


@dataclass(slots=True)
class Point:
    """One slot of a chart."""

    at: datetime
    measured: Measured = field(default_factory=Measured)


@dataclass(slots=True)
class Health:
    """How one supplier did in a window."""

    supplier_id: UUID
    code: str
    name: str
    is_held_off: bool
    measured: Measured = field(default_factory=Measured)
    last_success_at: datetime | None = None
    points: list[Point] = field(default_factory=list[Point])
    operations: dict[str, Measured] = field(default_factory=dict[str, Measured])
    """Only where one supplier is looked at."""
    confirmed: int = 0
    decided: int = 0
    at_recheck: Drift = field(default_factory=Drift)
    at_confirmation: Drift = field(default_factory=Drift)

    @property
    def confirmed_percent(self) -> Decimal | None:
        """Of the reservations that were decided, how many were confirmed."""
        return share(self.confirmed, self.decided)


@dataclass(frozen=True, slots=True)
class Board:
    """The suppliers in one window and market."""

    window: Window
    market: str
    since: datetime
    suppliers: list[Health]


@dataclass(frozen=True, slots=True)
class Slots:
    """Where calls are counted: from when on, how finely, and in which markets."""

    span: Span
    since: datetime
    markets: frozenset[str] | None


async def board_of(
    reads: ReadPool, partners: Partners, actor: Actor, *, window: Window, market: str = "", code: str = ""
) -> Board:
    """Every supplier, or the one of a code with its operations, as far as the actor sees markets."""
    span, slots = SPANS[window]
    since = span.slot_of(clock.now()) - span.slot * (slots - 1)
    markets = _markets(actor, market)
    found = {
        each[1]: Health(UUID(str(each[0])), each[1], each[2], partners.is_held_off(f"{PREFIX}{each[1]}"))
        for each in await queries.list_names(reads)
        if (each[3] if not code else each[1] == code)
    }
    for health in found.values():
        health.points = [Point(since + span.slot * place) for place in range(slots)]
    key = f"{PREFIX}{code}$" if code else PREFIX
    await _add_calls(reads, found, key, Slots(span, since, markets), is_detailed=bool(code))
    await _add_last(reads, found, key, markets)
    await _add_reservations(reads, found, since, markets)
    return Board(window, market, since, sorted(found.values(), key=lambda each: each.name))


async def _add_calls(
    reads: ReadPool, found: Mapping[str, Health], key: str, slots: Slots, *, is_detailed: bool
) -> None:
    """Ends and times of the window, and of each slot; with the operations and the times of slots for one supplier."""
    by = ("partner", "kind", "bucket", *(("operation",) if is_detailed else ()))
    for row in await exchanges.tally(reads, slots.span, slots.since, by, partner=key, markets=slots.markets):
        if health := found.get(row[0].removeprefix(PREFIX)):
            health.measured.add(row[1], row[2], row[-2])
            if is_detailed:
                health.operations.setdefault(row[3], Measured()).add(row[1], row[2], row[-2])
    by = ("partner", "kind", "slot_at", *(("bucket",) if is_detailed else ()))
    for row in await exchanges.tally(reads, slots.span, slots.since, by, partner=key, markets=slots.markets):
        place = (datetime.fromisoformat(row[2]) - slots.since) // slots.span.slot
        if (health := found.get(row[0].removeprefix(PREFIX))) and 0 <= place < len(health.points):
            health.points[place].measured.add(row[1], row[3] if is_detailed else 0, row[-2])


async def _add_last(reads: ReadPool, found: Mapping[str, Health], key: str, markets: frozenset[str] | None) -> None:
    """When each last did its part, however long ago it is kept."""
    since = clock.now() - QUARTERS.kept
    rows = await exchanges.tally(reads, QUARTERS, since, ("partner", "kind"), partner=key, markets=markets)
    for partner, kind, _, last_at in rows:
        health, at = found.get(partner.removeprefix(PREFIX)), datetime.fromisoformat(last_at)
        if health and kind in NO_FAULT and (health.last_success_at is None or health.last_success_at < at):
            health.last_success_at = at


async def _add_reservations(
    reads: ReadPool, found: Mapping[str, Health], since: datetime, markets: frozenset[str] | None
) -> None:
    by_id = {health.supplier_id: health for health in found.values()}
    for supplier_id, state, count, compared, moved, points in await queries.list_outcomes(reads, since, markets):
        if health := by_id.get(UUID(str(supplier_id))):
            health.confirmed += int(count) if state in CONFIRMED else 0
            health.decided += int(count) if state in CONFIRMED | NOT_CONFIRMED else 0
            before = health.at_confirmation
            health.at_confirmation = Drift(
                before.compared + int(compared or 0),
                before.moved + int(moved or 0),
                before.basis_points + int(points or 0),
            )
    for supplier_id, checks, moved, points in await queries.list_drifts(reads, since - timedelta(hours=1), markets):
        if health := by_id.get(UUID(str(supplier_id))):
            health.at_recheck = Drift(int(checks), int(moved), int(points))


def _markets(actor: Actor, market: str) -> frozenset[str] | None:
    """Where calls are counted: the chosen market as far as it is seen; what is of no market is everybody's."""
    if market:
        return frozenset({market}) if actor.markets is None or market in actor.markets else frozenset()
    return None if actor.markets is None else actor.markets | {""}
