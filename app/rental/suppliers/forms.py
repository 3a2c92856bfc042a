"""The forms of supplier pages."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from app.core.forms import Form

LIMITS = ("min_days", "max_days", "min_age", "max_age", "advance_hours")
LONGEST_NUMBER = 6


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


class SupplierForm(Form):
    """A new supplier, and what is changed of one. What is secret is never shown: an empty field keeps it."""

    many: ClassVar[frozenset[str]] = frozenset({"capabilities"})

    version: int | None = None
    code: str | None = None
    name: str | None = None
    dialect: str | None = None
    base_url: str | None = None
    account: str | None = None
    currency: str | None = None
    phone: str | None = None
    capabilities: list[str] | None = None
    has_period_quirk: bool | None = None
    search_milliseconds: int | None = None
    most_calls: int | None = None
    is_active: bool | None = None
    secret: str | None = None
    webhook_key: str | None = None

    def limits(self) -> dict[str, Any]:
        """What it never hires out; a number that is none is refused beside its field."""
        found: dict[str, Any] = {}
        for name in LIMITS:
            text = self.text(f"limits.{name}").strip()
            if text and not (text.isascii() and text.isdigit() and len(text) < LONGEST_NUMBER):
                self.refuse(f"limits.{name}", "Enter a whole number")
            found[name] = int(text) if text and f"limits.{name}" not in self.errors else None
        return found | {"is_one_way_allowed": not self.text("limits.no_one_way")}


class ReasonForm(Form):
    """Why."""

    reason: str | None = None


class SettleForm(Form):
    """What somebody learned from the supplier by other ways."""

    outcome: str | None = None
    number: str | None = None
    amended_total: str | None = None
    spoke_with: str | None = None
    said_at: datetime | None = None
    reason: str | None = None
