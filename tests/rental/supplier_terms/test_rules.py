"""What a supplier's price becomes: worked values, and what holds for every price and every sheet."""

import random
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit import fee_windows
from app.kit.money import Money
from app.rental.supplier_terms import rules
from app.rental.supplier_terms.rules import Base, Model, Terms, TermsLine
from app.rental.suppliers.rules import Mileage, PriceLine, SupplierOffer

DAY = date(2027, 5, 3)
WORDS = "Time and mileage"


def euro(amount):
    return Money.parse(amount, "EUR")


def part(code, amount, words="", **marks):
    return PriceLine(code, words, euro(amount), **marks)


def offer(total, *lines, acriss="CDMR"):
    return SupplierOffer("key", acriss, "Octavia", euro(total), lines, Mileage(None), (), is_on_request=False)


def net(percent="0", per_hire=0, least=0, step="0.01", **more):
    return TermsLine(
        more.pop("pattern", "****"), Model.NET, markup_percent=Decimal(percent), markup_per_hire_minor=per_hire,
        markup_least_minor=least, step=step, **more,
    )  # fmt: skip


def share(percent, base=Base.TIME, **more):
    return TermsLine(
        more.pop("pattern", "****"), Model.COMMISSION, commission_percent=Decimal(percent), base=base, **more
    )


def sell(sold, *lines, market="EE", currency="EUR"):
    return rules.sell(sold, Terms("sheet", DAY, currency, lines), market, WORDS)


FULL = (part("TIME", "100.00", "4 days at 25.00"), part("ONE_WAY", "30.00", "One way"), part("VAT", "31.20", "24 %"))


class TestNet:
    @pytest.mark.parametrize(
        ("line", "retail"),
        [
            (net("10"), "110.00"),
            (net("10", per_hire=500), "115.00"),
            (net("10", least=1_500), "115.00"),
            (net("10", per_hire=500, least=1_500), "115.00"),
            (net("10", per_hire=501, least=1_500), "115.01"),
            (net("12.34"), "112.34"),
            (net("12.34", step="0.50"), "112.50"),
            (net("12.34", step="1.00"), "113.00"),
            (net("10", step="1.00"), "110.00"),
            (net(), "100.00"),
        ],
    )
    def test_worked_values(self, line, retail):
        sold = sell(offer("100.00"), line)
        assert sold.offer.total == euro(retail)
        assert (sold.margin.price_minor, sold.margin.cost_minor) == (10_000, 10_000)
        assert sold.margin.markup_minor == sold.margin.margin_minor == euro(retail).minor - 10_000

    def test_half_a_cent_goes_away_from_zero(self):
        assert sell(offer("0.50"), net("5")).offer.total == euro("0.53")

    def test_another_currency_than_the_agreement_takes_the_percent_alone(self):
        line = net("10", per_hire=500, least=9_000, step="1.00")
        assert sell(offer("99.99"), line, currency="SEK").offer.total == euro("109.99")

    def test_a_currency_without_small_parts_is_rounded_to_whole_units(self):
        yen = replace(offer("1.00"), total=Money(10_001, "JPY"))
        assert sell(yen, net("10", step="0.50"), currency="JPY").offer.total == Money(11_001, "JPY")


class TestLines:
    def test_mark_up_and_tax_are_folded_into_time(self):
        sold = sell(offer("161.20", *FULL), net("10"))
        assert [(line.code, line.words, line.amount) for line in sold.offer.lines] == [
            ("TIME", WORDS, euro("147.32")), ("ONE_WAY", "One way", euro("30.00")),
        ]  # fmt: skip

    def test_several_times_become_one_and_numbers_in_words_are_left_out(self):
        lines = (part("TIME", "60.00"), part("TIME", "40.00"), part("FEE", "10.00", "10 % of 100.00"))
        sold = sell(offer("110.00", *lines), net("10"))
        assert [(line.code, line.words, line.amount) for line in sold.offer.lines] == [
            ("TIME", WORDS, euro("111.00")), ("FEE", "", euro("10.00")),
        ]  # fmt: skip

    def test_without_time_the_first_required_line_holds_it(self):
        lines = (part("SEAT", "10.00", is_required=False), part("PACKAGE", "90.00"))
        assert [line.amount for line in sell(offer("100.00", *lines), net("10")).offer.lines] == [
            euro("100.00"), euro("10.00"),
        ]  # fmt: skip

    def test_lines_that_come_to_something_else_become_one(self):
        sold = sell(offer("100.00", part("TIME", "80.00"), part("CDW", "5.00", "Cover", is_included=True)), net("10"))
        assert [(line.code, line.amount) for line in sold.offer.lines] == [
            ("TIME", euro("110.00")), ("CDW", euro("5.00")),
        ]  # fmt: skip

    def test_commission_leaves_the_offer_as_it_is(self):
        given_offer = offer("161.20", *FULL)
        assert sell(given_offer, share("15")).offer is given_offer


