"""Plates in the format of each market, and VINs of each make; a running number never gives one twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from math import gcd, prod
from typing import Final

from app.kit.identifiers import vin_check_digit

LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CONSONANTS: Final = "BCDFGHJKLMNPRSTVWXYZ"
WITHOUT_LOOKALIKES: Final = "ABCDEFGHJKLMNPRSTUVWXYZ"
DIGITS: Final = "0123456789"

_PATTERNS: Final = {
    "AT": (["W", "S", "G", "I", "L", "K"], "{P}-{9}{9}{9}{9}{9}{A}"),
    "BE": (["1", "2"], "{P}-{A}{A}{A}-{9}{9}{9}"),
    "BG": (["CB", "CA", "PB", "B", "A", "TX"], "{P} {9}{9}{9}{9} {G}{G}"),
    "CH": (["ZH", "GE", "VD", "BE", "AG", "BS"], "{P} {1}{9}{9}{9}{9}{9}"),
    "CZ": (["A", "B", "S", "T", "U", "J"], "{1}{P}{H} {9}{9}{9}{9}"),
    "DE": (["B", "M", "HH", "F", "K", "D", "S"], "{P}-{A}{A} {1}{9}{9}{9}"),
    "DK": ([""], "{C}{C} {1}{9} {9}{9}{9}"),
    "EE": ([""], "{1}{9}{9} {C}{C}{C}"),
    "ES": ([""], "{9}{9}{9}{9} {C}{C}{C}"),
    "FI": ([""], "{C}{C}{C}-{1}{9}{9}"),
    "FR": (["C", "D"], "{P}{F}-{1}{9}{9}-{F}{F}"),
    "GB": (["L", "M", "S", "Y"], "{P}{A}{Y} {A}{A}{A}"),
    "GR": (["I", "N", "P", "T", "X", "Y", "Z"], "{P}{G}{G}-{1}{9}{9}{9}"),
    "HR": (["ZG", "ST", "DU", "ZD", "RI", "OS", "PU", "VŽ"], "{P} {1}{9}{9}{9}-{A}{A}"),
    "HU": (["A"], "{P}{A} {A}{A}-{1}{9}{9}"),
    "IE": (["221", "222", "231", "232", "241", "242", "251", "252"], "{P}-{I}-{1}{9}{9}{9}{9}"),
    "IT": (["F", "G"], "{P}{F} {9}{9}{9} {F}{F}"),
    "LT": ([""], "{C}{C}{C} {1}{9}{9}"),
    "LV": ([""], "{C}{C}-{1}{9}{9}{9}"),
    "MX": ([""], "{F}{F}{F}-{9}{9}{9}-{F}"),
    "NL": (["G", "H", "J", "K", "L", "N", "P", "R", "S", "T", "X", "Z"], "{P}-{9}{9}{9}-{C}{C}"),
    "NO": (["EL", "EB", "EK", "AB", "EV", "AR", "AS"], "{P} {1}{9}{9}{9}{9}"),
    "PL": (["WA", "WX", "WI", "KR", "GD", "DW", "PO"], "{P} {1}{9}{9}{9}{C}"),
    "PT": ([""], "{F}{F}-{9}{9}-{F}{F}"),
    "RO": (["B", "CJ", "TM", "IS", "BV"], "{P} {1}{9} {C}{C}{C}"),
    "SE": ([""], "{C}{C}{C} {1}{9}{9}"),
    "SI": (["LJ", "MB", "KR", "KP", "CE"], "{P} {F}{F}-{1}{9}{9}"),
    "SK": (["A", "B", "E"], "{P}{A} {9}{9}{9} {C}{C}"),
}
_SETS: Final = {
    "9": DIGITS,
    "1": DIGITS[1:],
    "A": LETTERS,
    "C": CONSONANTS,
    "F": WITHOUT_LOOKALIKES,
    "G": "ABEHKMOPTYX",
    "H": "ABCEHJKLMNPSTUZ",
    "I": ("D", "C", "G", "L", "W"),
    "Y": ("21", "71", "22", "72", "23", "73", "24", "74", "25", "75"),
}

_SAME_SHAPE: Final = {"FI": (0, 3), "LT": (1, 3), "SE": (2, 3)}
"""Markets whose plates look alike take turns in one numbering: our fleet knows a plate only once."""

WMI: Final = {
    "Škoda": "TMB", "Volkswagen": "WVW", "Audi": "WAU", "SEAT": "VSS", "Cupra": "VSS", "BMW": "WBA", "MINI": "WMW",
    "Mercedes-Benz": "W1K", "Porsche": "WP0", "Opel": "W0V", "Ford": "WF0", "Renault": "VF1", "Dacia": "UU1",
    "Peugeot": "VF3", "Citroën": "VF7", "DS": "VR1", "Fiat": "ZFA", "Alfa Romeo": "ZAR", "Jeep": "ZAC", "Volvo": "YV1",
    "Toyota": "VNK", "Lexus": "JTH", "Honda": "SHH", "Nissan": "SJN", "Mazda": "JMZ", "Mitsubishi": "JMB",
    "Suzuki": "TSM", "Subaru": "JF1", "Hyundai": "TMA", "Kia": "U5Y", "Tesla": "LRW", "MG": "LSJ", "Polestar": "LPS",
    "BYD": "LGX", "Land Rover": "SAL", "Jaguar": "SAJ", "smart": "WME", "Iveco": "ZCF",
}  # fmt: skip
"""The first three characters of a VIN by make, of the works that most of its cars in Europe come from (ISO 3780)."""
_UNKNOWN_WMI: Final = "WZZ"
_YEAR_MARKS: Final = "ABCDEFGHJKLMNPRSTVWXY123456789"
_YEAR_A: Final = 2010
_VIN_MARKS: Final = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"
_HAS_CHECK_DIGIT: Final = re.compile(r"[12345L]|7[F-Z0]")
SLOTS: Final = 97
_FIRST: Final = 4_711
_SERIALS: Final = 1_000_000
_PLANTS: Final = "ABCDEFGHJKLMNPRSTUVWXYZ"

Mark = Sequence[str]


def _marks(market: str) -> list[Mark | str]:
    """A pattern as parts: sets of which one is chosen, and text that stays."""
    prefixes, pattern = _PATTERNS[market]
    parts: list[Mark | str] = []
    for piece in re.split(r"(\{.\})", pattern):
        if piece == "{P}":
            parts.append(list(prefixes))
        elif piece.startswith("{"):
            parts.append(list(_SETS[piece[1]]))
        elif piece:
            parts.append(piece)
    return parts


@cache
def plates_of(market: str, slot: int) -> Callable[[int], str]:
    """A function from a running number to a plate; each slot has a part of all plates for itself."""
    parts = _marks(market)
    capacity = prod(len(part) for part in parts if not isinstance(part, str))
    step = int(capacity * 0.618_033_988_7)
    while gcd(step, capacity) != 1:
        step += 1
    first = capacity * (slot % SLOTS) // SLOTS + _FIRST
    turn, turns = _SAME_SHAPE.get(market, (0, 1))

    def plate(number: int) -> str:
        rest = (first + number * turns + turn) % capacity * step % capacity
        found: list[str] = []
        for part in reversed(parts):
            if isinstance(part, str):
                found.append(part)
            else:
                rest, place = divmod(rest, len(part))
                found.append(part[place])
        return "".join(reversed(found))

    return plate


class PlateCounter:
    """Hands out the plates of one batch; batches share a slot without meeting.

    `rooms` says how many plates of a market one batch may need; when they are used up, cars wait for a plate.
    """

    def __init__(self, slot: int, batch: int, rooms: Mapping[str, int]) -> None:
        self._slot = slot
        self._next = {market: batch * room for market, room in rooms.items()}
        self._end = {market: (batch + 1) * room for market, room in rooms.items()}

    def next_plate(self, market: str) -> str | None:
        number = self._next[market]
        if number >= self._end[market]:
            return None
        self._next[market] = number + 1
        return plates_of(market, self._slot)(number)


def vin_of(make: str, model_mark: int, year: int, slot: int, number: int) -> str:
    """A VIN of this make and year (ISO 3779): maker, model, check digit or Z, year, works, six digits of a serial."""
    wmi = WMI.get(make, _UNKNOWN_WMI)
    works, serial = divmod(number, _SERIALS)
    model = _VIN_MARKS[model_mark % 33] + _VIN_MARKS[model_mark // 33 % 33] + _VIN_MARKS[(model_mark + slot) % 33]
    owner = _VIN_MARKS[slot // 33 % 33] + _VIN_MARKS[slot % 33]
    mark = _YEAR_MARKS[(year - _YEAR_A) % len(_YEAR_MARKS)]
    vin = f"{wmi}{model}{owner}Z{mark}{_PLANTS[works % len(_PLANTS)]}{serial:06d}"
    return f"{vin[:8]}{vin_check_digit(vin)}{vin[9:]}" if _HAS_CHECK_DIGIT.match(vin) else vin
