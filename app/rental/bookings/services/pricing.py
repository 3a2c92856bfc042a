"""The one seam between bookings and prices: what a hire of a class costs, line by line, with what it was priced by.

A hire is priced by the rate card in force for its market, branch, class, brand and day of pick-up; where none is, by
the day price of the vehicle or of its class. What priced it is kept with it and prices it again when its time changes.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from app.core import clock
from app.core.db import AsyncSession
from app.core.errors import AppError, InvalidFields
from app.kit.fee_windows import FeeWindow, plain_windows
from app.kit.hire_pricing import days, prices
from app.kit.hire_pricing.card_prices import CardHire, UnknownCode
from app.kit.hire_pricing.card_terms import Snapshot
from app.kit.hire_pricing.days import HireTime, time_between
from app.kit.hire_pricing.prices import HirePrice
from app.kit.hire_pricing.reading import Reading
from app.kit.hire_pricing.terms import BlockTerms, RateTerms
from app.kit.money import Money
from app.kit.problems import Problem
from app.rental.bookings import queries, rules
from app.rental.bookings.models import Booking
from app.rental.bookings.rules import NOTHING, Choices
from app.rental.locations.services import HandoverTime
from app.rental.rates import services as rates
from app.rental.rates.rules import Asked, refusals

GUARDED = {
    "bookable_from": "class_code",
    "bookable_until": "class_code",
    "pickup_from": "pickup.local",
    "pickup_until": "pickup.local",
    "advance_hours": "pickup.local",
    "min_days": "return.local",
    "max_days": "return.local",
    "min_age": "driver.born_on",
    "max_age": "driver.born_on",
    "is_one_way_allowed": "return.location",
}
"""The guards of a rate card, and the field of a booking that each looks at."""
AIRPORT = "airport"
LINE_MARKS = ("is_included", "is_tax_inclusive", "is_guaranteed", "is_required")
"""What each line says of itself besides its amount."""


class NoPrice(AppError):
    """Nothing says what this class costs at that branch."""

    code = "no_price"
    status = 422
    title = "There is no price for this class at that branch"


@dataclass(frozen=True, slots=True)
class Priced:
    """What a hire costs, as it is kept: `snapshot` is what it was priced by, `fee_windows` what cancelling costs.

    `margin` is what a supplier's car earns, by which terms.
    """

    total: Money
    lines: list[dict[str, Any]]
    snapshot: dict[str, Any] = field(default_factory=dict[str, Any])
    fee_windows: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    margin: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Hire:
    """A hire to be priced; the age is the driver's at the pick-up, when it is known."""

    pickup: HandoverTime
    back: HandoverTime
    choices: Choices = NOTHING
    driver_age: int | None = None


def hire_of(
    pickup: HandoverTime, back: HandoverTime, choices: Choices = NOTHING, driver_born_on: date | None = None
) -> Hire:
    """A hire between two handovers."""
    age = rules.age_on(driver_born_on, pickup.local.date()) if driver_born_on else None
    return Hire(pickup, back, choices, age)


async def price(
    session: AsyncSession, class_code: str, hire: Hire, *, vehicle_id: UUID | None = None, is_guarded: bool = True
) -> Priced:
    """The price by the rate card in force, else by the day price of the vehicle or its class at the branch.

    What is only compared, and not sold, `is_guarded` by nothing. Raises NoPrice; InvalidFields that name what a guard
    of the card refuses, or a code that the card does not have.
    """
    card = await card_for(session, class_code, hire.pickup, brand=hire.choices.brand)
    if card is not None:
        if is_guarded:
            refuse_guarded(card, hire)
        return by_card(card, hire)
    location = hire.pickup.location
    found = await queries.find_day_price(session, class_code, location.code, location.market, vehicle_id)
    if found is None:
        raise NoPrice(f"{class_code} at {location.code}")
    day_price = Money(*found)
    return by_rate(RateTerms(blocks=[BlockTerms(1, day_price.amount)]), day_price.currency, hire)


async def card_for(session: AsyncSession, class_code: str, pickup: HandoverTime, *, brand: str = "") -> Snapshot | None:
    """The rate card in force for a class that is picked up then and there."""
    location, day = pickup.location, pickup.local.date()
    return await rates.rate_in_force(
        session, market=location.market, branch=location.code, acriss=class_code, day=day, brand=brand
    )


