"""A hire by a rate card: what comes with the time, its tax, and the terms as text."""

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from app.kit.hire_pricing import card_lines
from app.kit.hire_pricing.card_prices import Card, CardHire, UnknownCode, one_way_fee, price_by_card, read_card
from app.kit.hire_pricing.card_terms import CardTerms, FeeTerms, GuardTerms
from app.kit.hire_pricing.days import HireTime
from app.kit.hire_pricing.lines import LineError
from app.kit.hire_pricing.terms import RateTerms

TIME = HireTime(date(2026, 3, 2), 4, 0)
TERMS = msgspec.convert(
    {
        "rate": {"blocks": [{"days": 1, "price": "100.00"}], "hour_price": "10.00"},
        "mileage": {"included_km_per_day": 200, "excess_price_per_km": "0.20"},
        "covers": [
            {"code": "CDW", "excess": "900.00", "deposit": "300.00"},
            {"code": "SCDW", "price": "12.00", "cap": "40.00", "excess": "0.00"},
        ],
        "extras": [{"code": "SEAT", "per": "hire", "price": "15.00"}],
        "routes": [
            {"start": "TLL", "end": "RIX", "price": "80.00"},
            {"start": "TLL", "end": "*", "price": "120.00"},
            {"start": "*", "end": "RIX", "price": "130.00"},
            {"start": "*", "end": "*", "price": "150.00"},
        ],
        "ages": [{"code": "YOUNG", "from_age": 21, "to_age": 24, "price": "10.00"}],
        "additional_driver": {"price": "7.00", "cap": "20.00"},
        "airport_percent": "12.5",
        "out_of_hours": "45.00",
        "tax_percent": "24",
        "products": [{"code": "PREPAID", "adjustment_percent": "-8"}],
    },
    CardTerms,
)


def card_with(**changed) -> Card:
    card = read_card(msgspec.structs.replace(TERMS, **changed), "EUR")
    assert isinstance(card, Card), card
    return card


def lines_of(card: Card, **hire) -> dict[str, str]:
    price = price_by_card(card, CardHire(TIME, **hire))
    assert price.total.minor == sum(line.amount.minor for line in price.lines)
    return {line.code: line.amount.amount for line in price.lines}


class TestLines:
    @pytest.mark.parametrize(
        ("hire", "code", "amount"),
        [
            ({}, "TIME", "400.00"),
            ({"product": "PREPAID"}, "ADJUSTMENT", "-32.00"),
            ({"is_airport": True, "product": "PREPAID"}, "AIRPORT", "50.00"),
            ({"covers": ["CDW"]}, "CDW", "0.00"),
            ({"covers": ["SCDW"]}, "SCDW", "40.00"),
            ({"extras": [("SEAT", 2)]}, "SEAT", "30.00"),
            ({"driver_age": 21}, "YOUNG", "40.00"),
            ({"driver_age": 24}, "YOUNG", "40.00"),
            ({"additional_drivers": 2}, "ADDITIONAL_DRIVER", "40.00"),
            ({"start": "TLL", "end": "RIX"}, "ONE_WAY", "80.00"),
            ({"out_of_hours": 2}, "OUT_OF_HOURS", "90.00"),
            ({"driven_km": 1000}, "MILEAGE", "40.00"),
        ],
    )
    def test_each_comes_when_it_is_asked_for(self, hire, code, amount):
        assert lines_of(card_with(), **hire)[code] == amount

    def test_none_comes_otherwise(self):
        hire = {"driver_age": 25, "start": "TLL", "end": "TLL"}
        assert set(lines_of(card_with(), **hire)) == {"TIME", "TAX"}

    def test_an_unknown_code_is_refused(self):
        for name, value in (("covers", ["TP"]), ("extras", [("GPS", 1)]), ("product", "LATER")):
            with pytest.raises(UnknownCode) as refused:
                price_by_card(card_with(), CardHire(TIME, **{name: value}))
            assert refused.value.field == name


