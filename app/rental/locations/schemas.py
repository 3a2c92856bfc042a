"""Locations in the JSON API."""

from typing import Annotated

import msgspec

from app.core.values import Id, Maybe, Timestamp


Clock = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]
Spans = list[list[Clock]]


class OpeningHours(msgspec.Struct, omit_defaults=True):
    """Spans of local time for each weekday, for public holidays, and for single dates; no span means closed."""

    mon: Spans = []
    tue: Spans = []
    wed: Spans = []
    thu: Spans = []
    fri: Spans = []
    sat: Spans = []
    sun: Spans = []
    holiday: Spans = []
    dates: dict[str, Spans] = {}


class LocationItem(msgspec.Struct):
    """A place where vehicles are handed over."""

    id: Id
    code: str
    name: str
    kind: str
    address: Maybe[str]
    city: str
    country: str
    market: str
    latitude: Maybe[float]
    longitude: Maybe[float]
    time_zone: str
    opening_hours: OpeningHours
    version: int
    created_at: Timestamp
    updated_at: Timestamp

    def __post_init__(self) -> None:
        self.latitude = float(self.latitude) if self.latitude else self.latitude
        self.longitude = float(self.longitude) if self.longitude else self.longitude


class LocationPage(msgspec.Struct):
    """A page of locations; `total` comes when it is asked for."""

    items: list[LocationItem]
    next_cursor: str | None
    total: Maybe[int]
    total_is_capped: Maybe[bool]