class TestCommission:
    @pytest.mark.parametrize(
        ("line", "kept"),
        [
            (share("15"), 1_500),
            (share("15", Base.TOTAL), 1_950),
            (share("12.5"), 1_250),
            (share("0.01"), 1),
            (share("100", Base.TOTAL), 13_000),
            (share("0"), 0),
        ],
    )
    def test_worked_values(self, line, kept):
        margin = sell(offer("161.20", *FULL), line).margin
        assert (margin.commission_minor, margin.margin_minor, margin.cost_minor) == (kept, kept, 16_120 - kept)
        assert margin.retail_minor == margin.price_minor

    def test_tax_within_the_rate_is_no_base_either(self):
        lines = (part("TIME", "124.00"), part("VAT", "24.00", is_included=True))
        assert sell(offer("124.00", *lines), share("10", Base.TOTAL)).margin.commission_minor == 1_000

    def test_a_supplier_that_tells_no_time_leaves_nothing_of_it(self):
        assert sell(offer("100.00", part("PACKAGE", "100.00")), share("15")).margin.commission_minor == 0


class TestChoosing:
    LINES = (share("1"), share("2", pattern="C***"), share("3", pattern="CD**"), share("4", market="EE"),
             share("5", market="EE", pattern="***R"), share("6", pattern="CDMR"))  # fmt: skip

    @pytest.mark.parametrize(
        ("market", "code", "percent"),
        [
            ("EE", "CDMR", 5), ("LV", "CDMR", 6), ("LV", "CDAR", 3), ("LV", "CWAR", 2), ("LV", "EDMR", 1),
            ("EE", "EDMN", 4), ("EE", "????", 4), ("LV", "????", 1),
        ],
    )  # fmt: skip
    def test_market_first_then_the_fewest_wildcards(self, market, code, percent):
        line = rules.choose(self.LINES, market, code)
        assert line is not None
        assert line.commission_percent == percent

    def test_no_line_and_no_terms_sell_at_the_suppliers_price(self):
        given_offer = offer("100.00")
        for sold in (sell(given_offer, share("9", market="LV")), rules.sell(given_offer, None, "EE", WORDS)):
            assert sold.offer is given_offer
            assert (sold.margin.margin_minor, sold.margin.line, sold.margin.terms_id) == (0, None, "")


percents = st.integers(0, 30_000).map(lambda hundredths: Decimal(hundredths) / 100)
minors = st.integers(0, 5_000_00)
patterns = st.sampled_from(["****", "C***", "*D**", "***R", "CD**", "CDMR", "E***"])
net_lines = st.builds(net, percents, minors, minors, st.sampled_from(rules.STEPS), pattern=patterns,
                      market=st.sampled_from(["", "EE", "LV"]))  # fmt: skip
shares = st.builds(share, st.integers(0, 10_000).map(lambda each: Decimal(each) / 100), st.sampled_from(Base),
                   pattern=patterns, market=st.sampled_from(["", "EE", "LV"]))  # fmt: skip
parts = st.lists(
    st.tuples(
        st.sampled_from(["TIME", "VAT", "TAX", "ONE_WAY", "CDW", "FEE"]), minors, st.booleans(), st.booleans(),
        st.sampled_from(["", "4 days at 25.00", "One way"]),
    ),
    max_size=7,
)  # fmt: skip


@st.composite
def offers(draw):
    drawn = [
        PriceLine(code, words, Money(minor, "EUR"), is_included=inside, is_required=required)
        for code, minor, inside, required, words in draw(parts)
    ]
    adds_up = sum(line.amount.minor for line in drawn if not line.is_included)
    total = draw(st.one_of(st.just(adds_up), minors))
    return replace(offer("0.00", *drawn), total=Money(total, "EUR"))


