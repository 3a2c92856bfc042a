"""The forms of rate pages: what has any number of parts is typed as lines."""

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field

from app.core.forms import Form
from app.kit.hire_pricing import lines
from app.kit.hire_pricing.days import DEFAULT_GRACE_MINUTES
from app.kit.hire_pricing.mileage import TierMode
from app.kit.hire_pricing.terms import MAX_KM, MileageTerms, RateTerms, SeasonStrategy, WallTime
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
            known = next((name for name in FIELD_OF if problem.field.startswith(name)), problem.field)
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

    def trial(self) -> Trial | None:
        """What is to be priced; None when something cannot be read."""
        if self.errors:
            return None
        rate, mileage, extras = self.rate(), self.mileage(), self._lines("extras", lines.read_extras)
        if self.errors:
            return None
        return Trial(
            currency=self.currency,
            rate=rate,
            pickup=WallTime(self.pickup, self.pickup_zone),
            back=WallTime(self.back, self.back_zone or self.pickup_zone),
            extras=extras,
            adjustment_percent=self.adjustment_percent,
            mileage=mileage,
            driven_km=self.driven_km,
        )


def raw_of(rate: RateTerms, mileage: MileageTerms | None) -> dict[str, Any]:
    """What the form shows for terms that are kept."""
    raw = {
        "priced_by": "brackets" if rate.brackets else "blocks",
        "prices": lines.write_brackets(rate.brackets) if rate.brackets else lines.write_blocks(rate.blocks or ()),
        "hour_price": rate.hour_price or "",
        "grace_minutes": rate.grace_minutes,
        "season_strategy": rate.season_strategy.value,
        "seasons": lines.write_seasons(rate.seasons),
    }
    if mileage is not None:
        raw |= {
            "km_per_day": mileage.included_km_per_day,
            "km_cap": mileage.included_km_cap,
            "km_price": mileage.excess_price_per_km,
            "tiers": lines.write_tiers(mileage.tiers or ()),
            "tier_mode": mileage.tier_mode.value,
        }
    return raw
