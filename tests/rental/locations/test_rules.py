from datetime import date, datetime

import pytest

from app.rental.locations import rules

HOURS = {
    "mon": [["13:00", "18:00"], ["08:00", "12:00"]],
    "fri": [["00:00", "24:00"]],
    "sat": [["00:00", "02:00"]],
    "holiday": [["10:00", "14:00"]],
    "dates": {"2026-12-24": [], "2026-12-25": [["09:00", "10:00"]], "2026-06-30": [["09:00", "10:00"]]},
}
HOLIDAYS = {date(2026, 12, 25): "Christmas", date(2026, 6, 22): "Some Monday"}


def at(text):
    return datetime.fromisoformat(text)


class TestIsOpen:
    @pytest.mark.parametrize(
        ("local", "open_"),
        [
            ("2026-06-29T08:00", True),
            ("2026-06-29T07:59:59", False),
            ("2026-06-29T11:59:59", True),
            ("2026-06-29T12:00", False),
            ("2026-06-29T13:00", True),
            ("2026-06-29T18:00", False),
            ("2026-06-30T08:00", False),  # a date of its own
            ("2026-06-30T09:30", True),
            ("2026-07-01T09:30", False),  # a weekday without hours
            ("2026-07-03T23:59", True),
            ("2026-07-04T00:00", True),  # past midnight
            ("2026-07-04T02:00", False),
            ("2026-06-22T08:30", False),  # a holiday
            ("2026-06-22T10:00", True),
            ("2026-12-24T10:00", False),
            ("2026-12-25T13:00", False),  # the date goes before the holiday
            ("2026-12-25T09:00", True),
            ("2026-06-29T08:00+03:00", True),
        ],
    )
    def test_spans_holidays_and_dates(self, local, open_):
        assert rules.is_open(rules.read_hours(HOURS), HOLIDAYS, at(local)) is open_

    @pytest.mark.parametrize("hours", [None, {}, {"mon": []}])
    def test_no_hours_are_closed(self, hours):
        assert not rules.is_open(rules.read_hours(hours), {}, at("2026-06-29T10:00"))

    def test_spans_are_in_order(self):
        spans = rules.spans_on(rules.read_hours(HOURS), {}, date(2026, 6, 29))
        assert [span.words for span in spans] == ["08:00-12:00", "13:00-18:00"]

    @pytest.mark.parametrize(
        ("local", "opening"),
        [
            ("2026-06-29T09:30", "2026-06-29T09:30"),
            ("2026-06-29T12:30", "2026-06-29T13:00"),
            ("2026-06-30T10:00", "2026-07-03T00:00"),
        ],
    )
    def test_next_opening(self, local, opening):
        assert rules.next_opening(rules.read_hours(HOURS), HOLIDAYS, at(local)) == at(opening)

    def test_never_opens(self):
        assert rules.next_opening(rules.read_hours({}), {}, at("2026-06-29T09:30")) is None


class TestCheckHours:
    def test_accepts(self):
        assert rules.check_hours(HOURS) == []
        assert rules.check_hours({}) == []

    @pytest.mark.parametrize(
        ("hours", "field", "code"),
        [
            ("always", "opening_hours", "wrong_type"),
            ({"monday": []}, "opening_hours.monday", "unknown_value"),
            ({"mon": "08-12"}, "opening_hours.mon", "wrong_type"),
            ({"mon": [["08:00"]]}, "opening_hours.mon.0", "malformed"),
            ({"mon": [["8:00", "12:00"]]}, "opening_hours.mon.0", "malformed"),
            ({"mon": [["08:00", "24:01"]]}, "opening_hours.mon.0", "malformed"),
            ({"mon": ["08:00"]}, "opening_hours.mon.0", "malformed"),
            ({"mon": [["18:00", "02:00"]]}, "opening_hours.mon.0", "out_of_range"),
            ({"mon": [["08:00", "08:00"]]}, "opening_hours.mon.0", "out_of_range"),
            ({"mon": [["08:00", "12:00"], ["11:59", "13:00"]]}, "opening_hours.mon.1", "overlaps"),
            ({"mon": [["08:00", "09:00"]] * 7}, "opening_hours.mon", "too_long"),
            ({"holiday": None}, "opening_hours.holiday", "wrong_type"),
            ({"dates": []}, "opening_hours.dates", "wrong_type"),
            ({"dates": {"24.12.": []}}, "opening_hours.dates.24.12.", "malformed"),
            ({"dates": {"2026-12-24": [[1, 2]]}}, "opening_hours.dates.2026-12-24.0", "malformed"),
        ],
    )
    def test_refuses(self, hours, field, code):
        assert [(problem.field, problem.code) for problem in rules.check_hours(hours)] == [(field, code)]

    def test_touching_spans_are_fine(self):
        assert rules.check_hours({"mon": [["08:00", "12:00"], ["12:00", "13:00"]]}) == []


WHOLE = {
    "code": "TLL",
    "name": "Tallinn Airport",
    "kind": "airport",
    "address": "Tartu mnt 101",
    "city": "Tallinn",
    "country": "EE",
    "latitude": 59.413,
    "longitude": 24.833,
    "zone": "Europe/Tallinn",
    "market": "EE",
    "opening_hours": HOURS,
}


class TestCheckLocation:
    def test_accepts(self):
        assert rules.check_location(WHOLE, is_new=True) == []
        assert rules.check_location({**WHOLE, "code": "RIX-2", "kind": "city"}, is_new=True) == []
        assert rules.check_location({"name": "Tallinn"}, is_new=False) == []

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("code", None),
            ("code", "tll"),
            ("code", "7LL"),
            ("name", ""),
            ("kind", "harbour"),
            ("country", "Estonia"),
            ("latitude", 90.1),
            ("longitude", "24"),
            ("longitude", float("nan")),
            ("zone", "Tallinn"),
            ("market", "US"),
            ("opening_hours", []),
        ],
    )
    def test_refuses(self, field, value):
        assert [problem.field for problem in rules.check_location({**WHOLE, field: value}, is_new=True)] == [field]
