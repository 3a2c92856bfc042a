"""What a hire costs by a rate card: the time and everything that comes with it, line by line, with its tax."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

from app.kit.hire_pricing.card_terms import ANYWHERE, AgeTerms, CardTerms, CoverTerms, FeeTerms, Snapshot
from app.kit.hire_pricing.days import Charged, HireTime
from app.kit.hire_pricing.mileage import MileagePlan
from app.kit.hire_pricing.prices import Driven, HirePrice, Line, charge, extra_line, mileage_line, time_line
from app.kit.hire_pricing.reading import Extra, Reading, Tariff
from app.kit.hire_pricing.terms import Per
from app.kit.money import Money
from app.kit.problems import Problem
from app.kit.rounding import exclusive_tax, inclusive_tax, percent_of

Known = TypeVar("Known")

DRIVER, AIRPORT, ONE_WAY, OUT_OF_HOURS, TAX = "ADDITIONAL_DRIVER", "AIRPORT", "ONE_WAY", "OUT_OF_HOURS", "TAX"
ENDS_FIRST = "Ends before it starts"
RANGES = (
    ("bookable_from", "bookable_until"),
    ("pickup_from", "pickup_until"),
    ("min_days", "max_days"),
    ("min_age", "max_age"),
)
"""Guards that are the two ends of a range."""


@dataclass(frozen=True, slots=True)
class CardHire:
    """A hire as a card prices it. `extras` are pairs of code and number; what is not known is left out."""

    time: HireTime
    start: str = ""
    end: str = ""
    is_airport: bool = False
    driver_age: int | None = None
    additional_drivers: int = 0
    covers: Sequence[str] = ()
    extras: Sequence[tuple[str, int]] = ()
    product: str = ""
    out_of_hours: int = 0
    driven_km: int | None = None

    @property
    def is_one_way(self) -> bool:
        return self.start != self.end


class UnknownCode(LookupError):
    """A cover, extra or product that the card does not have."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(f"The rate card has no {code}")
        self.field = field


@dataclass(frozen=True, slots=True)
class Card:
    """A snapshot to reckon with; keep it to price many hires."""

    currency: str
    tariff: Tariff
    plan: MileagePlan | None
    covers: dict[str, Extra]
    extras: dict[str, Extra]
    products: dict[str, Decimal]
    routes: dict[tuple[str, str], int]
    ages: tuple[tuple[AgeTerms, Extra], ...]
    additional_driver: Extra | None
    airport_percent: Decimal | None
    out_of_hours_minor: int | None
    tax_percent: Decimal
    is_tax_included: bool


def read_card(terms: CardTerms, currency: str) -> Card | list[Problem]:
    """The card, or everything that is wrong with its terms."""
    reading = Reading(currency)
    card = Card(
        currency=currency,
        tariff=reading.tariff(terms.rate),
        plan=None if terms.mileage is None else reading.mileage(terms.mileage),
        covers=_covers(reading, terms.covers),
        extras={extra.code: extra for extra in reading.extras(terms.extras)},
        products={
            product.code: reading.percent(product.adjustment_percent or "0", f"products.{place}.adjustment_percent")
            for place, product in enumerate(terms.products)
        },
        routes={
            (route.start, route.end): reading.price(route.price, f"routes.{place}.price")
            for place, route in enumerate(terms.routes)
        },
        ages=tuple((each, _fee(reading, each.code, each, f"ages.{place}")) for place, each in enumerate(terms.ages)),
        additional_driver=(
            _fee(reading, DRIVER, terms.additional_driver, "additional_driver") if terms.additional_driver else None
        ),
        airport_percent=(
            reading.percent(terms.airport_percent, "airport_percent") if terms.airport_percent is not None else None
        ),
        out_of_hours_minor=reading.price_or_none(terms.out_of_hours, "out_of_hours"),
        tax_percent=reading.percent(terms.tax_percent, "tax_percent"),
        is_tax_included=terms.is_tax_included,
    )
    _check_the_rest(reading, terms, card.tax_percent)
    return reading.problems or card


def card_of(snapshot: Snapshot) -> Card:
    """The card of a snapshot, whose terms were found right before it was kept."""
    card = read_card(snapshot.terms, snapshot.currency)
    assert isinstance(card, Card), card
    return card


def price_by_card(card: Card, hire: CardHire) -> HirePrice:
    """The lines of a hire by a card; their sum is what is to be paid. Raises NoPrice and UnknownCode.

    An included tax is told in a line of nothing, because the other lines contain it.
    """
    charged = charge(card.tariff, hire.time)
    lines = [time_line(card.tariff, hire.time, charged), *_others(card, hire, charged)]
    net = sum(line.amount.minor for line in lines)
    if card.tax_percent:
        lines = lines if card.is_tax_included else [replace(line, is_tax_inclusive=False) for line in lines]
        lines.append(_tax_line(card, net))
    return HirePrice(charged, tuple(lines), Money(sum(line.amount.minor for line in lines), card.currency))


def _others(card: Card, hire: CardHire, charged: Charged) -> Iterator[Line]:
    yield from _shares(card, hire, charged)
    yield from _chosen(card, hire, charged)
    yield from _drivers(card, hire, charged)
    yield from _branches(card, hire)
    if card.plan is not None and hire.driven_km is not None:
        yield mileage_line(Driven(card.plan, hire.driven_km), charged, card.currency)


