"""The moves of a run, each in each state, and how many records it takes on."""

import pytest

from app.desk.bulk import rules
from app.desk.bulk.rules import MOVES, RowResult, RunState

ALLOWED = {
    ("start", "draft"): "collecting",
    ("revision", "collecting"): "draft",
    ("collection", "collecting"): "running",
    ("completion", "running"): "done",
    ("cancellation", "collecting"): "cancelled",
    ("cancellation", "running"): "cancelled",
    ("failure", "collecting"): "failed",
    ("failure", "running"): "failed",
    ("retry", "done"): "running",
    ("retry", "cancelled"): "running",
    ("retry", "failed"): "running",
}


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("state", RunState)
def test_each_move_in_each_state(move, state):
    assert rules.can_move(move, state) is ((move, state.value) in ALLOWED)
    if (move, state.value) in ALLOWED:
        assert MOVES[move].to_state == ALLOWED[move, state.value]


def test_no_other_move():
    with pytest.raises(KeyError):
        rules.can_move("resurrection", RunState.DONE)


def test_what_is_done_or_asked_is_never_taken_up_again():
    assert {RowResult.DONE, RowResult.PENDING}.isdisjoint(rules.REPEATABLE)


@pytest.mark.parametrize(
    ("count", "refusal"), [(0, "nothing"), (1, None), (rules.MAX_ROWS, None), (rules.MAX_ROWS + 1, "too_many")]
)
def test_how_many_it_takes_on(count, refusal):
    assert rules.size_refusal(count) == refusal
