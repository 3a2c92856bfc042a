"""Every way in which a model of the fleet comes, with its share; made once, then drawn from by a single number."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import accumulate
from random import Random
from typing import Any, Final, Generic, TypeVar

from faker_vehicle.vehicle_dict import vehicles as package_rows

from app.cli.seeds.fleet import FLEET, FROM_PACKAGE, OUR_NAMES, PREMIUM
from app.kit import acriss

T = TypeVar("T")

PACKAGE_SHARE: Final = 2
SHARES: Final = {"M": 60, "A": 40, "N": 8, "B": 15, "C": 6, "D": 20, "V": 50, "H": 35, "I": 15, "L": 8, "E": 60}
"""How often a gearbox or a fuel comes, against the others of the model; diesel counts like petrol."""
DOORS: Final = {
    "B": 3,
    "T": 2,
    "N": 2,
    "E": 2,
    "W": 5,
    "F": 5,
    "G": 5,
    "D": 5,
    "M": 5,
    "V": 5,
    "K": 4,
    "L": 4,
    "S": 2,
    "Q": 4,
}
_CLASS_BY_PACKAGE_WORD: Final = {
    "SUV": ("I", "F", 5, 3, 62),
    "Sedan": ("S", "D", 5, 3, 64),
    "Wagon": ("S", "W", 5, 4, 68),
    "Hatchback": ("C", "D", 5, 3, 46),
    "Convertible": ("S", "T", 2, 1, 96),
    "Coupe": ("S", "E", 4, 2, 88),
    "Van/Minivan": ("F", "V", 7, 5, 92),
}
_PREMIUM_CATEGORY: Final = {"I": "P", "S": "P", "C": "C", "F": "F"}
_ELECTRIC_WORDS: Final = ("Electric", "EV", "e-Golf", "e-tron", "LEAF", "I-PACE", "Taycan", "Model", "i3")


@dataclass(frozen=True, slots=True)
class Variant:
    """One way a model comes: its class, engine, room and price."""

    make: str
    model: str
    code: str
    fields: Mapping[str, Any]
    least_kw: int
    most_kw: int
    day_euro: int
    first_year: int
    last_year: int
    mark: int

    @property
    def is_van(self) -> bool:
        return self.code[1] == "K"

    @property
    def is_electric(self) -> bool:
        return self.code[3] in "EC"


class Shares(Generic[T]):
    """Things with shares; `draw` takes a number from 0 to below 1."""

    def __init__(self, pairs: Sequence[tuple[T, float]]) -> None:
        self.things = [thing for thing, _ in pairs]
        total = sum(share for _, share in pairs)
        self._edges = list(accumulate(share / total for _, share in pairs))[:-1]

    def draw(self, number: float) -> T:
        return self.things[bisect(self._edges, number)]

    def pick(self, random: Random) -> T:
        return self.draw(random.random())


@cache
def variants() -> Shares[Variant]:
    """All variants of our fleet and, rarer, of the package's models."""
    found = [pair for line in FLEET.strip().splitlines() for pair in _of_fleet(line)]
    known = {(variant.make, variant.model) for variant, _ in found}
    return Shares([*found, *(pair for pair in _of_package() if (pair[0].make, pair[0].model) not in known)])


def _of_fleet(line: str) -> Iterator[tuple[Variant, float]]:
    make, model, category, body, gears, fuels, power, seats, bags, euro, share, *built = line.split("|")
    first, _, last = (built[0] if built else "").partition("-")
    yield from _ways(
        make, model, category + body, gears, fuels, power, int(seats), int(bags), int(euro), float(share),
        years=(int(first or 0), int(last or 9999)),
    )  # fmt: skip


def _of_package() -> Iterator[tuple[Variant, float]]:
    """The chosen models of faker-vehicle, by the words with which it describes them."""
    words: dict[tuple[str, str], str] = {}
    rows: Sequence[Mapping[str, Any]] = package_rows
    for row in rows:
        words.setdefault((str(row["Make"]), str(row["Model"])), str(row["Category"]))  # the newest year comes first
    for make, models in FROM_PACKAGE.items():
        for model in models.split(", "):
            word = words[make, model].split(", ")[-1].rstrip("0123456789")  # one row of it has a year run in
            yield from _package_model(make, model, word)


def _package_model(make: str, model: str, word: str) -> Iterator[tuple[Variant, float]]:
    category, body, seats, bags, euro = _CLASS_BY_PACKAGE_WORD[word]
    ours = OUR_NAMES.get(make, make)
    is_premium = ours in PREMIUM
    if is_premium:
        category, euro = _PREMIUM_CATEGORY[category], euro * 3 // 2
    if any(mark in model for mark in _ELECTRIC_WORDS):
        gears, fuels = "A", "C" if is_premium else "E"
    elif "PHEV" in model or "Hybrid" in model:
        gears, fuels = "A", "I" if "PHEV" in model else "H"
    else:
        gears, fuels = ("A", "DVI") if is_premium else ("MA", "VD")
    power = "120-190" if is_premium else "80-125"
    yield from _ways(
        ours, OUR_NAMES.get(model, model), category + body, gears, fuels, power, seats, bags, euro, PACKAGE_SHARE,
        years=(0, 9999),
    )  # fmt: skip


def _ways(
    make: str, model: str, kind: str, gears: str, fuels: str, power: str, seats: int, bags: int, euro: int,
    share: float, *, years: tuple[int, int],
) -> Iterator[tuple[Variant, float]]:  # fmt: skip
    least, _, most = power.partition("-")
    combinations = [(gear, fuel) for gear in gears for fuel in fuels if not (gear == "M" and fuel in "ECI")]
    total = sum(SHARES.get(gear, 10) * SHARES.get(fuel, 50) for gear, fuel in combinations)
    for gear, fuel in combinations:
        code = kind + gear + fuel
        fields = {"make": make, "model": model, "acriss": code, **asdict(acriss.parts(code))}
        room = {"air_conditioning": 1, "seats": seats, "doors": DOORS[kind[1]], "bags": bags}
        variant = Variant(
            make, model, code, fields | room, int(least), int(most or least), euro + (4 if gear != "M" else 0),
            years[0], years[1], sum(map(ord, make + model)),
        )  # fmt: skip
        yield variant, share * SHARES.get(gear, 10) * SHARES.get(fuel, 50) / total