def _shares(card: Card, hire: CardHire, charged: Charged) -> Iterator[Line]:
    """What is a percentage of the time: the product, and the surcharge of an airport."""
    percent = _known(card.products, hire.product, "product") if hire.product else None
    time = _amount(card, charged.minor)
    if percent:
        yield _line(card, "ADJUSTMENT", percent_of(charged.minor, percent), f"{hire.product}: {percent} % of {time}")
    if card.airport_percent and hire.is_airport:
        minor = percent_of(charged.minor, card.airport_percent)
        yield _line(card, AIRPORT, minor, f"{card.airport_percent} % of {time}")


def _chosen(card: Card, hire: CardHire, charged: Charged) -> Iterator[Line]:
    """Covers and extras."""
    for code in hire.covers:
        yield _by_choice(extra_line(_known(card.covers, code, "covers"), charged, card.currency))
    for code, number in hire.extras:
        yield _by_choice(_times(extra_line(_known(card.extras, code, "extras"), charged, card.currency), number))


def _drivers(card: Card, hire: CardHire, charged: Charged) -> Iterator[Line]:
    """Who is young or old, and who else drives."""
    for terms, extra in card.ages:
        if hire.driver_age is not None and terms.from_age <= hire.driver_age <= terms.to_age:
            yield extra_line(extra, charged, card.currency)
    if hire.additional_drivers and card.additional_driver:
        yield _by_choice(_times(extra_line(card.additional_driver, charged, card.currency), hire.additional_drivers))


def _branches(card: Card, hire: CardHire) -> Iterator[Line]:
    """Another branch at the end, and hours at which a branch is closed."""
    if hire.is_one_way and (fee := one_way_fee(card, hire.start, hire.end)) is not None:
        yield _line(card, ONE_WAY, fee, f"from {hire.start} to {hire.end}")
    if hire.out_of_hours and card.out_of_hours_minor is not None:
        each = card.out_of_hours_minor
        words = f"{hire.out_of_hours} x {_amount(card, each)} outside opening hours"
        yield _line(card, OUT_OF_HOURS, hire.out_of_hours * each, words, hire.out_of_hours)


def one_way_fee(card: Card, start: str, end: str) -> int | None:
    """The fee of the route: for both branches, else for the first, else for the second, else for any."""
    for route in ((start, end), (start, ANYWHERE), (ANYWHERE, end), (ANYWHERE, ANYWHERE)):
        if route in card.routes:
            return card.routes[route]
    return None


def _tax_line(card: Card, minor: int) -> Line:
    if card.is_tax_included:
        tax = inclusive_tax(minor, card.tax_percent)
        words = f"includes {_amount(card, tax)} ({card.tax_percent} %)"
        return replace(_line(card, TAX, 0, words), is_included=True)
    tax = exclusive_tax(minor, card.tax_percent)
    return _line(card, TAX, tax, f"{card.tax_percent} % of {_amount(card, minor)}")


def _known(offered: Mapping[str, Known], code: str, field: str) -> Known:
    if code not in offered:
        raise UnknownCode(field, code)
    return offered[code]


def _times(line: Line, number: int) -> Line:
    words = line.explanation if number == 1 else f"{number} x ({line.explanation})"
    return Line(line.code, line.quantity * number, line.amount * number, words)


def _by_choice(line: Line) -> Line:
    return replace(line, is_required=False, is_included=not line.amount.minor)


def _line(card: Card, code: str, minor: int, words: str, quantity: int = 1) -> Line:
    return Line(code, quantity, Money(minor, card.currency), words)


def _amount(card: Card, minor: int) -> str:
    return Money(minor, card.currency).amount


def _covers(reading: Reading, terms: Sequence[CoverTerms]) -> dict[str, Extra]:
    found: dict[str, Extra] = {}
    for place, cover in enumerate(terms):
        path = f"covers.{place}"
        reading.price(cover.excess, f"{path}.excess")
        reading.price_or_none(cover.deposit, f"{path}.deposit")
        price = reading.price_or_none(cover.price, f"{path}.price") or 0
        found[cover.code] = Extra(cover.code, cover.per, price, reading.price_or_none(cover.cap, f"{path}.cap"))
    return found


def _fee(reading: Reading, code: str, terms: FeeTerms | AgeTerms, path: str) -> Extra:
    price = reading.price(terms.price, f"{path}.price")
    return Extra(code, Per(terms.per), price, reading.price_or_none(terms.cap, f"{path}.cap"))


def _check_the_rest(reading: Reading, terms: CardTerms, tax_percent: Decimal) -> None:
    """What the numbers alone do not tell: codes twice, ranges that end before they start, shares above the whole."""
    for name in ("covers", "extras", "products"):
        codes = [each.code for each in getattr(terms, name)]
        for place, code in enumerate(codes):
            if code in codes[:place]:
                reading.refuse(f"{name}.{place}.code", "duplicate", f"{code} is there twice")
    for place, age in enumerate(terms.ages):
        if age.to_age < age.from_age:
            reading.refuse(f"ages.{place}.to_age", "out_of_range", ENDS_FIRST)
    _check_cancellation(reading, terms)
    if tax_percent < 0:
        reading.refuse("tax_percent", "out_of_range", "A tax is not negative")
    for first, last in RANGES:
        start, end = getattr(terms.guards, first), getattr(terms.guards, last)
        if None not in (start, end) and end < start:
            reading.refuse(f"guards.{last}", "out_of_range", ENDS_FIRST)


def _check_cancellation(reading: Reading, terms: CardTerms) -> None:
    for place, product in enumerate(terms.products):
        for number, window in enumerate(product.cancellation):
            path = f"products.{place}.cancellation.{number}.percent"
            if not 0 <= reading.percent(window.percent, path) <= 100:
                reading.refuse(path, "out_of_range", "From 0 to 100")
