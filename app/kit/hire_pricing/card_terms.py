"""The terms of a rate card as they are written down and kept with every price that was made by them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

import msgspec

from app.kit.hire_pricing.terms import (
    MAX_EXTRAS,
    Amount,
    Code,
    Days,
    ExtraTerms,
    MileageTerms,
    Per,
    PercentText,
    RateTerms,
)

ANYWHERE = "*"
MAX_ROUTES, MAX_PRODUCTS, MAX_WINDOWS = 200, 6, 12
MOST_HOURS = 366 * 24

Place = Annotated[str, msgspec.Meta(pattern=r"^([A-Z0-9][A-Z0-9-]{1,15}|\*)$", examples=["TLL"])]
Age = Annotated[int, msgspec.Meta(ge=16, le=120, examples=[25])]
Hours = Annotated[int, msgspec.Meta(ge=0, le=MOST_HOURS, examples=[48])]


class CoverTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A cover: what it costs, what the customer still bears, and the deposit while it is taken.

    Without a price it is included.
    """

    code: Code
    excess: Amount
    price: Amount | None = None
    per: Per = Per.DAY
    cap: Amount | None = None
    deposit: Amount | None = None


class RouteTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The fee of a hire from one branch to another; `*` is any. Of several the one that names more branches counts."""

    start: Place
    end: Place
    price: Amount


class AgeTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What drivers of these ages, both included, pay."""

    code: Code
    from_age: Age
    to_age: Age
    price: Amount
    per: Per = Per.DAY
    cap: Amount | None = None


class FeeTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fee of its own kind."""

    price: Amount
    per: Per = Per.DAY
    cap: Amount | None = None


class WindowTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who cancels at least so many hours before the pick-up pays this share of the price."""

    hours_before: Hours
    percent: PercentText


class ProductTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A way to buy: its adjustment of the time charge and what a cancellation costs."""

    code: Code
    adjustment_percent: PercentText | None = None
    cancellation: Annotated[list[WindowTerms], msgspec.Meta(max_length=MAX_WINDOWS)] = []


class GuardTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which hires the card is for; what is not said is not asked. All dates are included."""

    bookable_from: date | None = None
    bookable_until: date | None = None
    pickup_from: date | None = None
    pickup_until: date | None = None
    advance_hours: Hours | None = None
    min_days: Days | None = None
    max_days: Days | None = None
    is_one_way_allowed: bool = True
    min_age: Age | None = None
    max_age: Age | None = None


class CardTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything that a hire is priced by. Without `mileage` kilometres are unlimited."""

    EXAMPLE: ClassVar = {
        "rate": RateTerms.EXAMPLE,
        "mileage": {"included_km_per_day": 300, "included_km_cap": 3000, "excess_price_per_km": "0.60"},
        "covers": [{"code": "CDW", "price": "12.00", "per": "day", "excess": "900.00", "deposit": "300.00"}],
        "extras": [{"code": "GPS", "per": "day", "price": "7.00", "cap": "60.00"}],
        "routes": [{"start": "TLL", "end": "RIX", "price": "80.00"}, {"start": "*", "end": "*", "price": "150.00"}],
        "ages": [{"code": "YOUNG_DRIVER", "from_age": 21, "to_age": 24, "price": "10.00"}],
        "additional_driver": {"price": "7.00", "cap": "70.00"},
        "airport_percent": "12",
        "out_of_hours": "45.00",
        "tax_percent": "24",
        "products": [
            {"code": "PREPAID", "adjustment_percent": "-8", "cancellation": [{"hours_before": 48, "percent": "0"}]}
        ],
        "guards": {"advance_hours": 2, "min_days": 1, "max_days": 90, "min_age": 21},
    }

    rate: RateTerms
    mileage: MileageTerms | None = None
    covers: Annotated[list[CoverTerms], msgspec.Meta(max_length=MAX_EXTRAS)] = []
    extras: Annotated[list[ExtraTerms], msgspec.Meta(max_length=MAX_EXTRAS)] = []
    routes: Annotated[list[RouteTerms], msgspec.Meta(max_length=MAX_ROUTES)] = []
    ages: Annotated[list[AgeTerms], msgspec.Meta(max_length=MAX_EXTRAS)] = []
    additional_driver: FeeTerms | None = None
    airport_percent: PercentText | None = None
    out_of_hours: Amount | None = None
    tax_percent: PercentText = "0"
    is_tax_included: bool = True
    products: Annotated[list[ProductTerms], msgspec.Meta(max_length=MAX_PRODUCTS)] = []
    guards: GuardTerms = GuardTerms()


class Snapshot(msgspec.Struct, frozen=True):
    """A version of a rate card as it is kept with each price that was made by it."""

    card_id: str
    card_name: str
    version_number: int
    market: str
    currency: str
    acriss: str
    valid_from: date
    terms: CardTerms
