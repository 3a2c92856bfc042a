"""The forms of supplier pages."""

from datetime import datetime
from typing import Literal

from app.core.forms import Form


class SearchForm(Form):
    """What is looked for at all suppliers."""

    pickup: str | None = None
    pickup_local: datetime | None = None
    back: str | None = None
    return_local: datetime | None = None
    driver_age: int | None = None


class LocationForm(Form):
    """Which of our locations a branch is."""

    location: str | None = None


class StopForm(Form):
    """What is to be switched off or on again, where, and why."""

    market: str | None = None
    stop: Literal["sale", "all", "none"] | None = None
    reason: str | None = None


class ReasonForm(Form):
    """Why."""

    reason: str | None = None


class SettleForm(Form):
    """What somebody learned from the supplier by other ways."""

    outcome: str | None = None
    number: str | None = None
    reason: str | None = None
