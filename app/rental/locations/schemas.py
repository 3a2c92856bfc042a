"""Locations in the JSON API."""

from typing import Any

import msgspec

from app.core.values import Id, Maybe, Timestamp


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
    opening_hours: dict[str, Any]
    version: int
    created_at: Timestamp
    updated_at: Timestamp

    def __post_init__(self) -> None:
        self.latitude = float(self.latitude) if self.latitude else self.latitude
        self.longitude = float(self.longitude) if self.longitude else self.longitude
