"""The prices of a version of a rate card as rows of a file, one price in each."""

from collections.abc import Iterator, Sequence
from typing import Any

from app.kit.hire_pricing.card_terms import CardTerms
from app.kit.hire_pricing.terms import BlockTerms, BracketTerms, MileageTerms
from app.kit.tables import Head

HEADS = (
    Head("What"),
    Head("Code"),
    Head("From"),
    Head("To"),
    Head("Price", "number"),
    Head("Currency"),
    Head("Per"),
    Head("At most", "number"),
    Head("Note"),
)
Row = tuple[Any, ...]


def price_rows(terms: CardTerms, currency: str) -> list[list[Any]]:
    """Everything that costs something, in the order of the editor."""
    rows = [*_times(terms), *_kilometres(terms.mileage), *_chosen(terms), *_fees(terms), *_percents(terms)]
    return [[what, code, first, last, price, currency if price else None, per, cap, note]
            for what, code, first, last, price, per, cap, note in rows]  # fmt: skip


def _times(terms: CardTerms) -> Iterator[Row]:
    rate = terms.rate
    yield from _days("Days", rate.blocks, rate.brackets, None, None)
    if rate.hour_price:
        yield ("Hour", None, None, None, rate.hour_price, "hour", None, f"{rate.grace_minutes} minutes of grace")
    for season in rate.seasons:
        yield from _days("Season", season.blocks, season.brackets, season.starts_on, season.ends_on)


def _days(
    what: str,
    blocks: Sequence[BlockTerms] | None,
    brackets: Sequence[BracketTerms] | None,
    starts: Any,
    ends: Any,
) -> Iterator[Row]:
    for block in blocks or ():
        yield (what, None, starts, ends, block.price, f"{block.days} days" if block.days > 1 else "day", None, None)
    for bracket in brackets or ():
        note = f"{bracket.from_days} to {bracket.to_days} days" if bracket.to_days else f"{bracket.from_days} days on"
        yield (what, None, starts, ends, bracket.price_per_day, "day", None, note)


def _kilometres(mileage: MileageTerms | None) -> Iterator[Row]:
    if mileage is None:
        return
    if mileage.excess_price_per_km:
        yield ("Kilometre above", None, None, None, mileage.excess_price_per_km, "km", None, None)
    for tier in mileage.tiers or ():
        yield (
            "Kilometre above",
            None,
            tier.from_km,
            tier.to_km,
            tier.price_per_km,
            "km",
            None,
            mileage.tier_mode.value,
        )


def _chosen(terms: CardTerms) -> Iterator[Row]:
    for cover in terms.covers:
        note = f"excess {cover.excess}" + (f", deposit {cover.deposit}" if cover.deposit is not None else "")
        price = cover.price if cover.price is not None else "0"
        yield ("Cover", cover.code, None, None, price, cover.per.value, cover.cap, note)
    for extra in terms.extras:
        yield ("Extra", extra.code, None, None, extra.price, extra.per.value, extra.cap, None)
    if terms.additional_driver:
        fee = terms.additional_driver
        yield ("Additional driver", None, None, None, fee.price, fee.per.value, fee.cap, None)
    for each in terms.products:
        percent = each.adjustment_percent
        yield ("Product", each.code, None, None, None, "hire", None, f"{percent} %" if percent else None)


def _fees(terms: CardTerms) -> Iterator[Row]:
    for route in terms.routes:
        yield ("One-way", None, route.start, route.end, route.price, "hire", None, None)
    for age in terms.ages:
        yield ("Age of driver", age.code, age.from_age, age.to_age, age.price, age.per.value, age.cap, None)
    if terms.out_of_hours:
        yield ("Outside opening hours", None, None, None, terms.out_of_hours, "handover", None, None)


def _percents(terms: CardTerms) -> Iterator[Row]:
    if terms.airport_percent:
        yield ("Airport surcharge", None, None, None, None, "hire", None, f"{terms.airport_percent} % of the time")
    inside = "included" if terms.is_tax_included else "added"
    yield ("Tax", None, None, None, None, "hire", None, f"{terms.tax_percent} %, {inside}")
