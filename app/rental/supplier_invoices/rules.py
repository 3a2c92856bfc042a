"""Why a line of a supplier's invoice is not what was agreed: each cause is applied and the price worked out again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from itertools import combinations
from typing import Any

from app.kit.checks import Checks
from app.kit.likeness import words_of
from app.kit.money import Money, exponent
from app.kit.problems import Problem


class Cause(StrEnum):
    EXTRA_DAY = "extra_day"
    ONE_WAY = "one_way"
    YOUNG_DRIVER = "young_driver"
    TAX_BASE = "tax_base"
    COMMISSION = "commission"
    CURRENCY_DATE = "currency_date"
    DUPLICATE = "duplicate"
    CANCELLED = "cancelled"
    UNKNOWN_RESERVATION = "unknown_reservation"
    UNEXPLAINED = "unexplained"


class MatchedBy(StrEnum):
    NUMBER = "number"
    REFERENCE = "reference"
    NAME_AND_DATES = "name_and_dates"
    NOTHING = "nothing"


class LineState(StrEnum):
    AGREED = "agreed"
    """It is what was agreed: nobody has to decide."""
    OPEN = "open"
    ACCEPTED = "accepted"
    DISPUTED = "disputed"


DECIDABLE = frozenset({LineState.OPEN, LineState.DISPUTED})
ADDED = (Cause.EXTRA_DAY, Cause.ONE_WAY, Cause.YOUNG_DRIVER, Cause.TAX_BASE, Cause.COMMISSION)
"""Causes that can come together; fewer of them explain better."""
MOST_TOGETHER = 3
LARGEST_ALONE: Mapping[str, int] = {
    "EUR": 5_000, "GBP": 4_500, "CHF": 5_000, "DKK": 37_000, "NOK": 57_000, "SEK": 56_000, "PLN": 22_000,
    "CZK": 125_000, "USD": 5_500,
}  # fmt: skip
"""The difference in minor units that one person may accept alone; in other currencies none."""
STANDARD_VAT: Mapping[str, str] = {
    "AT": "20", "BE": "21", "BG": "20", "CH": "8.1", "CZ": "21", "DE": "19", "DK": "25", "EE": "24", "ES": "21",
    "FI": "25.5", "FR": "20", "GB": "20", "GR": "24", "HR": "25", "HU": "27", "IE": "23", "IT": "22", "LT": "21",
    "LU": "17", "LV": "21", "MX": "16", "NL": "21", "NO": "25", "PL": "23", "PT": "23", "RO": "21", "SE": "25",
    "SI": "22", "SK": "23",
}  # fmt: skip
"""Standard rates in per cent, for lines that do not tell their own."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was agreed of a reservation, in minor units of its currency, and what the supplier usually takes."""

    total: Money
    days: int
    time_minor: int
    one_way_minor: int = 0
    young_minor: int = 0
    usual_one_way_minor: int = 0
    usual_young_minor: int = 0
    """For each day."""
    fee: Money | None = None
    """What is owed when it was cancelled or never came about; none while it stands."""
    is_billed: bool = False
    """Another line has been billed for it."""
    commission_minor: int = 0
    """What the supplier leaves us of the total: what is owed is the total less this."""

    @property
    def owed(self) -> Money:
        """What we pay where we have the customer's money."""
        return Money(self.total.minor - self.commission_minor, self.total.currency)

    @property
    def other_minor(self) -> int:
        return self.total.minor - self.time_minor - self.one_way_minor - self.young_minor


@dataclass(frozen=True, slots=True)
class Billed:
    """What a line says. Rates of exchange are units of its currency for one of the reservation's."""

    amount: Money
    tax_percent: Decimal
    days: int | None = None
    exchange_rate: Decimal | None = None
    agreed_rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What one cause makes of the difference."""

    cause: Cause
    minor: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the line should be, and the parts of the difference; none when it is what was agreed."""

    expected: Money
    parts: tuple[Part, ...] = field(default_factory=tuple)

    @property
    def cause(self) -> Cause | None:
        """The one that makes the largest part."""
        return max(self.parts, key=lambda part: abs(part.minor)).cause if self.parts else None


def explain(agreed: Agreed | None, billed: Billed) -> Explanation:
    """What was agreed against what is billed."""
    if agreed is None:
        return _whole(Money.zero(billed.amount.currency), billed, Cause.UNKNOWN_RESERVATION)
    return _not_owed(agreed, billed) or _by_causes(agreed, billed)


