"""Wall times of a place as moments, on days when its clocks are put forward or back as well."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

FIRST_YEAR, LAST_YEAR = 1970, 2199
_LOCAL = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2})(:00)?", re.ASCII)


class NoSuchTime(ValueError):
    """A wall time that the clocks of its zone skip, or a text that is none."""


def read_local(text: str) -> datetime:
    """`2026-06-29T10:00`, in whole minutes and without an offset. Raises NoSuchTime."""
    found = _LOCAL.fullmatch(text)
    try:
        local = datetime.fromisoformat(found.group(1)) if found else None
    except ValueError:
        local = None
    if local is None or not FIRST_YEAR <= local.year <= LAST_YEAR:
        raise NoSuchTime("A local time in whole minutes without an offset, such as 2026-06-29T10:00")
    return local


@cache
def zones() -> frozenset[str]:
    """The names of all IANA zones."""
    return frozenset(available_timezones())


def moment_of(local: datetime, zone: str) -> datetime:
    """A wall time without offset as a moment in UTC; of a time that occurs twice, the first.

    Raises NoSuchTime for one that does not exist there: 03:30 in Tallinn on the last Sunday of March.
    """
    moment = local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
    if wall_time(moment, zone) != local.replace(fold=0):
        raise NoSuchTime(f"{local:%Y-%m-%d %H:%M} does not exist in {zone}: the clocks are put forward")
    return moment


def wall_time(moment: datetime, zone: str) -> datetime:
    """What the clocks of a zone show at a moment, without offset."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


@dataclass(frozen=True, slots=True)
class Clocks:
    """What the clocks of a zone are ahead of UTC in a stretch of time, before and after its change if it has one."""

    zone: str
    before_minutes: int
    changed_at: datetime
    after_minutes: int


def clocks_between(zone: str, since: datetime, until: datetime) -> Clocks:
    """For some weeks at most: no zone changes its clocks twice within one."""
    before, after = _ahead(zone, since), _ahead(zone, until)
    first, last = since, until
    while before != after and last - first > timedelta(minutes=1):
        middle = first + (last - first) // 2
        first, last = (middle, last) if _ahead(zone, middle) == before else (first, middle)
    changed_at = last.replace(second=0, microsecond=0) if before != after else until
    return Clocks(zone, before, changed_at, after)


def _ahead(zone: str, moment: datetime) -> int:
    offset = moment.astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return round(offset.total_seconds() / 60)
