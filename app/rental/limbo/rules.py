"""What to do next with a reservation that hangs: a table, of which the first line that fits decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.rental.suppliers.rules import OPEN, POLLS_BEFORE_TASK, PRESSING, Operation, ReservationState


class Action(StrEnum):
    POLL = "poll"
    CALL = "call"
    CANCEL = "cancel"
    SETTLE = "settle"
    REBOOK = "rebook"


class Why(StrEnum):
    PICKUP_PASSED = "pickup_passed"
    SWITCHED_OFF = "switched_off"
    CANNOT_BE_ASKED = "cannot_be_asked"
    CANNOT_CANCEL = "cannot_cancel"
    FEE_RISES = "fee_rises"
    FEE_RISES_CALL = "fee_rises_call"
    PICKUP_NEAR = "pickup_near"
    ASKED_OFTEN = "asked_often"
    WAITS_LONG = "waits_long"
    WORKER_ASKS = "worker_asks"
    NOT_SENT = "not_sent"


class Tone(StrEnum):
    ACT = "act"
    SOON = "soon"
    CALM = ""


@dataclass(frozen=True, slots=True)
class Hanging:
    """A reservation that hangs, as far as the table looks at it. `to_boundary` is none once nothing gets dearer."""

    state: ReservationState
    age: timedelta
    polls: int
    capabilities: frozenset[str]
    has_number: bool
    to_boundary: timedelta | None
    to_pickup: timedelta
    is_silent: bool = False

    @property
    def can_be_asked(self) -> bool:
        """Whether the supplier tells by machine what became of it."""
        return (Operation.RETRIEVE if self.has_number else Operation.RETRIEVE_BY_OURS) in self.capabilities

    @property
    def can_be_cancelled(self) -> bool:
        return Operation.CANCEL in self.capabilities and (self.has_number or self.can_be_asked)

    @property
    def is_pressing(self) -> bool:
        return self.to_boundary is None or self.to_boundary <= PRESSING


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: what is left out fits everything."""

    action: Action
    why: Why
    states: frozenset[ReservationState] = OPEN
    polls: int = 0
    older: timedelta = timedelta()
    pickup_within: timedelta | None = None
    is_pressing: bool | None = None
    can_be_asked: bool | None = None
    can_be_cancelled: bool | None = None
    is_silent: bool | None = None

    def fits(self, hanging: Hanging) -> bool:
        """Whether this line is about such a reservation."""
        facts = ("is_pressing", "can_be_asked", "can_be_cancelled", "is_silent")
        return (
            hanging.state in self.states
            and hanging.polls >= self.polls
            and hanging.age >= self.older
            and (self.pickup_within is None or hanging.to_pickup <= self.pickup_within)
            and all(getattr(self, fact) in (None, getattr(hanging, fact)) for fact in facts)
        )


_S = ReservationState
UNKNOWN, ASKED, CANCELLING = frozenset({_S.UNKNOWN}), frozenset({_S.ON_REQUEST}), frozenset({_S.CANCEL_PENDING})
SENDING = frozenset({_S.SUBMITTING})
NONE, DAY, LONG_UNSENT = timedelta(), timedelta(days=1), timedelta(minutes=10)
TABLE = (
    Line(Action.SETTLE, Why.PICKUP_PASSED, pickup_within=NONE),
    Line(Action.SETTLE, Why.SWITCHED_OFF, is_silent=True),
    Line(Action.CANCEL, Why.FEE_RISES, UNKNOWN, is_pressing=True, can_be_cancelled=True),
    Line(Action.CALL, Why.FEE_RISES_CALL, UNKNOWN, is_pressing=True),
    Line(Action.CALL, Why.CANNOT_BE_ASKED, UNKNOWN | ASKED, can_be_asked=False),
    Line(Action.REBOOK, Why.PICKUP_NEAR, UNKNOWN | ASKED | SENDING, pickup_within=DAY),
    Line(Action.CALL, Why.ASKED_OFTEN, UNKNOWN, polls=POLLS_BEFORE_TASK),
    Line(Action.CALL, Why.FEE_RISES_CALL, ASKED, is_pressing=True),
    Line(Action.CALL, Why.WAITS_LONG, ASKED, older=DAY),
    Line(Action.CALL, Why.CANNOT_CANCEL, CANCELLING, can_be_cancelled=False),
    Line(Action.CALL, Why.FEE_RISES_CALL, CANCELLING, is_pressing=True),
    Line(Action.CALL, Why.ASKED_OFTEN, CANCELLING, polls=POLLS_BEFORE_TASK),
    Line(Action.POLL, Why.NOT_SENT, SENDING, older=LONG_UNSENT),
    Line(Action.POLL, Why.WORKER_ASKS),
)
"""From what cannot wait to what the worker does by itself; the last line fits everything that is open."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do, and for which reason."""

    action: Action
    why: Why


def advise(hanging: Hanging) -> Advice:
    """The next best action. Raises ValueError for a state in which nothing hangs."""
    for line in TABLE:
        if line.fits(hanging):
            return Advice(line.action, line.why)
    raise ValueError(f"nothing hangs in the state {hanging.state.value}")


def tone_of(to_boundary: timedelta | None) -> Tone:
    """How loud the countdown is."""
    if to_boundary is None or to_boundary <= PRESSING:
        return Tone.ACT
    return Tone.SOON if to_boundary <= DAY else Tone.CALM


def left(boundary_at: datetime | None, now: datetime) -> timedelta | None:
    """How long until cancelling becomes dearer; none once it cannot."""
    return None if boundary_at is None else max(boundary_at - now, NONE)
