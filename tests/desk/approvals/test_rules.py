"""What a request is bound to, the states it goes through, and who may decide."""

from itertools import product
from uuid import UUID

import pytest

from app.desk.approvals.rules import (
    MOVES,
    ApprovalState,
    Obstacle,
    can_move,
    canonical,
    digest,
    is_decidable,
    obstacle,
    over_limit,
)

ONE, TWO = UUID("01a1fd6f-43d7-76d5-95fb-7f68449fc8c2"), UUID("01a1fd6f-43d7-76d5-95fb-7f68449fc8c3")
BOUND = {
    "kind": "vehicle.price_change",
    "subject": ("vehicle", ONE),
    "snapshot": {"make": "Škoda", "day_price": {"amount": "78.00", "currency": "EUR"}, "year": 2024, "vin": None},
    "payload": {"day_price": {"currency": "EUR", "amount": "110.00"}},
    "changes": {"day_price": ["78.00", "110.00"]},
}


class TestCanonicalForm:
    def test_is_these_bytes_for_ever(self):
        assert canonical(**BOUND).decode() == (
            '{"canon":"forecourt.approval/1","changes":{"day_price":["78.00","110.00"]},"kind":"vehicle.price_change",'
            '"payload":{"day_price":{"amount":"110.00","currency":"EUR"}},'
            '"snapshot":{"day_price":{"amount":"78.00","currency":"EUR"},"make":"Škoda","vin":null,"year":2024},'
            '"subject":["vehicle","01a1fd6f-43d7-76d5-95fb-7f68449fc8c2"]}'
        )
        assert digest(canonical(**BOUND)) == digest(canonical(**BOUND))
        assert len(digest(b"")) == 64

    def test_does_not_depend_on_the_order_in_which_maps_were_made(self):
        turned = {name: dict(reversed(list(value.items()))) if isinstance(value, dict) else value
                  for name, value in BOUND.items()}  # fmt: skip
        assert canonical(**turned) == canonical(**BOUND)

    @pytest.mark.parametrize(
        "change",
        [
            {"kind": "vehicle.retirement"},
            {"subject": ("vehicle", TWO)},
            {"subject": ("staff", ONE)},
            {"snapshot": BOUND["snapshot"] | {"year": 2023}},
            {"snapshot": BOUND["snapshot"] | {"year": "2024"}},
            {"payload": {"day_price": {"amount": "110.01", "currency": "EUR"}}},
            {"changes": {"day_price": ["78.00", "110.01"]}},
        ],
    )
    def test_changes_with_everything_that_it_binds(self, change):
        assert digest(canonical(**(BOUND | change))) != digest(canonical(**BOUND))

    def test_refuses_floats_wherever_they_hide(self):
        with pytest.raises(ValueError, match="float"):
            canonical(**(BOUND | {"payload": {"rates": [{"share": 0.1}]}}))


class TestStates:
    ALLOWED = {
        ("pending", "approved"), ("pending", "rejected"), ("pending", "withdrawn"), ("pending", "expired"),
        ("pending", "voided"), ("approved", "executed"), ("approved", "failed"),
    }  # fmt: skip

    @pytest.mark.parametrize(("before", "after"), list(product(ApprovalState, repeat=2)))
    def test_only_these_moves_exist(self, before, after):
        assert can_move(before, after) is ((before, after) in self.ALLOWED)

    def test_every_state_has_its_row(self):
        assert set(MOVES) == set(ApprovalState)


class TestLimits:
    LIMITS = {"manager": {"EUR": 25_000, "HUF": 10_000_000}, "admin": {"EUR": None}}

    @pytest.mark.parametrize(
        ("roles", "minor", "currency", "found"),
        [
            (["manager"], 25_000, "EUR", None),
            (["manager"], 25_001, "EUR", Obstacle.OVER_LIMIT),
            (["manager", "admin"], 25_001, "EUR", None),
            (["admin"], 10**12, "EUR", None),
            (["admin"], 1, "HUF", Obstacle.UNKNOWN_CURRENCY),
            (["manager"], 1, "USD", Obstacle.UNKNOWN_CURRENCY),
            (["clerk"], 1, "EUR", Obstacle.UNKNOWN_CURRENCY),
            ([], 1, "EUR", Obstacle.UNKNOWN_CURRENCY),
        ],
    )
    def test_each_currency_has_its_own_and_nothing_is_converted(self, roles, minor, currency, found):
        assert over_limit(self.LIMITS, roles, minor, currency) is found

    def test_no_limits_at_all_allow_all(self):
        assert over_limit({}, [], 10**12, "USD") is None

    def test_tells_whether_anybody_could_decide(self):
        assert is_decidable(self.LIMITS, 10**12, "EUR")
        assert not is_decidable(self.LIMITS, 1, "USD")
        assert not is_decidable(self.LIMITS, 10_000_001, "HUF")


class TestObstacle:
    @pytest.mark.parametrize(
        ("person", "found"),
        [
            ({}, None),
            ({"decider_id": None}, Obstacle.NO_PERMISSION),
            ({"has_permission": False}, Obstacle.NO_PERMISSION),
            ({"maker_id": ONE}, Obstacle.OWN_REQUEST),
            ({"subject_id": ONE}, Obstacle.OWN_RIGHTS),
            ({"excess": Obstacle.OVER_LIMIT}, Obstacle.OVER_LIMIT),
            ({"maker_id": None}, None),
        ],
    )
    def test_names_what_stands_between(self, person, found):
        other = UUID("01a1fd6f-43d7-76d5-95fb-7f68449fc8c4")
        given = {"decider_id": ONE, "maker_id": TWO, "subject_id": other, "has_permission": True}
        assert obstacle(**(given | person)) is found
