"""Sheets that one person enters and another agrees to: every move of the table, and no other."""

from itertools import product

import pytest

from app.kit.agreed_sheets import STATE_WORDS, SheetState, can_move


@pytest.mark.parametrize(("before", "after"), list(product(SheetState, repeat=2)))
def test_every_pair_of_states(before, after):
    allowed = {(SheetState.WAITING, after) for after in SheetState if after is not SheetState.WAITING}
    assert can_move(before, after) is ((before, after) in allowed)


def test_every_state_has_words():
    assert set(STATE_WORDS) == set(SheetState)
