"""The forms of rate pages: what has any number of parts is typed as lines."""

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field

from app.core.errors import AppError, InvalidFields
from app.core.forms import Form
from app.kit.hire_pricing import card_lines, lines
from app.kit.hire_pricing.card_terms import CardTerms, FeeTerms, GuardTerms
from app.kit.hire_pricing.days import DEFAULT_GRACE_MINUTES, MAX_DAYS
from app.kit.hire_pricing.mileage import TierMode
from app.kit.hire_pricing.terms import MAX_KM, MileageTerms, RateTerms, SeasonStrategy, WallTime
from app.kit.markets import MARKETS
from app.kit.problems import Problem
from app.rental.rates.rules import Trial

T = TypeVar("T")

Kilometres = Annotated[int, Field(ge=0, le=MAX_KM)]
FIELD_OF = {
    "rate.blocks": "prices",
    "rate.brackets": "prices",
    "rate.seasons": "seasons",
    "rate.hour_price": "hour_price",
    "extras": "extras",
    **{name: name for name in ("covers", "routes", "ages", "products", "additional_driver")},
    **{f"guards.{name}": name for name in card_lines.GUARDS},
    "mileage.tiers": "tiers",
    "mileage.excess_price_per_km": "km_price",
    "pickup.local": "pickup",
    "pickup.time_zone": "pickup_zone",
    "return.local": "back",
    "return.time_zone": "back_zone",
}
"""Where the form shows what is said about a term."""
_PLACE = re.compile(r"\.(\d+)(\.|$)")


class TermsForm(Form):
    """Prices of time, extras and kilometres."""

    currency: str = ""
    priced_by: Literal["blocks", "brackets"] = "blocks"
    prices: str = ""
    hour_price: str | None = None
    grace_minutes: Annotated[int, Field(ge=0, le=24 * 60 - 1)] = DEFAULT_GRACE_MINUTES
    season_strategy: SeasonStrategy = SeasonStrategy.PER_DAY
    seasons: str = ""
    extras: str = ""
    km_per_day: Kilometres | None = None
    km_cap: Kilometres | None = None
    km_price: str | None = None
    tiers: str = ""
    tier_mode: TierMode = TierMode.GRADUATED

    def rate(self) -> RateTerms:
        """The rate as typed; what cannot be read is noted beside its field."""
        by_bracket = self.priced_by == "brackets"
        return RateTerms(
            blocks=None if by_bracket else self._lines("prices", lines.read_blocks),
            brackets=self._lines("prices", lines.read_brackets) if by_bracket else None,
            hour_price=self.hour_price,
            grace_minutes=self.grace_minutes,
            season_strategy=self.season_strategy,
            seasons=self._lines("seasons", lambda text: lines.read_seasons(text, by_bracket=by_bracket)),
        )

    def mileage(self) -> MileageTerms | None:
        """The plan as typed; None when nothing is said about kilometres."""
        tiers = self._lines("tiers", lines.read_tiers)
        if not tiers and self.km_per_day is None and self.km_cap is None and self.km_price is None:
            return None
        return MileageTerms(self.km_per_day, self.km_cap, self.km_price, tiers or None, self.tier_mode)

    def _lines(self, name: str, read: Callable[[str], list[T]]) -> list[T]:
        try:
            return read(getattr(self, name))
        except lines.LineError as error:
            self.refuse(name, str(error))
            return []

    def take_problems(self, problems: list[Problem]) -> None:
        """Show what the rules refuse beside the fields, with the line that it stands in."""
        for problem in problems:
            field = problem.field.removeprefix("terms.")
            known = next((name for name in FIELD_OF if field.startswith(name)), field)
            name = FIELD_OF.get(known, known)
            place = _PLACE.search(problem.field)
            numbers = [number for number, _ in lines.lines_of(self.text(name))] if place else []
            line = f"Line {numbers[int(place[1])]}: " if place and int(place[1]) < len(numbers) else ""
            if name not in self.errors:
                self.refuse(name, line + problem.detail)


