"""What cancelling costs, by when it is asked for: dated windows, the present fee, and when it becomes dearer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from app.kit.money import Money
from app.kit.rounding import percent_of, round_ratio

FREE_BEFORE, LATE_PERCENT, MISSED_PERCENT = timedelta(hours=48), Decimal(50), Decimal(100)

KEPT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class FeeWindow:
    """What cancelling costs until a moment, this included, in per cent of the total; the last window has no end.

    It costs `at_least` so much where a change was made when cancelling was not free any more.
    """

    until: datetime | None
    percent: Decimal
    at_least: Money | None = None

    def fee(self, total: Money) -> Money:
        """The fee of a hire that costs `total`; rounded half away from zero."""
        share = percent_of(total.minor, self.percent)
        return Money(max(share, self.at_least.minor if self.at_least else 0), total.currency)


def usual_windows(pickup_at: datetime, free_before: timedelta = FREE_BEFORE) -> list[FeeWindow]:
    """Free until some time before the pick-up, half until it, everything after it."""
    return [
        FeeWindow(pickup_at - free_before, Decimal(0)),
        FeeWindow(pickup_at, LATE_PERCENT),
        FeeWindow(None, MISSED_PERCENT),
    ]


def fee_at(total: Money, windows: Sequence[FeeWindow], moment: datetime) -> Money:
    """The fee of a cancellation that is requested at a moment."""
    return next(window for window in windows if window.until is None or moment <= window.until).fee(total)


def moved(windows: Iterable[FeeWindow], by: timedelta) -> list[FeeWindow]:
    """The same windows for another pick-up: each ends as long before it as it did."""
    return [replace(window, until=window.until + by if window.until else None) for window in windows]


def after_change(
    due: Money, before: Money, offered: Sequence[FeeWindow], after: Money, moment: datetime
) -> list[FeeWindow]:
    """The windows of a hire that is changed at a moment when cancelling it costs `due` of what it cost `before`.

    The offered ones hold from then on, but what is due stays due: nobody moves a pick-up far away to cancel for
    nothing. A price in another currency keeps the same part of it.
    """
    floor = due
    if due.currency != after.currency:
        floor = Money(round_ratio(due.minor * after.minor, before.minor) if before.minor else 0, after.currency)
    to_come = [window for window in offered if window.until is None or moment <= window.until]
    if all(window.fee(after).minor >= floor.minor for window in to_come):
        return list(offered)
    return [replace(window, at_least=floor) for window in offered]


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
        | ({"at_least": _plain(window.at_least)} if window.at_least else {})
        for window in windows
    ]


def read_windows(kept: Iterable[Mapping[str, Any]]) -> list[FeeWindow]:
    """Windows as they were kept."""
    return [
        FeeWindow(_moment(each.get("until")), Decimal(str(each["percent"])), _money(each.get("at_least")))
        for each in kept
    ]


def _plain(money: Money) -> dict[str, str]:
    return {"amount": money.amount, "currency": money.currency}


def _money(kept: Mapping[str, str] | None) -> Money | None:
    return Money.parse(kept["amount"], kept["currency"]) if kept else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None
