"""The life of a booking as a table, its cancellation fee, and which field values it may have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from app.kit import acriss
from app.kit.checks import Checks
from app.kit.fee_windows import FeeWindow
from app.kit.hire_pricing.card_terms import ProductTerms, WindowTerms
from app.kit.identifiers import normalise_email, normalise_phone
from app.kit.money import Money
from app.kit.problems import Problem
from app.rental.rates.rules import cancellation_percent

HOLD_WINDOW = timedelta(hours=2)
"""How long after the pick-up a vehicle is kept before the customer counts as not shown."""
LATEST_BACKDATING = timedelta(hours=1)
YOUNGEST_DRIVER = 18
MAX_NAME, MAX_NOTE, MAX_REASON, MAX_BRAND, MAX_CODE = 160, 2_000, 500, 40, 24
MOST_DRIVERS, MOST_OF_AN_EXTRA, MOST_CHOICES = 8, 9, 60
CODE_WORDS = "A code of the rate card such as CDW"

_LOCATION = re.compile(r"[A-Z0-9][A-Z0-9-]{1,15}", re.ASCII)
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,23}", re.ASCII)


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


LOST = frozenset({BookingState.REJECTED, BookingState.FAILED, BookingState.CANCELLED_BY_SUPPLIER})
"""States in which a customer who was promised a car has none."""


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
        Move("amendment", frozenset({state.CONFIRMED}), (state.AMEND_PENDING, state.CONFIRMED)),
        Move("upgrade", frozenset({state.CONFIRMED}), (state.AMEND_PENDING, state.CONFIRMED), is_for_suppliers=False),
        Move("walk", frozenset({state.CONFIRMED}), (state.CANCEL_PENDING, state.CANCELLED), is_for_suppliers=False),
        Move("extension", frozenset({state.ON_HIRE}), (state.ON_HIRE,), is_for_suppliers=False),
        Move(
            "cancellation",
            frozenset({state.CONFIRMED, state.ON_REQUEST, state.UNKNOWN}),
            (state.CANCEL_PENDING, state.CANCELLED),
        ),
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


STANDARD = ProductTerms("STANDARD", cancellation=[WindowTerms(48, "0"), WindowTerms(0, "50")])
"""Free until two days before the pick-up, half until it, everything after it: where no product says otherwise."""


def fee_windows(pickup_at: datetime, product: ProductTerms = STANDARD) -> list[FeeWindow]:
    """What cancelling costs until when, by the product that is bought."""
    limits = [
        timedelta(hours=each) for each in sorted({one.hours_before for one in product.cancellation}, reverse=True)
    ]
    windows = [FeeWindow(pickup_at - limit, cancellation_percent(product, limit)) for limit in limits]
    return [*windows, FeeWindow(None, cancellation_percent(product, -timedelta(hours=1)))]


class StandIn(StrEnum):
    """What a customer gets who is given another class than was booked."""

    SAME = "same"
    BETTER = "better"
    SMALLER = "smaller"


def stand_in(booked: str, worth_booked: Money | None, class_code: str, worth: Money | None) -> StandIn:
    """A class beside the one that was booked, by what they cost today; what has no price is no promise of more."""
    if class_code == booked:
        return StandIn.SAME
    if worth is None or worth_booked is None or worth.currency != worth_booked.currency:
        return StandIn.SMALLER
    return StandIn.BETTER if worth.minor >= worth_booked.minor else StandIn.SMALLER


@dataclass(frozen=True, slots=True)
class Choices:
    """What is taken with a hire: the codes of a rate card. `extras` are pairs of code and number."""

    brand: str = ""
    product: str = ""
    covers: tuple[str, ...] = ()
    extras: tuple[tuple[str, int], ...] = ()
    additional_drivers: int = 0

    @property
    def is_plain(self) -> bool:
        """Whether nothing is taken that only a rate card can price."""
        return not (self.product or self.covers or self.extras or self.additional_drivers)


NOTHING = Choices()


def read_choices(given: Mapping[str, Any]) -> Choices:
    """Choices as `check_choices` found them right, or as they are stored."""
    return Choices(
        brand=given.get("brand") or "",
        product=given.get("product") or "",
        covers=tuple(given.get("covers") or ()),
        extras=tuple((each["code"], each["count"]) for each in given.get("extras") or ()),
        additional_drivers=given.get("additional_drivers") or 0,
    )


def write_choices(choices: Choices) -> dict[str, Any]:
    """Choices as they are stored and sent."""
    named = {"brand": choices.brand, "product": choices.product}
    return {name: code for name, code in named.items() if code} | {
        "covers": list(choices.covers),
        "extras": [{"code": code, "count": count} for code, count in choices.extras],
        "additional_drivers": choices.additional_drivers,
    }


def choices_in_words(choices: Choices) -> str:
    """`PREPAID, CDW, 2 x CHILD_SEAT, 1 additional driver`."""
    drivers = choices.additional_drivers
    parts = [choices.brand, choices.product, *choices.covers]
    parts += [code if count == 1 else f"{count} x {code}" for code, count in choices.extras]
    parts += [f"{drivers} additional driver{'' if drivers == 1 else 's'}"] if drivers else []
    return ", ".join(part for part in parts if part)


def check_choices(given: Mapping[str, Any]) -> list[Problem]:
    """Problems of what is taken with a hire, whatever the rate card has."""
    checks = Checks(given, "choices.")
    checks.text("brand", MAX_BRAND)
    checks.text("product", MAX_CODE, _CODE, CODE_WORDS)
    checks.whole("additional_drivers", 0, MOST_DRIVERS)
    for extra in checks.groups("extras", MOST_CHOICES):
        extra.text("code", MAX_CODE, _CODE, CODE_WORDS)
        extra.whole("count", 1, MOST_OF_AN_EXTRA)
    codes = {"covers": list(given.get("covers") or ()), "extras": [each["code"] for each in given.get("extras") or ()]}
    for name, each in codes.items():
        if len(each) != len(set(each)):
            checks.refuse(name, "duplicate", "The same one twice")
    if not all(_CODE.fullmatch(code) for code in codes["covers"]):
        checks.refuse("covers", "malformed", CODE_WORDS)
    return checks.problems


def check_new(fields: Mapping[str, Any], *, today: date) -> list[Problem]:
    """Problems of a new booking, field by field."""
    checks = Checks(fields)
    checks.required("customer_id", "driver", "pickup", "back", "class_code")
    checks.text("note", MAX_NOTE)
    _check_driver(checks, today)
    _check_class(checks)
    checks.problems += check_choices(fields.get("choices") or {})
    for name, words in (("pickup", "pickup"), ("back", "return")):
        check_end(fields.get(name) or {}, words, checks)
    return [_renamed(problem) for problem in checks.problems]


def check_amendment(fields: Mapping[str, Any]) -> list[Problem]:
    """Problems of other times, branches or class."""
    checks = Checks(fields)
    checks.text("reason", MAX_REASON)
    _check_class(checks)
    checks.problems += check_choices(fields.get("choices") or {})
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
