"""What may be done with a run, and what can become of its rows."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

MAX_ROWS = 100_000
"""The most records that one run takes on."""
MAX_FORESEEN = 10_000
"""How many rows are looked at to say beforehand what will be refused."""
SHOWN_ROWS = 20
LONGEST_WORDS = 1_000
LONGEST_LABEL = 200
KEPT = timedelta(days=365)
"""How long the results of single rows are kept; the run itself stays."""
KEPT_DRAFT = timedelta(days=1)


class RunState(StrEnum):
    """A draft is being prepared; collecting writes down which records are meant before the first is touched."""

    DRAFT = "draft"
    COLLECTING = "collecting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class RowResult(StrEnum):
    """What became of one record."""

    WAITING = "waiting"
    DONE = "done"
    PENDING = "pending"
    REFUSED = "refused"
    FAILED = "failed"


WORKING = frozenset({RunState.COLLECTING, RunState.RUNNING})
OVER = frozenset({RunState.DONE, RunState.CANCELLED, RunState.FAILED})
REPEATABLE = frozenset({RowResult.FAILED, RowResult.REFUSED, RowResult.WAITING})
"""Results that did nothing, so that a row may be taken up again."""


@dataclass(frozen=True, slots=True)
class Move:
    """A change of a run's state."""

    from_states: frozenset[RunState]
    to_state: RunState


MOVES = {
    "start": Move(frozenset({RunState.DRAFT}), RunState.COLLECTING),
    "revision": Move(frozenset({RunState.COLLECTING}), RunState.DRAFT),
    "collection": Move(frozenset({RunState.COLLECTING}), RunState.RUNNING),
    "completion": Move(frozenset({RunState.RUNNING}), RunState.DONE),
    "cancellation": Move(WORKING, RunState.CANCELLED),
    "failure": Move(WORKING, RunState.FAILED),
    "retry": Move(OVER, RunState.RUNNING),
}


def can_move(move: str, state: RunState) -> bool:
    """Whether the run's state allows the move; KeyError for a move that does not exist."""
    return state in MOVES[move].from_states


def size_refusal(count: int) -> str | None:
    """Why so many records cannot be taken on, as a code."""
    if count == 0:
        return "nothing"
    return "too_many" if count > MAX_ROWS else None
