"""Which papers a hire has, what stands on an invoice, and the tax in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from app.kit.money import Money

STANDARD_VAT: Mapping[str, str] = {
    "AT": "20", "BE": "21", "BG": "20", "CH": "8.1", "CZ": "21", "DE": "19", "DK": "25", "EE": "24", "ES": "21",
    "FI": "25.5", "FR": "20", "GB": "20", "GR": "24", "HR": "25", "HU": "27", "IE": "23", "IT": "22", "LT": "21",
    "LV": "21", "MX": "16", "NL": "21", "NO": "25", "PL": "23", "PT": "23", "RO": "21", "SE": "25", "SI": "22",
    "SK": "23",
}  # fmt: skip
"""The standard rate of each market, in per cent; prices include it unless their rate card adds a tax line."""
TAX = "TAX"


class Paper(StrEnum):
    """What is printed for a hire."""

    AGREEMENT = "agreement"
    VOUCHER = "voucher"
    INVOICE = "invoice"


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """For what, how it comes about, how much with its tax."""

    words: str
    explanation: str
    gross: Money
    is_taxed: bool = True


@dataclass(frozen=True, slots=True)
class Totals:
    """What an invoice comes to: net + tax = gross."""

    net: Money
    tax: Money
    gross: Money
    percent: Decimal


def vat_percent(market: str, card_percent: str | None) -> Decimal:
    """The rate of a hire: what its rate card says, else the standard one of its market."""
    return Decimal(card_percent or STANDARD_VAT.get(market, "0"))


def included_tax(gross: Money, percent: Decimal) -> Money:
    """round(gross x r / (1 + r)), half away from zero."""
    return Money.round(gross.decimal * percent / (100 + percent), gross.currency)


def totals(lines: Sequence[InvoiceLine], percent: Decimal, added_tax: Money | None, currency: str) -> Totals:
    """Of lines that include their tax, or of net lines with the tax that was added to them."""
    gross = Money(sum(line.gross.minor for line in lines) + (added_tax.minor if added_tax else 0), currency)
    taxed = Money(sum(line.gross.minor for line in lines if line.is_taxed), currency)
    tax = included_tax(taxed, percent) if added_tax is None else added_tax
    return Totals(Money(gross.minor - tax.minor, currency), tax, gross, percent)


def number_of(market: str, year: int, count: int) -> str:
    """`EE-2026-000017`: without a gap per market and year."""
    return f"{market}-{year}-{count:06d}"
