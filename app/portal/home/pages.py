"""What the home page shows."""

from dataclasses import dataclass

from app.core.area import Tile, Waiting
from app.core.clock import in_zone

MORNING_UNTIL, AFTERNOON_UNTIL = 12, 18


@dataclass(frozen=True, slots=True)
class Home:
    """Figures that lead to their rows, and what needs this person."""

    greeting: str
    today: str
    tiles: list[Tile]
    waiting: list[Waiting]


def home(name: str, zone: str, tiles: list[Tile], waiting: list[Waiting]) -> Home:
    """The page of a person at this time of day."""
    local = in_zone(zone)
    part = "morning" if local.hour < MORNING_UNTIL else ("afternoon" if local.hour < AFTERNOON_UNTIL else "evening")
    return Home(f"Good {part}, {name.split()[0]}", f"{local:%A} {local.day} {local:%B}", tiles, waiting)
