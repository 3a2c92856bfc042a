"""Shares of amounts in integer minor units, rounded half away from zero."""

from __future__ import annotations

from decimal import Decimal


def round_ratio(numerator: int, denominator: int) -> int:
    """Numerator / denominator, for a denominator above 0, rounded half away from zero."""
    whole = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -whole if numerator < 0 else whole


def percent_of(minor: int, percent: Decimal) -> int:
    """So many percent of an amount."""
    numerator, denominator = percent.as_integer_ratio()
    return round_ratio(minor * numerator, denominator * 100)


def exclusive_tax(net_minor: int, percent: Decimal) -> int:
    """The tax that comes on top of a net amount: round(net x r)."""
    return percent_of(net_minor, percent)


def inclusive_tax(gross_minor: int, percent: Decimal) -> int:
    """The tax that a gross amount contains: round(gross x r / (1 + r)); the net amount is what remains."""
    numerator, denominator = percent.as_integer_ratio()
    return round_ratio(gross_minor * numerator, denominator * 100 + numerator)
