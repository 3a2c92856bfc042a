"""Which of our locations a supplier's branch may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.kit.distances import kilometres as kilometres_between
from app.kit.likeness import words_of
from app.rental.suppliers.rules import BranchFound


@dataclass(frozen=True, slots=True)
class Spot:
    """What is compared when a branch is to be mapped: one of ours, or one of theirs."""

    code: str
    name: str
    city: str
    country: str
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of our locations that a supplier's branch may be."""

    code: str
    name: str
    score: int
    kilometres: float | None
    reasons: tuple[str, ...]


SURELY_FEW = 3
"""So many branches may go in one reading, whatever their share."""
MOST_CANDIDATES = 5
LEAST_SCORE = 20
NOISE = frozenset({"airport", "international", "terminal", "city", "the", "car", "rent", "int", "apt", "downtown"})


def is_believable(known: int, gone: int) -> bool:
    """Whether a reading that lacks so many of the branches on sale is a reading, and not half an answer."""
    return gone <= SURELY_FEW or gone * 2 <= known


def candidates(branch: BranchFound, places: Sequence[Spot]) -> list[Candidate]:
    """Our locations that fit a branch best: the airport's code, how near, how alike the names are.

    Score 0..100: IATA code 40, distance up to 40 (2 km or less; none beyond 30 km), name and city up to 20.
    """
    found = [_candidate(branch, place) for place in places if place.country == branch.country]
    fitting = [each for each in found if each.score >= LEAST_SCORE]
    return sorted(fitting, key=lambda each: (-each.score, each.code))[:MOST_CANDIDATES]


def _candidate(branch: BranchFound, place: Spot) -> Candidate:
    score, reasons = 0, list[str]()
    if branch.iata and branch.iata == place.code:
        score += 40
        reasons.append(f"code {branch.iata}")
    kilometres = None
    if None not in (branch.latitude, branch.longitude, place.latitude, place.longitude):
        theirs_at = float(branch.latitude or 0), float(branch.longitude or 0)
        kilometres = kilometres_between(*theirs_at, place.latitude or 0, place.longitude or 0)
    if kilometres is not None and kilometres <= 30:
        score += 40 if kilometres <= 2 else round(40 * (30 - kilometres) / 28)
        reasons.append(f"{kilometres:.1f} km away")
    theirs = words_of(f"{branch.name} {branch.city}", NOISE)
    ours = words_of(f"{place.name} {place.city}", NOISE)
    shared = theirs & ours
    if shared:
        score += round(20 * len(shared) / max(1, min(len(theirs), len(ours))))
        reasons.append(f"name: {', '.join(sorted(shared))}")
    return Candidate(place.code, place.name, min(score, 100), kilometres, tuple(reasons))
