"""Each cause applied and worked out again, alone and together."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.money import Money
from app.rental.supplier_invoices import rules
from app.rental.supplier_invoices.rules import ADDED, Agreed, Billed, Cause, Part

EUR = "EUR"


def agreed(**values) -> Agreed:
    usual = {
        "total": Money(12_000, EUR), "days": 3, "time_minor": 12_000, "usual_one_way_minor": 4_500,
        "usual_young_minor": 900,
    }  # fmt: skip
    return Agreed(**(usual | values))


def billed(minor: int, currency: str = EUR, **values) -> Billed:
    return Billed(Money(minor, currency), **({"tax_percent": Decimal(22)} | values))


@pytest.mark.parametrize(
    ("was", "said", "expected", "parts"),
    [
        (agreed(), billed(12_000), 12_000, ()),
        (agreed(), billed(16_000), 12_000, ((Cause.EXTRA_DAY, 4_000),)),
        (agreed(), billed(16_001), 12_000, ((Cause.EXTRA_DAY, 4_001),)),
        (agreed(), billed(20_000, days=5), 12_000, ((Cause.EXTRA_DAY, 8_000),)),
        (agreed(), billed(16_000, days=3), 12_000, ((Cause.UNEXPLAINED, 4_000),)),
        (agreed(), billed(16_500), 12_000, ((Cause.ONE_WAY, 4_500),)),
        (agreed(), billed(14_700), 12_000, ((Cause.YOUNG_DRIVER, 2_700),)),
        (agreed(), billed(14_640), 12_000, ((Cause.TAX_BASE, 2_640),)),
        (agreed(), billed(9_836), 12_000, ((Cause.TAX_BASE, -2_164),)),
        (agreed(), billed(20_500), 12_000, ((Cause.EXTRA_DAY, 4_000), (Cause.ONE_WAY, 4_500))),
        (agreed(), billed(19_520), 12_000, ((Cause.EXTRA_DAY, 4_000), (Cause.TAX_BASE, 3_520))),
        (agreed(), billed(13_333), 12_000, ((Cause.UNEXPLAINED, 1_333),)),
        (agreed(usual_one_way_minor=0), billed(16_500), 12_000, ((Cause.UNEXPLAINED, 4_500),)),
        (agreed(commission_minor=1_800), billed(10_200), 10_200, ()),
        (agreed(commission_minor=1_800), billed(12_000), 10_200, ((Cause.COMMISSION, 1_800),)),
        (agreed(commission_minor=1_800), billed(14_200), 10_200, ((Cause.EXTRA_DAY, 4_000),)),
        (agreed(commission_minor=1_800), billed(13_600), 10_200, ((Cause.EXTRA_DAY, 3_400),)),
        (agreed(commission_minor=1_800), billed(16_500), 10_200, ((Cause.ONE_WAY, 4_500), (Cause.COMMISSION, 1_800))),
        (agreed(is_billed=True), billed(12_000), 0, ((Cause.DUPLICATE, 12_000),)),
        (agreed(fee=Money(0, EUR)), billed(12_000), 0, ((Cause.CANCELLED, 12_000),)),
        (agreed(fee=Money(6_000, EUR)), billed(6_000), 6_000, ()),
        (agreed(fee=Money(6_000, EUR)), billed(12_000), 6_000, ((Cause.CANCELLED, 6_000),)),
        (None, billed(12_000), 0, ((Cause.UNKNOWN_RESERVATION, 12_000),)),
        (agreed(), billed(135_600, "SEK"), 0, ((Cause.UNEXPLAINED, 135_600),)),
        (agreed(), billed(135_600, "SEK", agreed_rate=Decimal("11.30")), 135_600, ()),
        (
            agreed(), billed(138_000, "SEK", agreed_rate=Decimal("11.30"), exchange_rate=Decimal("11.50")), 135_600,
            ((Cause.CURRENCY_DATE, 2_400),),
        ),
        (agreed(), billed(135_601, "SEK", agreed_rate=Decimal("11.30")), 135_600, ((Cause.UNEXPLAINED, 1),)),
        (agreed(), billed(180_800, "SEK", agreed_rate=Decimal("11.30")), 135_600, ((Cause.EXTRA_DAY, 45_200),)),
        (
            agreed(), billed(184_000, "SEK", agreed_rate=Decimal("11.30"), exchange_rate=Decimal("11.50")), 135_600,
            ((Cause.EXTRA_DAY, 45_200), (Cause.CURRENCY_DATE, 3_200)),
        ),
        (
            agreed(), billed(235_750, "SEK", agreed_rate=Decimal("11.30"), exchange_rate=Decimal("11.50")), 135_600,
            ((Cause.EXTRA_DAY, 45_200), (Cause.ONE_WAY, 50_850), (Cause.CURRENCY_DATE, 4_100)),
        ),
        (agreed(), billed(24_100), 12_000, (
            (Cause.EXTRA_DAY, 4_000), (Cause.ONE_WAY, 4_500), (Cause.YOUNG_DRIVER, 3_600),
        )),
        (agreed(), billed(19_440, "JPY", agreed_rate=Decimal(162)), 19_440, ()),
    ],
)  # fmt: skip
def test_why_it_differs(was, said, expected, parts):
    found = rules.explain(was, said)
    assert found.expected == Money(expected, said.amount.currency)
    assert found.parts == tuple(Part(cause, minor) for cause, minor in parts)


@given(
    time=st.integers(1_000, 500_000), days=st.integers(1, 40), one_way=st.integers(0, 20_000),
    young=st.integers(0, 3_000), other=st.integers(0, 9_000), tax=st.sampled_from(["0", "8.1", "19", "22", "25.5"]),
    minor=st.integers(0, 1_000_000), causes=st.sets(st.sampled_from(ADDED)),
)  # fmt: skip
def test_the_parts_are_the_difference_whatever_is_billed(time, days, one_way, young, other, tax, minor, causes):
    was = Agreed(Money(time + other, EUR), days, time, usual_one_way_minor=one_way, usual_young_minor=young)
    for amount in (minor, rules.recomputed(was, billed(minor, tax_percent=Decimal(tax)), tuple(sorted(causes)))):
        found = rules.explain(was, billed(amount, tax_percent=Decimal(tax)))
        assert sum(part.minor for part in found.parts) == amount - found.expected.minor
        assert (found.cause is None) == (amount == found.expected.minor)


@given(days=st.integers(1, 30), per_day=st.integers(500, 30_000))
def test_a_supplier_that_rounds_each_day_is_understood(days, per_day):
    was = Agreed(Money(days * per_day, EUR), days, days * per_day)
    assert rules.explain(was, billed((days + 1) * per_day)).cause is Cause.EXTRA_DAY


@pytest.mark.parametrize(
    ("ours", "theirs", "is_same"),
    [
        ("Ozoliņa Ilze", "OZOLINA/ILZE MRS", True),
        ("Bērziņš Andris", "Berzins", True),
        ("Kask Mari", "Kask Jüri", False),
        ("Kask", "", False),
    ],
)
def test_the_same_driver(ours, theirs, is_same):
    assert rules.is_same_driver(ours, theirs) is is_same


@pytest.mark.parametrize(
    ("minor", "currency", "needs"),
    [(5_000, "EUR", False), (5_001, "EUR", True), (-90_000, "EUR", False), (1, "XXX", True)],
)
def test_when_a_second_person_agrees(minor, currency, needs):
    assert rules.needs_consent(minor, currency) is needs


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": None}, "amount"),
        ({"market": "XX"}, "market"),
        ({"supplier_number": ""}, "supplier_number"),
        ({"days": 0}, "days"),
        ({"tax_percent": Decimal(90)}, "tax_percent"),
    ],
)
def test_what_is_wrong_with_a_line(changes, field):
    fields = {
        "supplier": "baltic", "invoice_number": "7", "market": "EE", "amount": Money(1, EUR), "supplier_number": "BA1",
    }  # fmt: skip
    assert rules.check_line(fields) == []
    assert [problem.field for problem in rules.check_line(fields | changes)] == [field]
