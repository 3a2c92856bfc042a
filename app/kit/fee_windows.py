"""What cancelling costs, by when it is asked for: dated windows, the present fee, and when it becomes dearer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from app.kit.money import Money
from app.kit.rounding import percent_of

FREE_BEFORE, LATE_PERCENT, MISSED_PERCENT = timedelta(hours=48), Decimal(50), Decimal(100)

KEPT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class FeeWindow:
    """What cancelling costs until a moment, this included, in per cent of the total; the last window has no end."""

    until: datetime | None
    percent: Decimal


def usual_windows(pickup_at: datetime, free_before: timedelta = FREE_BEFORE) -> list[FeeWindow]:
    """Free until some time before the pick-up, half until it, everything after it."""
    return [
        FeeWindow(pickup_at - free_before, Decimal(0)),
        FeeWindow(pickup_at, LATE_PERCENT),
        FeeWindow(None, MISSED_PERCENT),
    ]


def fee_at(total: Money, windows: Sequence[FeeWindow], moment: datetime) -> Money:
    """The fee of a cancellation that is requested at a moment; rounded half away from zero."""
    percent = next(window.percent for window in windows if window.until is None or moment <= window.until)
    return Money(percent_of(total.minor, percent), total.currency)


def next_boundary(windows: Iterable[FeeWindow], moment: datetime) -> datetime | None:
    """When cancelling becomes dearer; nothing once it cannot."""
    return next((window.until for window in windows if window.until is not None and moment <= window.until), None)


def fee_to_come(total: Money, windows: Sequence[FeeWindow], moment: datetime) -> Money:
    """The fee once the next boundary is past: what is lost when nobody acts before it."""
    boundary = next_boundary(windows, moment)
    return fee_at(total, windows, moment if boundary is None else boundary + timedelta(microseconds=1))


def plain_windows(windows: Iterable[FeeWindow]) -> list[dict[str, Any]]:
    """Windows as they are kept."""
    return [
        {"until": window.until.strftime(KEPT) if window.until else None, "percent": float(window.percent)}
        for window in windows
    ]


def read_windows(kept: Iterable[Mapping[str, Any]]) -> list[FeeWindow]:
    """Windows as they were kept."""
    return [FeeWindow(_moment(each.get("until")), Decimal(str(each["percent"]))) for each in kept]


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None
