"""The terms of a rate card as fields of text: what its editor shows, and what differs between two versions.

Covers `CDW 12.00 per day, excess 900.00, deposit 300.00`, or `TP included, excess 0.00`; routes `TLL to RIX 80.00`;
ages `YOUNG_DRIVER 21-24 10.00 per day, at most 100.00`; a fee `7.00 per day, at most 70.00`; products `PREPAID -8%:
48 h 0%, 24 h 50%`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from app.kit.hire_pricing import lines
from app.kit.hire_pricing.card_terms import (
    AgeTerms,
    CardTerms,
    CoverTerms,
    FeeTerms,
    GuardTerms,
    ProductTerms,
    RouteTerms,
    WindowTerms,
)
from app.kit.hire_pricing.lines import read_lines, within
from app.kit.hire_pricing.terms import Per

LABELS: Mapping[str, str] = {
    "priced_by": "Priced by",
    "prices": "Prices of days",
    "hour_price": "Hour",
    "grace_minutes": "Grace, minutes",
    "season_strategy": "Days in a season",
    "seasons": "Seasons",
    "km_per_day": "Kilometres per day",
    "km_cap": "Kilometres per hire",
    "km_price": "Each kilometre above",
    "tiers": "Tiers of kilometres",
    "tier_mode": "Tiers price",
    "covers": "Covers",
    "extras": "Extras",
    "routes": "One-way fees",
    "ages": "Ages of drivers",
    "additional_driver": "Additional driver",
    "airport_percent": "Airport surcharge, %",
    "out_of_hours": "Outside opening hours",
    "tax_percent": "Tax, %",
    "is_tax_included": "Prices include the tax",
    "products": "Products",
    **{
        name: name.replace("is_", "").replace("_", " ").capitalize()
        for name in GuardTerms.__struct_fields__
    },
}  # fmt: skip
GUARDS = GuardTerms.__struct_fields__

_MONEY = r"([0-9.]+)"
_CODE = r"([A-Za-z0-9][A-Za-z0-9_-]{0,23})"
_PLACE = r"([A-Z0-9][A-Z0-9-]{1,15}|\*)"
_PER = r"\s+(?:per|a)\s+(day|hire)"
_COVER = re.compile(rf"{_CODE}\s+(?:included|{_MONEY}{_PER})", re.ASCII)
_FEE = re.compile(rf"{_MONEY}{_PER}", re.ASCII)
_AGE = re.compile(rf"{_CODE}\s+(\d{{1,3}})\s*-\s*(\d{{1,3}})\s+{_MONEY}{_PER}", re.ASCII)
_ROUTE = re.compile(rf"{_PLACE}\s+to\s+{_PLACE}\s*:?\s+{_MONEY}", re.ASCII)
_PRODUCT = re.compile(rf"{_CODE}(?:\s+(-?[0-9.]+)\s*%)?", re.ASCII)
_WINDOW = re.compile(r"(\d{1,5})\s*h\s+([0-9.]+)\s*%", re.ASCII)
_TAIL = re.compile(rf"(excess|deposit|at most)\s+{_MONEY}", re.ASCII)


WORDS: Mapping[str, Mapping[str, str]] = {
    "priced_by": {"blocks": "Blocks", "brackets": "Brackets"},
    "season_strategy": {"per_day": "Each day by its own season", "first_day": "The whole hire by the first day"},
    "tier_mode": {"graduated": "Each kilometre at its tier", "matching": "All at the tier of the last"},
    "is_tax_included": {"true": "Yes", "false": "No"},
    "is_one_way_allowed": {"true": "Yes", "false": "No"},
}


def in_words(name: str, text: str) -> str:
    """A field as people read it."""
    return WORDS[name].get(text, text) if name in WORDS else text


def write_card(terms: CardTerms) -> dict[str, str]:
    """Every field by name; what is not said is empty."""
    rate, mileage, guards = terms.rate, terms.mileage, msgspec.to_builtins(terms.guards)
    by_bracket = bool(rate.brackets)
    return {
        "priced_by": "brackets" if by_bracket else "blocks",
        "prices": lines.write_brackets(rate.brackets or ()) if by_bracket else lines.write_blocks(rate.blocks or ()),
        "hour_price": rate.hour_price or "",
        "grace_minutes": str(rate.grace_minutes),
        "season_strategy": rate.season_strategy.value,
        "seasons": lines.write_seasons(rate.seasons),
        "km_per_day": _text(mileage and mileage.included_km_per_day),
        "km_cap": _text(mileage and mileage.included_km_cap),
        "km_price": _text(mileage and mileage.excess_price_per_km),
        "tiers": lines.write_tiers(mileage.tiers or ()) if mileage else "",
        "tier_mode": mileage.tier_mode.value if mileage and mileage.tiers else "",
        "covers": "\n".join(map(_write_cover, terms.covers)),
        "extras": lines.write_extras(terms.extras),
        "routes": "\n".join(f"{each.start} to {each.end} {each.price}" for each in terms.routes),
        "ages": "\n".join(f"{each.code} {each.from_age}-{each.to_age} {_write_fee(each)}" for each in terms.ages),
        "additional_driver": _write_fee(terms.additional_driver) if terms.additional_driver else "",
        "airport_percent": terms.airport_percent or "",
        "out_of_hours": terms.out_of_hours or "",
        "tax_percent": terms.tax_percent,
        "is_tax_included": "true" if terms.is_tax_included else "false",
        "products": "\n".join(map(_write_product, terms.products)),
        **{name: _text(guards[name]) for name in GUARDS},
    }


def read_covers(text: str) -> list[CoverTerms]:
    """Raises LineError."""
    return read_lines(text, _cover)


def read_routes(text: str) -> list[RouteTerms]:
    """Raises LineError."""
    return read_lines(text, _route)


def read_ages(text: str) -> list[AgeTerms]:
    """Raises LineError."""
    return read_lines(text, _age)


def read_products(text: str) -> list[ProductTerms]:
    """Raises LineError."""
    return read_lines(text, _product)


def read_fee(text: str) -> FeeTerms | None:
    """Raises LineError; None for what is blank."""
    found = read_lines(text, _fee)
    if len(found) > 1:
        raise lines.LineError(2, "One fee only")
    return found[0] if found else None


def _cover(line: str) -> CoverTerms:
    head, tail = _parted(line)
    found = _COVER.fullmatch(head)
    if found is None or "excess" not in tail:
        raise ValueError("Not a cover such as CDW 12.00 per day, excess 900.00")
    code, price, per = found.groups()
    return CoverTerms(code, tail["excess"], price, Per(per or "day"), tail.get("at most"), tail.get("deposit"))


def _fee(line: str) -> FeeTerms:
    head, tail = _parted(line)
    found = _FEE.fullmatch(head)
    if found is None:
        raise ValueError("Not a fee such as 7.00 per day, at most 70.00")
    return FeeTerms(found[1], Per(found[2]), tail.get("at most"))


def _age(line: str) -> AgeTerms:
    head, tail = _parted(line)
    found = _AGE.fullmatch(head)
    if found is None:
        raise ValueError("Not ages such as YOUNG_DRIVER 21-24 10.00 per day")
    code, first, last, price, per = found.groups()
    ages = within(int(first), 16, 120), within(int(last), 16, 120)
    return AgeTerms(code, *ages, price, Per(per), tail.get("at most"))


def _route(line: str) -> RouteTerms:
    found = _ROUTE.fullmatch(line)
    if found is None:
        raise ValueError("Not a route such as TLL to RIX 80.00, or * to * 150.00")
    return RouteTerms(*found.groups())


def _product(line: str) -> ProductTerms:
    head, _, rest = line.partition(":")
    found = _PRODUCT.fullmatch(head.strip())
    windows = [_WINDOW.fullmatch(part.strip()) for part in rest.split(",")] if rest.strip() else []
    if found is None or None in windows:
        raise ValueError("Not a product such as PREPAID -8%: 48 h 0%, 24 h 50%")
    cancellation = [WindowTerms(within(int(window[1]), 0, 366 * 24), window[2]) for window in windows if window]
    return ProductTerms(found[1], found[2], cancellation)


def _parted(line: str) -> tuple[str, dict[str, str]]:
    """What stands before the first comma, and the named amounts after it."""
    head, *rest = (part.strip() for part in line.split(","))
    tail: dict[str, str] = {}
    for part in rest:
        found = _TAIL.fullmatch(part)
        if found is None:
            raise ValueError(f"Not excess, deposit or at most with an amount: {part[:40]}")
        tail[found[1]] = found[2]
    return head, tail


def _write_cover(cover: CoverTerms) -> str:
    price = "included" if cover.price is None else f"{cover.price} per {cover.per.value}"
    named = (("excess", cover.excess), ("deposit", cover.deposit), ("at most", cover.cap))
    return ", ".join([f"{cover.code} {price}", *(f"{name} {amount}" for name, amount in named if amount is not None)])


def _write_fee(fee: FeeTerms | AgeTerms) -> str:
    return f"{fee.price} per {fee.per.value}" + ("" if fee.cap is None else f", at most {fee.cap}")


def _write_product(product: ProductTerms) -> str:
    share = "" if product.adjustment_percent is None else f" {product.adjustment_percent}%"
    windows = ", ".join(f"{window.hours_before} h {window.percent}%" for window in product.cancellation)
    return f"{product.code}{share}" + (f": {windows}" if windows else "")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
