"""Rates in the JSON API."""

from typing import Annotated, Any, ClassVar

import msgspec

from app.core.values import MoneyValue
from app.kit.hire_pricing.prices import HirePrice, Line
from app.kit.hire_pricing.terms import (
    MAX_EXTRAS,
    MAX_KM,
    ExtraTerms,
    MileageTerms,
    PercentText,
    RateTerms,
    WallTime,
)
from app.rental.rates.rules import Trial

Currency = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$", description="ISO 4217", examples=["EUR"])]


PLAN: dict[str, Any] = {"included_km_per_day": 300, "included_km_cap": 3000, "excess_price_per_km": "0.60"}
TIME_LINE: dict[str, Any] = {
    "code": "TIME",
    "quantity": 5,
    "amount": {"amount": "516.00", "currency": "EUR"},
    "explanation": "2 days at 78.00, 3 days at 120.00 (season 1 Jul - 31 Aug)",
}


class MileageTrial(MileageTerms, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A mileage plan and how far the hire went."""

    EXAMPLE: ClassVar = PLAN | {"driven_km": 1500}

    driven_km: Annotated[int, msgspec.Meta(ge=0, le=MAX_KM, examples=[1500])] = 0


class RateTrial(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A rate and a hire to try it on."""

    EXAMPLE: ClassVar = {
        "currency": "EUR",
        "rate": RateTerms.EXAMPLE,
        "pickup": {"local": "2026-06-29T10:00", "time_zone": "Europe/Paris"},
        "return": {"local": "2026-07-04T10:00", "time_zone": "Europe/Paris"},
        "extras": [{"code": "CDW", "per": "day", "price": "12.00"}],
        "adjustment_percent": "10",
        "mileage": PLAN | {"driven_km": 1500},
    }

    currency: Currency
    rate: RateTerms
    pickup: WallTime
    back: WallTime = msgspec.field(name="return")
    extras: Annotated[list[ExtraTerms], msgspec.Meta(max_length=MAX_EXTRAS)] = []
    adjustment_percent: PercentText | None = None
    mileage: MileageTrial | None = None

    def to_trial(self) -> Trial:
        return Trial(
            currency=self.currency,
            rate=self.rate,
            pickup=self.pickup,
            back=self.back,
            extras=self.extras,
            adjustment_percent=self.adjustment_percent,
            mileage=self.mileage,
            driven_km=self.mileage.driven_km if self.mileage else 0,
        )


class PriceLineItem(msgspec.Struct):
    """A line of a price. `quantity` counts days (hours, when no day is charged), kilometres, or pieces."""

    EXAMPLE: ClassVar = TIME_LINE

    code: str
    quantity: int
    amount: MoneyValue
    explanation: str


class HirePriceItem(msgspec.Struct):
    """What a hire costs, line by line; the total is their sum."""

    EXAMPLE: ClassVar = {"charged_days": 5, "charged_hours": 0, "lines": [TIME_LINE], "total": TIME_LINE["amount"]}

    charged_days: int
    charged_hours: int
    lines: list[PriceLineItem]
    total: MoneyValue


def item_of(price: HirePrice) -> HirePriceItem:
    """A price as it is told outside."""
    total = price.total
    return HirePriceItem(
        price.charged.days, price.charged.hours, list(map(_line, price.lines)), MoneyValue(total.amount, total.currency)
    )


def _line(line: Line) -> PriceLineItem:
    amount = MoneyValue(line.amount.amount, line.amount.currency)
    return PriceLineItem(line.code, line.quantity, amount, line.explanation)
