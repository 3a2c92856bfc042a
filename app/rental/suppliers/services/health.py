"""How suppliers do, from tallies: whatever the number of exchanges, a window is the sum of few rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.actor import Actor
from app.core.partners.client import Partners
from app.core.partners.tallies import FINE, HOURS, QUARTERS, Span
from app.core.read_pool import ReadPool
from app.desk.exchanges import services as exchanges
from app.rental.suppliers import queries
from app.rental.suppliers.rules import CONFIRMED, NOT_CONFIRMED
from app.rental.suppliers.rules.measuring import NO_FAULT, Drift, Measured, Window, share

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


@dataclass(frozen=True, slots=True)
class Slots:
    """Where calls are counted: from when on, how finely, and in which markets."""

    span: Span
    since: datetime
    markets: frozenset[str] | None


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

    def measured_at(self, slots: Slots, slot_at: str) -> Measured:
        """The slot of a moment."""
        place = (datetime.fromisoformat(slot_at) - slots.since) // slots.span.slot
        return self.points[min(place, len(self.points) - 1)].measured

    def succeeded_at(self, at: datetime) -> None:
        """It did its part at this moment."""
        self.last_success_at = max(at, self.last_success_at or at)

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
    counted = Counted(reads, found, f"{PREFIX}{code}$" if code else PREFIX, Slots(span, since, markets))
    await _add_calls(counted)
    if code:
        await _add_details(counted)
    await _add_last(reads, found, markets)
    await _add_reservations(reads, found, since, markets)
    return Board(window, market, since, sorted(found.values(), key=lambda each: each.name))


@dataclass(frozen=True, slots=True)
class Counted:
    """Calls as they were counted in some slots, by the supplier that they belong to."""

    reads: ReadPool
    found: Mapping[str, Health]
    key: str
    slots: Slots

    async def by(self, *names: str) -> list[tuple[Health, tuple[Any, ...]]]:
        """How many by some dimensions: their values, the number of calls, the moment of the last one."""
        asked, slots = ("partner", *names), self.slots
        rows = await exchanges.tally(
            self.reads, slots.span, slots.since, asked, partner=self.key, markets=slots.markets
        )
        of = [(self.found.get(row[0].removeprefix(PREFIX)), row[1:]) for row in rows]
        return [(health, values) for health, values in of if health]


async def _add_calls(counted: Counted) -> None:
    """Ends and times of the window, and ends in each slot."""
    for health, (kind, slot_at, calls, last_at) in await counted.by("kind", "slot_at"):
        health.measured.add("kind", kind, calls)
        health.measured_at(counted.slots, slot_at).add("kind", kind, calls)
        if kind in NO_FAULT:
            health.succeeded_at(datetime.fromisoformat(last_at))
    for health, (bucket, calls, _) in await counted.by("bucket"):
        health.measured.add("bucket", bucket, calls)


async def _add_details(counted: Counted) -> None:
    """Of one supplier also the times in each slot, and its operations."""
    for health, (bucket, slot_at, calls, _) in await counted.by("bucket", "slot_at"):
        health.measured_at(counted.slots, slot_at).add("bucket", bucket, calls)
    for name in ("kind", "bucket"):
        for health, (value, operation, calls, _) in await counted.by(name, "operation"):
            health.operations.setdefault(operation, Measured()).add(name, value, calls)


async def _add_last(reads: ReadPool, found: Mapping[str, Health], markets: frozenset[str] | None) -> None:
    """When those last did their part that did not within the window, however long ago it is kept."""
    for code, health in found.items():
        if health.last_success_at is None:
            health.last_success_at = await exchanges.find_last_answer(reads, f"{PREFIX}{code}", markets)


async def _add_reservations(
    reads: ReadPool, found: Mapping[str, Health], since: datetime, markets: frozenset[str] | None
) -> None:
    by_id = {health.supplier_id: health for health in found.values()}
    for supplier_id, state, count, compared, moved, points in await queries.list_outcomes(
        reads, list(by_id), since, markets
    ):
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
