"""The price of a hire, line by line, each with the sentence that explains it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.kit.hire_pricing.day_prices import DayPrices, Part
from app.kit.hire_pricing.days import Charged, HireTime, charge_time
from app.kit.hire_pricing.mileage import MileagePlan
from app.kit.hire_pricing.reading import Extra, Season, Tariff
from app.kit.hire_pricing.seasons import Run
from app.kit.hire_pricing.terms import Per, SeasonStrategy
from app.kit.money import Money
from app.kit.rounding import percent_of


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a price. The quantity counts days (hours, when no day is charged), kilometres, or pieces."""

    code: str
    quantity: int
    amount: Money
    explanation: str
    is_included: bool = False
    """It is within another line, or costs nothing."""
    is_tax_inclusive: bool = True
    is_guaranteed: bool = True
    """It cannot become another amount by the end of the hire."""
    is_required: bool = True
    """Nobody can do without it; what is not was chosen."""


@dataclass(frozen=True, slots=True)
class Driven:
    """The kilometres of a hire and the plan that they are charged by."""

    plan: MileagePlan
    km: int


@dataclass(frozen=True, slots=True)
class HirePrice:
    """The lines of a price and what they come to."""

    charged: Charged
    lines: tuple[Line, ...]
    total: Money


def price_hire(
    tariff: Tariff,
    time: HireTime,
    *,
    adjustments: Iterable[Decimal] = (),
    extras: Iterable[Extra] = (),
    driven: Driven | None = None,
) -> HirePrice:
    """The time charge, adjustments of it in percent, extras and kilometres. Raises NoPrice.

    Every adjustment is taken from the unadjusted time charge.
    """
    charged = charge(tariff, time)
    lines = [time_line(tariff, time, charged)]
    lines += [_adjustment(lines[0].amount, percent) for percent in adjustments]
    lines += [extra_line(extra, charged, tariff.currency) for extra in extras]
    if driven is not None:
        lines.append(mileage_line(driven, charged, tariff.currency))
    return HirePrice(charged, tuple(lines), Money(sum(line.amount.minor for line in lines), tariff.currency))


def charge(tariff: Tariff, time: HireTime) -> Charged:
    """Charged days and hours and their cost. Raises NoPrice."""

    def cost_of(days: int) -> int:
        return sum(_season_prices(tariff, run.season).cost(run.days, days) for run in _runs(tariff, time, days))

    return charge_time(time, cost_of, hour_price_minor=tariff.hour_price_minor, grace_minutes=tariff.grace_minutes)


def time_line(tariff: Tariff, time: HireTime, charged: Charged) -> Line:
    """The line of what `charge` found."""
    amount = Money(charged.minor, tariff.currency)
    return Line("TIME", charged.days or charged.hours, amount, _explain_time(tariff, time, charged))


def extra_line(extra: Extra, charged: Charged, currency: str) -> Line:
    """An extra per charged day or per hire, at most its cap."""
    quantity = charged.counted_days if extra.per is Per.DAY else 1
    minor = quantity * extra.price_minor
    each = Money(extra.price_minor, currency).amount
    words = f"{_count(quantity, 'day')} at {each}" if extra.per is Per.DAY else f"{each} per hire"
    if extra.cap_minor is not None:
        words += f", at most {Money(extra.cap_minor, currency).amount} per hire"
        minor = min(minor, extra.cap_minor)
    return Line(extra.code, quantity, Money(minor, currency), words)


def mileage_line(driven: Driven, charged: Charged, currency: str) -> Line:
    """The kilometres above the included ones."""
    plan = driven.plan
    included = plan.included(charged.counted_days)
    excess = max(0, driven.km - included)
    tiers = plan.cost(excess)
    words = f"{driven.km:,} km driven, {included:,} included"
    if plan.per_day is not None:
        words += f" ({plan.per_day:,} a day" + (f", at most {plan.cap:,}" if plan.cap is not None else "") + ")"
    for km, price in tiers:
        words += f", {km:,} km at {Money(price, currency).amount}"
    return Line("MILEAGE", excess, Money(sum(km * price for km, price in tiers), currency), words)


def _runs(tariff: Tariff, time: HireTime, days: int) -> Sequence[Run]:
    if not tariff.seasons:
        return (Run(None, days),)
    if tariff.strategy is SeasonStrategy.FIRST_DAY:
        return (Run(tariff.calendar.season_on(time.first_day), days),)
    return tariff.calendar.runs(time.first_day, days)


def _season_prices(tariff: Tariff, season: int | None) -> DayPrices:
    return tariff.prices if season is None else tariff.seasons[season].prices


def _adjustment(time: Money, percent: Decimal) -> Line:
    amount = Money(percent_of(time.minor, percent), time.currency)
    return Line("ADJUSTMENT", 1, amount, f"{percent} % of {time.amount}")


def _explain_time(tariff: Tariff, time: HireTime, charged: Charged) -> str:
    words: list[str] = []
    for run in _runs(tariff, time, charged.days) if charged.days else ():
        season = None if run.season is None else tariff.seasons[run.season]
        parts = _season_prices(tariff, run.season).parts(run.days, charged.days)
        words += [_explain_part(part, season, tariff.currency) for part in parts]
    if charged.hours:
        assert tariff.hour_price_minor is not None
        words.append(f"{_count(charged.hours, 'hour')} at {Money(tariff.hour_price_minor, tariff.currency).amount}")
    if charged.is_capped:
        words.append(f"the last {_length(time.minutes)} charged as a day")
    if charged.free_minutes:
        words.append(f"{_count(charged.free_minutes, 'minute')} free")
    return ", ".join(words)


def _explain_part(part: Part, season: Season | None, currency: str) -> str:
    price = Money(part.price_minor, currency).amount
    if part.days == 1:
        words = f"{_count(part.count, 'day')} at {price}"
    elif part.count == 1:
        words = f"{part.days} days for {price}"
    else:
        words = f"{part.count} x {part.days} days at {price}"
    return f"{words} (season {season.dates.words})" if season else words


def _length(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours and rest else f"{hours} h" if hours else f"{rest} min"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
