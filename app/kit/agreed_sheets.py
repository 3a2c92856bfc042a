"""Sheets that one person enters and another agrees to: nothing of them is edited, a later one takes their place."""

from collections.abc import Mapping
from enum import StrEnum


class SheetState(StrEnum):
    """Entered by one person, in force once another agrees; else a sheet ends without ever having counted."""

    WAITING = "waiting"
    IN_FORCE = "in_force"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


_NONE = frozenset[SheetState]()
MOVES: Mapping[SheetState, frozenset[SheetState]] = {
    SheetState.WAITING: frozenset(SheetState) - {SheetState.WAITING},
    SheetState.IN_FORCE: _NONE,
    SheetState.REJECTED: _NONE,
    SheetState.WITHDRAWN: _NONE,
    SheetState.EXPIRED: _NONE,
}
STATE_WORDS = {
    "waiting": "Waits for consent",
    "in_force": "In force",
    "rejected": "Rejected",
    "withdrawn": "Withdrawn",
    "expired": "Not decided in time",
}
TONES = {"waiting": "soon"}


def can_move(before: SheetState, after: SheetState) -> bool:
    """Whether the table of states allows a move."""
    return after in MOVES[before]
