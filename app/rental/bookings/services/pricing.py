"""The one seam between bookings and prices: what a hire of a class costs, line by line, with what it was priced by."""

from dataclasses import dataclass, field
from typing import Any

import msgspec

from app.core.db import AsyncSession
from app.core.errors import AppError, InvalidFields
from app.kit.hire_pricing.days import time_between
from app.kit.hire_pricing.prices import price_hire
from app.kit.hire_pricing.reading import Reading
from app.kit.hire_pricing.terms import BlockTerms, RateTerms
from app.kit.money import Money
from app.kit.problems import Problem
from app.rental.bookings import queries
from app.rental.locations.services import HandoverTime


class NoPrice(AppError):
    """Nothing says what this class costs at that branch."""

    code = "no_price"
    status = 422
    title = "There is no price for this class at that branch"


@dataclass(frozen=True, slots=True)
class Priced:
    """What a hire costs."""

    total: Money
    lines: list[dict[str, Any]]
    snapshot: dict[str, Any] = field(default_factory=dict[str, Any])


async def price(session: AsyncSession, class_code: str, pickup: HandoverTime, back: HandoverTime) -> Priced:
    """The price by the day price of the class at the branch of the pick-up. Raises NoPrice, InvalidFields."""
    found = await queries.find_day_price(session, class_code, pickup.location.code, pickup.location.market)
    if found is None:
        raise NoPrice(f"{class_code} at {pickup.location.code}")
    day_price = Money(*found)
    return by_rate(RateTerms(blocks=[BlockTerms(1, day_price.amount)]), day_price.currency, pickup, back)


def by_rate(rate: RateTerms, currency: str, pickup: HandoverTime, back: HandoverTime) -> Priced:
    """The price of a hire by the terms of a rate, which are kept with it."""
    zones = pickup.location.time_zone, back.location.time_zone
    time = time_between(pickup.local, zones[0], back.local, zones[1])
    if isinstance(time, Problem):
        raise InvalidFields([time])
    priced = price_hire(Reading(currency).tariff(rate), time)
    lines = [
        {"code": line.code, "quantity": line.quantity, "amount": plain(line.amount), "explanation": line.explanation}
        for line in priced.lines
    ]
    return Priced(priced.total, lines, {"currency": currency, "rate": msgspec.to_builtins(rate)})


def plain(amount: Money) -> dict[str, str]:
    """Money as it is kept in JSON."""
    return {"amount": amount.amount, "currency": amount.currency}
