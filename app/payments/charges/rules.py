"""The life of a charge as a table, how much of it may be moved, and what an operation with a provider makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

POLLS_BEFORE_TASK = 6
MOST_UNSENT = 5
"""How often a provider is tried that cannot be reached; nothing was asked of it then."""
LARGEST_MINOR = 10**11
MAX_TEXT = 200


class ChargeState(StrEnum):
    PLANNED = "planned"
    HELD = "held"
    CAPTURED = "captured"
    RELEASED = "released"
    REFUNDED = "refunded"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """The provider was asked and nobody knows yet what came of it."""
    WAIVED = "waived"


class Purpose(StrEnum):
    """What is charged for."""

    HIRE = "hire"
    DEPOSIT = "deposit"
    EXCESS_MILEAGE = "excess_mileage"
    FUEL = "fuel"
    DAMAGE = "damage"
    CANCELLATION_FEE = "cancellation_fee"
    NO_SHOW = "no_show"
    ONE_WAY = "one_way"
    LATE_RETURN = "late_return"
    EXTRA = "extra"
    FINE = "fine"
    TOLL = "toll"
    ADMIN_FEE = "admin_fee"
    """What passing a fine or a toll on costs."""


class OperationKind(StrEnum):
    """What is asked of the provider."""

    HOLD = "hold"
    INCREASE = "increase"
    SALE = "sale"
    """Held and captured at once: what is charged without a hold before it."""
    CAPTURE = "capture"
    RELEASE = "release"
    REFUND = "refund"


class OperationState(StrEnum):
    PENDING = "pending"
    UNKNOWN = "unknown"
    DONE = "done"
    REFUSED = "refused"


OPEN = frozenset({OperationState.PENDING, OperationState.UNKNOWN})
"""Operations that somebody has to bring to an end; a charge has one of them at most."""


def _following() -> dict[ChargeState, frozenset[ChargeState]]:
    state = ChargeState
    table: dict[ChargeState, set[ChargeState]] = {
        state.PLANNED: {state.HELD, state.CAPTURED, state.FAILED, state.UNKNOWN, state.WAIVED},
        state.FAILED: {state.HELD, state.CAPTURED, state.FAILED, state.UNKNOWN, state.WAIVED},
        state.HELD: {state.HELD, state.CAPTURED, state.RELEASED, state.UNKNOWN},
        state.CAPTURED: {state.CAPTURED, state.REFUNDED, state.UNKNOWN},
        state.UNKNOWN: {state.HELD, state.CAPTURED, state.RELEASED, state.REFUNDED, state.FAILED},
    }
    return {one: frozenset(table.get(one, ())) for one in state}


FOLLOWING = _following()
"""The whole life of a charge: each state and the states that may follow it."""
FROM = {
    OperationKind.HOLD: frozenset({ChargeState.PLANNED, ChargeState.FAILED}),
    OperationKind.SALE: frozenset({ChargeState.PLANNED, ChargeState.FAILED}),
    OperationKind.INCREASE: frozenset({ChargeState.HELD}),
    OperationKind.CAPTURE: frozenset({ChargeState.HELD}),
    OperationKind.RELEASE: frozenset({ChargeState.HELD}),
    OperationKind.REFUND: frozenset({ChargeState.CAPTURED}),
}
WAIVABLE = frozenset({ChargeState.PLANNED, ChargeState.FAILED})
DUE = frozenset({ChargeState.PLANNED, ChargeState.FAILED})
"""States in which nothing was taken yet and something is to be."""
UNSETTLED = DUE | {ChargeState.HELD, ChargeState.UNKNOWN}
"""States in which something is still to happen: to be taken, let go of, or found out."""
WAIVED_ALONE_MINOR = {
    "EUR": 10_000, "CHF": 10_000, "GBP": 9_000, "USD": 11_000, "SEK": 110_000, "NOK": 115_000, "DKK": 75_000,
    "PLN": 43_000, "CZK": 250_000, "HUF": 4_000_000, "RON": 50_000, "MXN": 200_000,
}  # fmt: skip
"""Up to how much one person alone lets go of."""


class Refusal(StrEnum):
    ILLEGAL_STATE = "illegal_state"
    IN_PROGRESS = "in_progress"
    TOO_MUCH = "too_much"
    TOO_LITTLE = "too_little"


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a charge is about, and what of it was moved so far; minor units of one currency."""

    amount: int
    held: int = 0
    captured: int = 0
    refunded: int = 0

    @property
    def is_sound(self) -> bool:
        """Never more held than agreed, captured than held, given back than captured."""
        return 0 <= self.refunded <= self.captured <= self.held <= self.amount


def may_waive_alone(minor: int, currency: str) -> bool:
    """Whether no second person is needed; in a currency without a limit one always is."""
    return minor <= WAIVED_ALONE_MINOR.get(currency, 0)


def can_follow(before: ChargeState, after: ChargeState) -> bool:
    return after in FOLLOWING[before]


def check(
    kind: OperationKind, state: ChargeState, amounts: Amounts, minor: int, *, has_open: bool = False
) -> Refusal | None:
    """Why an operation over `minor` is refused, or None."""
    if has_open:
        return Refusal.IN_PROGRESS
    if state not in FROM[kind]:
        return Refusal.ILLEGAL_STATE
    least, most = _bounds(kind, amounts)
    if minor < least:
        return Refusal.TOO_LITTLE
    return Refusal.TOO_MUCH if minor > most else None


def _bounds(kind: OperationKind, amounts: Amounts) -> tuple[int, int]:
    """The least and the most that may be asked for."""
    match kind:
        case OperationKind.HOLD | OperationKind.SALE:
            return 1, amounts.amount
        case OperationKind.INCREASE:
            return amounts.held + 1, LARGEST_MINOR
        case OperationKind.REFUND:
            return 1, amounts.captured - amounts.refunded
        case OperationKind.CAPTURE | OperationKind.RELEASE:
            return 1, amounts.held


def after(kind: OperationKind, amounts: Amounts, minor: int) -> tuple[ChargeState, Amounts]:
    """Where a charge is once the provider did what it was asked.

    `minor`: the amount held, the new amount of an increase, what was captured or given back.
    """
    match kind:
        case OperationKind.HOLD:
            return ChargeState.HELD, Amounts(amounts.amount, held=minor)
        case OperationKind.INCREASE:
            return ChargeState.HELD, Amounts(max(amounts.amount, minor), held=minor)
        case OperationKind.SALE:
            return ChargeState.CAPTURED, Amounts(amounts.amount, held=minor, captured=minor)
        case OperationKind.CAPTURE:
            return ChargeState.CAPTURED, Amounts(amounts.amount, amounts.held, captured=minor)
        case OperationKind.RELEASE:
            return ChargeState.RELEASED, amounts
        case OperationKind.REFUND:
            made = Amounts(amounts.amount, amounts.held, amounts.captured, amounts.refunded + minor)
            return (ChargeState.REFUNDED if made.refunded == made.captured else ChargeState.CAPTURED), made


def at_rest(amounts: Amounts) -> ChargeState:
    """Where a charge is whose last operation came to nothing, by what was moved before it."""
    if amounts.captured:
        return ChargeState.REFUNDED if amounts.refunded == amounts.captured else ChargeState.CAPTURED
    return ChargeState.HELD if amounts.held else ChargeState.FAILED


def next_poll(polls: int) -> timedelta:
    """When to ask again: soon at first, at most every half hour."""
    return min(timedelta(seconds=5) * 2**polls, timedelta(minutes=30))
