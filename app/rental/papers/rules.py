"""Which papers a hire has, what stands on an invoice and what a credit note takes back, and the tax in it."""

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
    """What is printed for a hire besides its invoices."""

    AGREEMENT = "agreement"
    VOUCHER = "voucher"


class InvoiceKind(StrEnum):
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


SERIES: Mapping[InvoiceKind, str] = {InvoiceKind.INVOICE: "", InvoiceKind.CREDIT_NOTE: "C-"}
"""What stands before the year in the numbers of a series."""
HIRE = "hire"
"""The key of the lines that are the price of the hire; those of charges have the charge's id."""


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """For what, how it comes about, how much with its tax; tax that a rate card adds to the price is a line of its own.

    `key`: what is billed, so that it is billed once. `number`: of a credit note, the line that it reverses, from 1.
    """

    key: str
    words: str
    explanation: str
    amount: Money
    is_taxed: bool = True
    number: int = 0


@dataclass(frozen=True, slots=True)
class RateTotal:
    """What one rate of tax comes to: net + tax = gross."""

    percent: Decimal
    net: Money
    tax: Money

    @property
    def gross(self) -> Money:
        return self.net + self.tax


def vat_percent(market: str, card_percent: str | None) -> Decimal:
    """The rate of a hire: what its rate card says, else the standard one of its market."""
    return Decimal(card_percent or STANDARD_VAT.get(market, "0"))


def included_tax(gross: Money, percent: Decimal) -> Money:
    """round(gross x r / (1 + r)), half away from zero."""
    return Money.round(gross.decimal * percent / (100 + percent), gross.currency)


def totals(lines: Sequence[InvoiceLine], percent: Decimal, currency: str) -> list[RateTotal]:
    """By rate, of amounts that include their tax."""
    found: list[RateTotal] = []
    for rate, is_taxed in ((percent, True), (Decimal(0), False)):
        amounts = [line.amount.minor for line in lines if line.is_taxed is is_taxed]
        if amounts:
            gross = Money(sum(amounts), currency)
            tax = included_tax(gross, rate)
            found.append(RateTotal(rate, gross - tax, tax))
    return found


def left(line: Money, credited: Sequence[Money]) -> Money:
    """What of a line still stands; credited amounts are negative."""
    return Money(line.minor + sum(each.minor for each in credited), line.currency)


def closing_totals(billed: Sequence[RateTotal], credited: Sequence[RateTotal]) -> list[RateTotal]:
    """By rate, what takes back all that still stands: to the last cent, whatever was rounded before."""
    found: list[RateTotal] = []
    for rate in billed:
        earlier = [each for each in credited if each.percent == rate.percent]
        zero = Money.zero(rate.net.currency)
        net, tax = (
            rate.net + sum((each.net for each in earlier), zero),
            rate.tax + sum((each.tax for each in earlier), zero),
        )
        if net.minor or tax.minor:
            found.append(RateTotal(rate.percent, -net, -tax))
    return found


def number_of(kind: InvoiceKind, market: str, year: int, count: int) -> str:
    """`EE-2026-000017`, of a credit note `EE-C-2026-000003`: without a gap per market, year and kind."""
    return f"{market}-{SERIES[kind]}{year}-{count:06d}"
