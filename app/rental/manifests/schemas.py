"""A branch's day in the JSON API."""

import msgspec

from app.core.values import Day, Id, Maybe


class ManifestLine(msgspec.Struct):
    """Something that happens at the branch: what goes `out`, comes `in`, is `late`, or a `move` of a vehicle."""

    section: str
    at: str
    """By the clocks of the branch."""
    booking_id: Maybe[Id]
    reference: Maybe[str]
    driver_name: Maybe[str]
    driver_phone: Maybe[str]
    class_code: str
    state: Maybe[str]
    from_location: str
    to_location: str
    vehicle_id: Maybe[Id]
    plate: Maybe[str]
    title: Maybe[str]
    note: Maybe[str]


class ManifestItem(msgspec.Struct):
    """A branch's day: what goes out, comes in, moves and is late; `unassigned` have to go out without a vehicle."""

    branch: str
    day: Day
    time_zone: str
    unassigned: int
    items: list[ManifestLine]
