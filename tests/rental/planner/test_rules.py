"""Where a moment stands on the sheet."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.wall_times import moment_of
from app.rental.planner import rules
from app.rental.planner.rules import COLUMNS_A_DAY, Window
from app.settings import STATIC

DAY = date(2026, 6, 22)


@dataclass(frozen=True)
class Stretch:
    starts_at: datetime
    ends_at: datetime | None


def tallinn(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=UTC) - timedelta(hours=3)


class TestPlace:
    @pytest.mark.parametrize(
        ("days", "starts", "ends", "place"),
        [
            (14, tallinn(22, 0), tallinn(23, 0), (1, 12)),
            (14, tallinn(24, 10), tallinn(24, 16), (30, 3)),
            (14, tallinn(20, 10), tallinn(23, 10), (1, 17)),
            (14, tallinn(30, 10), None, (102, 67)),
            (14, tallinn(22, 10), tallinn(22, 10, 20), (6, 1)),
            (1, tallinn(22, 10), tallinn(22, 10, 30), (41, 2)),
            (14, tallinn(10, 10), tallinn(22, 0), None),
            (7, tallinn(29, 0), tallinn(30, 0), None),
        ],
    )
    def test_by_the_clocks_of_the_branch(self, days, starts, ends, place):
        assert Window(DAY, days, "Europe/Tallinn").place(starts, ends) == place

    @pytest.mark.parametrize("first", [date(2026, 3, 28), date(2026, 10, 24)])
    def test_ten_in_the_morning_is_in_one_place_when_clocks_change(self, first):
        window = Window(first, 3, "Europe/Tallinn")
        midnights = [datetime.combine(first + timedelta(days=day), time()) for day in range(4)]
        edges = [moment_of(midnight, "Europe/Tallinn") for midnight in midnights]
        assert [window.stand(edge).edge for edge in edges] == [0, 48, 96, 144]
        assert {edges[number + 1] - edges[number] for number in range(3)} != {timedelta(days=1)}

    @given(
        days=st.sampled_from(list(COLUMNS_A_DAY)),
        minutes=st.lists(st.integers(-5_000, 200_000), min_size=2, max_size=2, unique=True).map(sorted),
    )
    def test_what_is_shown_lies_on_the_sheet(self, days, minutes):
        window = Window(DAY, days, "Europe/Tallinn")
        starts, ends = (window.starts_at + timedelta(minutes=each) for each in minutes)
        place = window.place(starts, ends)
        is_outside = starts >= window.ends_at or ends <= window.starts_at
        assert (place is None) == is_outside
        if place:
            first, span = place
            assert 1 <= first <= window.columns
            assert 1 <= span <= window.columns - first + 1

    def test_every_place_has_a_class(self):
        css = (STATIC / "css" / "planner-columns.css").read_text()
        for number in range(1, rules.MOST_COLUMNS + 1):
            assert f".from-{number} {{ grid-column-start: {number}; }}" in css
            assert f".span-{number} {{ grid-column-end: span {number}; }}" in css


class TestPack:
    @given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20)).map(lambda pair: (pair[0], pair[0] + pair[1]))))
    def test_no_lane_holds_two_at_once_and_there_are_no_more_lanes_than_needed(self, pairs):
        start = datetime(2026, 6, 1, tzinfo=UTC)
        stretches = [Stretch(start + timedelta(hours=a), start + timedelta(hours=b)) for a, b in pairs]
        lanes = rules.pack(stretches, start + timedelta(days=30))
        assert sorted((one.starts_at, one.ends_at) for lane in lanes for one in lane) == sorted(
            (one.starts_at, one.ends_at) for one in stretches
        )
        for lane in lanes:
            for before, after in pairwise(lane):
                assert before.ends_at <= after.starts_at
        most = max((sum(a <= hour < b for a, b in pairs) for hour in range(71)), default=0)
        assert len(lanes) == most
