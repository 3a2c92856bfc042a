"""What a supplier's car is sold for and what we earn by it: the line of the agreement that fits, and its arithmetic.

All amounts are whole minor units of one currency, all shares are per cent. Shares are rounded half away from zero to
the minor unit, once each. The formulas are a decision of the house, `docs/decisions/0015-net-and-retail.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec

from app.kit import acriss
from app.kit.checks import Checks
from app.kit.money import Money, exponent
from app.kit.problems import Problem
from app.kit.rounding import percent_of
from app.rental.suppliers.rules import PriceLine, SupplierOffer

TIME = "TIME"
ANY_CLASS = "****"
TAX_CODES = frozenset({"TAX", "VAT"})
STEPS = ("0.01", "0.50", "1.00")
"""What a retail total may be rounded up to, in whole units of the currency."""
FARTHEST = timedelta(days=366)
MOST_LINES = 60
MOST_COMMISSION, MOST_MARKUP = Decimal(100), Decimal(300)
MOST_MONEY = 100_000
"""What a hire may be marked up by in money, in whole units of the currency."""
MOST_PLACES = 2
LONGEST_NOTE = 500


class Model(StrEnum):
    """Whether the supplier's price is what the customer pays, or what we pay."""

    COMMISSION = "commission"
    NET = "net"


class Base(StrEnum):
    """What commission is taken from: the TIME line alone, or the total without the lines of tax."""

    TIME = "time"
    TOTAL = "total"


OF_COMMISSION, OF_NET = ("commission_percent", "base"), ("markup_percent", "markup_per_hire", "markup_least", "step")


class TermsLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """What holds for classes of a pattern in a market, or in any where none is named.

    `commission_percent` of the `base` with `Model.COMMISSION`; with `Model.NET` a mark-up of `markup_percent` and
    `markup_per_hire_minor`, at least `markup_least_minor`, and a retail total that is a multiple of `step`, in whole
    units. Amounts are minor units of the currency of the agreement.
    """

    pattern: str
    model: Model
    market: str = ""
    commission_percent: Decimal = Decimal(0)
    base: Base = Base.TIME
    markup_percent: Decimal = Decimal(0)
    markup_per_hire_minor: int = 0
    markup_least_minor: int = 0
    step: str = STEPS[0]


@dataclass(frozen=True, slots=True)
class Terms:
    """The agreement with a supplier that is in force: which sheet, its currency and its lines."""

    id: str
    valid_from: date
    currency: str
    lines: Sequence[TermsLine]


