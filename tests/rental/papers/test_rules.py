"""Tax in what is billed, and numbers."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.money import Money
from app.rental.papers import rules
from app.rental.papers.rules import InvoiceKind, InvoiceLine


def line(minor, *, is_taxed=True, number=0):
    return InvoiceLine("hire", "Hire", "", Money(minor, "EUR"), is_taxed=is_taxed, number=number)


def sums(found):
    return [(str(each.percent), each.net.minor, each.tax.minor, each.gross.minor) for each in found]


@pytest.mark.parametrize(("gross", "percent", "tax"), [(12_400, "24", 2_400), (23_400, "24", 4_529), (100, "0", 0)])
def test_tax_is_in_the_price(gross, percent, tax):
    assert rules.included_tax(Money(gross, "EUR"), Decimal(percent)).minor == tax


def test_what_is_no_supply_is_a_rate_of_its_own():
    found = rules.totals([line(12_400), line(10_000, is_taxed=False)], Decimal(24), "EUR")
    assert sums(found) == [("24", 10_000, 2_400, 12_400), ("0", 10_000, 0, 10_000)]
    assert rules.totals([], Decimal(24), "EUR") == []


@given(st.lists(st.integers(-(10**6), 10**7), min_size=1, max_size=6), st.decimals(0, 30, places=1))
def test_net_and_tax_are_the_gross(amounts, percent):
    (found,) = rules.totals([line(each) for each in amounts], percent, "EUR")
    assert found.net.minor + found.tax.minor == found.gross.minor == sum(amounts)


@given(st.lists(st.integers(1, 10**7), min_size=1, max_size=5), st.integers(0, 10**7), st.decimals(0, 30, places=1))
def test_the_last_credit_note_takes_back_every_cent_whatever_was_rounded_before(amounts, part, percent):
    billed = rules.totals([line(each) for each in amounts], percent, "EUR")
    first = rules.totals([line(-min(part, amounts[0]))], percent, "EUR")
    last = rules.closing_totals(billed, first)
    for name in ("net", "tax", "gross"):
        assert sum(getattr(each, name).minor for each in (*billed, *first, *last)) == 0


def test_numbers_are_of_a_market_a_year_and_a_kind():
    assert rules.number_of(InvoiceKind.INVOICE, "EE", 2026, 17) == "EE-2026-000017"
    assert rules.number_of(InvoiceKind.CREDIT_NOTE, "EE", 2026, 3) == "EE-C-2026-000003"
    assert rules.vat_percent("EE", None) == 24
    assert rules.vat_percent("EE", "9") == 9
