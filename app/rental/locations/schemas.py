"""Locations in the JSON API."""

from typing import Annotated, Any, Literal

import msgspec

from app.core.values import UNSET, Id, Maybe, Timestamp, UnsetType, timestamp
from app.rental.locations.models import Location

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
    allows_out_of_hours: bool
    turnaround_minutes: int
    delivery: str
    delivery_note: Maybe[str]
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


def item_of(location: Location) -> LocationItem:
    """A location that was just written, as the API shows it."""
    values = {name: getattr(location, name) for name in LocationItem.__struct_fields__}
    values |= {name: timestamp(getattr(location, name)) for name in ("created_at", "updated_at")}
    found: Any = {name: UNSET if value is None else value for name, value in values.items()}
    return LocationItem(**found | {"id": str(location.id)})


class LocationFields(msgspec.Struct, forbid_unknown_fields=True):
    """What a client may change. The hours are replaced as a whole; an absent field stays as it is."""

    opening_hours: Hours | UnsetType = UNSET
    allows_out_of_hours: bool | UnsetType = UNSET
    turnaround_minutes: int | UnsetType = UNSET
    delivery: Literal["at_branch", "in_terminal", "shuttle", "meet_and_greet"] | UnsetType = UNSET
    delivery_note: Annotated[str, msgspec.Meta(max_length=300)] | None | UnsetType = UNSET
