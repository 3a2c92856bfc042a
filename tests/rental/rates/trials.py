"""Trials of rates with the values that most tests share."""

import msgspec

from app.kit.hire_pricing.prices import HirePrice
from app.kit.problems import Problem
from app.rental.rates.rules import try_rate
from app.rental.rates.schemas import RateTrial

DAY = [{"days": 1, "price": "78.00"}]
FOUR = [
    {"days": 1, "price": "78.00"},
    {"days": 3, "price": "210.00"},
    {"days": 7, "price": "450.00"},
    {"days": 30, "price": "1700.00"},
]
SUMMER = {"starts_on": "2026-07-01", "ends_on": "2026-08-31", "blocks": [{"days": 1, "price": "120.00"}]}
BRACKETED = [{"from_days": 1, "to_days": 2, "price_per_day": "40.00"}]
COVER = {"code": "CDW", "per": "day", "price": "12.00"}


def body_of(start="2024-03-01T10:00", end="2024-03-04T10:00", *, zone="Europe/Paris", back_zone=None, **fields):
    """A request; what is no field of it belongs to its rate."""
    known = ("currency", "extras", "adjustment_percent", "mileage")
    rate = {name: value for name, value in fields.items() if name not in known}
    return {
        "currency": "EUR",
        "rate": rate or {"blocks": DAY},
        "pickup": {"local": start, "time_zone": zone},
        "return": {"local": end, "time_zone": back_zone or zone},
        **{name: value for name, value in fields.items() if name in known},
    }


def tried(*times: str, **fields) -> HirePrice:
    found = try_rate(msgspec.convert(body_of(*times, **fields), RateTrial).to_trial())
    assert isinstance(found, HirePrice), found
    return found


def refused(*times: str, **fields) -> list[str]:
    found = try_rate(msgspec.convert(body_of(*times, **fields), RateTrial).to_trial())
    assert isinstance(found, list), found
    assert all(isinstance(problem, Problem) and problem.detail for problem in found)
    return [problem.field for problem in found]


def total(*times: str, **fields) -> str:
    return tried(*times, **fields).total.amount
