"""Collects a branch's day."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.core import clock
from app.core.actor import Actor
from app.core.db import AsyncSession
from app.core.errors import InvalidFields
from app.core.read_pool import ReadPool
from app.kit.problems import Problem
from app.rental.locations import services as locations
from app.rental.locations.models import Location
from app.rental.manifests import queries
from app.rental.manifests.queries import Line
from app.rental.manifests.rules import Section


@dataclass(frozen=True, slots=True)
class Manifest:
    """What goes out, comes in, moves and is late at a branch on one of its days."""

    branch: Location
    day: date
    today: date
    lines: dict[Section, list[Line]]

    @property
    def unassigned(self) -> int:
        """What is to be handed over and has no vehicle yet."""
        return sum(not line.vehicle_id and line.state == "confirmed" for line in self.lines[Section.OUT])

    @property
    def all_lines(self) -> list[Line]:
        return [line for section in Section for line in self.lines[section]]


async def read_manifest(session: AsyncSession, reads: ReadPool, actor: Actor, code: str, day: date | None) -> Manifest:
    """The day of a branch by its own clocks; without a day, today. Raises InvalidFields for a branch out of scope."""
    branch = (await locations.by_codes(session, {code})).get(code)
    if branch is None or not actor.sees(market=branch.market, branch=branch.code):
        raise InvalidFields([Problem("branch", "unknown_branch", f"There is no branch {code} in your scope")])
    now, zone = clock.now(), ZoneInfo(branch.time_zone)
    today = now.astimezone(zone).date()
    wanted = day or today
    starts_at = datetime.combine(wanted, time(), zone).astimezone(UTC)
    ends_at = datetime.combine(wanted + timedelta(days=1), time(), zone).astimezone(UTC)
    moves = await queries.list_moves(reads, actor, code, starts_at, ends_at)
    lines = {
        Section.OUT: await queries.list_out(reads, actor, code, starts_at, ends_at),
        Section.IN: await queries.list_in(reads, actor, code, starts_at, ends_at),
        Section.LATE: await queries.list_late(reads, actor, code, now) if wanted == today else [],
        Section.MOVE: [queries.at_time(line, f"{at.astimezone(zone):%Y-%m-%dT%H:%M}") for at, line in moves],
    }
    return Manifest(branch, wanted, today, lines)
