"""Rates in the JSON API."""

from datetime import date
from typing import Annotated, Any, ClassVar

import msgspec

from app.core.values import UNSET, Day, Id, Maybe, MoneyValue, Timestamp, timestamp
from app.kit import acriss
from app.kit.hire_pricing.card_terms import CardTerms
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
from app.rental.rates.models import RateCard, RateCardVersion
from app.rental.rates.rules import WILD, Trial

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


STATE_WORDS = {"draft": "Draft", "scheduled": "Scheduled", "active": "Active"}
VERSION_WORDS = {
    "draft": "Draft",
    "approved": "Approved",
    "active": "In force",
    "superseded": "Superseded",
    "discarded": "Discarded",
}


class RateCardItem(msgspec.Struct):
    """A rate card: for a class or a pattern of classes in a market, or at some of its branches."""

    id: Id
    market: str
    name: str
    brand: Maybe[str]
    acriss: str
    branches: list[str]
    currency: str
    state: str
    active_number: Maybe[int]
    active_from: Maybe[Day]
    next_number: Maybe[int]
    next_from: Maybe[Day]
    draft_number: Maybe[int]
    newest_number: int
    version: int
    created_at: Timestamp
    updated_at: Timestamp
    state_words: str

    def __post_init__(self) -> None:
        self.state_words = STATE_WORDS[self.state]
        self.brand = self.brand or UNSET
        for name in ("active_from", "next_from"):
            if isinstance(getattr(self, name), date):
                setattr(self, name, getattr(self, name).isoformat())


class RateCardPage(msgspec.Struct):
    """A page of rate cards. `notice` says when it is less than it could be; `total` comes when it is asked for."""

    items: list[RateCardItem]
    next_cursor: str | None
    total: Maybe[int]
    total_is_capped: Maybe[bool]
    notice: Maybe[str]


class RateCardVersionItem(msgspec.Struct, omit_defaults=True):
    """A version of a rate card: its terms, and the dates of pick-up that it prices, the last one excluded."""

    number: int
    state: str
    valid_from: Day
    terms: CardTerms
    made_by_name: str
    made_at: Timestamp
    state_words: str
    valid_until: Maybe[Day] = UNSET
    approved_by_name: Maybe[str] = UNSET
    approved_at: Maybe[Timestamp] = UNSET


class RateCardVersionPage(msgspec.Struct):
    """The versions of a card, the newest first."""

    items: list[RateCardVersionItem]


class DraftBody(msgspec.Struct, forbid_unknown_fields=True):
    """The next version as it is to be: from which pick-ups on, and all of its terms."""

    valid_from: date
    terms: CardTerms


class NewRateCard(DraftBody, forbid_unknown_fields=True, kw_only=True):
    """A card with its first draft. What it is for never changes."""

    market: Annotated[str, msgspec.Meta(max_length=2)]
    name: str
    acriss: Annotated[str, msgspec.Meta(description="A class or a pattern", examples=["C***"])]
    brand: str | None = None
    branches: Annotated[list[str], msgspec.Meta(max_length=40, examples=[["TLL", "TLL-C"]])] = []


class ActivationBody(msgspec.Struct, forbid_unknown_fields=True):
    """Why the draft is to come into force; may be left out."""

    reason: Annotated[str, msgspec.Meta(max_length=500)] | None = None


def card_item(card: RateCard) -> RateCardItem:
    """A card of an open transaction as its list shows it."""
    found: dict[str, Any] = {"state_words": "", "branches": card.branch_codes}
    for field in msgspec.structs.fields(RateCardItem):
        if field.name not in found:
            value = getattr(card, field.name)
            found[field.name] = UNSET if value is None else value
    found["id"], found["state"] = str(card.id), card.state.value
    found["created_at"], found["updated_at"] = timestamp(card.created_at), timestamp(card.updated_at)
    return RateCardItem(**found)


def version_item(version: RateCardVersion) -> RateCardVersionItem:
    """A version as it is told outside."""
    return RateCardVersionItem(
        number=version.number,
        state=version.state.value,
        valid_from=version.valid_from.isoformat(),
        valid_until=version.valid_until.isoformat() if version.valid_until else UNSET,
        terms=version.card_terms,
        made_by_name=version.made_by_name,
        made_at=timestamp(version.made_at),
        approved_by_name=version.approved_by_name or UNSET,
        approved_at=timestamp(version.approved_at) if version.approved_at else UNSET,
        state_words=VERSION_WORDS[version.state.value],
    )


def class_in_words(pattern: str) -> str:
    """A class in words, or what a pattern says: `C***` is compact."""
    if WILD not in pattern:
        return acriss.decode(pattern)
    tables = (acriss.CATEGORIES, acriss.BODY_TYPES, acriss.TRANSMISSIONS, acriss.FUELS)
    words = [table[letter].words for letter, table in zip(pattern, tables, strict=True) if letter != WILD]
    return " ".join(word for word in words if word) or "Any class"