class TestTax:
    def test_that_is_included_is_told_and_not_added(self):
        price = price_by_card(card_with(), CardHire(TIME))
        assert (price.total.amount, price.lines[-1].explanation) == ("400.00", "includes 77.42 (24 %)")

    def test_that_comes_on_top(self):
        price = price_by_card(card_with(is_tax_included=False), CardHire(TIME, covers=["SCDW"]))
        assert (price.lines[-1].amount.amount, price.total.amount) == ("105.60", "545.60")

    def test_of_nothing_has_no_line(self):
        assert "TAX" not in lines_of(card_with(tax_percent="0"))


class TestRoutes:
    @pytest.mark.parametrize(
        ("start", "end", "minor"),
        [("TLL", "RIX", 8000), ("TLL", "VNO", 12000), ("HEL", "RIX", 13000), ("A1", "B2", 15000)],
    )
    def test_the_one_that_says_more_counts(self, start, end, minor):
        assert one_way_fee(card_with(), start, end) == minor

    def test_without_a_fee_nothing_is_charged(self):
        assert one_way_fee(card_with(routes=[]), "TLL", "RIX") is None


class TestRefusals:
    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"rate": RateTerms()}, "rate.blocks"),
            ({"tax_percent": "-1"}, "tax_percent"),
            ({"tax_percent": "much"}, "tax_percent"),
            ({"airport_percent": "x"}, "airport_percent"),
            ({"out_of_hours": "1.234"}, "out_of_hours"),
            ({"additional_driver": FeeTerms("-1.00")}, "additional_driver.price"),
            ({"covers": [*TERMS.covers, TERMS.covers[0]]}, "covers.2.code"),
            ({"covers": [msgspec.structs.replace(TERMS.covers[0], excess="x")]}, "covers.0.excess"),
            ({"covers": [msgspec.structs.replace(TERMS.covers[0], deposit="1.005")]}, "covers.0.deposit"),
            ({"routes": [msgspec.structs.replace(TERMS.routes[0], price="x")]}, "routes.0.price"),
            ({"ages": [msgspec.structs.replace(TERMS.ages[0], to_age=20)]}, "ages.0.to_age"),
            ({"guards": GuardTerms(min_days=5, max_days=4)}, "guards.max_days"),
            (
                {"products": card_lines.read_products("PREPAID: 48 h 0%, 24 h 101%")},
                "products.0.cancellation.1.percent",
            ),
        ],
    )
    def test_name_the_field(self, changed, field):
        found = read_card(msgspec.structs.replace(TERMS, **changed), "EUR")
        assert isinstance(found, list)
        assert field in [problem.field for problem in found]


class TestText:
    def test_is_read_as_it_was_written(self):
        terms = msgspec.convert(CardTerms.EXAMPLE, CardTerms)
        written = card_lines.write_card(terms)
        assert card_lines.read_covers(written["covers"]) == terms.covers
        assert card_lines.read_routes(written["routes"]) == terms.routes
        assert card_lines.read_ages(written["ages"]) == terms.ages
        assert card_lines.read_fee(written["additional_driver"]) == terms.additional_driver
        assert card_lines.read_products(written["products"]) == terms.products
        assert set(written) == set(card_lines.LABELS)

    @pytest.mark.parametrize(
        ("read", "text"),
        [
            (card_lines.read_covers, "CDW 12.00 per day"),
            (card_lines.read_covers, "CDW 12.00 per day, excess 900.00, bonus 3.00"),
            (card_lines.read_routes, "TLL RIX 80.00"),
            (card_lines.read_ages, "YOUNG 24 10.00 per day"),
            (card_lines.read_ages, "YOUNG 10-24 10.00 per day"),
            (card_lines.read_products, "PREPAID: tomorrow 0%"),
            (card_lines.read_fee, "7.00"),
            (card_lines.read_fee, "7.00 per day\n8.00 per day"),
        ],
    )
    def test_that_cannot_be_read_names_its_line(self, read, text):
        with pytest.raises(LineError):
            read(text)

    def test_an_excess_alone_is_an_included_cover(self):
        (cover,) = card_lines.read_covers("TP included, excess 0.00")
        assert (cover.price, Decimal(cover.excess)) == (None, 0)
