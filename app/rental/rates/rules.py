"""Rates: what a trial of one comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.kit.hire_pricing.days import NoPrice, read_hire
from app.kit.hire_pricing.prices import Driven, HirePrice, price_hire
from app.kit.hire_pricing.reading import Reading
from app.kit.hire_pricing.terms import ExtraTerms, MileageTerms, RateTerms, WallTime
from app.kit.problems import Problem


@dataclass(frozen=True, slots=True)
class Trial:
    """A rate and a hire to try it on."""

    currency: str
    rate: RateTerms
    pickup: WallTime
    back: WallTime
    extras: Sequence[ExtraTerms] = field(default_factory=tuple)
    adjustment_percent: str | None = None
    mileage: MileageTerms | None = None
    driven_km: int = 0


def try_rate(trial: Trial) -> HirePrice | list[Problem]:
    """The price of the hire, or everything that is wrong with the trial."""
    reading = Reading(trial.currency)
    tariff = reading.tariff(trial.rate)
    extras = reading.extras(trial.extras)
    percents = [] if trial.adjustment_percent is None else [trial.adjustment_percent]
    adjustments = [reading.percent(text, "adjustment_percent") for text in percents]
    driven = None if trial.mileage is None else Driven(reading.mileage(trial.mileage), trial.driven_km)
    time = read_hire((trial.pickup.local, trial.pickup.time_zone), (trial.back.local, trial.back.time_zone))
    if isinstance(time, list):
        return [*reading.problems, *time]
    if reading.problems:
        return reading.problems
    try:
        return price_hire(tariff, time, adjustments=adjustments, extras=extras, driven=driven)
    except NoPrice as error:
        return [Problem(error.field, "no_price", str(error))]
