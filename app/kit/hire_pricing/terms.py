"""The terms of a rate as they are written down, sent and kept: amounts are text in the currency's major unit."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar

import msgspec

from app.kit.hire_pricing.days import DEFAULT_GRACE_MINUTES, MAX_DAYS
from app.kit.hire_pricing.mileage import TierMode

MAX_BLOCKS, MAX_SEASONS, MAX_EXTRAS, MAX_TIERS = 60, 200, 60, 60
MAX_KM = 10_000_000

Amount = Annotated[str, msgspec.Meta(max_length=24, description="In the currency's major unit", examples=["78.00"])]
PercentText = Annotated[str, msgspec.Meta(max_length=16, description="A percentage", examples=["10"])]
Days = Annotated[int, msgspec.Meta(ge=1, le=MAX_DAYS, examples=[7])]
Kilometres = Annotated[int, msgspec.Meta(ge=0, le=MAX_KM, examples=[300])]
GraceMinutes = Annotated[int, msgspec.Meta(ge=0, lt=24 * 60, description="A remainder of so many minutes is free")]
Code = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,23}$", examples=["CDW"])]
LocalTime = Annotated[
    str,
    msgspec.Meta(
        max_length=19, description="Wall time at the branch, without an offset", examples=["2026-06-29T10:00"]
    ),
]
Zone = Annotated[str, msgspec.Meta(max_length=40, description="IANA zone", examples=["Europe/Paris"])]


class SeasonStrategy(StrEnum):
    PER_DAY = "per_day"
    """Each day of the hire is priced by its own season."""
    FIRST_DAY = "first_day"
    """The season of the pick-up date prices the whole hire."""


class Per(StrEnum):
    DAY = "day"
    HIRE = "hire"


class BlockTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many days for one price."""

    days: Days
    price: Amount


class BracketTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The price of each day of a hire of so many days, both ends included; without `to_days` there is no end."""

    from_days: Days
    price_per_day: Amount
    to_days: Days | None = None


BlockList = Annotated[list[BlockTerms], msgspec.Meta(max_length=MAX_BLOCKS)]
BracketList = Annotated[list[BracketTerms], msgspec.Meta(max_length=MAX_BLOCKS)]


class SeasonTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Prices of its own from one date of the pick-up branch to another, both included."""

    EXAMPLE: ClassVar = {
        "starts_on": "2026-07-01",
        "ends_on": "2026-08-31",
        "blocks": [{"days": 1, "price": "120.00"}],
    }

    starts_on: date
    ends_on: date
    blocks: BlockList | None = None
    brackets: BracketList | None = None


class RateTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the time of a hire costs: by blocks or by brackets, never both."""

    EXAMPLE: ClassVar = {
        "blocks": [{"days": 1, "price": "78.00"}, {"days": 7, "price": "450.00"}],
        "hour_price": "9.00",
        "grace_minutes": 29,
        "season_strategy": "per_day",
        "seasons": [{"starts_on": "2026-07-01", "ends_on": "2026-08-31", "blocks": [{"days": 1, "price": "120.00"}]}],
    }

    blocks: BlockList | None = None
    brackets: BracketList | None = None
    hour_price: Amount | None = None
    grace_minutes: GraceMinutes = DEFAULT_GRACE_MINUTES
    season_strategy: SeasonStrategy = SeasonStrategy.PER_DAY
    seasons: Annotated[list[SeasonTerms], msgspec.Meta(max_length=MAX_SEASONS)] = []


class ExtraTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that costs per charged day or once per hire; `cap` is the most that a hire pays for it."""

    code: Code
    per: Per
    price: Amount
    cap: Amount | None = None


class TierTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The price of kilometres above the included ones, counted from 0; the last tier goes on without limit."""

    from_km: Kilometres
    price_per_km: Amount
    to_km: Kilometres | None = None


class MileageTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Kilometres included (per day, up to a cap per hire) and the price of those above, or tiers of it."""

    included_km_per_day: Kilometres | None = None
    included_km_cap: Kilometres | None = None
    excess_price_per_km: Amount | None = None
    tiers: Annotated[list[TierTerms], msgspec.Meta(max_length=MAX_TIERS)] | None = None
    tier_mode: TierMode = TierMode.GRADUATED


class WallTime(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wall time at a branch and the zone of its clocks."""

    local: LocalTime
    time_zone: Zone
