from datetime import UTC, date, datetime

import pytest

from app.kit.checks import Checks
from app.kit.money import Money


def found(checks):
    return [(problem.field, problem.code) for problem in checks.problems]


class TestRequired:
    @pytest.mark.parametrize(
        ("fields", "is_new", "refused"),
        [
            ({}, True, True),
            ({"make": " "}, True, True),
            ({"make": None}, False, True),
            ({}, False, False),
            ({"make": "Fiat"}, True, False),
            ({"make": 0}, True, False),
        ],
    )
    def test_refuses_what_is_missing_or_emptied(self, fields, is_new, refused):
        checks = Checks(fields)
        checks.required("make", is_new=is_new)
        assert found(checks) == ([("make", "required")] if refused else [])


@pytest.mark.parametrize(
    ("method", "arguments", "value", "code"),
    [
        ("text", (3,), 5, "wrong_type"),
        ("text", (3,), "four", "too_long"),
        ("text", (3,), "a\0", "malformed"),
        ("choice", (["a"],), "b", "unknown_value"),
        ("choice", (["a"],), ["a"], "wrong_type"),
        ("market", (), "ZZ", "unknown_value"),
        ("whole", (1, 5), "3", "wrong_type"),
        ("whole", (1, 5), True, "wrong_type"),
        ("whole", (1, 5), 6, "out_of_range"),
        ("fact", (), "yes", "wrong_type"),
        ("day", (date(2000, 1, 1), date(2001, 1, 1)), datetime(2000, 1, 1, tzinfo=UTC), "wrong_type"),
        ("day", (date(2000, 1, 1), date(2001, 1, 1)), date(1999, 1, 1), "out_of_range"),
        ("moment", (), date(2000, 1, 1), "wrong_type"),
        ("moment", (), datetime(2000, 1, 1), "malformed"),  # noqa: DTZ001
        ("slugs", (2,), "abs", "wrong_type"),
        ("slugs", (2,), ["a", "b", "c"], "too_long"),
        ("group", (), [], "wrong_type"),
    ],
)
def test_refuses(method, arguments, value, code):
    checks = Checks({"field": value}, "outer.")
    assert getattr(checks, method)("field", *arguments) is None
    assert found(checks) == [("outer.field", code)]
    absent = Checks({})
    assert getattr(absent, method)("field", *arguments) is None
    assert absent.problems == []


@pytest.mark.parametrize(
    ("value", "code"), [("5", "wrong_type"), (Money(0, "EUR"), "out_of_range"), (Money(9, "EUR"), None)]
)
def test_money(value, code):
    checks = Checks({"price": value})
    checks.money("price", least_minor=1, most_minor=10)
    assert found(checks) == ([("price", code)] if code else [])


def test_nested_problems_carry_the_path():
    checks = Checks({"household": {"dependants": "2"}, "debts": [{"lender": 1}, 5], "tags": ["a", "A", "a"]})
    household = checks.group("household")
    assert household is not None
    household.whole("dependants", 0, 20)
    for debt in checks.groups("debts", 9):
        debt.text("lender", 50)
    checks.slugs("tags", 9)
    assert found(checks) == [
        ("household.dependants", "wrong_type"),
        ("debts.1", "wrong_type"),
        ("debts.0.lender", "wrong_type"),
        ("tags.1", "malformed"),
        ("tags.2", "repeated"),
    ]
