"""What a line of a price says of itself."""

import pytest

from app.kit.hire_pricing.marks import explained, marks_of


@pytest.mark.parametrize(
    ("line", "marks"),
    [
        ({}, []),
        ({"is_included": False, "is_required": True, "is_tax_inclusive": True, "is_guaranteed": True}, []),
        ({"is_included": True}, ["included"]),
        ({"is_required": False, "is_tax_inclusive": False}, ["chosen", "plus tax"]),
        ({"is_guaranteed": False}, ["may change"]),
    ],
)
def test_only_what_is_not_usual_is_said(line, marks):
    assert marks_of(line) == marks


def test_stands_behind_how_a_line_comes_about():
    line = {"explanation": "3 days at 78.00", "is_tax_inclusive": False, "is_guaranteed": False}
    assert explained(line) == "3 days at 78.00 (plus tax, may change)"
    assert explained(line, is_billed=True) == "3 days at 78.00 (plus tax)"
    assert explained({"explanation": "3 days at 78.00"}) == "3 days at 78.00"
    assert explained({"explanation": "", "is_included": True}) == "included"