def _not_owed(agreed: Agreed, billed: Billed) -> Explanation | None:
    """Where the price is not the question: billed before, cancelled, another currency, or simply right."""
    if agreed.is_billed:
        return _whole(Money.zero(billed.amount.currency), billed, Cause.DUPLICATE)
    if agreed.fee is not None and agreed.fee.currency == billed.amount.currency:
        return _whole(agreed.fee, billed, Cause.CANCELLED)
    if agreed.total.currency != billed.amount.currency:
        return _converted(agreed, billed)
    return Explanation(agreed.owed) if agreed.owed == billed.amount else None


def _by_causes(agreed: Agreed, billed: Billed) -> Explanation:
    """The fewest causes whose arithmetic comes to what is billed."""
    for size in range(1, MOST_TOGETHER + 1):
        fitting: list[tuple[int, tuple[Cause, ...]]] = []
        for causes in combinations(ADDED, size):
            if _applies(causes, agreed, billed):
                off = min(abs(total - billed.amount.minor) for total in readings(agreed, billed, causes))
                fitting += [(off, causes)] if off <= _tolerance(causes, agreed) else []
        if fitting:
            return Explanation(agreed.owed, _parts(agreed, billed, min(fitting, key=lambda each: each[0])[1]))
    net = _rounded(Decimal(agreed.owed.minor) / (1 + billed.tax_percent / 100))
    return _whole(agreed.owed, billed, Cause.TAX_BASE if billed.amount.minor == net else Cause.UNEXPLAINED)


def recomputed(agreed: Agreed, billed: Billed, causes: tuple[Cause, ...]) -> int:
    """The total in minor units with some causes applied, and the commission as it was."""
    return readings(agreed, billed, causes)[0]


def readings(agreed: Agreed, billed: Billed, causes: tuple[Cause, ...]) -> tuple[int, ...]:
    """What the total may come to with some causes applied.

    A supplier takes our commission off as it was, or as it moves with the time charge or with the total: these are
    what it may be agreed on, and whoever bills a day more leaves us our share of it as well.
    """
    days, time, one_way, young = agreed.days, agreed.time_minor, agreed.one_way_minor, agreed.young_minor
    if Cause.EXTRA_DAY in causes:
        days = billed.days or agreed.days + 1
        time = _rounded(Decimal(time) * days / agreed.days)
        young = _rounded(Decimal(young) * days / agreed.days)
    if Cause.ONE_WAY in causes:
        one_way += agreed.usual_one_way_minor
    if Cause.YOUNG_DRIVER in causes:
        young += agreed.usual_young_minor * days
    untaxed = total = time + one_way + young + agreed.other_minor
    if Cause.TAX_BASE in causes:
        total = _rounded(total * (1 + billed.tax_percent / 100))
    kept = agreed.commission_minor
    if Cause.COMMISSION in causes or not kept:
        return (total,)
    moved = ((time, agreed.time_minor), (untaxed, agreed.total.minor))
    return total - kept, *(total - _rounded(Decimal(kept) * after / before) for after, before in moved if before)


def _applies(causes: tuple[Cause, ...], agreed: Agreed, billed: Billed) -> bool:
    facts = {
        Cause.EXTRA_DAY: billed.days is None or billed.days > agreed.days,
        Cause.ONE_WAY: agreed.usual_one_way_minor > 0,
        Cause.YOUNG_DRIVER: agreed.usual_young_minor > 0,
        Cause.TAX_BASE: billed.tax_percent > 0,
        Cause.COMMISSION: agreed.commission_minor > 0,
    }
    return all(facts[cause] for cause in causes)


def _tolerance(causes: tuple[Cause, ...], agreed: Agreed) -> int:
    """A supplier may round each day by itself, and tax once."""
    return (agreed.days + 1 if Cause.EXTRA_DAY in causes else 0) + (1 if Cause.TAX_BASE in causes else 0)


def _parts(agreed: Agreed, billed: Billed, causes: tuple[Cause, ...]) -> tuple[Part, ...]:
    """What each cause adds to those before it; the last takes what rounding left."""
    parts: list[Part] = []
    before = agreed.owed.minor
    for place, cause in enumerate(causes, 1):
        after = billed.amount.minor if place == len(causes) else recomputed(agreed, billed, causes[:place])
        parts.append(Part(cause, after - before))
        before = after
    return tuple(parts)


