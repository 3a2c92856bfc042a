"""Where a vehicle can be damaged and how, and the life of a damage case as a table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from app.kit.checks import Checks
from app.kit.problems import Problem

WIDTH, HEIGHT = 640, 420
"""The drawing of the vehicle: all sides unfolded around the roof, its front to the left."""
MOST_MARKS = 100
MAX_WORDS = 300


class Zone(NamedTuple):
    """A part of the vehicle: its name and a rectangle of the drawing."""

    name: str
    x: int
    y: int
    width: int
    height: int

    @property
    def centre(self) -> tuple[int, int]:
        return self.x + self.width // 2, self.y + self.height // 2

    def holds(self, x: int, y: int) -> bool:
        """Whether a point lies in it."""
        return self.x <= x <= self.x + self.width and self.y <= y <= self.y + self.height


ZONES: Mapping[str, Zone] = {
    "left_front_wheel": Zone("Left front wheel", 150, 62, 56, 50),
    "left_front_wing": Zone("Left front wing", 124, 24, 76, 38),
    "left_front_door": Zone("Left front door", 206, 24, 90, 76),
    "left_rear_door": Zone("Left rear door", 300, 24, 90, 76),
    "left_rear_wing": Zone("Left rear wing", 396, 24, 108, 38),
    "left_rear_wheel": Zone("Left rear wheel", 414, 62, 56, 50),
    "front_bumper": Zone("Front bumper", 24, 136, 36, 148),
    "front_lights": Zone("Front lights", 64, 136, 24, 148),
    "bonnet": Zone("Bonnet", 124, 140, 104, 140),
    "windscreen": Zone("Windscreen", 232, 140, 50, 140),
    "roof": Zone("Roof", 286, 140, 110, 140),
    "rear_window": Zone("Rear window", 400, 140, 46, 140),
    "boot": Zone("Boot or tailgate", 450, 140, 58, 140),
    "rear_lights": Zone("Rear lights", 552, 136, 24, 148),
    "rear_bumper": Zone("Rear bumper", 580, 136, 36, 148),
    "right_front_wheel": Zone("Right front wheel", 150, 308, 56, 50),
    "right_front_wing": Zone("Right front wing", 124, 358, 76, 38),
    "right_front_door": Zone("Right front door", 206, 320, 90, 76),
    "right_rear_door": Zone("Right rear door", 300, 320, 90, 76),
    "right_rear_wing": Zone("Right rear wing", 396, 358, 108, 38),
    "right_rear_wheel": Zone("Right rear wheel", 414, 308, 56, 50),
    "inside": Zone("Inside", 24, 330, 84, 66),
}


class DamageKind(StrEnum):
    SCRATCH = "scratch"
    DENT = "dent"
    CHIP = "chip"
    CRACK = "crack"
    BROKEN = "broken"
    MISSING = "missing"
    STAIN = "stain"


class CaseState(StrEnum):
    OPEN = "open"
    ESTIMATED = "estimated"
    CHARGED = "charged"
    CLOSED = "closed"
    DROPPED = "dropped"


class Party(StrEnum):
    """Who answers for a damage."""

    CUSTOMER = "customer"
    THIRD_PARTY = "third_party"
    OURSELVES = "ourselves"
    UNKNOWN = "unknown"


FOLLOWING: Mapping[CaseState, frozenset[CaseState]] = {
    CaseState.OPEN: frozenset({CaseState.ESTIMATED, CaseState.DROPPED}),
    CaseState.ESTIMATED: frozenset({CaseState.ESTIMATED, CaseState.CHARGED, CaseState.CLOSED, CaseState.DROPPED}),
    CaseState.CHARGED: frozenset({CaseState.CLOSED}),
    CaseState.CLOSED: frozenset(),
    CaseState.DROPPED: frozenset(),
}
"""The whole life of a damage case."""


def can_follow(before: CaseState, after: CaseState) -> bool:
    return after in FOLLOWING[before]


def place_of(zone: str, x: int | None, y: int | None) -> tuple[int, int]:
    """A point of the drawing inside its zone; the middle for none, or for one that lies elsewhere."""
    found = ZONES[zone]
    is_inside = x is not None and y is not None and found.holds(x, y)
    return (x, y) if is_inside else found.centre  # pyright: ignore[reportReturnType]


def check_mark(fields: Mapping[str, Any]) -> list[Problem]:
    """Problems of a mark."""
    checks = Checks(fields)
    checks.required("zone", "kind")
    checks.choice("zone", ZONES)
    checks.choice("kind", {kind.value: kind for kind in DamageKind})
    checks.text("words", MAX_WORDS)
    checks.whole("x", 0, WIDTH)
    checks.whole("y", 0, HEIGHT)
    return checks.problems
