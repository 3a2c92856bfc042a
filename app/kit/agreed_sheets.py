"""Sheets that one person enters and another agrees to: nothing of them is edited, a later one takes their place."""

from collections.abc import Mapping
from enum import StrEnum


class SheetState(StrEnum):
    """A sheet is entered by one person, and is in force once another agrees."""

    WAITING = "waiting"
    IN_FORCE = "in_force"
    WITHDRAWN = "withdrawn"


MOVES: Mapping[SheetState, frozenset[SheetState]] = {
    SheetState.WAITING: frozenset({SheetState.IN_FORCE, SheetState.WITHDRAWN}),
    SheetState.IN_FORCE: frozenset(),
    SheetState.WITHDRAWN: frozenset(),
}
STATE_WORDS = {"waiting": "Waits for consent", "in_force": "In force", "withdrawn": "Withdrawn"}
TONES = {"waiting": "soon"}


def can_move(before: SheetState, after: SheetState) -> bool:
    """Whether the table of states allows a move."""
    return after in MOVES[before]
