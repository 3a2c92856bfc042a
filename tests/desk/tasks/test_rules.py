"""Tasks: the state machine, who may move what, and when a task is due."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.desk.tasks import rules
from app.desk.tasks.rules import MOVES, Priority, TaskState

NOW = datetime(2026, 6, 25, 9, 0, tzinfo=UTC)  # a Thursday
LIVE = {"open", "in_progress", "snoozed"}
ALLOWED = {
    "claim": {"open"},
    "release": {"in_progress"},
    "assignment": {"open", "in_progress"},
    "handover": {"in_progress"},
    "snooze": {"open", "in_progress"},
    "waking": {"snoozed"},
    "completion": LIVE,
    "cancellation": LIVE,
    "reopening": {"done", "cancelled"},
}


def never(_day):
    return False


class TestStates:
    @pytest.mark.parametrize("move", list(MOVES))
    @pytest.mark.parametrize("state", list(TaskState))
    def test_every_pair_is_allowed_or_refused(self, move, state):
        assert (rules.can_move(move, state) is None) == (state in ALLOWED[move])

    def test_the_table_is_all_there_is(self):
        assert set(MOVES) == set(ALLOWED)
        assert rules.allowed_moves(TaskState.DONE) == ["reopening"]

    @pytest.mark.parametrize(
        ("move", "is_held", "state"),
        [
            ("claim", True, "in_progress"),
            ("release", False, "open"),
            ("handover", True, "in_progress"),
            ("handover", False, "open"),
            ("waking", True, "in_progress"),
            ("waking", False, "open"),
            ("reopening", False, "open"),
        ],
    )
    def test_leads_to_whoever_holds_it(self, move, is_held, state):
        assert rules.state_after(move, is_held=is_held) == state


class TestHolder:
    @pytest.mark.parametrize("move", list(MOVES))
    def test_is_the_only_one_besides_those_who_lead(self, move):
        is_free = move in ("claim", "assignment", "reopening")
        assert rules.is_withheld(move, is_held=True, is_own=False, leads=False) is not is_free
        assert not rules.is_withheld(move, is_held=True, is_own=True, leads=False)
        assert not rules.is_withheld(move, is_held=True, is_own=False, leads=True)
        assert not rules.is_withheld(move, is_held=False, is_own=False, leads=False)


class TestTeams:
    @pytest.mark.parametrize(
        ("roles", "teams"),
        [
            (["fleet_clerk"], ["fleet"]),
            (["credit_manager", "fleet_manager"], ["fleet", "credit"]),
            (["engineer"], ["engineering"]),
            (["auditor"], []),
            (["admin"], ["administration"]),
        ],
    )
    def test_follow_from_roles(self, roles, teams):
        assert rules.teams_of(roles) == teams


class TestWorkingTime:
    @pytest.mark.parametrize(
        ("start", "hours", "due"),
        [
            ("2026-06-25T06:00", 4, "2026-06-25T10:00"),  # Tallinn is 3 h ahead: 9 to 13
            ("2026-06-25T13:00", 4, "2026-06-26T07:00"),  # 16 to 18, then 8 to 10
            ("2026-06-26T14:00", 2, "2026-06-29T06:00"),  # Friday 17 to 18, Monday 8 to 9
            ("2026-06-27T10:00", 1, "2026-06-29T06:00"),  # Saturday
            ("2026-06-25T01:00", 1, "2026-06-25T06:00"),  # before work
            ("2026-06-25T20:00", 1, "2026-06-26T06:00"),  # after work
            ("2026-06-25T05:00", 10, "2026-06-25T15:00"),  # a whole day ends with it
            ("2026-06-25T05:00", 50, "2026-07-01T15:00"),  # five days
        ],
    )
    def test_counts_eight_to_eighteen_on_working_days(self, start, hours, due):
        begun = datetime.fromisoformat(f"{start}:00+00:00")
        found = rules.working_time_after(begun, timedelta(hours=hours), "Europe/Tallinn", never)
        assert found == datetime.fromisoformat(f"{due}:00+00:00")

    def test_passes_over_holidays(self):
        holidays = {date(2026, 6, 26)}
        found = rules.working_time_after(NOW, timedelta(hours=10), "Europe/Tallinn", holidays.__contains__)
        assert found == datetime(2026, 6, 29, 9, 0, tzinfo=UTC)

    def test_a_clock_change_takes_no_hour(self):
        friday = datetime(2026, 10, 23, 12, 0, tzinfo=UTC)  # 15:00 in Tallinn; on Sunday the clock goes back
        found = rules.working_time_after(friday, timedelta(hours=4), "Europe/Tallinn", never)
        assert found == datetime(2026, 10, 26, 7, 0, tzinfo=UTC)

    def test_gives_up_when_nobody_ever_works(self):
        with pytest.raises(ValueError, match="working time is left"):
            rules.working_time_after(NOW, timedelta(hours=1), "Europe/Tallinn", lambda _day: True)


class TestSnooze:
    @pytest.mark.parametrize(
        ("preset", "until"),
        [
            ("hour", "2026-06-25T10:00"),
            ("three_hours", "2026-06-25T12:00"),
            ("tomorrow", "2026-06-26T05:00"),
            ("monday", "2026-06-29T05:00"),
        ],
    )
    def test_presets_are_of_the_zone(self, preset, until):
        found = rules.snoozed_until(preset, NOW, "Europe/Tallinn")
        assert found == datetime.fromisoformat(f"{until}:00+00:00")

    def test_monday_is_never_today(self):
        monday = datetime(2026, 6, 29, 4, 0, tzinfo=UTC)
        assert rules.snoozed_until("monday", monday, "Europe/Tallinn") == datetime(2026, 7, 6, 5, 0, tzinfo=UTC)

    def test_ends_at_its_moment(self):
        assert rules.is_awake(TaskState.SNOOZED, NOW, NOW)
        assert not rules.is_awake(TaskState.SNOOZED, NOW + timedelta(microseconds=1), NOW)
        assert rules.is_awake(TaskState.OPEN, None, NOW)
        assert not rules.is_awake(TaskState.DONE, None, NOW)


class TestChecks:
    @pytest.mark.parametrize(
        ("move", "fields", "codes"),
        [
            ("claim", {}, []),
            ("handover", {"note": " "}, ["required"]),
            ("handover", {"note": "Ask Tiina for the key"}, []),
            ("cancellation", {}, ["required"]),
            ("cancellation", {"reason": "x" * 1_001}, ["too_long"]),
            ("reopening", {"reason": "It is broken again"}, []),
            ("snooze", {}, ["required"]),
            ("snooze", {"until": NOW}, ["out_of_range"]),
            ("snooze", {"until": NOW + timedelta(days=90)}, []),
            ("snooze", {"until": NOW + timedelta(days=91)}, ["out_of_range"]),
            ("completion", {}, ["required"]),
            ("completion", {"outcome": "sold"}, ["unknown"]),
            ("completion", {"outcome": "renewed"}, []),
        ],
    )
    def test_name_what_is_missing(self, move, fields, codes):
        found = rules.check_move(move, fields, outcomes=["renewed"], now=NOW)
        assert [problem.code for problem in found] == codes

    def test_a_kind_without_outcomes_needs_none(self):
        assert rules.check_move("completion", {}, outcomes=[], now=NOW) == []
        assert [one.code for one in rules.check_move("completion", {"outcome": "x"}, outcomes=[], now=NOW)] == [
            "unknown"
        ]

    @pytest.mark.parametrize(
        ("fields", "codes"),
        [
            ({"title": "Call back"}, []),
            ({"title": " "}, ["required"]),
            ({"title": "x" * 201}, ["too_long"]),
            ({"details": "x" * 10_001}, ["too_long"]),
            ({}, []),
            ({"due_at": NOW - timedelta(days=366)}, []),
            ({"due_at": NOW + timedelta(days=367)}, ["out_of_range"]),
            ({"due_at": NOW.replace(tzinfo=None)}, ["malformed"]),
        ],
    )
    def test_title_details_and_due_time(self, fields, codes):
        assert [problem.code for problem in rules.check_task(fields, now=NOW)] == codes

    @pytest.mark.parametrize(("before", "after"), [("low", "normal"), ("high", "urgent"), ("urgent", "urgent")])
    def test_raises_by_one_step(self, before, after):
        assert rules.raised(Priority(before)) == after
