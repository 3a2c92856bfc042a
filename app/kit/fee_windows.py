"""What cancelling costs, by when it is asked for: dated windows, the present fee, and when it becomes dearer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.kit.money import Money

FREE_BEFORE, LATE_PERCENT, MISSED_PERCENT = timedelta(hours=48), 50, 100


@dataclass(frozen=True, slots=True)
class FeeWindow:
    """What cancelling costs until a moment, in per cent of the total; the last window has no end."""

    until: datetime | None
    percent: int


def usual_windows(pickup_at: datetime, free_before: timedelta = FREE_BEFORE) -> list[FeeWindow]:
    """Free until some time before the pick-up, half until it, everything after it."""
    return [
        FeeWindow(pickup_at - free_before, 0),
        FeeWindow(pickup_at, LATE_PERCENT),
        FeeWindow(None, MISSED_PERCENT),
    ]


def fee_at(total: Money, windows: Sequence[FeeWindow], moment: datetime) -> Money:
    """The fee of a cancellation that is requested at a moment; rounded half away from zero."""
    percent = next(window.percent for window in windows if window.until is None or moment < window.until)
    return Money((total.minor * percent * 2 + 100) // 200, total.currency)


def next_boundary(windows: Iterable[FeeWindow], moment: datetime) -> datetime | None:
    """When cancelling becomes dearer; nothing once it cannot."""
    return next((window.until for window in windows if window.until is not None and moment < window.until), None)


def fee_to_come(total: Money, windows: Sequence[FeeWindow], moment: datetime) -> Money:
    """The fee once the next boundary is past: what is lost when nobody acts before it."""
    return fee_at(total, windows, next_boundary(windows, moment) or moment)


def plain_windows(windows: Iterable[FeeWindow]) -> list[dict[str, Any]]:
    """Windows as they are kept."""
    return [
        {"until": window.until.isoformat() if window.until else None, "percent": window.percent} for window in windows
    ]


def read_windows(kept: Iterable[Mapping[str, Any]]) -> list[FeeWindow]:
    """Windows as they were kept."""
    return [
        FeeWindow(datetime.fromisoformat(each["until"]) if each.get("until") else None, int(each["percent"]))
        for each in kept
    ]
