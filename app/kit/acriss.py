"""ACRISS (SIPP) codes: four letters for category, body type, transmission and drive, fuel and air conditioning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple


class _Part(NamedTuple):
    slug: str
    words: str


class _Fuel(NamedTuple):
    slug: str
    words: str
    air_conditioning: bool


def _parts(rows: str) -> dict[str, _Part]:
    return {letter: _Part(slug, words) for letter, slug, words in (row.split(maxsplit=2) for row in rows.splitlines())}


CATEGORIES = _parts("""M mini Mini
N mini_elite Mini elite
E economy Economy
H economy_elite Economy elite
C compact Compact
D compact_elite Compact elite
I intermediate Intermediate
J intermediate_elite Intermediate elite
S standard Standard
R standard_elite Standard elite
F fullsize Fullsize
G fullsize_elite Fullsize elite
P premium Premium
U premium_elite Premium elite
L luxury Luxury
W luxury_elite Luxury elite
O oversize Oversize
X special Special""")
BODY_TYPES = _parts("""B doors_2_3 2-3 door
C doors_2_4 2/4 door
D doors_4_5 4-5 door
W estate estate
V passenger_van van
L limousine limousine
S sport sport
T convertible convertible
F suv SUV
J convertible_suv convertible SUV
X special special
P pickup_2_door pick-up 2 door
Q pickup_4_door pick-up 4 door
Z special_offer special offer
E coupe coupe
M monospace monospace
R recreational recreational vehicle
H motorhome motorhome
Y two_wheel two-wheel
N roadster roadster
G crossover crossover
K commercial_van commercial van""")
TRANSMISSIONS = _parts("""M manual manual
N manual_4wd manual 4WD
C manual_awd manual AWD
A automatic auto
B automatic_4wd auto 4WD
D automatic_awd auto AWD""")
FUELS = {
    "R": _Fuel("unspecified", "", True),
    "N": _Fuel("unspecified", "", False),
    "D": _Fuel("diesel", "diesel", True),
    "Q": _Fuel("diesel", "diesel", False),
    "H": _Fuel("hybrid", "hybrid", True),
    "I": _Fuel("plug_in_hybrid", "plug-in hybrid", True),
    "E": _Fuel("electric", "electric", True),
    "C": _Fuel("electric_long_range", "electric 400+ km", True),
    "L": _Fuel("gas", "LPG/CNG", True),
    "S": _Fuel("gas", "LPG/CNG", False),
    "A": _Fuel("hydrogen", "hydrogen", True),
    "B": _Fuel("hydrogen", "hydrogen", False),
    "M": _Fuel("multi_fuel", "multi-fuel", True),
    "F": _Fuel("multi_fuel", "multi-fuel", False),
    "V": _Fuel("petrol", "petrol", True),
    "Z": _Fuel("petrol", "petrol", False),
    "U": _Fuel("ethanol", "ethanol", True),
    "X": _Fuel("ethanol", "ethanol", False),
}
CATEGORY_LETTERS = {part.slug: letter for letter, part in CATEGORIES.items()}
BODY_TYPE_LETTERS = {part.slug: letter for letter, part in BODY_TYPES.items()}
TRANSMISSION_LETTERS = {part.slug: letter for letter, part in TRANSMISSIONS.items()}
FUEL_LETTERS = {(fuel.slug, fuel.air_conditioning): letter for letter, fuel in FUELS.items()}
FUEL_SLUGS = tuple(dict.fromkeys(fuel.slug for fuel in FUELS.values()))

_PLACES = (
    ("category", CATEGORIES),
    ("body type", BODY_TYPES),
    ("transmission", TRANSMISSIONS),
    ("fuel", FUELS),
)
_ANY = "*"
_TYPE_BUCKETS = {"W": "estate", "T": "convertible", "V": "people_carrier"}
_CATEGORY_BUCKETS = {
    letter: bucket
    for bucket, letters in {
        "small": "MNEH",
        "medium": "CD",
        "large": "IJSRFG",
        "premium": "PULWX",
        "people_carrier": "O",
    }.items()
    for letter in letters
}
BUCKETS = ("small", "medium", "large", "premium", "estate", "convertible", "people_carrier")


class AcrissError(ValueError):
    """A text that is no ACRISS code."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a code says, as slugs; the names are those of the vehicle's fields."""

    category: str
    body_type: str
    transmission: str
    fuel: str
    air_conditioning: bool