def price_again(
    booking: Booking,
    pickup: HandoverTime,
    back: HandoverTime,
    *,
    choices: Choices | None = None,
    driven_km: int | None = None,
) -> Priced:
    """The price of other times or choices by what the booking was priced by, whatever is in force today.

    The guards of the rate were for the making of the booking and are not asked again. `driven_km` adds the line of
    kilometres. Raises NoPrice when nothing was kept, InvalidFields.
    """
    taken = booking.chosen if choices is None else choices
    hire = hire_of(pickup, back, taken, booking.driver_born_on)
    stored = booking.rate_snapshot
    if "card" in stored:
        return by_card(msgspec.convert(stored["card"], Snapshot), hire, driven_km=driven_km)
    if "rate" in stored:
        return by_rate(msgspec.convert(stored["rate"], RateTerms), stored["currency"], hire)
    raise NoPrice(f"{booking.reference} keeps no rate")


def refuse_guarded(card: Snapshot, hire: Hire) -> None:
    """Raises InvalidFields that name the field of each guard that refuses the hire, and why."""
    if found := refusals(card.terms.guards, asked_of(hire, _time(hire), clock.now())):
        raise InvalidFields(
            [Problem(GUARDED[one.field], one.code, f"{one.detail}, by the rate card {card.card_name}") for one in found]
        )


def by_card(card: Snapshot, hire: Hire, *, driven_km: int | None = None) -> Priced:
    """The price of a hire by a version of a rate card. Raises InvalidFields."""
    choices = hire.choices
    try:
        priced = rates.price_hire(card, card_hire(hire, _time(hire), driven_km=driven_km))
    except UnknownCode as error:
        raise InvalidFields([Problem(f"choices.{error.field}", "unknown_value", str(error))]) from None
    except days.NoPrice as error:
        raise InvalidFields([Problem("return.local", "no_price", str(error))]) from None
    products = {product.code: product for product in card.terms.products}
    windows = rules.fee_windows(hire.pickup.at, products.get(choices.product, rules.STANDARD))
    return _kept(priced, {"currency": card.currency, "card": msgspec.to_builtins(card)}, windows)


def card_hire(hire: Hire, time: HireTime, *, driven_km: int | None = None) -> CardHire:
    """A hire as a card prices it."""
    return CardHire(
        time=time,
        start=hire.pickup.location.code,
        end=hire.back.location.code,
        is_airport=hire.pickup.location.kind == AIRPORT,
        driver_age=hire.driver_age,
        additional_drivers=hire.choices.additional_drivers,
        covers=hire.choices.covers,
        extras=hire.choices.extras,
        product=hire.choices.product,
        out_of_hours=hire.pickup.is_out_of_hours + hire.back.is_out_of_hours,
        driven_km=driven_km,
    )


def asked_of(hire: Hire, time: HireTime, now: datetime) -> Asked:
    """A hire as the guards of a card look at it."""
    zone = ZoneInfo(hire.pickup.location.time_zone)
    return Asked(
        time=time,
        pickup=hire.pickup.at.astimezone(zone),
        booked=now.astimezone(zone),
        is_one_way=hire.pickup.location.code != hire.back.location.code,
        driver_age=hire.driver_age,
    )


def by_rate(rate: RateTerms, currency: str, hire: Hire) -> Priced:
    """The price by the terms of a rate alone, which has no covers, extras or products. Raises InvalidFields."""
    if not hire.choices.is_plain:
        detail = "No rate card is in force for this hire: it has a day price alone"
        raise InvalidFields([Problem("choices", "unknown_value", detail)])
    priced = prices.price_hire(Reading(currency).tariff(rate), _time(hire))
    windows = rules.fee_windows(hire.pickup.at)
    return _kept(priced, {"currency": currency, "rate": msgspec.to_builtins(rate)}, windows)


def plain(amount: Money) -> dict[str, str]:
    """Money as it is kept in JSON."""
    return {"amount": amount.amount, "currency": amount.currency}


def plain_line(code: str, amount: Money, words: str) -> dict[str, Any]:
    """One line of a price as it is kept in JSON."""
    return {"code": code, "quantity": 1, "amount": plain(amount), "explanation": words}


def _time(hire: Hire) -> HireTime:
    pickup, back = hire.pickup, hire.back
    time = time_between(pickup.local, pickup.location.time_zone, back.local, back.location.time_zone)
    if isinstance(time, Problem):
        raise InvalidFields([time])
    return time


def _kept(priced: HirePrice, snapshot: dict[str, Any], windows: list[FeeWindow]) -> Priced:
    lines = [
        {
            "code": line.code,
            "quantity": line.quantity,
            "amount": plain(line.amount),
            "explanation": line.explanation,
            **{name: getattr(line, name) for name in LINE_MARKS},
        }
        for line in priced.lines
    ]
    return Priced(priced.total, lines, snapshot, plain_windows(windows))