def _converted(agreed: Agreed, billed: Billed) -> Explanation:
    """Another currency: what the rate of the agreed day gives, with the fewest causes, and what their rate adds."""
    currency = billed.amount.currency
    if billed.agreed_rate is None:
        return _whole(Money.zero(currency), billed, Cause.UNEXPLAINED)
    expected = exchanged(agreed.owed, billed.agreed_rate, currency)
    if expected == billed.amount:
        return Explanation(expected)
    rates = [rate for rate in (billed.agreed_rate, billed.exchange_rate) if rate is not None]
    for size in range(MOST_TOGETHER + 1):
        for causes in combinations(ADDED, size):
            for rate in rates:
                is_saying = bool(causes) or rate != billed.agreed_rate
                if is_saying and _applies(causes, agreed, billed) and _fits(agreed, billed, causes, rate):
                    return Explanation(expected, _converted_parts(agreed, billed, causes, rate))
    return _whole(expected, billed, Cause.UNEXPLAINED)


def _fits(agreed: Agreed, billed: Billed, causes: tuple[Cause, ...], rate: Decimal) -> bool:
    tolerance = exchanged(Money(_tolerance(causes, agreed), agreed.total.currency), rate, billed.amount.currency)
    totals = [Money(minor, agreed.total.currency) for minor in readings(agreed, billed, causes)]
    currency = billed.amount.currency
    off = min(abs(exchanged(total, rate, currency).minor - billed.amount.minor) for total in totals)
    return off <= tolerance.minor + 1


def _converted_parts(agreed: Agreed, billed: Billed, causes: tuple[Cause, ...], rate: Decimal) -> tuple[Part, ...]:
    """What each cause adds at the agreed rate; the last one takes what rounding left, or what their rate adds."""
    assert billed.agreed_rate is not None
    chain = causes if rate == billed.agreed_rate else (*causes, Cause.CURRENCY_DATE)
    parts: list[Part] = []
    before = exchanged(agreed.owed, billed.agreed_rate, billed.amount.currency).minor
    for place, cause in enumerate(chain, 1):
        total = Money(recomputed(agreed, billed, causes[:place]), agreed.total.currency)
        after = exchanged(total, billed.agreed_rate, billed.amount.currency).minor
        parts.append(Part(cause, (billed.amount.minor if place == len(chain) else after) - before))
        before = after
    return tuple(parts)


def exchanged(amount: Money, rate: Decimal, currency: str) -> Money:
    """An amount at a rate: units of the other currency for one of its own."""
    shift = exponent(currency) - exponent(amount.currency)
    return Money(_rounded(Decimal(amount.minor).scaleb(shift) * rate), currency)


def _whole(expected: Money, billed: Billed, cause: Cause) -> Explanation:
    difference = billed.amount.minor - expected.minor
    return Explanation(expected, (Part(cause, difference),) if difference else ())


def _rounded(value: Decimal) -> int:
    """Half away from zero."""
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


def needs_consent(difference_minor: int, currency: str) -> bool:
    """Whether accepting a difference takes a second person; what is in our favour takes none."""
    return difference_minor > LARGEST_ALONE.get(currency, 0)


def is_same_driver(ours: str, theirs: str) -> bool:
    """Whether every word of the shorter name is one of the longer, without accents and case."""
    one, other = words_of(ours), words_of(theirs)
    return bool(one and other) and (one <= other or other <= one)


def check_line(fields: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a line, field by field."""
    checks = Checks(fields)
    checks.required("supplier", "invoice_number", "market", "amount")
    checks.market()
    checks.text("supplier", 32)
    checks.text("invoice_number", 64)
    checks.text("supplier_number", 64)
    checks.text("our_reference", 16)
    checks.text("driver", 160)
    checks.text("description", 300)
    checks.whole("days", 1, 400)
    if not any(checks.value(name) for name in ("supplier_number", "our_reference", "driver")):
        checks.refuse("supplier_number", "required", "A number, our reference, or a driver with dates")
    for name, least, most in (("tax_percent", 0, 50), ("exchange_rate", 0, 100_000), ("agreed_rate", 0, 100_000)):
        value = fields.get(name)
        if value is not None and not least <= value <= most:
            checks.refuse(name, "out_of_range", f"From {least} to {most}")
    pickup, back = fields.get("pickup_on"), fields.get("return_on")
    if isinstance(pickup, date) and isinstance(back, date) and back < pickup:
        checks.refuse("return_on", "out_of_range", "Before the pick-up")
    return checks.problems
