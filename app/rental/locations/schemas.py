"""Locations in the JSON API."""

from typing import Annotated, Any

import msgspec

from app.core.values import Id, Maybe, Timestamp

Hours = Annotated[
    dict[str, Any],
    msgspec.Meta(
        description="Spans of local time for mon to sun, for `holiday`, and by date in `dates`; no span means closed.",
        examples=[{"mon": [["08:00", "12:00"], ["13:00", "18:00"]], "holiday": [], "dates": {"2026-12-24": []}}],
    ),
]


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
    opening_hours: Hours
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
