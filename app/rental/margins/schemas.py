"""Margins of suppliers' cars in the JSON API."""

from typing import Annotated, ClassVar

import msgspec

from app.core.values import Maybe, MoneyValue, Timestamp

Month = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}$", examples=["2026-06"])]


class MarginSums(msgspec.Struct):
    """Sums of the bookings that stand, in one currency: `margin` is `retail` less `cost`, and `commission` + `markup`.

    `margin_share` is of 1, of what customers pay. `unkept` are those bookings of which no margin was kept. Those that
    were cancelled or not come for are `lost`, and earn nothing here.
    """

    currency: str
    bookings: int
    lost: int
    unkept: int
    retail: MoneyValue
    cost: MoneyValue
    commission: MoneyValue
    markup: MoneyValue
    margin: MoneyValue
    margin_share: Maybe[float]


class SupplierMonth(MarginSums):
    """A supplier's bookings with pick-up in one month, in one currency."""

    EXAMPLE: ClassVar = {
        "currency": "EUR", "bookings": 12, "lost": 1, "unkept": 0, "retail": {"amount": "2028.00", "currency": "EUR"},
        "cost": {"amount": "1797.60", "currency": "EUR"}, "commission": {"amount": "0.00", "currency": "EUR"},
        "markup": {"amount": "230.40", "currency": "EUR"}, "margin": {"amount": "230.40", "currency": "EUR"},
        "margin_share": 0.1136, "month": "2026-06", "supplier": "nordrive", "supplier_name": "Nordrive",
    }  # fmt: skip

    month: Month
    supplier: str
    supplier_name: str


class MarginReport(msgspec.Struct):
    """The months from `first` to `last`, both counted: by supplier, and the whole of each currency."""

    first: Month
    last: Month
    counted_at: Maybe[Timestamp]
    totals: list[MarginSums]
    items: list[SupplierMonth]
