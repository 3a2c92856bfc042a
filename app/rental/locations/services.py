"""What can be done with locations."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.core.actor import Actor
from app.core.changes import apply, record
from app.core.db import AsyncSession
from app.core.errors import InvalidFields, StaleVersion
from app.core.read_pool import ReadPool
from app.kit.calendars import public_holidays
from app.kit.problems import Problem
from app.kit.wall_times import FIRST_YEAR, LAST_YEAR, NoSuchTime, moment_of
from app.rental.locations import queries, rules
from app.rental.locations.models import Location
from app.rental.locations.rules import Delivery, Handover

FIELD_LABELS = {
    "allows_out_of_hours": "Out of hours",
    "delivery": "Handed over",
    "delivery_note": "The way to the desk",
    "opening_hours": "Opening hours",
    "turnaround_minutes": "Turnaround, minutes",
}


DELIVERY_WORDS: Mapping[str, str] = {
    Delivery.AT_BRANCH: "At the branch", Delivery.IN_TERMINAL: "In the terminal",
    Delivery.SHUTTLE: "By shuttle bus to the desk", Delivery.MEET_AND_GREET: "Met with the vehicle",
}  # fmt: skip


def way_to(location: Location) -> str:
    """Where people get their vehicle, and the way there, as booking and voucher say it."""
    words = DELIVERY_WORDS[location.delivery]
    return f"{words}. {location.delivery_note}" if location.delivery_note else words


@dataclass(frozen=True, slots=True)
class HandoverTime:
    """A wall time at a branch at which it hands vehicles over, and which moment that is."""

    location: Location
    local: datetime
    at: datetime
    is_out_of_hours: bool


async def update_location(
    session: AsyncSession, location_id: UUID, *, fields: Mapping[str, Any], actor: Actor, version: int | None = None
) -> Location:
    """Change the hours of a branch. Raises InvalidFields; StaleVersion when `version` is not the present one."""
    location = await queries.lock_location(session, location_id, actor)
    if version is not None and version != location.version:
        raise StaleVersion("Somebody else has changed this branch.", extra={"etag": location.etag})
    if problems := rules.check_changes(fields):
        raise InvalidFields(problems)
    changed = apply(location, fields)
    if changed:
        changes = {name: _for_people(name, *values) for name, values in changed.items()}
        await record(session, "location.hours_changed", location, actor=actor, changes=changes)
    return location


def judge_handover(
    location: Location | None, end: Mapping[str, Any], *, field: str, by_our_hours: bool = True
) -> HandoverTime:
    """The moment of a handover (location, local). Raises InvalidFields that name `field.location` or `field.local`.

    Refused are branches that do not exist, wall times that the clocks skip, and hours at which nobody is there; where
    a supplier hands over, its hours count and not ours.
    """
    if location is None or not location.is_active:
        raise InvalidFields(
            [Problem(f"{field}.location", "unknown_location", f"There is no location {end['location']}")]
        )
    local: datetime = end["local"]
    if not FIRST_YEAR <= local.year <= LAST_YEAR:
        raise InvalidFields([Problem(f"{field}.local", "out_of_range", f"Between {FIRST_YEAR} and {LAST_YEAR}")])
    try:
        moment = moment_of(local, location.time_zone)
    except NoSuchTime as error:
        raise InvalidFields([Problem(f"{field}.local", "no_such_time", str(error))]) from None
    if not by_our_hours:
        return HandoverTime(location, local, moment, is_out_of_hours=False)
    holidays = public_holidays(location.country)
    found = rules.handover(location.hours, holidays, local, allows_out_of_hours=location.allows_out_of_hours)
    if found is Handover.CLOSED:
        opening = rules.next_opening(location.hours, holidays, local)
        when = f"; it opens on {opening:%a %-d %b at %H:%M}" if opening else ""
        raise InvalidFields([Problem(f"{field}.local", "closed", f"{location.name} is closed then{when}")])
    return HandoverTime(location, local, moment, found is Handover.OUT_OF_HOURS)


async def get_location(session: AsyncSession, location_id: UUID, actor: Actor) -> Location:
    """Raises NotFound when there is none in the actor's scope."""
    return await queries.get_location(session, location_id, actor)


async def by_codes(session: AsyncSession, codes: set[str]) -> dict[str, Location]:
    """Locations by code, for features that refer to them."""
    return await queries.find_by_codes(session, codes) if codes else {}


async def in_market(session: AsyncSession, market: str) -> list[Location]:
    """The active locations of a market, whoever asks."""
    return await queries.list_in_market(session, market)


async def names(reads: ReadPool, actor: Actor, *, of: Collection[str] | None = None) -> dict[str, str]:
    """Names by code for lists, which do without a unit of work: of all branches, or of these codes."""
    return await queries.list_names(reads, actor, of=of) if of is None or of else {}


async def choices(session: AsyncSession, actor: Actor) -> list[tuple[str, str]]:
    """Codes and names for menus."""
    return await queries.list_choices(session, actor)


def _for_people(name: str, before: Any, after: Any) -> tuple[Any, Any]:
    """A change as the audit trail keeps it: of the hours, the days that differ."""
    if name != "opening_hours":
        return before, after
    days = sorted({*before, *after}, key=(*rules.WEEKDAYS, rules.HOLIDAY, rules.DATES).index)
    differing = [day for day in days if before.get(day) != after.get(day)]
    return tuple({day: rules.in_words(hours.get(day)) for day in differing} for hours in (before, after))  # pyright: ignore
