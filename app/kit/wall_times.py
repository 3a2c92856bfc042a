"""Wall times of a place as moments, on days when its clocks are put forward or back as well."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


class NoSuchTime(ValueError):
    """A wall time that the clocks of its zone skip."""


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
