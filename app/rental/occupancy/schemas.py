"""Availability in the JSON API."""

import msgspec

from app.core.values import Timestamp


class ClassAvailability(msgspec.Struct):
    """What is left of a class: vehicles free for the whole stay, less what is promised, plus the overbooking limit."""

    class_code: str
    class_words: str
    vehicles: int
    free: int
    promised: int
    overbooking_limit: int
    left: int


class Availability(msgspec.Struct):
    """What is left of each class at a branch for a stay, and until when a vehicle would be held."""

    location: str
    return_location: str
    pickup_at: Timestamp
    return_at: Timestamp
    free_at: Timestamp
    items: list[ClassAvailability]


class OverbookingLimitFields(msgspec.Struct, forbid_unknown_fields=True):
    """How many of a class a branch may promise beyond its vehicles."""

    class_code: str
    limit: int


class OverbookingLimit(msgspec.Struct):
    """How many of a class a branch may promise beyond its vehicles."""

    location: str
    class_code: str
    limit: int
