"""The life of a booking, pair by pair; fees; field values."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from app.kit.fee_windows import fee_at, next_boundary
from app.kit.money import Money
from app.rental.bookings import rules
from app.rental.bookings.rules import BookingState, Refusal, Source

TABLE = """
submitting confirmed on_request rejected unknown
unknown confirmed on_request rejected cancel_pending failed
on_request confirmed rejected cancelled
confirmed amend_pending cancel_pending cancelled_by_supplier on_hire no_show
amend_pending confirmed unknown
cancel_pending cancelled confirmed unknown
no_show on_hire closed
on_hire on_hire returned
returned closed disputed
disputed closed
closed disputed
"""
ALLOWED = {(line.split()[0], after) for line in TABLE.strip().splitlines() for after in line.split()[1:]}
PICKUP = datetime(2026, 6, 29, 7, tzinfo=UTC)


class TestStates:
    @pytest.mark.parametrize(("before", "after"), list(product(BookingState, BookingState)))
    def test_every_pair(self, before, after):
        assert rules.can_follow(before, after) == ((before.value, after.value) in ALLOWED)

    def test_terminal_states(self):
        assert {"rejected", "failed", "cancelled", "cancelled_by_supplier"} == rules.TERMINAL

    @pytest.mark.parametrize("move", list(rules.MOVES.values()), ids=lambda move: move.name)
    def test_every_move_goes_where_the_table_leads(self, move):
        for start in move.from_states:
            before = start
            if move.name == "cancellation" and start is BookingState.ON_REQUEST:
                assert rules.can_follow(start, BookingState.CANCELLED)
                continue
            for after in move.path:
                assert rules.can_follow(before, after), (before, after)
                before = after

    @pytest.mark.parametrize(("move", "state"), list(product(rules.MOVES, BookingState)))
    def test_every_other_move_is_refused(self, move, state):
        expected = None if state in rules.MOVES[move].from_states else Refusal.ILLEGAL_STATE
        assert rules.can_move(move, state) is expected

    def test_what_only_suppliers_decide_is_not_ours(self):
        assert rules.can_move("vehicle_assignment", BookingState.CONFIRMED, Source.SUPPLIER) is Refusal.NOT_OURS
        assert rules.can_move("cancellation", BookingState.CONFIRMED, Source.SUPPLIER) is None

    @pytest.mark.parametrize(("hours", "offered"), [(-1, False), (1.99, False), (2, True)])
    def test_nobody_is_a_no_show_while_the_vehicle_is_kept(self, hours, offered):
        now = PICKUP + timedelta(hours=hours)
        moves = rules.allowed_moves(BookingState.CONFIRMED, Source.OWN, pickup_at=PICKUP, now=now)
        assert ("no_show" in [move.name for move in moves]) == offered

    def test_overdue_is_a_hire_whose_return_is_over(self):
        assert rules.is_overdue(BookingState.ON_HIRE, PICKUP, PICKUP + timedelta(minutes=1))
        assert not rules.is_overdue(BookingState.ON_HIRE, PICKUP, PICKUP)
        assert not rules.is_overdue(BookingState.RETURNED, PICKUP, PICKUP + timedelta(days=1))


class TestFees:
    @pytest.mark.parametrize(
        ("before", "fee"),
        [
            (timedelta(days=9), 0),
            (timedelta(hours=48), 0),
            (timedelta(hours=48, seconds=-1), 5001),
            (timedelta(0), 5001),
            (timedelta(seconds=-1), 10001),
            (timedelta(days=-3), 10001),
        ],
    )
    def test_is_that_of_the_window_it_is_asked_in(self, before, fee):
        windows = rules.fee_windows(PICKUP)
        assert fee_at(Money(10001, "EUR"), windows, PICKUP - before) == Money(fee, "EUR")

    def test_next_boundary(self):
        windows = rules.fee_windows(PICKUP)
        assert next_boundary(windows, PICKUP - timedelta(days=3)) == PICKUP - timedelta(days=2)
        assert next_boundary(windows, PICKUP + timedelta(seconds=1)) is None


WHOLE = {
    "customer_id": "019a",
    "driver": {"name": "Mari Kask", "phone": "+372 5551 2345", "email": "mari@example.com"},
    "pickup": {"location": "TLL", "local": datetime.fromisoformat("2026-06-29T10:00")},
    "back": {"location": "TLL", "local": datetime.fromisoformat("2026-07-02T10:00")},
    "class_code": "IWMD",
}


class TestCheckNew:
    def test_accepts(self):
        assert rules.check_new(WHOLE, today=date(2026, 6, 1)) == []

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"customer_id": None}, "customer_id"),
            ({"driver": None}, "driver"),
            ({"driver": {"name": " "}}, "driver.name"),
            ({"driver": {"name": "A", "phone": "12"}}, "driver.phone"),
            ({"driver": {"name": "A", "email": "a@"}}, "driver.email"),
            ({"driver": {"name": "A", "born_on": date(2010, 1, 1)}}, "driver.born_on"),
            ({"class_code": "AAAA"}, "class_code"),
            ({"pickup": {"location": "tll", "local": datetime.fromisoformat("2026-06-29T10:00")}}, "pickup.location"),
            ({"pickup": {"location": "TLL"}}, "pickup.local"),
            ({"back": {"location": "TLL", "local": datetime(2026, 7, 2, 10, tzinfo=UTC)}}, "return.local"),
            ({"back": {"location": "TLL", "local": datetime.fromisoformat("2026-07-02T10:00:05")}}, "return.local"),
            ({"note": "x" * 2001}, "note"),
        ],
    )
    def test_names_what_is_wrong(self, change, field):
        assert [problem.field for problem in rules.check_new({**WHOLE, **change}, today=date(2026, 6, 1))] == [field]

    def test_a_missing_return_is_named_as_it_is_sent(self):
        fields = [problem.field for problem in rules.check_new({**WHOLE, "back": None}, today=date(2026, 6, 1))]
        assert fields == ["return", "return.location", "return.local"]
