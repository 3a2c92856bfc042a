"""Exchange rates in the JSON API."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

import msgspec

from app.core.values import UNSET, Day, Id, Maybe, Timestamp, UnsetType

Code = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$", examples=["SEK"])]
RateText = Annotated[str, msgspec.Meta(pattern=r"^\d{1,9}(\.\d{1,8})?$", examples=["11.0240"])]


class RateItem(msgspec.Struct):
    """Units of `currency` for one of `base`; `is_stale` is too old to compare offers by."""

    EXAMPLE: ClassVar = {
        "base": "EUR", "currency": "SEK", "rate": "11.024", "valid_from": "2026-11-25",
        "source": "European Central Bank", "is_stale": False,
    }  # fmt: skip

    base: str
    currency: str
    rate: str
    valid_from: Day
    source: str
    is_stale: bool


class RateList(msgspec.Struct):
    """The rate of each pair on a day."""

    on: Day
    items: list[RateItem]


class NewRate(msgspec.Struct, forbid_unknown_fields=True):
    """What one of the base is worth."""

    currency: Code
    rate: RateText
    base: Code = "EUR"


class NewSheet(msgspec.Struct, forbid_unknown_fields=True):
    """Rates of one day from one source. Clients may choose the `id`."""

    EXAMPLE: ClassVar = {
        "valid_from": "2026-11-26",
        "source": "European Central Bank",
        "rates": [{"base": "EUR", "currency": "SEK", "rate": "11.0240"}],
    }

    valid_from: date
    source: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    rates: Annotated[list[NewRate], msgspec.Meta(min_length=1, max_length=200)]
    id: UUID | UnsetType = UNSET


class SheetItem(msgspec.Struct):
    """A sheet: it waits for somebody else's consent, is in force, or ended without it."""

    id: Id
    valid_from: Day
    source: str
    state: str
    created_by_name: str
    agreed_by_name: str
    version: int
    created_at: Timestamp
    updated_at: Timestamp


class SheetLine(msgspec.Struct):
    """One rate of a sheet."""

    base: str
    currency: str
    rate: str


class SheetAnswer(msgspec.Struct):
    """A sheet with its rates, and the approval that it waits for."""

    id: Id
    valid_from: Day
    source: str
    state: str
    created_by_name: str
    agreed_by_name: str
    version: int
    rates: list[SheetLine]
    approval_id: Maybe[Id] = UNSET


class SheetPage(msgspec.Struct):
    """A page of sheets; `total` comes when it is asked for."""

    items: list[SheetItem]
    next_cursor: str | None
    total: Maybe[int]
    total_is_capped: Maybe[bool]
