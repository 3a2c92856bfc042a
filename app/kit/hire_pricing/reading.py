"""Terms as written -> terms to reckon with. What is wrong with them is named by its place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.kit.hire_pricing.day_prices import Block, Blocks, Bracket, Brackets, DayPrices, overlapping
from app.kit.hire_pricing.mileage import MileagePlan, Tier
from app.kit.hire_pricing.seasons import Calendar, DateRange
from app.kit.hire_pricing.terms import (
    BlockTerms,
    BracketTerms,
    ExtraTerms,
    MileageTerms,
    Per,
    RateTerms,
    SeasonStrategy,
    SeasonTerms,
)
from app.kit.money import EXPONENTS, Money, MoneyError
from app.kit.problems import Problem

LARGEST_PRICE_MINOR = 10**11
LEAST_PERCENT, MOST_PERCENT = Decimal(-100), Decimal(1000)
RESERVED_CODES = frozenset(
    {"TIME", "ADJUSTMENT", "MILEAGE", "TAX", "AIRPORT", "ONE_WAY", "OUT_OF_HOURS", "ADDITIONAL_DRIVER"}
)
_PERCENT = re.compile(r"-?[0-9]{1,4}(\.[0-9]{1,6})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Season:
    """A range of dates with prices of its own."""

    dates: DateRange
    prices: DayPrices


@dataclass(frozen=True, slots=True)
class Tariff:
    """A rate to reckon with; its tables are filled as they are asked for, so keep it to price many hires."""

    currency: str
    prices: DayPrices
    seasons: tuple[Season, ...]
    calendar: Calendar
    strategy: SeasonStrategy
    hour_price_minor: int | None
    grace_minutes: int


@dataclass(frozen=True, slots=True)
class Extra:
    """What an extra costs; `cap_minor` is the most per hire."""

    code: str
    per: Per
    price_minor: int
    cap_minor: int | None = None


class Reading:
    """Reads terms in one currency and collects what is wrong with them."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self.problems: list[Problem] = []
        if currency not in EXPONENTS:
            self.refuse("currency", "unknown_value", "Not an ISO 4217 currency that we know")

    def refuse(self, field: str, code: str, detail: str) -> None:
        self.problems.append(Problem(field, code, detail))

    def price(self, text: str, field: str) -> int:
        """A price in minor units; 0 when it is refused."""
        if self.currency not in EXPONENTS:
            return 0
        try:
            minor = Money.parse(text, self.currency).minor
        except MoneyError as error:
            self.refuse(field, "malformed", str(error))
            return 0
        if not 0 <= minor <= LARGEST_PRICE_MINOR:
            self.refuse(field, "out_of_range", "A price is from 0 to 1,000,000,000.00")
        return minor

    def price_or_none(self, text: str | None, field: str) -> int | None:
        return None if text is None else self.price(text, field)

    def percent(self, text: str, field: str) -> Decimal:
        """A percentage; 0 when it is refused."""
        value = Decimal(text) if _PERCENT.fullmatch(text) else None
        if value is None:
            self.refuse(field, "malformed", "A percentage such as 10 or -7.5")
        elif not LEAST_PERCENT <= value <= MOST_PERCENT:
            self.refuse(field, "out_of_range", f"From {LEAST_PERCENT} to {MOST_PERCENT}")
        return value or Decimal(0)

    def tariff(self, terms: RateTerms, path: str = "rate") -> Tariff:
        """The rate; not to be used when there are problems."""
        by_bracket = bool(terms.brackets)
        prices = self._prices(terms, path, by_bracket=by_bracket)
        seasons = [
            self._season(season, f"{path}.seasons.{place}", by_bracket=by_bracket)
            for place, season in enumerate(terms.seasons)
        ]
        return Tariff(
            currency=self.currency,
            prices=prices,
            seasons=tuple(seasons),
            calendar=Calendar([season.dates for season in seasons]),
            strategy=terms.season_strategy,
            hour_price_minor=self.price_or_none(terms.hour_price, f"{path}.hour_price"),
            grace_minutes=terms.grace_minutes,
        )

    def extras(self, terms: Sequence[ExtraTerms], path: str = "extras") -> list[Extra]:
        found: list[Extra] = []
        for place, extra in enumerate(terms):
            field = f"{path}.{place}"
            if extra.code.upper() in RESERVED_CODES:
                self.refuse(f"{field}.code", "reserved", "Stands for another line")
            price = self.price(extra.price, f"{field}.price")
            found.append(Extra(extra.code, extra.per, price, self.price_or_none(extra.cap, f"{field}.cap")))
        return found

    def mileage(self, terms: MileageTerms, path: str = "mileage") -> MileagePlan:
        if terms.tiers and terms.excess_price_per_km is not None:
            self.refuse(f"{path}.tiers", "contradicts", "Either an excess price or tiers")
        tiers: list[Tier] = []
        below = 0
        for place, tier in enumerate(terms.tiers or ()):
            field = f"{path}.tiers.{place}"
            if tier.from_km not in (below, below + 1):
                self.refuse(f"{field}.from_km", "out_of_range", f"Goes on at {below} or {below + 1}")
            if tier.to_km is None and place + 1 < len(terms.tiers or ()):
                self.refuse(f"{field}.to_km", "required", "Only the last tier has no end")
            elif tier.to_km is not None and tier.to_km <= below:
                self.refuse(f"{field}.to_km", "out_of_range", f"Ends above {below}")
            below = tier.to_km or below
            tiers.append(Tier(below, self.price(tier.price_per_km, f"{field}.price_per_km")))
        return MileagePlan(
            per_day=terms.included_km_per_day,
            cap=terms.included_km_cap,
            price_minor=self.price_or_none(terms.excess_price_per_km, f"{path}.excess_price_per_km") or 0,
            tiers=tuple(tiers),
            mode=terms.tier_mode,
        )

    def _season(self, season: SeasonTerms, path: str, *, by_bracket: bool) -> Season:
        if season.ends_on < season.starts_on:
            self.refuse(f"{path}.ends_on", "out_of_range", "Ends before it starts")
        if by_bracket and season.blocks:
            self.refuse(f"{path}.blocks", "contradicts", "A rate of brackets has seasons of brackets")
        elif not by_bracket and season.brackets:
            self.refuse(f"{path}.brackets", "contradicts", "A rate of blocks has seasons of blocks")
        elif not (season.brackets or season.blocks):
            self.refuse(f"{path}.{'brackets' if by_bracket else 'blocks'}", "required", "A season has its own prices")
        prices = self._table(season, path, by_bracket=by_bracket)
        return Season(DateRange(season.starts_on, season.ends_on), prices)

    def _prices(self, terms: RateTerms, path: str, *, by_bracket: bool) -> DayPrices:
        if terms.blocks and terms.brackets:
            self.refuse(f"{path}.blocks", "contradicts", "Either blocks or brackets")
        elif not (terms.blocks or terms.brackets):
            self.refuse(f"{path}.blocks", "required", "Blocks or brackets are needed")
        return self._table(terms, path, by_bracket=by_bracket)

    def _table(self, terms: RateTerms | SeasonTerms, path: str, *, by_bracket: bool) -> DayPrices:
        if by_bracket:
            return self._brackets(terms.brackets or (), f"{path}.brackets")
        return self._blocks(terms.blocks or (), f"{path}.blocks")

    def _blocks(self, terms: Sequence[BlockTerms], path: str) -> Blocks:
        return Blocks(
            [Block(block.days, self.price(block.price, f"{path}.{place}.price")) for place, block in enumerate(terms)]
        )

    def _brackets(self, terms: Sequence[BracketTerms], path: str) -> Brackets:
        found: list[Bracket] = []
        for place, bracket in enumerate(terms):
            price = self.price(bracket.price_per_day, f"{path}.{place}.price_per_day")
            if bracket.to_days is not None and bracket.to_days < bracket.from_days:
                self.refuse(f"{path}.{place}.to_days", "out_of_range", "Ends before it starts")
            found.append(Bracket(bracket.from_days, bracket.to_days, price))
        if overlapping(found):
            self.refuse(path, "overlaps", "A number of days lies in two brackets")
        return Brackets(found, path)
