"""The table of what to do next, and that it knows an answer to everything that hangs."""

from datetime import timedelta
from itertools import product

import pytest

from app.rental.limbo import rules
from app.rental.limbo.pages import ACTION_WORDS, WHY_WORDS, left_in_words
from app.rental.limbo.rules import Action, Hanging, Tone, Why
from app.rental.suppliers.rules import OPEN, Operation, ReservationState

S = ReservationState
ALL = frozenset(operation.value for operation in Operation)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LACKING = {
    "nothing": frozenset[str](),
    "asking": ALL - {Operation.RETRIEVE, Operation.RETRIEVE_BY_OURS},
    "ours": ALL - {Operation.RETRIEVE_BY_OURS},
    "cancelling": ALL - {Operation.CANCEL},
    "all": ALL,
}


def hanging(state=S.UNKNOWN, **values):
    usual = {
        "age": HOUR, "polls": 2, "capabilities": ALL, "has_number": False, "to_boundary": 3 * DAY,
        "to_pickup": 5 * DAY,
    }  # fmt: skip
    return Hanging(state=state, **(usual | values))


@pytest.mark.parametrize(
    ("given", "action", "why"),
    [
        (hanging(), Action.POLL, Why.WORKER_ASKS),
        (hanging(polls=6), Action.CALL, Why.ASKED_OFTEN),
        (hanging(capabilities=LACKING["ours"]), Action.CALL, Why.CANNOT_BE_ASKED),
        (hanging(capabilities=LACKING["ours"], has_number=True), Action.POLL, Why.WORKER_ASKS),
        (hanging(to_boundary=HOUR), Action.CANCEL, Why.FEE_RISES),
        (hanging(to_boundary=HOUR, capabilities=LACKING["cancelling"]), Action.CALL, Why.FEE_RISES_CALL),
        (hanging(to_boundary=HOUR, capabilities=LACKING["ours"]), Action.CALL, Why.FEE_RISES_CALL),
        (hanging(to_boundary=3 * HOUR, to_pickup=20 * HOUR), Action.REBOOK, Why.PICKUP_NEAR),
        (hanging(to_boundary=None, to_pickup=-HOUR), Action.SETTLE, Why.PICKUP_PASSED),
        (hanging(is_silent=True), Action.SETTLE, Why.SWITCHED_OFF),
        (hanging(S.ON_REQUEST, has_number=True), Action.POLL, Why.WORKER_ASKS),
        (hanging(S.ON_REQUEST, has_number=True, age=2 * DAY), Action.CALL, Why.WAITS_LONG),
        (hanging(S.ON_REQUEST, has_number=True, to_pickup=20 * HOUR), Action.REBOOK, Why.PICKUP_NEAR),
        (hanging(S.ON_REQUEST, has_number=True, to_boundary=HOUR), Action.CALL, Why.FEE_RISES_CALL),
        (hanging(S.CANCEL_PENDING, has_number=True), Action.POLL, Why.WORKER_ASKS),
        (hanging(S.CANCEL_PENDING, capabilities=LACKING["cancelling"]), Action.CALL, Why.CANNOT_CANCEL),
        (hanging(S.CANCEL_PENDING, has_number=True, polls=7), Action.CALL, Why.ASKED_OFTEN),
        (hanging(S.SUBMITTING, age=HOUR), Action.POLL, Why.NOT_SENT),
        (hanging(S.SUBMITTING, age=timedelta(seconds=5)), Action.POLL, Why.WORKER_ASKS),
        (hanging(S.AMEND_PENDING, has_number=True), Action.POLL, Why.WORKER_ASKS),
    ],
)
def test_what_to_do(given, action, why):
    assert rules.advise(given) == rules.Advice(action, why)


def test_there_is_an_answer_to_everything_and_it_can_be_done():
    spans = (None, timedelta(), HOUR, 2 * HOUR, DAY, 3 * DAY)
    tried = set()
    for state, boundary, pickup, polls, age, able, numbered, silent in product(
        sorted(OPEN), spans, (-HOUR, timedelta(), HOUR, 2 * DAY), (0, 5, 6, 50), (timedelta(), HOUR, 2 * DAY),
        LACKING.values(), (True, False), (True, False),
    ):  # fmt: skip
        given = Hanging(state, age, polls, able, numbered, boundary, pickup, is_silent=silent)
        advice = rules.advise(given)
        tried.add(advice)
        assert not (silent and advice.action in (Action.POLL, Action.CANCEL))
        if advice.action is Action.CANCEL:
            assert given.can_be_cancelled
            assert state is S.UNKNOWN
    assert {advice.action for advice in tried} == set(Action)
    assert {advice.why for advice in tried} == set(Why)


@pytest.mark.parametrize("state", sorted(set(S) - OPEN))
def test_nothing_is_advised_where_nothing_hangs(state):
    with pytest.raises(ValueError, match="nothing hangs"):
        rules.advise(hanging(state))


@pytest.mark.parametrize(
    ("left", "tone", "words"),
    [
        (None, Tone.ACT, "costs everything"),
        (timedelta(minutes=-3), Tone.ACT, "0 min"),
        (timedelta(minutes=59), Tone.ACT, "59 min"),
        (2 * HOUR, Tone.ACT, "2 h 0 min"),
        (timedelta(hours=3, minutes=20), Tone.SOON, "3 h 20 min"),
        (timedelta(days=2, hours=3, minutes=20), Tone.CALM, "2 d 3 h"),
    ],
)
def test_how_loud_the_countdown_is(left, tone, words):
    assert rules.tone_of(left) is tone
    assert left_in_words(left) == words


def test_everything_has_words():
    assert set(ACTION_WORDS) == set(Action)
    assert set(WHY_WORDS) == set(Why)
