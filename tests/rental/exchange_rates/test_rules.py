"""Pairs of currencies: read as people write them, converted by the youngest rate, refused when it is too old."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.money import Money
from app.rental.exchange_rates import rules
from app.rental.exchange_rates.rules import Rate

DAY = date(2027, 5, 3)


def known(**worth):
    """Rates by pair, `EUR_SEK="11.42"`."""
    pairs = [(*name.split("_"), rate) for name, rate in worth.items()]
    return {(base, code): Rate(base, code, Decimal(rate), DAY) for base, code, rate in pairs}


RATES = known(EUR_SEK="11.42", EUR_HUF="391.5", EUR_JPY="160.25", USD_MXN="20")


@pytest.mark.parametrize(
    ("amount", "currency", "wanted"),
    [
        (Money(10_000, "EUR"), "EUR", Money(10_000, "EUR")),
        (Money(10_000, "EUR"), "SEK", Money(114_200, "SEK")),
        (Money(114_200, "SEK"), "EUR", Money(10_000, "EUR")),
        (Money(1, "SEK"), "EUR", Money(0, "EUR")),
        (Money(114_200, "SEK"), "HUF", Money(3_915_000, "HUF")),
        (Money(10_000, "EUR"), "JPY", Money(16_025, "JPY")),
        (Money(16_025, "JPY"), "EUR", Money(10_000, "EUR")),
        (Money(500, "USD"), "MXN", Money(10_000, "MXN")),
        (Money(5, "USD"), "EUR", None),
        (Money(5, "MXN"), "SEK", None),
    ],
)
def test_amounts_are_converted_by_the_pair_or_through_the_euro(amount, currency, wanted):
    assert rules.convert(amount, currency, RATES, DAY).amount == wanted


def test_the_pair_itself_goes_before_the_way_through_the_euro_and_the_younger_direction_counts():
    rates = {**RATES, ("SEK", "HUF"): Rate("SEK", "HUF", Decimal(35), DAY)}
    assert rules.convert(Money(100, "SEK"), "HUF", rates, DAY).amount == Money(3_500, "HUF")
    rates[("HUF", "SEK")] = Rate("HUF", "SEK", Decimal("0.04"), DAY - timedelta(days=1))
    assert [rate.pair for rate in rules.convert(Money(100, "SEK"), "HUF", rates, DAY).used] == [("SEK", "HUF")]


@pytest.mark.parametrize(("days", "is_stale"), [(0, False), (7, False), (8, True)])
def test_a_rate_of_more_than_a_week_compares_nothing(days, is_stale):
    found = rules.convert(Money(100, "EUR"), "SEK", RATES, DAY + timedelta(days=days))
    assert (found.amount is None, found.stale is not None) == (is_stale, is_stale)


@given(st.integers(1, 10**9), st.sampled_from(["SEK", "HUF", "JPY"]))
def test_there_and_back_is_within_half_of_the_smallest_coin(minor, currency):
    there = rules.convert(Money(minor, "EUR"), currency, RATES, DAY).amount
    back = rules.convert(there, "EUR", RATES, DAY).amount
    coin = float(rules.convert(Money(1, currency), "EUR", known(**{f"EUR_{currency}": "1"}), DAY).amount.minor or 1)
    assert abs(back.minor - minor) <= max(1, coin)


def test_lines_are_read_as_people_and_files_write_them():
    text = 'currency,rate\nSEK 11.0240\nczk;24,62\n\n"USD","MXN","20.1"\nHUF, 391.50\nGBP/JPY 184.2\n'
    found, problems = rules.read_lines(text, "EUR")
    assert not problems
    assert [(each["base"], each["currency"], str(each["rate"])) for each in found] == [
        ("EUR", "SEK", "11.0240"), ("EUR", "CZK", "24.62"), ("USD", "MXN", "20.1"), ("EUR", "HUF", "391.50"),
        ("GBP", "JPY", "184.2"),
    ]  # fmt: skip


def test_lines_that_are_no_rates_are_named():
    _, problems = rules.read_lines("SEK 11\nnothing 3\nCZK many\n", "EUR")
    assert [problem.detail for problem in problems] == [
        "Line 2 is no currency and rate: nothing 3",
        "Line 3 is no number: many",
    ]


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"source": ""}, "source", ""),
        ({"valid_from": DAY + timedelta(days=400)}, "valid_from", ""),
        ({"rates": []}, "rates", "From 1 to 200"),
        ({"rates": [("EUR", "XXX", "1")]}, "rates.0", "XXX is no currency"),
        ({"rates": [("EUR", "EUR", "1")]}, "rates.0", "one currency in itself"),
        ({"rates": [("EUR", "SEK", "1"), ("SEK", "EUR", "1")]}, "rates.1", "twice"),
        ({"rates": [("EUR", "SEK", "0")]}, "rates.0", "more than nothing"),
        ({"rates": [("EUR", "SEK", "NaN")]}, "rates.0", "more than nothing"),
        ({"rates": [("EUR", "SEK", "1.123456789")]}, "rates.0", "8 decimals"),
    ],
)
def test_a_sheet_is_refused_by_its_field(change, field, words):
    fields = {"valid_from": DAY, "source": "Bank", "rates": [("EUR", "SEK", "11")]} | change
    named = [{"base": base, "currency": code, "rate": Decimal(rate)} for base, code, rate in fields["rates"]]
    problems = rules.check_sheet({**fields, "rates": named}, DAY)
    assert problems[0].field == field
    assert words in problems[0].detail
