"""The one clock of the application."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The present date in UTC; where a branch's own date is meant, convert `now()` to its zone."""
    return now().date()


def in_zone(zone: str) -> datetime:
    """The present wall time of an IANA zone."""
    return now().astimezone(ZoneInfo(zone))