class TrialForm(TermsForm):
    """A rate and a hire to try it on."""

    pickup: str = ""
    pickup_zone: str = ""
    back: str = ""
    back_zone: str | None = None
    adjustment_percent: str | None = None
    driven_km: Kilometres = 0
    market: str | None = None
    """Of a card that is being written, whose currency is that of its market."""

    def trial(self) -> Trial | None:
        """What is to be priced; None when something cannot be read."""
        if self.errors:
            return None
        rate, mileage, extras = self.rate(), self.mileage(), self._lines("extras", lines.read_extras)
        if self.errors:
            return None
        return Trial(
            currency=self.currency or (MARKETS[self.market].currency if self.market in MARKETS else ""),
            rate=rate,
            pickup=WallTime(self.pickup, self.pickup_zone),
            back=WallTime(self.back, self.back_zone or self.pickup_zone),
            extras=extras,
            adjustment_percent=self.adjustment_percent,
            mileage=mileage,
            driven_km=self.driven_km,
        )


class CardForm(TermsForm):
    """A draft of a rate card; for a new card also what it is for."""

    version: int | None = None
    name: str | None = None
    market: str | None = None
    brand: str | None = None
    acriss: str | None = None
    branches: str = ""
    valid_from: date | None = None
    covers: str = ""
    routes: str = ""
    ages: str = ""
    additional_driver: str = ""
    airport_percent: str | None = None
    out_of_hours: str | None = None
    tax_percent: str = "0"
    is_tax_included: bool = False
    products: str = ""
    bookable_from: date | None = None
    bookable_until: date | None = None
    pickup_from: date | None = None
    pickup_until: date | None = None
    advance_hours: Annotated[int, Field(ge=0, le=366 * 24)] | None = None
    min_days: Annotated[int, Field(ge=1, le=MAX_DAYS)] | None = None
    max_days: Annotated[int, Field(ge=1, le=MAX_DAYS)] | None = None
    is_one_way_allowed: bool = False
    min_age: Annotated[int, Field(ge=16, le=120)] | None = None
    max_age: Annotated[int, Field(ge=16, le=120)] | None = None

    @classmethod
    def of_terms(cls, terms: CardTerms, valid_from: date, **values: Any) -> "CardForm":
        """The form with the terms of a version."""
        return cls.of({**card_lines.write_card(terms), "valid_from": valid_from, **values})

    def scope(self) -> dict[str, Any]:
        """What a new card is for."""
        codes = self.branches.replace(",", " ").upper().split()
        named = {name: getattr(self, name) for name in ("name", "market", "brand")}
        return {**named, "acriss": (self.acriss or "").strip().upper(), "branches": codes}

    def card_terms(self) -> CardTerms | None:
        """The terms as typed; None when something cannot be read, which is then noted beside its field."""
        if self.valid_from is None and "valid_from" not in self.errors:
            self.refuse("valid_from", "Enter a date")
        if self.errors:
            return None
        terms = CardTerms(
            rate=self.rate(),
            mileage=self.mileage(),
            covers=self._lines("covers", card_lines.read_covers),
            extras=self._lines("extras", lines.read_extras),
            routes=self._lines("routes", card_lines.read_routes),
            ages=self._lines("ages", card_lines.read_ages),
            additional_driver=self._fee(),
            airport_percent=self.airport_percent,
            out_of_hours=self.out_of_hours,
            tax_percent=self.tax_percent,
            is_tax_included=self.is_tax_included,
            products=self._lines("products", card_lines.read_products),
            guards=GuardTerms(**{name: getattr(self, name) for name in card_lines.GUARDS}),
        )
        return None if self.errors else terms

    def _fee(self) -> FeeTerms | None:
        try:
            return card_lines.read_fee(self.additional_driver)
        except lines.LineError as error:
            self.refuse("additional_driver", str(error))
            return None

    def take_refusal(self, refused: AppError, words: str = "") -> None:
        """Show what a service refused beside the fields, or above them."""
        if isinstance(refused, InvalidFields):
            self.take_problems(refused.problems)
        else:
            self.refuse("", words or refused.detail or refused.title)
