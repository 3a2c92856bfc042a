"""What cancelling costs, by when it is asked for."""

from datetime import UTC, datetime, timedelta

import pytest

from app.kit.fee_windows import (
    FeeWindow,
    fee_at,
    fee_to_come,
    next_boundary,
    plain_windows,
    read_windows,
    usual_windows,
)
from app.kit.money import Money

PICKUP = datetime(2026, 6, 29, 7, 0, tzinfo=UTC)
TOTAL = Money(10_001, "EUR")


@pytest.mark.parametrize(
    ("before", "now", "then", "boundary"),
    [
        (timedelta(days=3), 0, 5_001, timedelta(hours=48)),
        (timedelta(hours=48), 0, 5_001, timedelta(hours=48)),
        (timedelta(minutes=1), 5_001, 10_001, timedelta()),
        (timedelta(), 5_001, 10_001, timedelta()),
        (timedelta(seconds=-1), 10_001, 10_001, None),
        (timedelta(days=-1), 10_001, 10_001, None),
    ],
)
def test_the_fee_now_and_after_the_next_boundary(before, now, then, boundary):
    windows, moment = usual_windows(PICKUP), PICKUP - before
    assert fee_at(TOTAL, windows, moment) == Money(now, "EUR")
    assert fee_to_come(TOTAL, windows, moment) == Money(then, "EUR")
    assert next_boundary(windows, moment) == (None if boundary is None else PICKUP - boundary)


def test_a_supplier_may_be_free_for_longer():
    windows = usual_windows(PICKUP, timedelta(hours=24))
    assert fee_at(TOTAL, windows, PICKUP - timedelta(hours=30)) == Money(0, "EUR")


def test_windows_are_kept_as_they_are():
    windows = [*usual_windows(PICKUP)[:2], FeeWindow(None, 80)]
    assert read_windows(plain_windows(windows)) == windows
