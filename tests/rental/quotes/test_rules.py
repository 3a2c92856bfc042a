"""What may become of a quote, and how prices drift."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from app.kit.hire_limits import Limit
from app.kit.money import Money
from app.rental.quotes import rules
from app.rental.quotes.pages.words import REASON_WORDS as OURS
from app.rental.quotes.rules import Filters, Hire, Moved, QuoteState
from app.rental.suppliers.pages.words import REASON_WORDS as SUPPLIERS
from app.rental.suppliers.rules import Absence, ErrorKind

ALLOWED = {
    (QuoteState.OPEN, QuoteState.EXPIRED),
    (QuoteState.OPEN, QuoteState.REPRICED),
    (QuoteState.OPEN, QuoteState.CONSUMED),
}
NOW = datetime(2027, 5, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize(("before", "after"), list(product(QuoteState, repeat=2)))
def test_every_pair_of_states(before, after):
    assert rules.can_move(before, after) is ((before, after) in ALLOWED)


@pytest.mark.parametrize("state", list(QuoteState))
def test_time_ends_open_quotes_only(state):
    assert rules.state_at(state, NOW + timedelta(microseconds=1), NOW) is state
    ended = QuoteState.EXPIRED if state is QuoteState.OPEN else state
    assert rules.state_at(state, NOW, NOW) is ended


@pytest.mark.parametrize(
    ("after", "is_beyond"), [(10_000, False), (10_050, False), (10_051, True), (9_950, False), (9_949, True)]
)
def test_half_a_per_cent_is_tolerated(after, is_beyond):
    assert rules.is_beyond_tolerance(Money(10_000, "EUR"), Money(after, "EUR")) is is_beyond
    assert rules.is_beyond_tolerance(Money(10_000, "EUR"), Money(after, "SEK"))


def test_prices_drift_line_by_line():
    before = [("TIME", Money(100, "EUR")), ("FEE", Money(5, "EUR")), ("FEE", Money(6, "EUR"))]
    after = [("TIME", Money(120, "EUR")), ("TAX", Money(9, "EUR"))]
    moved = rules.drift(before, after)
    assert moved == [
        Moved("TIME", Money(100, "EUR"), Money(120, "EUR")),
        Moved("FEE", Money(11, "EUR"), None),
        Moved("TAX", None, Money(9, "EUR")),
    ]
    assert [each.delta for each in moved] == [Money(20, "EUR"), Money(-11, "EUR"), Money(9, "EUR")]
    assert Moved("TIME", Money(1, "EUR"), Money(1, "SEK")).delta is None


@pytest.mark.parametrize(
    ("filters", "code", "source", "is_taken"),
    [
        (Filters(), "ECMR", "own", True),
        (Filters(buckets=frozenset({"small"})), "ECMR", "own", True),
        (Filters(buckets=frozenset({"small"})), "EWMR", "own", False),
        (Filters(transmission="automatic"), "ECAR", "own", True),
        (Filters(transmission="automatic"), "ECMR", "own", False),
        (Filters(classes=("C***", "E**R")), "ECMR", "own", True),
        (Filters(classes=("C***",)), "ECMR", "own", False),
        (Filters(sources=frozenset({"baltic"})), "ECMR", "own", False),
    ],
)
def test_filters(filters, code, source, is_taken):
    assert filters.take(code, source) is is_taken


@pytest.mark.parametrize(
    ("filters", "code", "distance"),
    [
        (Filters(), "ECMR", 0),
        (Filters(classes=("C***", "E**R")), "ECMR", 0),
        (Filters(classes=("CDMR",)), "CDAR", 1),
        (Filters(classes=("CDMR", "IWAR")), "IWMD", 2),
        (Filters(buckets=frozenset({"small"}), transmission="automatic"), "CDMR", 2),
    ],
)
def test_how_far_a_class_is_from_what_is_wanted(filters, code, distance):
    assert filters.distance(code) == distance
    assert filters.take(code, "own") is (distance == 0)


def test_what_cannot_be_compared_comes_last():
    totals = {"a": None, "b": Money(5, "EUR"), "c": Money(3, "EUR"), "d": Money(5, "EUR")}
    assert rules.by_total(totals) == ["c", "b", "d", "a"]


def test_only_what_differs_is_a_change():
    hire = Hire("TLL", NOW, "TLL", NOW, "ECMR", 30)
    other = Hire("RIX", NOW, "TLL", NOW, "ECMR", 31)
    assert rules.changed_parts(hire, other) == {"pickup": "RIX", "driver_age": 31}


@pytest.mark.parametrize("words", [OURS, SUPPLIERS])
def test_every_reason_why_a_supplier_has_no_car_has_words(words):
    assert {*Absence, *Limit, ErrorKind.KNOWN, ErrorKind.NO_RESULTS, ErrorKind.SYSTEM} <= words.keys()


def test_what_is_left_of_a_price_without_what_was_chosen():
    whole = [("TIME", Money(300, "EUR")), ("GPS", Money(20, "EUR")), ("TAX", Money(64, "EUR"))]
    chosen = [("GPS", Money(20, "EUR")), ("TAX", Money(4, "EUR")), ("FEE", Money(5, "EUR"))]
    assert rules.remainder(whole, chosen) == [
        ("TIME", Money(300, "EUR")), ("TAX", Money(60, "EUR")), ("FEE", Money(-5, "EUR")),
    ]  # fmt: skip
