"""Tax in what is billed, and numbers."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.money import Money
from app.rental.papers import rules
from app.rental.papers.rules import InvoiceLine


def line(minor, *, is_taxed=True):
    return InvoiceLine("Hire", "", Money(minor, "EUR"), is_taxed=is_taxed)


@pytest.mark.parametrize(("gross", "percent", "tax"), [(12_400, "24", 2_400), (23_400, "24", 4_529), (100, "0", 0)])
def test_tax_is_in_the_price(gross, percent, tax):
    assert rules.included_tax(Money(gross, "EUR"), Decimal(percent)).minor == tax


def test_damages_have_no_tax_and_a_tax_line_is_taken_as_it_is():
    found = rules.totals([line(12_400), line(10_000, is_taxed=False)], Decimal(24), None, "EUR")
    assert (found.net.minor, found.tax.minor, found.gross.minor) == (20_000, 2_400, 22_400)
    found = rules.totals([line(10_000)], Decimal(24), Money(2_400, "EUR"), "EUR")
    assert (found.net.minor, found.tax.minor, found.gross.minor) == (10_000, 2_400, 12_400)


@given(st.lists(st.integers(-(10**6), 10**7), max_size=6), st.decimals(0, 30, places=1))
def test_net_and_tax_are_the_gross(amounts, percent):
    found = rules.totals([line(each) for each in amounts], percent, None, "EUR")
    assert found.net.minor + found.tax.minor == found.gross.minor == sum(amounts)


def test_numbers_are_of_a_market_and_a_year():
    assert rules.number_of("EE", 2026, 17) == "EE-2026-000017"
    assert rules.vat_percent("EE", None) == 24
    assert rules.vat_percent("EE", "9") == 9
