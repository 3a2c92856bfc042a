from datetime import UTC, datetime

import pytest

from app.kit.wall_times import NoSuchTime, clocks_between, moment_of, wall_time


def at(text):
    return datetime.fromisoformat(text)


class TestMomentOf:
    @pytest.mark.parametrize(
        ("local", "zone", "moment"),
        [
            ("2026-07-01T10:00", "Europe/Tallinn", "2026-07-01T07:00"),
            ("2026-01-01T10:00", "Europe/Tallinn", "2026-01-01T08:00"),
            ("2026-03-29T02:59", "Europe/Tallinn", "2026-03-29T00:59"),
            ("2026-03-29T04:00", "Europe/Tallinn", "2026-03-29T01:00"),
            ("2026-10-25T03:30", "Europe/Tallinn", "2026-10-25T00:30"),  # the first of two
            ("2026-10-25T04:00", "Europe/Tallinn", "2026-10-25T02:00"),
        ],
    )
    def test_is_the_first_of_that_time(self, local, zone, moment):
        assert moment_of(at(local), zone) == at(moment).replace(tzinfo=UTC)

    @pytest.mark.parametrize("local", ["2026-03-29T03:00", "2026-03-29T03:30", "2026-03-29T03:59"])
    def test_refuses_a_time_that_the_clocks_skip(self, local):
        with pytest.raises(NoSuchTime, match="does not exist in Europe/Tallinn"):
            moment_of(at(local), "Europe/Tallinn")

    def test_is_undone_by_wall_time(self):
        assert wall_time(moment_of(at("2026-10-25T03:30"), "Europe/Tallinn"), "Europe/Tallinn") == at(
            "2026-10-25T03:30"
        )


class TestClocksBetween:
    @pytest.mark.parametrize(
        ("zone", "since", "until", "found"),
        [
            ("Europe/Tallinn", "2026-03-25", "2026-04-01", (120, "2026-03-29T01:00", 180)),
            ("Europe/Tallinn", "2026-10-20", "2026-10-29", (180, "2026-10-25T01:00", 120)),
            ("Europe/Tallinn", "2026-06-01", "2026-06-08", (180, "2026-06-08", 180)),
            ("America/Mexico_City", "2026-03-25", "2026-04-01", (-360, "2026-04-01", -360)),
            ("Asia/Kathmandu", "2026-01-01", "2026-01-08", (345, "2026-01-08", 345)),
        ],
    )
    def test_tells_when_they_are_put_forward_or_back(self, zone, since, until, found):
        clocks = clocks_between(zone, at(since).replace(tzinfo=UTC), at(until).replace(tzinfo=UTC))
        before, changed_at, after = found
        assert (clocks.before_minutes, clocks.after_minutes) == (before, after)
        assert clocks.changed_at == at(changed_at).replace(tzinfo=UTC)
