"""The table of a charge's states, and how much of it may be moved."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.payments.charges import rules
from app.payments.charges.rules import Amounts, ChargeState, OperationKind, Refusal

S, K = ChargeState, OperationKind
HELD = Amounts(80_000, held=80_000)
TAKEN = Amounts(80_000, held=80_000, captured=30_000)


@pytest.mark.parametrize(
    ("kind", "state", "amounts", "minor", "expected"),
    [
        (K.HOLD, S.PLANNED, Amounts(80_000), 80_000, None),
        (K.HOLD, S.FAILED, Amounts(80_000), 1, None),
        (K.HOLD, S.PLANNED, Amounts(80_000), 80_001, Refusal.TOO_MUCH),
        (K.HOLD, S.PLANNED, Amounts(80_000), 0, Refusal.TOO_LITTLE),
        (K.HOLD, S.HELD, HELD, 80_000, Refusal.ILLEGAL_STATE),
        (K.HOLD, S.UNKNOWN, Amounts(80_000), 80_000, Refusal.ILLEGAL_STATE),
        (K.SALE, S.PLANNED, Amounts(80_000), 80_000, None),
        (K.SALE, S.WAIVED, Amounts(80_000), 80_000, Refusal.ILLEGAL_STATE),
        (K.INCREASE, S.HELD, HELD, 90_000, None),
        (K.INCREASE, S.HELD, HELD, 80_000, Refusal.TOO_LITTLE),
        (K.CAPTURE, S.HELD, HELD, 80_000, None),
        (K.CAPTURE, S.HELD, HELD, 80_001, Refusal.TOO_MUCH),
        (K.CAPTURE, S.CAPTURED, TAKEN, 1, Refusal.ILLEGAL_STATE),
        (K.RELEASE, S.HELD, HELD, 80_000, None),
        (K.RELEASE, S.CAPTURED, TAKEN, 80_000, Refusal.ILLEGAL_STATE),
        (K.REFUND, S.CAPTURED, TAKEN, 30_000, None),
        (K.REFUND, S.CAPTURED, TAKEN, 30_001, Refusal.TOO_MUCH),
        (K.REFUND, S.HELD, HELD, 1, Refusal.ILLEGAL_STATE),
    ],
)
def test_what_may_be_asked(kind, state, amounts, minor, expected):
    assert rules.check(kind, state, amounts, minor) is expected


def test_nothing_is_asked_while_something_is_asked():
    for kind, state in product(K, S):
        assert rules.check(kind, state, HELD, 1, has_open=True) is Refusal.IN_PROGRESS


def test_ends_are_ends():
    ends = {state for state, following in rules.FOLLOWING.items() if not following}
    assert ends == {S.RELEASED, S.REFUNDED, S.WAIVED}


@given(st.lists(st.tuples(st.sampled_from(list(K)), st.integers(-5, 120)), max_size=12))
def test_whatever_is_asked_no_more_is_moved_than_allowed_and_states_follow_the_table(asked):
    state, amounts = S.PLANNED, Amounts(100)
    for kind, minor in asked:
        if rules.check(kind, state, amounts, minor) is not None:
            continue
        after, moved = rules.after(kind, amounts, minor)
        assert moved.is_sound, (kind, minor, moved)
        assert after is state or rules.can_follow(state, after)
        assert after is S.RELEASED or rules.at_rest(moved) is after
        state, amounts = after, moved
