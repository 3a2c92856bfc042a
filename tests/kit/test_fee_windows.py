"""What cancelling costs, by when it is asked for."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.fee_windows import (
    FeeWindow,
    after_change,
    fee_at,
    fee_to_come,
    moved,
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


class TestAfterChange:
    """A pick-up that is moved takes its windows with it, and leaves due what was due."""

    @pytest.mark.parametrize(
        ("before", "days", "after", "fees"),
        [
            # free when it is changed: the new windows alone
            (timedelta(hours=60), 30, 10_000, [0, 5_000, 10_000]),
            # half is due: it stays due, however far away the new pick-up is
            (timedelta(hours=24), 30, 10_000, [5_000, 5_000, 10_000]),
            # ... and however little the hire costs then
            (timedelta(hours=24), 30, 4_000, [5_000, 5_000, 5_000]),
            # half of a dearer one is more than was due
            (timedelta(hours=24), 30, 20_000, [5_000, 10_000, 20_000]),
            # the same pick-up: nothing to keep
            (timedelta(hours=24), 0, 10_000, [0, 5_000, 10_000]),
            # not come: the whole is due for good
            (timedelta(hours=-1), 30, 10_000, [10_000, 10_000, 10_000]),
        ],
    )
    def test_what_is_due_stays_due(self, before, days, after, fees):
        moment, frozen, total = PICKUP - before, usual_windows(PICKUP), Money(10_000, "EUR")
        offered, new_total = usual_windows(PICKUP + timedelta(days=days)), Money(after, "EUR")
        windows = after_change(fee_at(total, frozen, moment), total, offered, new_total, moment)
        assert [window.fee(new_total).minor for window in windows] == fees
        assert read_windows(plain_windows(windows)) == windows

    def test_another_currency_keeps_the_same_part(self):
        offered, yen = usual_windows(PICKUP + timedelta(days=9)), Money(1_600_000, "JPY")
        windows = after_change(Money(5_000, "EUR"), Money(10_000, "EUR"), offered, yen, PICKUP)
        assert fee_at(yen, windows, PICKUP) == Money(800_000, "JPY")

    def test_moved_windows_end_as_long_before_the_pick_up(self):
        by = timedelta(days=3)
        assert moved(usual_windows(PICKUP, timedelta(hours=6)), by) == usual_windows(PICKUP + by, timedelta(hours=6))

    @given(st.data())
    def test_no_change_and_no_row_of_changes_lowers_the_fee_of_its_moment(self, data):
        total, windows, moment = TOTAL, usual_windows(PICKUP), PICKUP - timedelta(days=4)
        for _ in range(data.draw(st.integers(1, 4))):
            moment += timedelta(minutes=data.draw(st.integers(0, 4_000)))
            due = fee_at(total, windows, moment)
            pickup = moment + timedelta(minutes=data.draw(st.integers(-3_000, 60_000)))
            new_total = Money(data.draw(st.integers(0, 30_000)), "EUR")
            free = timedelta(hours=data.draw(st.integers(0, 96)))
            windows = after_change(due, total, usual_windows(pickup, free), new_total, moment)
            total = new_total
            assert fee_at(total, windows, moment) >= due
            later = [fee_at(total, windows, moment + timedelta(hours=hours)) for hours in range(0, 1_000, 50)]
            assert min(later) >= due
