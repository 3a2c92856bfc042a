"""Whether a vehicle is free, where it will be, and what is left of a class."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rental.occupancy import rules
from app.rental.occupancy.rules import Hold, Obstacle, Pause, Stay

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def at(hours):
    return NOON + timedelta(hours=hours)


def stay(start, end, *, turnaround=0, pickup="TLL", back="TLL"):
    return Stay(pickup, back, at(start), at(end), at(end + turnaround))


def hold(start, end, pickup="TLL", back="TLL"):
    return Hold(at(start), at(end), pickup, back)


def pause(kind, start, end=None, to=None):
    return Pause(kind, at(start), None if end is None else at(end), to)


def judge(wanted, *, holds=(), pauses=(), here="TLL"):
    return rules.obstacle(wanted, now=NOON, here=here, holds=holds, pauses=pauses)


class TestObstacle:
    @pytest.mark.parametrize(
        ("wanted", "taken", "expected"),
        [
            (stay(10, 20), hold(0, 10), None),  # a return at 10:00 frees 10:00
            (stay(10, 20), hold(20, 30), None),
            (stay(10, 20, turnaround=1), hold(20, 30), Obstacle.OCCUPIED),
            (stay(10, 20), hold(0, 10.01), Obstacle.OCCUPIED),
            (stay(10, 20), hold(19.99, 30), Obstacle.OCCUPIED),
            (stay(10, 20), hold(10, 20), Obstacle.OCCUPIED),
            (stay(10, 20), hold(12, 13), Obstacle.OCCUPIED),
            (stay(10, 20), hold(0, 40), Obstacle.OCCUPIED),
        ],
    )
    def test_holds_are_half_open(self, wanted, taken, expected):
        assert judge(wanted, holds=[taken]) is expected

    @pytest.mark.parametrize(
        ("paused", "expected"),
        [
            (pause("block", 5), Obstacle.PAUSED),  # without an end
            (pause("block", 20), None),
            (pause("maintenance", 5, 10), None),
            (pause("maintenance", 19, 21), Obstacle.PAUSED),
            (pause("hire", -5, 11), Obstacle.PAUSED),
        ],
    )
    def test_pauses_count(self, paused, expected):
        assert judge(stay(10, 20), pauses=[paused]) is expected

    def test_it_has_to_be_there(self):
        assert judge(stay(10, 20), here="RIX") is Obstacle.ELSEWHERE
        assert judge(stay(10, 20), here="RIX", holds=[hold(1, 9, "RIX", "TLL")]) is None
        assert judge(stay(10, 20), holds=[hold(1, 9, "TLL", "RIX")]) is Obstacle.ELSEWHERE
        assert judge(stay(10, 20), here="RIX", pauses=[pause("transfer", 1, 9, "TLL")]) is None
        assert judge(stay(10, 20), here="RIX", pauses=[pause("transfer", 1, 11, "TLL")]) is Obstacle.PAUSED

    def test_the_last_arrival_decides(self):
        away = [hold(1, 5, "TLL", "RIX"), hold(6, 9, "RIX", "TLL")]
        assert judge(stay(10, 20), holds=away) is None
        assert judge(stay(10, 20), holds=away[:1], pauses=[pause("transfer", 6, 9, "VNO")]) is Obstacle.ELSEWHERE

    def test_it_must_not_be_needed_elsewhere_next(self):
        following = hold(30, 40, "TLL", "TLL")
        one_way = stay(10, 20, back="RIX")
        assert judge(one_way, holds=[following]) is Obstacle.NEEDED_ELSEWHERE
        assert judge(one_way, holds=[following], pauses=[pause("transfer", 21, 29, "TLL")]) is None
        assert judge(one_way, holds=[following], pauses=[pause("transfer", 21, 31, "TLL")]) is Obstacle.NEEDED_ELSEWHERE
        assert judge(one_way, holds=[hold(30, 40, "RIX", "RIX")]) is None


HOURS = st.integers(0, 60)
STRETCHES = st.lists(st.tuples(HOURS, st.integers(1, 20)).map(lambda pair: (pair[0], sum(pair))), max_size=8)


class TestAgainstBruteForce:
    @given(STRETCHES, HOURS, st.integers(1, 20))
    def test_clash_is_sharing_an_hour(self, taken, start, length):
        wanted, hours = stay(start, start + length), set(range(start, start + length))
        shares = any(hours & set(range(*one)) for one in taken)
        assert (rules.clash(wanted, [hold(*one) for one in taken], []) is not None) == shares

    @given(STRETCHES, HOURS, st.integers(1, 20))
    def test_peak_is_the_fullest_hour(self, taken, start, length):
        most = max(sum(one[0] <= hour < one[1] for one in taken) for hour in range(start, start + length))
        moments = [(at(first), at(last)) for first, last in taken]
        assert rules.peak(moments, at(start), at(start + length)) == most


class TestLeft:
    @pytest.mark.parametrize(
        ("free", "promised", "limit", "left"), [(3, 0, 0, 3), (3, 3, 0, 0), (3, 3, 2, 2), (0, 4, 2, -2)]
    )
    def test_counts(self, free, promised, limit, left):
        assert rules.left(free, promised, limit) == left


class TestChecks:
    def test_a_stay_ends_after_it_begins_and_within_a_year(self):
        assert rules.check_stay(at(0), at(365 * 24)) == []
        assert rules.check_stay(at(0), at(0))[0].code == "out_of_range"
        assert rules.check_stay(at(0), at(401 * 24))[0].field == "return.local"

    def test_limits(self):
        assert rules.check_limit("cdmr", 3) == []
        assert [problem.field for problem in rules.check_limit("AAAA", -1)] == ["class_code", "limit"]
