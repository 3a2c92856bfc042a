"""Lines of a price in words for people: what they are for, and what they say of themselves beyond the usual."""

from collections.abc import Mapping
from typing import Any

_NAMES: Mapping[str, str] = {
    "TIME": "Hire", "MILEAGE": "Excess kilometres", "TAX": "VAT", "ONE_WAY": "One-way fee",
    "AIRPORT": "Airport surcharge",
}  # fmt: skip
_LASTING = (
    ("is_included", False, "included"),
    ("is_required", True, "chosen"),
    ("is_tax_inclusive", True, "plus tax"),
)
"""The mark, what is usual, and the word for what is not."""
_UNTIL_BILLED = ("is_guaranteed", True, "may change")


def marks_of(line: Mapping[str, Any], *, is_billed: bool = False) -> list[str]:
    """`included`, `chosen`, `plus tax`, `may change`; what is billed changes no more."""
    marks = _LASTING if is_billed else (*_LASTING, _UNTIL_BILLED)
    return [words for name, usual, words in marks if line.get(name, usual) is not usual]


def explained(line: Mapping[str, Any], *, is_billed: bool = False) -> str:
    """`3 days at 78.00 (plus tax)`: how a line comes about, with its marks, as one text."""
    explanation, told = str(line["explanation"]), marks_of(line, is_billed=is_billed)
    marks = ", ".join(mark for mark in told if mark != "included" or not explanation.startswith("includes"))
    if not marks:
        return explanation
    return f"{explanation} ({marks})" if explanation else marks


def line_name(code: str) -> str:
    """`Hire` for `TIME`, `Young driver` for `YOUNG_DRIVER`; codes of covers and extras are the words of the trade."""
    known = _NAMES.get(code)
    if known:
        return known
    return code.replace("_", " ").capitalize() if "_" in code or code == "ADJUSTMENT" else code
