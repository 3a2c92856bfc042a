"""What can be taken with a hire and what it would cost, beside the form that books or changes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

import msgspec

from app.core import clock
from app.core.filters import money
from app.core.values import MoneyValue
from app.kit.fee_windows import FeeWindow, read_windows
from app.kit.hire_pricing.card_lines import write_card
from app.kit.hire_pricing.card_terms import CardTerms
from app.kit.hire_pricing.marks import marks_of
from app.kit.money import Money
from app.rental.bookings.forms import EXTRA
from app.rental.bookings.services.changes import ChangePreview
from app.rental.bookings.services.creation import HirePreview


@dataclass(frozen=True, slots=True)
class Offer:
    """What a rate card has to choose from: pairs of value and words. Extras are named as their fields are."""

    products: list[tuple[str, str]]
    covers: list[tuple[str, str]]
    extras: list[tuple[str, str]]
    additional_driver: str


@dataclass(frozen=True, slots=True)
class FeeRow:
    """What cancelling costs until when."""

    until: datetime | None
    fee: str
    is_now: bool


@dataclass(frozen=True, slots=True)
class HirePrice:
    """The panel: where it is asked for, what can be chosen, and the price once there is one."""

    address: str
    offer: Offer | None = None
    total: str = ""
    lines: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    fees: list[FeeRow] = field(default_factory=list[FeeRow])
    fee_kept: str = ""
    zone: str = ""
    before: str = ""
    difference: str = ""
    problems: list[str] = field(default_factory=list[str])


def price_of_hire(address: str, preview: HirePreview | None) -> HirePrice:
    """The price of a hire that is not booked yet."""
    if preview is None:
        return HirePrice(address)
    offer = offer_of(preview.card) if preview.card else None
    priced = preview.priced
    if priced is None:
        return HirePrice(address, offer, problems=[problem.detail for problem in preview.problems])
    fees = rows_of_fees(priced.total, read_windows(priced.fee_windows), clock.now())
    return HirePrice(address, offer, money(priced.total), lines_of(priced.lines), fees, zone=preview.zone)


def price_of_change(address: str, offer: Offer | None, preview: ChangePreview, zone: str) -> HirePrice:
    """What a change would make of the price, and of what cancelling costs."""
    priced, windows = preview.priced, preview.windows
    floor = next((window.at_least for window in windows if window.at_least), None)
    return HirePrice(
        address,
        offer,
        money(priced.total),
        lines_of(priced.lines),
        rows_of_fees(priced.total, windows, clock.now()),
        money(floor) if floor else "",
        zone,
        before=money(preview.before),
        difference=difference_in_words(preview.difference),
    )


def difference_in_words(difference: Money) -> str:
    """`78.00 EUR more`, `78.00 EUR less`, or that nothing changes."""
    if not difference.minor:
        return "The price stays the same"
    return f"{money(difference)} more" if difference.minor > 0 else f"{money(-difference)} less"


def rows_of_fees(total: Money, windows: Sequence[FeeWindow], now: datetime) -> list[FeeRow]:
    """What cancelling costs from now on until when; windows at the same fee are one, and those that are over none."""
    ahead = [window for window in windows if window.until is None or now <= window.until]
    fees = [(fee, list(same)[-1].until) for fee, same in groupby(ahead, lambda window: window.fee(total))]
    return [
        FeeRow(until, money(fee) if fee.minor else "free", is_now=place == 0) for place, (fee, until) in enumerate(fees)
    ]


def lines_of(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A price, line by line, with what each says of itself where that is not the usual."""
    return [{**line, "words": money(MoneyValue(**line["amount"])), "marks": marks_of(line)} for line in lines]


def offer_in(snapshot: Mapping[str, Any]) -> Offer | None:
    """What the rate card that a price is kept with has to choose from; nothing where it is a day price."""
    return offer_of(msgspec.convert(snapshot["card"]["terms"], CardTerms)) if "card" in snapshot else None


def offer_of(terms: CardTerms) -> Offer:
    """What a rate card has to choose from, in the words that it is written in."""
    words = write_card(terms)
    return Offer(
        _pairs(terms.products, words["products"]),
        _pairs(terms.covers, words["covers"]),
        _pairs(terms.extras, words["extras"], EXTRA),
        words["additional_driver"],
    )


def _pairs(offered: Sequence[Any], words: str, prefix: str = "") -> list[tuple[str, str]]:
    lines = zip(offered, words.splitlines(), strict=True)
    return [(prefix + one.code, line.removeprefix(f"{one.code} ") if prefix else line) for one, line in lines]