class Margin(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a hire was sold for and what it earns, as it is kept with its price; minor units of `currency`.

    `price_minor` is what the supplier asks for, `retail_minor` what the customer pays. Without `line` no terms were in
    force. `terms_currency` is that of the amounts of the line.
    """

    currency: str
    price_minor: int
    retail_minor: int
    commission_minor: int = 0
    terms_id: str = ""
    valid_from: str = ""
    terms_currency: str = ""
    line: TermsLine | None = None

    @property
    def cost_minor(self) -> int:
        """What we owe the supplier: its price less our commission."""
        return self.price_minor - self.commission_minor

    @property
    def markup_minor(self) -> int:
        """What the customer pays above the supplier's price; less than nothing where we bear a part of it."""
        return self.retail_minor - self.price_minor

    @property
    def margin_minor(self) -> int:
        """What is left for us: what the customer pays less what the supplier gets, mark-up and commission together."""
        return self.retail_minor - self.cost_minor

    @property
    def is_net(self) -> bool:
        """Whether the supplier's price is not the customer's to know."""
        return self.line is not None and self.line.model is Model.NET


@dataclass(frozen=True, slots=True)
class Sold:
    """A supplier's offer as customers see it, and what we earn by it."""

    offer: SupplierOffer
    margin: Margin


def choose(lines: Iterable[TermsLine], market: str, class_code: str) -> TermsLine | None:
    """The line that says most about a hire, in whatever order the lines stand; None where none is for it.

    One that names the market goes before one for any, then the one with the fewest wildcards, then the one that names
    an earlier letter. Two lines alike in all of that are the same line, and no agreement has it twice.
    """
    fitting = [each for each in lines if each.market in ("", market) and _fits(each.pattern, class_code)]
    return max(fitting, key=_weight, default=None)


def _fits(pattern: str, class_code: str) -> bool:
    """A class that nobody knows is one of all classes, and of no others."""
    return pattern == ANY_CLASS or (acriss.is_known(class_code) and acriss.matches(pattern, class_code))


def _weight(line: TermsLine) -> tuple[bool, int, list[bool]]:
    named = [letter != "*" for letter in line.pattern]
    return line.market != "", sum(named), named


def commission(offer: SupplierOffer, line: TermsLine) -> int:
    """What a supplier leaves us of its price, in minor units: round(base x percent).

    The base lies between nothing and the total: the lines TIME, or the total without lines of tax, whether these are
    within the rate or come on top. A supplier that tells no TIME line leaves nothing of it.
    """
    amounts = [each for each in offer.lines if each.amount.currency == offer.total.currency]
    if line.base is Base.TIME:
        base = sum(each.amount.minor for each in amounts if each.code == TIME)
    else:
        base = offer.total.minor - sum(each.amount.minor for each in amounts if each.code in TAX_CODES)
    return percent_of(min(max(base, 0), max(offer.total.minor, 0)), line.commission_percent)


def retail(net: Money, line: TermsLine, terms_currency: str) -> Money:
    """What a customer pays for a car at a net price: net + mark-up, rounded up to a multiple of the step.

    The mark-up is round(net x percent) + the amount per hire, and at least the least one. Where the net price is in
    another currency than the agreement, the percent alone holds, to the minor unit.
    """
    markup = percent_of(net.minor, line.markup_percent)
    if net.currency != terms_currency:
        return Money(net.minor + max(markup, 0), net.currency)
    markup = max(markup + line.markup_per_hire_minor, line.markup_least_minor, 0)
    step = step_minor(line.step, net.currency)
    return Money(-(-(net.minor + markup) // step) * step, net.currency)


def step_minor(step: str, currency: str) -> int:
    """A step in minor units; of a currency without such small parts, one unit."""
    return max(1, int(Decimal(step).scaleb(exponent(currency))))


def sell(offer: SupplierOffer, terms: Terms | None, market: str, words: str) -> Sold:
    """An offer by the terms in force with its supplier; without any it is sold at its own price, and earns nothing.

    `words` stand beside the line that holds the mark-up.
    """
    line = choose(terms.lines, market, offer.acriss) if terms else None
    if terms is None or line is None:
        return Sold(offer, Margin(offer.total.currency, offer.total.minor, offer.total.minor))
    return sell_by(offer, line, terms.currency, words, terms_id=terms.id, valid_from=terms.valid_from.isoformat())


def sell_by(
    offer: SupplierOffer, line: TermsLine, terms_currency: str, words: str, *, terms_id: str, valid_from: str
) -> Sold:
    """An offer by one line of an agreement, whether or not that is still in force."""
    sold, kept = offer, 0
    if line.model is Model.NET:
        price = retail(offer.total, line, terms_currency)
        sold = replace(offer, total=price, lines=retail_lines(offer, price, words))
    else:
        kept = commission(offer, line)
    margin = Margin(
        offer.total.currency, offer.total.minor, sold.total.minor, kept, terms_id, valid_from, terms_currency, line
    )
    return Sold(sold, margin)


def retail_lines(offer: SupplierOffer, price: Money, words: str) -> tuple[PriceLine, ...]:
    """The lines of a net price as a customer sees them: what is not within the rate comes to the retail total.

    Mark-up and tax are folded into the TIME lines, which become one, or into the first required line: a line of tax
    would tell the net price. Words with a number in them are left out, since it may be part of the net price.
    """
    inside = [_plain(line, line.words) for line in offer.lines if _is_inside(line) and line.code not in TAX_CODES]
    added = [line for line in offer.lines if not _is_inside(line)]
    if not _comes_to(added, offer.total):
        added = [line for line in added if line.code not in TAX_CODES]
    shown = [line for line in added if line.code not in TAX_CODES]
    main = next((each for each in shown if each.code == TIME), None) or next((e for e in shown if e.is_required), None)
    if main is None or not _comes_to(added, offer.total):
        return (PriceLine(TIME, words, price), *inside)
    others = [line for line in shown if line is not main and line.code != TIME]
    rest = sum(line.amount.minor for line in others)
    if rest > price.minor:
        return (PriceLine(TIME, words, price), *inside)
    folded = replace(_plain(main, words), amount=Money(price.minor - rest, price.currency), is_tax_inclusive=True)
    return (folded, *(replace(_plain(each, each.words), is_tax_inclusive=True) for each in others), *inside)


def _is_inside(line: PriceLine) -> bool:
    return line.is_included or line.amount.minor == 0


def _comes_to(lines: Sequence[PriceLine], total: Money) -> bool:
    return all(line.amount.currency == total.currency for line in lines) and (
        sum(line.amount.minor for line in lines) == total.minor
    )


def _plain(line: PriceLine, words: str) -> PriceLine:
    return replace(line, words="" if any(mark.isdigit() for mark in words) else words)


def check_terms(fields: Mapping[str, Any], today: date, currency: str) -> list[Problem]:
    """Problems of `valid_from`, `note` and `lines`; amounts have to be in the currency of the supplier."""
    checks = Checks(fields)
    checks.required("valid_from")
    checks.day("valid_from", today, today + FARTHEST)
    checks.text("note", LONGEST_NOTE)
    lines = checks.groups("lines", MOST_LINES)
    if not lines:
        checks.refuse("lines", "out_of_range", f"From 1 to {MOST_LINES} lines")
    seen: set[tuple[str, str]] = set()
    for line in lines:
        _check_line(line, currency)
        key = (str(line.value("market") or ""), str(line.value("pattern") or "").upper())
        if key in seen:
            line.refuse("pattern", "repeated", f"{' '.join(filter(None, key))} stands here twice")
        seen.add(key)
    return checks.problems


def _check_line(line: Checks, currency: str) -> None:
    line.required("pattern", "model")
    line.market()
    _check_pattern(line)
    model = line.choice("model", [each.value for each in Model])
    if model is None:
        return
    others = OF_NET if model == Model.COMMISSION else OF_COMMISSION
    for name in others:
        if line.value(name) is not None:
            line.refuse(name, "invalid", f"Not of a line of {model}")
    if model == Model.COMMISSION:
        line.required("commission_percent")
        line.choice("base", [each.value for each in Base])
        _check_percent(line, "commission_percent", MOST_COMMISSION)
        return
    if all(line.value(name) is None for name in OF_NET[:3]):
        line.refuse("markup_percent", "required", "A share, an amount per hire, or a least amount")
    _check_percent(line, "markup_percent", MOST_MARKUP)
    most = MOST_MONEY * 10 ** exponent(currency)
    for name in ("markup_per_hire", "markup_least"):
        found = line.money(name, least_minor=0, most_minor=most)
        if found is not None and found.currency != currency:
            line.refuse(name, "other_currency", f"The supplier's prices are in {currency}")
    line.choice("step", STEPS)


def _check_pattern(line: Checks) -> None:
    pattern = line.text("pattern", 4)
    if pattern is None:
        return
    try:
        acriss.parse_pattern(pattern)
    except acriss.AcrissError as error:
        line.refuse("pattern", "malformed", str(error))


def _check_percent(line: Checks, name: str, most: Decimal) -> None:
    value = line.value(name)
    if value is None:
        return
    if not isinstance(value, Decimal) or not value.is_finite():
        line.refuse(name, "wrong_type", "Not a number")
    elif not 0 <= value <= most:
        line.refuse(name, "out_of_range", f"From 0 to {most} %")
    elif round(value, MOST_PLACES) != value:
        line.refuse(name, "too_precise", f"At most {MOST_PLACES} decimals")


def lines_of(fields: Mapping[str, Any]) -> list[TermsLine]:
    """The lines of fields that were found right."""
    return [_line(each) for each in fields["lines"]]


def _line(given: Mapping[str, Any]) -> TermsLine:
    def value(name: str, usual: Any, read: Callable[[Any], Any]) -> Any:
        found = given.get(name)
        return usual if found in (None, "") else read(found)

    return TermsLine(
        pattern=acriss.parse_pattern(given["pattern"]),
        model=Model(given["model"]),
        market=value("market", "", str),
        commission_percent=value("commission_percent", Decimal(0), Decimal),
        base=value("base", Base.TIME, Base),
        markup_percent=value("markup_percent", Decimal(0), Decimal),
        markup_per_hire_minor=value("markup_per_hire", 0, lambda money: money.minor),
        markup_least_minor=value("markup_least", 0, lambda money: money.minor),
        step=value("step", STEPS[0], str),
    )
