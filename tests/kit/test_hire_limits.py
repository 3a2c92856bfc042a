"""What somebody never hires out: each limit at its edge, and numbers that are none."""

from datetime import datetime, timedelta

import pytest

from app.kit.checks import Checks
from app.kit.hire_limits import AskedHire, HireLimits, Limit, check_limits, refusal

NOW = datetime(2027, 5, 3, 9, 30)  # noqa: DTZ001 - a wall time
PICKUP = datetime(2027, 5, 4, 10)  # noqa: DTZ001 - a wall time


def asked(days=3, hours=0, age=30, *, is_one_way=False):
    return AskedHire(PICKUP, PICKUP + timedelta(days=days, hours=hours), age, is_one_way, NOW)


@pytest.mark.parametrize(
    ("limits", "hire", "refused"),
    [
        ({}, asked(), None),
        ({"min_days": 3}, asked(), None),
        ({"min_days": 4}, asked(), (Limit.MIN_DAYS, 4)),
        ({"min_days": 4}, asked(hours=1), None),
        ({"max_days": 3}, asked(), None),
        ({"max_days": 3}, asked(hours=1), (Limit.MAX_DAYS, 3)),
        ({"min_age": 30}, asked(), None),
        ({"min_age": 31}, asked(), (Limit.MIN_AGE, 31)),
        ({"max_age": 29}, asked(), (Limit.MAX_AGE, 29)),
        ({"advance_hours": 24}, asked(), None),
        ({"advance_hours": 25}, asked(), (Limit.ADVANCE_HOURS, 25)),
        ({"is_one_way_allowed": False}, asked(), None),
        ({"is_one_way_allowed": False}, asked(is_one_way=True), (Limit.ONE_WAY, 0)),
        ({"min_days": 9, "min_age": 40}, asked(), (Limit.MIN_DAYS, 9)),
    ],
)
def test_the_first_limit_that_stands_against_a_hire(limits, hire, refused):
    found = refusal(HireLimits.read({**limits, "unknown": 1}), hire)
    assert (found and (found.limit, found.value)) == refused


@pytest.mark.parametrize(
    ("limits", "fields"),
    [
        ({"min_days": 2, "max_days": 2, "min_age": 21, "is_one_way_allowed": False}, []),
        ({"min_days": 0}, ["limits.min_days"]),
        ({"min_age": 15, "max_age": 120}, ["limits.min_age", "limits.max_age"]),
        ({"min_days": 3, "max_days": 2}, ["limits.max_days"]),
        ({"advance_hours": "soon"}, ["limits.advance_hours"]),
    ],
)
def test_numbers_that_are_none_are_refused(limits, fields):
    checks = Checks({"limits": limits})
    check_limits(checks.group("limits"))
    assert [problem.field for problem in checks.problems] == fields


def test_each_limit_in_words():
    told = HireLimits(min_days=2, max_age=75, is_one_way_allowed=False).words()
    assert told == ["from 2 days", "drivers up to 75", "no one-way hires"]
