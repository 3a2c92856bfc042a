"""What the home page shows."""

from dataclasses import dataclass

from app.core.actor import Actor
from app.core.area import Tile, Waiting
from app.core.clock import in_zone
from app.kit.markets import MARKETS

HEAD_OFFICE = "Europe/Tallinn"
MORNING_UNTIL, AFTERNOON_UNTIL = 12, 18


@dataclass(frozen=True, slots=True)
class Home:
    """Figures that lead to their rows, and what needs this person."""

    greeting: str
    today: str
    tiles: list[Tile]
    waiting: list[Waiting]


def home(name: str, place: tuple[str, str], tiles: list[Tile], waiting: list[Waiting]) -> Home:
    """The page of a person at this time of day in their city and zone."""
    city, zone = place
    local = in_zone(zone)
    part = "morning" if local.hour < MORNING_UNTIL else ("afternoon" if local.hour < AFTERNOON_UNTIL else "evening")
    greeting = f"Good {part}, {name.split(maxsplit=1)[0]}"
    return Home(greeting, f"{local:%A} {local.day} {local:%B}, {city}", tiles, waiting)


def place_of(actor: Actor, branch: tuple[str, str] | None) -> tuple[str, str]:
    """City and zone of a person: their first branch, else their first market's capital, else head office."""
    if branch:
        return branch
    zone = MARKETS[min(actor.markets)].zone if actor.markets else HEAD_OFFICE
    return zone.rpartition("/")[2].replace("_", " "), zone
