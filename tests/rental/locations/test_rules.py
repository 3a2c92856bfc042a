from datetime import UTC, date, datetime

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


class TestHandover:
    @pytest.mark.parametrize(
        ("local", "allows", "expected"),
        [
            ("2026-06-29T09:00", False, "open"),
            ("2026-06-29T20:00", False, "closed"),
            ("2026-06-29T20:00", True, "out_of_hours"),
            ("2026-06-29T12:30", True, "out_of_hours"),
            ("2026-07-01T09:30", True, "closed"),  # nobody comes on a day without hours
            ("2026-12-24T09:30", True, "closed"),
            ("2026-12-25T20:00", True, "out_of_hours"),  # a holiday with hours of its own
        ],
    )
    def test_needs_somebody_there(self, local, allows, expected):
        found = rules.handover(rules.read_hours(HOURS), HOLIDAYS, at(local), allows_out_of_hours=allows)
        assert found == expected


NIGHT = rules.read_hours({"sat": [["20:00", "24:00"]], "sun": [["00:00", "05:00"], ["20:00", "24:00"]]})
ZONE = "Europe/Tallinn"


class TestByTheClocksOfAZone:
    @pytest.mark.parametrize(
        ("moment", "is_open"),
        [
            ("2026-06-27T16:59", False),  # Saturday 19:59
            ("2026-06-27T17:00", True),
            ("2026-06-27T21:00", True),  # Sunday 00:00, past midnight
            ("2026-06-28T01:59", True),
            ("2026-06-28T02:00", False),
            ("2026-03-29T01:59", True),  # Sunday 04:59, one hour after the clocks were put forward
            ("2026-03-29T02:00", False),
            ("2026-10-25T02:59", True),  # Sunday 04:59, one hour after they were put back
            ("2026-10-25T03:00", False),
        ],
    )
    def test_is_open_at(self, moment, is_open):
        assert rules.is_open_at(NIGHT, {}, ZONE, utc(moment)) is is_open

    @pytest.mark.parametrize(
        ("moment", "opening"),
        [
            ("2026-06-27T10:00", "2026-06-27T17:00"),
            ("2026-06-28T01:00", "2026-06-28T01:00"),
            ("2026-06-28T02:00", "2026-06-28T17:00"),
            ("2026-10-24T10:00", "2026-10-24T17:00"),  # summer time
            ("2026-10-25T10:00", "2026-10-25T18:00"),  # winter time
        ],
    )
    def test_next_open(self, moment, opening):
        assert rules.next_open(NIGHT, {}, ZONE, utc(moment)) == utc(opening)

    def test_an_opening_that_the_clocks_skip_is_right_after(self):
        hours = rules.read_hours({"sun": [["03:30", "12:00"]]})
        assert rules.next_open(hours, {}, ZONE, utc("2026-03-28T20:00")) == utc("2026-03-29T01:30")
        assert rules.is_open_at(hours, {}, ZONE, utc("2026-03-29T01:30"))  # it is 04:30 there

    def test_an_opening_in_the_repeated_hour_is_never_before_now(self):
        hours = rules.read_hours({"sun": [["03:30", "12:00"]]})
        assert rules.next_open(hours, {}, ZONE, utc("2026-10-25T00:10")) == utc("2026-10-25T00:30")
        assert rules.next_open(hours, {}, ZONE, utc("2026-10-25T01:10")) == utc("2026-10-25T01:30")

    def test_never_opens(self):
        assert rules.next_open(rules.read_hours({}), {}, ZONE, utc("2026-06-27T10:00")) is None


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