def parse(code: str) -> str:
    """The code in capitals; AcrissError naming the letter that is wrong ("AAAA": no category A)."""
    return _parse(code, wildcard=False)


def is_known(code: str) -> bool:
    """Whether it is a code at all: suppliers write others as well."""
    try:
        parse(code)
    except AcrissError:
        return False
    return True


def parse_pattern(pattern: str) -> str:
    """A code in capitals in which any letter may be `*`; AcrissError naming the letter that is wrong."""
    return _parse(pattern, wildcard=True)


def matches(pattern: str, code: str) -> bool:
    """Whether a code fits a pattern such as "C***"."""
    pairs = zip(parse_pattern(pattern), parse(code), strict=True)
    return all(wanted in {_ANY, letter} for wanted, letter in pairs)


def parts(code: str) -> Parts:
    category, body_type, transmission, fuel = parse(code)
    return Parts(
        CATEGORIES[category].slug,
        BODY_TYPES[body_type].slug,
        TRANSMISSIONS[transmission].slug,
        FUELS[fuel].slug,
        FUELS[fuel].air_conditioning,
    )


def compose(
    *,
    category: str | None,
    body_type: str | None,
    transmission: str | None,
    fuel: str | None,
    air_conditioning: bool | None,
) -> str | None:
    """The code of the parts; None when one is absent or no letter says it (electric without air conditioning)."""
    if category is None or body_type is None or transmission is None or fuel is None or air_conditioning is None:
        return None
    letters = (
        CATEGORY_LETTERS.get(category),
        BODY_TYPE_LETTERS.get(body_type),
        TRANSMISSION_LETTERS.get(transmission),
        FUEL_LETTERS.get((fuel, air_conditioning)),
    )
    return "".join(letter for letter in letters if letter) if all(letters) else None


def decode(code: str) -> str:
    """The code in short words: CWMD is "Compact estate, manual, diesel"; what is usual is left out."""
    category, body_type, transmission, letter = parse(code)
    fuel = FUELS[letter]
    gears = "" if fuel.slug.startswith("electric") and transmission == "A" else TRANSMISSIONS[transmission].words
    air = "" if fuel.air_conditioning else "no air"
    words = (f"{CATEGORIES[category].words} {BODY_TYPES[body_type].words}", gears, fuel.words, air)
    return ", ".join(word for word in words if word)


def describe(
    category: str | None,
    body_type: str | None,
    transmission: str | None,
    fuel: str | None,
    air_conditioning: bool | None,
) -> str:
    """The known parts in the words of `decode`, where they do not make a code."""
    body = " ".join(word for word in (_words(CATEGORIES, category), _words(BODY_TYPES, body_type)) if word)
    air = "no air" if air_conditioning is False else ""
    words = (body, _words(TRANSMISSIONS, transmission), _words(FUELS, fuel), air)
    text = ", ".join(word for word in words if word)
    return text[:1].upper() + text[1:]


def choices(name: str) -> tuple[tuple[str, str], ...]:
    """Slugs and words of one part, for menus."""
    parts_of_name = {"category": CATEGORIES, "body_type": BODY_TYPES, "transmission": TRANSMISSIONS, "fuel": FUELS}[
        name
    ]
    found = {part.slug: part.words or "unspecified" for part in parts_of_name.values()}
    return tuple((slug, words[:1].upper() + words[1:]) for slug, words in found.items())


def _words(known: Mapping[str, _Part | _Fuel], slug: str | None) -> str:
    return next((part.words for part in known.values() if part.slug == slug), "")


@lru_cache(maxsize=4_096)
def bucket(code: str) -> str:
    """The brokers' bucket: the body type decides for estates, convertibles and vans, otherwise the category."""
    category, body_type, *_ = parse(code)
    return _TYPE_BUCKETS.get(body_type) or _CATEGORY_BUCKETS[category]


def _parse(text: str, *, wildcard: bool) -> str:
    code = text.strip().upper()
    if len(code) != len(_PLACES):
        raise AcrissError(f"A code has four letters, {text[:20]!r} has {len(code)}")
    for letter, (name, known) in zip(code, _PLACES, strict=True):
        if letter not in known and not (wildcard and letter == _ANY):
            raise AcrissError(f"There is no {name} {letter}")
    return code