@given(offers(), net_lines)
def test_net_and_mark_up_are_retail_and_lines_come_to_it(given_offer, line):
    sold = rules.sell_by(given_offer, line, "EUR", WORDS, terms_id="", valid_from="")
    margin = sold.margin
    assert margin.retail_minor == margin.price_minor + margin.markup_minor == sold.offer.total.minor
    assert margin.retail_minor >= given_offer.total.minor
    assert margin.retail_minor % rules.step_minor(line.step, "EUR") == 0
    assert sum(each.amount.minor for each in sold.offer.lines if not each.is_included) == margin.retail_minor
    assert all(each.amount.minor >= 0 for each in sold.offer.lines)
    assert not any(each.code in rules.TAX_CODES for each in sold.offer.lines)
    assert not any(mark.isdigit() for each in sold.offer.lines for mark in each.words)


@given(offers(), shares)
def test_commission_is_never_more_than_its_base(given_offer, line):
    kept = rules.commission(given_offer, line)
    whole = rules.commission(given_offer, share("100", line.base))
    assert 0 <= kept <= whole <= given_offer.total.minor


@given(offers(), st.lists(st.one_of(net_lines, shares), max_size=8), st.randoms())
def test_the_order_of_the_sheet_says_nothing(given_offer, lines, chance: random.Random):
    unique = list({(line.market, line.pattern): line for line in lines}.values())
    mixed = chance.sample(unique, len(unique))
    assert sell(given_offer, *unique) == sell(given_offer, *mixed)


@given(minors, minors, net_lines)
def test_a_dearer_car_is_never_sold_cheaper(one, other, line):
    low, high = sorted((one, other))
    assert rules.retail(Money(low, "EUR"), line, "EUR").minor <= rules.retail(Money(high, "EUR"), line, "EUR").minor


@given(minors, net_lines, st.integers(-100, 100))
def test_the_customers_fee_is_never_less_than_what_the_supplier_takes(price, line, hours):
    """Both have the same windows, and the customer's total is never the smaller."""
    from datetime import UTC, datetime, timedelta

    pickup = datetime(2027, 5, 3, 10, tzinfo=UTC)
    windows, moment = fee_windows.usual_windows(pickup), pickup + timedelta(hours=hours)
    price_of = Money(price, "EUR")
    theirs = fee_windows.fee_at(price_of, windows, moment)
    assert fee_windows.fee_at(rules.retail(price_of, line, "EUR"), windows, moment) >= theirs


class TestChecks:
    NET = {"pattern": "C***", "model": "net", "markup_percent": Decimal(10)}

    def problems(self, *lines, **more):
        found = rules.check_terms({"valid_from": DAY, "lines": list(lines), **more}, DAY, "EUR")
        return [(each.field, each.code) for each in found]

    def test_right_ones(self):
        money = {"markup_per_hire": euro("5.00"), "markup_least": euro("8.00"), "step": "0.50", "market": "EE"}
        of_price = {"pattern": "****", "model": "commission", "commission_percent": Decimal("12.5"), "base": "total"}
        assert self.problems(self.NET | money, of_price) == []
        assert len(rules.lines_of({"lines": [self.NET | money, of_price]})) == 2

    @pytest.mark.parametrize(
        ("change", "field", "code"),
        [
            ({"pattern": "A***"}, "pattern", "malformed"),
            ({"pattern": None}, "pattern", "required"),
            ({"market": "XX"}, "market", "unknown_value"),
            ({"model": "gift"}, "model", "unknown_value"),
            ({"markup_percent": Decimal(-1)}, "markup_percent", "out_of_range"),
            ({"markup_percent": Decimal(301)}, "markup_percent", "out_of_range"),
            ({"markup_percent": Decimal("1.005")}, "markup_percent", "too_precise"),
            ({"markup_percent": None}, "markup_percent", "required"),
            ({"markup_least": Money(500, "SEK")}, "markup_least", "other_currency"),
            ({"step": "0.25"}, "step", "unknown_value"),
            ({"commission_percent": Decimal(5)}, "commission_percent", "invalid"),
            ({"model": "commission"}, "markup_percent", "invalid"),
        ],
    )
    def test_wrong_ones_are_named(self, change, field, code):
        assert (f"lines.0.{field}", code) in self.problems(self.NET | change)

    def test_a_line_stands_once_and_there_is_one(self):
        assert ("lines.1.pattern", "repeated") in self.problems(self.NET, self.NET | {"pattern": "c***"})
        assert ("lines", "out_of_range") in self.problems()

    def test_terms_do_not_begin_in_the_past(self):
        assert ("valid_from", "out_of_range") in self.problems(self.NET, valid_from=date(2027, 5, 2))
