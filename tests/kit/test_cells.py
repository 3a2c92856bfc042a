"""Text of cells as typed values."""

from datetime import date
from decimal import Decimal

import pytest

from app.kit import cells
from app.kit.cells import CellError, CellField
from app.kit.money import Money

FIELDS = {
    field.name: field
    for field in (
        CellField("name", "Name"),
        CellField("term", "Term", "whole"),
        CellField("price.amount", "Price", "amount"),
        CellField("price.currency", "Currency", "currency"),
        CellField("group.fact", "Fact", "fact"),
    )
}


class TestNumbers:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("114", "114"),
            ("-64", "-64"),
            ("1,204", "1204"),
            ("1,204.50", "1204.50"),
            ("1.204,50", "1204.50"),
            ("1 204,5", "1204.5"),
            ("1'204.5", "1204.5"),
            ("0,5", "0.5"),
            ("12.345", "12.345"),
        ],
    )
    def test_reads_what_people_write(self, text, value):
        assert cells.read_decimal(text) == Decimal(value)

    @pytest.mark.parametrize("text", ["", "12 km", "1,2,3", "1e5", "NaN", "--1", "٣"])
    def test_refuses_the_rest(self, text):
        with pytest.raises(CellError):
            cells.read_decimal(text)

    def test_whole_numbers_may_have_an_empty_fraction(self):
        assert cells.read_whole("100.0") == 100
        with pytest.raises(CellError):
            cells.read_whole("100.5")


class TestOtherKinds:
    @pytest.mark.parametrize(("text", "value"), [("True", True), ("x", True), ("NO", False), ("", False)])
    def test_facts(self, text, value):
        assert cells.read_fact(text) is value

    @pytest.mark.parametrize("text", ["2026-06-25", "2026-06-25T10:00:00", "25.06.2026"])
    def test_days(self, text):
        assert cells.read_day(text) == date(2026, 6, 25)

    @pytest.mark.parametrize("text", ["06/25/2026", "31.02.2026", "soon"])
    def test_days_that_are_none(self, text):
        with pytest.raises(CellError):
            cells.read_day(text)

    def test_choices_by_name_or_words(self):
        choices = (("plug_in_hybrid", "Plug-in hybrid"), ("diesel", "Diesel"))
        assert cells.read_choice("Plug-In Hybrid", choices) == "plug_in_hybrid"
        assert cells.read_choice("coal", choices) == "coal"

    def test_slugs_once_each(self):
        assert cells.read_slugs("Winter tyres; Navigation, navigation,") == ["winter_tyres", "navigation"]


class TestReadCells:
    def test_nests_dotted_names_and_puts_money_together(self):
        read, problems = cells.read_cells(
            {"name": "Ada", "price.amount": "1,204.5", "price.currency": "eur", "group.fact": "yes"}, FIELDS
        )
        assert read == {"name": "Ada", "price": Money(120450, "EUR"), "group": {"fact": True}}
        assert not problems

    @pytest.mark.parametrize(
        ("given", "detail"),
        [
            ({"price.amount": "5"}, "Without a currency: 5"),
            ({"price.amount": "5", "price.currency": "XXX"}, "'XXX' is not a currency we know: 5"),
            ({"price.amount": "5.001", "price.currency": "EUR"}, "EUR has 2 decimals, '5.001' has 3: 5.001"),
        ],
    )
    def test_money_that_is_none(self, given, detail):
        _, problems = cells.read_cells(given, FIELDS)
        assert [(problem.field, problem.detail) for problem in problems] == [("price.amount", detail)]

    def test_each_problem_names_its_field_and_shows_the_cell(self):
        read, problems = cells.read_cells({"term": "a year", "name": "Ada"}, FIELDS)
        assert read == {"name": "Ada"}
        assert [(problem.field, problem.detail) for problem in problems] == [("term", "Not a number: a year")]
