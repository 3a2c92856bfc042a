"""The life of a booking as a table, its cancellation fee, and which field values it may have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from app.kit import acriss
from app.kit.checks import Checks
from app.kit.identifiers import normalise_email, normalise_phone
from app.kit.money import Money
from app.kit.problems import Problem

HOLD_WINDOW = timedelta(hours=2)
"""How long after the pick-up a vehicle is kept before the customer counts as not shown."""
LATEST_BACKDATING = timedelta(hours=1)
YOUNGEST_DRIVER = 18
MAX_NAME, MAX_NOTE, MAX_REASON = 160, 2_000, 500

_LOCATION = re.compile(r"[A-Z0-9][A-Z0-9-]{1,15}", re.ASCII)


class BookingState(StrEnum):
    SUBMITTING = "submitting"
    CONFIRMED = "confirmed"
    ON_REQUEST = "on_request"
    UNKNOWN = "unknown"
    AMEND_PENDING = "amend_pending"
    CANCEL_PENDING = "cancel_pending"
    ON_HIRE = "on_hire"
    RETURNED = "returned"
    NO_SHOW = "no_show"
    DISPUTED = "disputed"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    CANCELLED_BY_SUPPLIER = "cancelled_by_supplier"
    REJECTED = "rejected"
    FAILED = "failed"


class Source(StrEnum):
    """Whose vehicle it is."""

    OWN = "own"
    SUPPLIER = "supplier"


def _following() -> dict[BookingState, frozenset[BookingState]]:
    state = BookingState
    table: dict[BookingState, set[BookingState]] = {
        state.SUBMITTING: {state.CONFIRMED, state.ON_REQUEST, state.REJECTED, state.UNKNOWN},
        state.UNKNOWN: {state.CONFIRMED, state.ON_REQUEST, state.REJECTED, state.CANCEL_PENDING, state.FAILED},
        state.ON_REQUEST: {state.CONFIRMED, state.REJECTED, state.CANCELLED},
        state.CONFIRMED: {
            state.AMEND_PENDING, state.CANCEL_PENDING, state.CANCELLED_BY_SUPPLIER, state.ON_HIRE, state.NO_SHOW,
        },
        state.AMEND_PENDING: {state.CONFIRMED, state.UNKNOWN},
        state.CANCEL_PENDING: {state.CANCELLED, state.CONFIRMED, state.UNKNOWN},
        state.NO_SHOW: {state.ON_HIRE, state.CLOSED},
        state.ON_HIRE: {state.ON_HIRE, state.RETURNED},
        state.RETURNED: {state.CLOSED, state.DISPUTED},
        state.DISPUTED: {state.CLOSED},
        state.CLOSED: {state.DISPUTED},
    }  # fmt: skip
    return {one: frozenset(table.get(one, ())) for one in state}


FOLLOWING = _following()
"""The whole life of a booking: each state and the states that may follow it."""
TERMINAL = frozenset(state for state, following in FOLLOWING.items() if not following)
HOLDS_STOCK = frozenset(
    {
        BookingState.SUBMITTING, BookingState.CONFIRMED, BookingState.ON_REQUEST, BookingState.UNKNOWN,
        BookingState.AMEND_PENDING, BookingState.CANCEL_PENDING, BookingState.ON_HIRE,
    }
)  # fmt: skip
"""States in which an own booking has a vehicle, or the promise of one."""


NEVER_HOLDS = TERMINAL | {BookingState.NO_SHOW}
"""States in which nothing is held any more; after a return the hold goes on until the vehicle is ready."""


def can_follow(before: BookingState, after: BookingState) -> bool:
    return after in FOLLOWING[before]


@dataclass(frozen=True, slots=True)
class Move:
    """Something that people do with a booking: from where, and through which states it goes for our own fleet."""

    name: str
    from_states: frozenset[BookingState]
    path: tuple[BookingState, ...] = ()
    is_for_suppliers: bool = True


def _moves() -> dict[str, Move]:
    state = BookingState
    moves = (
        Move("vehicle_assignment", frozenset({state.CONFIRMED, state.ON_HIRE}), is_for_suppliers=False),
        Move("vehicle_removal", frozenset({state.CONFIRMED}), is_for_suppliers=False),
        Move("amendment", frozenset({state.CONFIRMED}), (state.AMEND_PENDING, state.CONFIRMED), is_for_suppliers=False),
        Move("extension", frozenset({state.ON_HIRE}), (state.ON_HIRE,), is_for_suppliers=False),
        Move("cancellation", frozenset({state.CONFIRMED, state.ON_REQUEST}), (state.CANCEL_PENDING, state.CANCELLED)),
        Move("no_show", frozenset({state.CONFIRMED}), (state.NO_SHOW,)),
        Move("closing", frozenset({state.NO_SHOW, state.RETURNED, state.DISPUTED}), (state.CLOSED,)),
        Move("dispute", frozenset({state.RETURNED, state.CLOSED}), (state.DISPUTED,)),
    )
    return {move.name: move for move in moves}


MOVES = _moves()


class Refusal(StrEnum):
    ILLEGAL_STATE = "illegal_state"
    NOT_OURS = "not_ours"
    TOO_EARLY = "too_early"


def can_move(move: str, state: BookingState, source: Source = Source.OWN) -> Refusal | None:
    """Why the move is refused in this state, or None; KeyError for a move that does not exist."""
    wanted = MOVES[move]
    if state not in wanted.from_states:
        return Refusal.ILLEGAL_STATE
    return Refusal.NOT_OURS if source is Source.SUPPLIER and not wanted.is_for_suppliers else None


def can_be_no_show(pickup_at: datetime, now: datetime) -> Refusal | None:
    """Only when the vehicle was kept long enough."""
    return Refusal.TOO_EARLY if now < pickup_at + HOLD_WINDOW else None


def allowed_moves(state: BookingState, source: Source, *, pickup_at: datetime, now: datetime) -> list[Move]:
    """The moves that people can make now."""
    return [
        move
        for move in MOVES.values()
        if can_move(move.name, state, source) is None
        and not (move.name == "no_show" and can_be_no_show(pickup_at, now))
    ]


def is_overdue(state: BookingState, return_at: datetime, now: datetime) -> bool:
    return state is BookingState.ON_HIRE and return_at < now


@dataclass(frozen=True, slots=True)
class FeeWindow:
    """What cancelling costs until a moment, in per cent of the total; the last window has no end."""

    until: datetime | None
    percent: int


FREE_BEFORE, LATE_PERCENT, MISSED_PERCENT = timedelta(hours=48), 50, 100


def fee_windows(pickup_at: datetime) -> list[FeeWindow]:
    """Free until two days before the pick-up, half until it, everything after it."""
    return [
        FeeWindow(pickup_at - FREE_BEFORE, 0),
        FeeWindow(pickup_at, LATE_PERCENT),
        FeeWindow(None, MISSED_PERCENT),
    ]


def fee_at(total: Money, windows: Sequence[FeeWindow], moment: datetime) -> Money:
    """The fee of a cancellation that is requested at a moment; rounded half away from zero."""
    percent = next(window.percent for window in windows if window.until is None or moment < window.until)
    return Money((total.minor * percent * 2 + 100) // 200, total.currency)


def next_boundary(windows: Iterable[FeeWindow], moment: datetime) -> datetime | None:
    """When cancelling becomes dearer."""
    return next((window.until for window in windows if window.until is not None and moment < window.until), None)


def check_new(fields: Mapping[str, Any], *, today: date) -> list[Problem]:
    """Problems of a new booking, field by field."""
    checks = Checks(fields)
    checks.required("customer_id", "driver", "pickup", "back", "class_code")
    checks.text("note", MAX_NOTE)
    _check_driver(checks, today)
    _check_class(checks)
    for name, words in (("pickup", "pickup"), ("back", "return")):
        check_end(fields.get(name) or {}, words, checks)
    return [_renamed(problem) for problem in checks.problems]


def check_amendment(fields: Mapping[str, Any]) -> list[Problem]:
    """Problems of other times, branches or class."""
    checks = Checks(fields)
    checks.text("reason", MAX_REASON)
    _check_class(checks)
    for name, words in (("pickup", "pickup"), ("back", "return")):
        if fields.get(name):
            check_end(fields[name], words, checks)
    return checks.problems


def check_end(end: Mapping[str, Any], words: str, checks: Checks) -> None:
    """A branch and a wall time without an offset."""
    inner = Checks(end, f"{words}.", checks.problems)
    inner.required("location", "local")
    inner.text("location", 16, _LOCATION, "A branch's code such as TLL")
    local = inner.value("local")
    if local is not None and (not isinstance(local, datetime) or local.tzinfo is not None):
        inner.refuse("local", "malformed", "A wall time without an offset, such as 2026-06-29T10:00")
    elif isinstance(local, datetime) and (local.second or local.microsecond):
        inner.refuse("local", "malformed", "To the minute")


def check_reason(fields: Mapping[str, Any]) -> list[Problem]:
    checks = Checks(fields)
    checks.required("reason")
    checks.text("reason", MAX_REASON)
    return checks.problems


def _check_driver(checks: Checks, today: date) -> None:
    driver = checks.group("driver")
    if driver is None:
        return
    driver.required("name")
    driver.text("name", MAX_NAME)
    phone, email = driver.text("phone", 40), driver.text("email", 254)
    if phone is not None and not normalise_phone(phone, None):
        driver.refuse("phone", "malformed", "With the country, such as +372 5551 2345")
    if email is not None and not normalise_email(email):
        driver.refuse("email", "malformed", "Not an e-mail address")
    born_on = driver.day("born_on", date(1900, 1, 1), today)
    if born_on is not None and age_on(born_on, today) < YOUNGEST_DRIVER:
        driver.refuse("born_on", "out_of_range", f"A driver is at least {YOUNGEST_DRIVER}")


def _check_class(checks: Checks) -> None:
    code = checks.text("class_code", 4)
    if code is None:
        return
    try:
        acriss.parse(code)
    except acriss.AcrissError as error:
        checks.refuse("class_code", "malformed", str(error))


def age_on(born_on: date, day: date) -> int:
    """Whole years."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def _renamed(problem: Problem) -> Problem:
    return Problem("return", problem.code, problem.detail) if problem.field == "back" else problem
