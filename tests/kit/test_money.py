from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.money import EXPONENTS, LARGEST_MINOR, Money, MoneyError, exponent


class TestParse:
    @pytest.mark.parametrize(
        ("text", "currency", "minor", "amount"),
        [
            ("412.50", "EUR", 41250, "412.50"),
            ("412.5", "EUR", 41250, "412.50"),
            ("0", "EUR", 0, "0.00"),
            ("-0.05", "EUR", -5, "-0.05"),
            ("1000", "JPY", 1000, "1000"),
            ("1.234", "BHD", 1234, "1.234"),
        ],
    )
    def test_reads_plain_decimals(self, text, currency, minor, amount):
        money = Money.parse(text, currency)
        assert money == Money(minor, currency)
        assert money.amount == amount

    @pytest.mark.parametrize(
        ("text", "currency"),
        [
            ("1.001", "EUR"),
            ("1.0", "JPY"),
            ("1", "XXX"),
            ("1", "eur"),
            ("", "EUR"),
            ("1,50", "EUR"),
            ("1e3", "EUR"),
            ("NaN", "EUR"),
            (".5", "EUR"),
            ("5.", "EUR"),
            (" 5", "EUR"),
            ("5\n", "EUR"),
            ("\u0665", "EUR"),
            ("9" * 18, "EUR"),
            ("9" * 19, "JPY"),
        ],
    )
    def test_refuses(self, text, currency):
        with pytest.raises(MoneyError):
            Money.parse(text, currency)

    @given(st.integers(-LARGEST_MINOR, LARGEST_MINOR), st.sampled_from(["JPY", "EUR", "BHD", "CLF"]))
    def test_writes_what_it_reads(self, minor, currency):
        money = Money(minor, currency)
        assert money.decimal.scaleb(exponent(currency)) == minor
        if len(money.amount) < 18:
            assert Money.parse(money.amount, currency) == money


class TestRound:
    @pytest.mark.parametrize(
        ("amount", "currency", "minor"),
        [
            ("1.005", "EUR", 101),
            ("-1.005", "EUR", -101),
            ("1.0049", "EUR", 100),
            ("0.5", "JPY", 1),
            ("-0.5", "JPY", -1),
            ("2.0005", "BHD", 2001),
        ],
    )
    def test_goes_half_away_from_zero(self, amount, currency, minor):
        assert Money.round(Decimal(amount), currency).minor == minor

    def test_refuses_what_is_no_number(self):
        with pytest.raises(MoneyError):
            Money.round(Decimal("NaN"), "EUR")


class TestArithmetic:
    def test_adds_subtracts_multiplies(self):
        assert Money(100, "EUR") + Money(5, "EUR") == Money(105, "EUR")
        assert Money(100, "EUR") - Money(5, "EUR") == Money(95, "EUR")
        assert Money(100, "EUR") * 3 == 3 * Money(100, "EUR") == Money(300, "EUR")
        assert -Money(1, "EUR") == Money(-1, "EUR")
        assert Money(1, "EUR") < Money(2, "EUR") <= Money(2, "EUR")
        assert max(Money(1, "EUR"), Money(2, "EUR")).minor == 2

    def test_equal_amounts_of_other_currencies_differ(self):
        assert Money(1, "EUR") != Money(1, "SEK")

    @pytest.mark.parametrize("operation", ["__add__", "__sub__", "__lt__", "__le__", "__gt__", "__ge__"])
    def test_refuses_two_currencies(self, operation):
        with pytest.raises(MoneyError):
            getattr(Money(1, "EUR"), operation)(Money(1, "SEK"))

    def test_refuses_more_than_a_column_holds(self):
        with pytest.raises(MoneyError):
            Money(LARGEST_MINOR, "EUR") + Money(1, "EUR")


def test_exponents_follow_the_standard():
    assert {code: EXPONENTS[code] for code in ("JPY", "EUR", "SEK", "HUF", "BHD", "ISK", "CLF", "MXN")} == {
        "JPY": 0, "EUR": 2, "SEK": 2, "HUF": 2, "BHD": 3, "ISK": 0, "CLF": 4, "MXN": 2,
    }  # fmt: skip
