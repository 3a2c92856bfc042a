"""How far apart places are."""

from __future__ import annotations

import math

EARTH_RADIUS_KM = 6_371


def kilometres(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Between two points in degrees, by the haversine formula."""
    a, b = math.radians(latitude), math.radians(other_latitude)
    half_longitude = math.radians(other_longitude - longitude) / 2
    chord = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(half_longitude) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, chord)))
