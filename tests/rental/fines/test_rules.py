"""Who had a vehicle at a moment, to the second."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.kit.money import Money
from app.rental.fines import rules
from app.rental.fines.rules import FOLLOWING, FineState, Had

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
FIRST, SECOND = UUID(int=1), UUID(int=2)


def at(hours):
    return NOON + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("moment", "found"),
    [(-1, []), (0, [FIRST]), (4.9, [FIRST]), (5, [SECOND]), (100, [SECOND])],
)
def test_each_hire_has_it_from_its_pick_up_until_just_before_its_return(moment, found):
    stretches = [Had(FIRST, at(0), at(5)), Had(SECOND, at(5), None)]
    assert rules.who_had(stretches, at(moment)) == found


def test_a_vehicle_that_came_back_to_the_same_hire_is_had_once_and_two_hires_at_once_are_both_told():
    assert rules.who_had([Had(FIRST, at(0), at(2)), Had(FIRST, at(1), at(3))], at(1.5)) == [FIRST]
    assert rules.who_had([Had(FIRST, at(0), at(2)), Had(SECOND, at(1), at(3))], at(1.5)) == [FIRST, SECOND]


def test_what_is_charged_or_borne_by_us_stays_so():
    for before in FineState:
        is_over = before in (FineState.CHARGED, FineState.DROPPED)
        assert bool(FOLLOWING[before]) is not is_over
    assert not rules.can_follow(FineState.UNMATCHED, FineState.CHARGED)


def test_handling_costs_nothing_where_no_fee_is_known():
    assert rules.handling_fee("EUR") == Money(2_500, "EUR")
    assert rules.handling_fee("JPY").minor == 0
