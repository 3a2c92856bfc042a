"""How much of one currency another is worth, on a day: reading what people paste, and converting by what is known."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.kit.cells import CellError, read_decimal
from app.kit.checks import Checks
from app.kit.money import EXPONENTS, Money, exponent
from app.kit.problems import Problem

BRIDGE = "EUR"
"""What two currencies are compared through when nobody says what one is worth in the other."""
STALE_AFTER = timedelta(days=7)
LOOK_BACK = timedelta(days=60)
"""An older rate is as good as none."""
FARTHEST = timedelta(days=366)
MOST_RATES = 200
MOST_PLACES = 8
LARGEST = Decimal(10) ** 9
STARTLING_PERCENT = 10
"""A rate that moves by more than this from one sheet to the next is pointed at."""

_LINE = re.compile(r"([A-Za-z]{3})[\s/,;:=]+(?:([A-Za-z]{3})[\s/,;:=]+)?(\S.*)")
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Rate:
    """Units of `currency` for one of `base`, from a day on."""

    base: str
    currency: str
    rate: Decimal
    valid_from: date
    source: str = ""

    @property
    def pair(self) -> Pair:
        return self.base, self.currency

    def is_stale(self, day: date) -> bool:
        """Whether it is too old to compare by on a day."""
        return day - self.valid_from > STALE_AFTER


Rates = Mapping[Pair, Rate]


@dataclass(frozen=True, slots=True)
class Converted:
    """An amount in another currency and by which rates; without an amount a rate is missing, or `stale` is too old."""

    amount: Money | None
    used: tuple[Rate, ...] = ()
    stale: Rate | None = None


def convert(amount: Money, currency: str, rates: Rates, day: date) -> Converted:
    """By the rate of the pair in either direction, else through the euro; rounded half away from zero, once."""
    if amount.currency == currency:
        return Converted(amount)
    steps = _path(amount.currency, currency, rates)
    if steps is None:
        return Converted(None)
    used = tuple(rate for rate, _ in steps)
    stale = next((rate for rate in used if rate.is_stale(day)), None)
    if stale is not None:
        return Converted(None, used, stale)
    value = Decimal(amount.minor) * Decimal(10) ** (exponent(currency) - exponent(amount.currency))
    for rate, is_forward in steps:
        value = value * rate.rate if is_forward else value / rate.rate
    minor = int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return Converted(Money(minor, currency), used)


def _path(source: str, target: str, rates: Rates) -> list[tuple[Rate, bool]] | None:
    direct = _step(source, target, rates)
    if direct is not None:
        return [direct]
    first, second = _step(source, BRIDGE, rates), _step(BRIDGE, target, rates)
    return [first, second] if first is not None and second is not None else None


def _step(source: str, target: str, rates: Rates) -> tuple[Rate, bool] | None:
    """The rate of a pair, and whether it is multiplied by; of both directions the younger one."""
    found = [
        (rate, is_forward)
        for pair, is_forward in (((source, target), True), ((target, source), False))
        if (rate := rates.get(pair)) is not None
    ]
    return max(found, key=lambda each: (each[0].valid_from, each[1]), default=None)


def read_lines(text: str, base: str) -> tuple[list[dict[str, Any]], list[Problem]]:
    """`SEK 11.02`, `SEK;11,02` or `USD,SEK,9.61` a line, as a file or a person writes them; a header says nothing."""
    found: list[dict[str, Any]] = []
    problems: list[Problem] = []
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    for place, (number, line) in enumerate((number, line) for number, line in lines if line):
        if place == 0 and not any(mark.isdigit() for mark in line):
            continue
        fitting = _LINE.fullmatch(line.replace('"', ""))
        if fitting is None:
            problems.append(Problem("lines", "malformed", f"Line {number} is no currency and rate: {line[:40]}"))
            continue
        first, second, amount = fitting.groups()
        pair = (first, second) if second else (base, first)
        try:
            rate = read_decimal(amount)
        except CellError:
            problems.append(Problem("lines", "malformed", f"Line {number} is no number: {amount[:40]}"))
            continue
        found.append({"base": pair[0].upper(), "currency": pair[1].upper(), "rate": rate})
    return found, problems


def check_sheet(fields: Mapping[str, Any], today: date) -> list[Problem]:
    """Problems of `valid_from`, `source` and `rates`."""
    checks = Checks(fields)
    checks.required("valid_from", "source")
    checks.day("valid_from", today - FARTHEST, today + FARTHEST)
    checks.text("source", 80)
    rates: Sequence[Mapping[str, Any]] = fields.get("rates") or ()
    if not 0 < len(rates) <= MOST_RATES:
        checks.refuse("rates", "out_of_range", f"From 1 to {MOST_RATES} rates")
    seen: set[frozenset[str]] = set()
    for place, line in enumerate(rates):
        detail = _wrong_with(line, seen)
        if detail:
            checks.refuse(f"rates.{place}", "invalid", f"{line['base']}/{line['currency']}: {detail}")
    return checks.problems


def _wrong_with(line: Mapping[str, Any], seen: set[frozenset[str]]) -> str:
    pair = frozenset((line["base"], line["currency"]))
    if unknown := sorted(pair.difference(EXPONENTS)):
        return f"{', '.join(unknown)} is no currency of ISO 4217"
    if len(pair) == 1:
        return "one currency in itself"
    if pair in seen:
        return "the pair stands here twice"
    seen.add(pair)
    rate: Decimal = line["rate"]
    if not rate.is_finite() or not 0 < rate <= LARGEST:
        return "a rate is more than nothing"
    return f"at most {MOST_PLACES} decimals" if round(rate, MOST_PLACES) != rate else ""


def moved_percent(before: Rate | None, after: Decimal) -> Decimal | None:
    """By how much a rate moved from the one before, to a hundredth of a per cent."""
    return None if before is None else round((after - before.rate) * 100 / before.rate, 2)
