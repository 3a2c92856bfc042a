"""Whether a vehicle is free for a stay, where it will be, and how many of a class are left to promise.

Every stretch of time is half-open: a vehicle that is free at 10:00 can be handed over at 10:00.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.kit import acriss
from app.kit.problems import Problem

MAX_OVERBOOKING = 500
LONGEST_STAY_DAYS = 400


@dataclass(frozen=True, slots=True)
class Stay:
    """From the pick-up to the return, and until the vehicle is ready again."""

    pickup_location: str
    return_location: str
    starts_at: datetime
    ends_at: datetime
    free_at: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """A stretch for which a vehicle is given to a booking."""

    starts_at: datetime
    free_at: datetime
    pickup_location: str
    return_location: str


@dataclass(frozen=True, slots=True)
class Pause:
    """A block, maintenance, transfer, sale listing or hire of a vehicle; without an end it goes on."""

    kind: str
    starts_at: datetime
    ends_at: datetime | None
    to_location: str | None = None


class Obstacle(StrEnum):
    """Why a vehicle is not free for a stay."""

    NOT_IN_SERVICE = "not_in_service"
    OCCUPIED = "occupied"
    PAUSED = "paused"
    ELSEWHERE = "elsewhere"
    NEEDED_ELSEWHERE = "needed_elsewhere"


def overlap(starts_at: datetime, ends_at: datetime | None, other_starts: datetime, other_ends: datetime | None) -> bool:
    """Whether two stretches share a moment; touching ends do not."""
    return (ends_at is None or other_starts < ends_at) and (other_ends is None or starts_at < other_ends)


def clash(stay: Stay, holds: Iterable[Hold], pauses: Iterable[Pause]) -> Hold | Pause | None:
    """What already has the vehicle during the stay."""
    for hold in holds:
        if overlap(stay.starts_at, stay.free_at, hold.starts_at, hold.free_at):
            return hold
    for pause in pauses:
        if overlap(stay.starts_at, stay.free_at, pause.starts_at, pause.ends_at):
            return pause
    return None


def place_at(
    moment: datetime, now: datetime, here: str | None, holds: Iterable[Hold], pauses: Iterable[Pause]
) -> str | None:
    """Where a vehicle that is `here` now will be: where the last stay or transfer before the moment ends."""
    arrivals = [(hold.free_at, hold.return_location) for hold in holds if now < hold.free_at <= moment]
    arrivals += [
        (pause.ends_at, pause.to_location)
        for pause in pauses
        if pause.to_location and pause.ends_at is not None and now < pause.ends_at <= moment
    ]
    return max(arrivals, default=(now, here))[1]


def obstacle(
    stay: Stay, *, now: datetime, here: str | None, holds: Sequence[Hold], pauses: Sequence[Pause]
) -> Obstacle | None:
    """Why a vehicle in service cannot be promised for the stay, or None."""
    match clash(stay, holds, pauses):
        case Hold():
            return Obstacle.OCCUPIED
        case Pause():
            return Obstacle.PAUSED
        case None:
            pass
    if place_at(stay.starts_at, now, here, holds, pauses) != stay.pickup_location:
        return Obstacle.ELSEWHERE
    return Obstacle.NEEDED_ELSEWHERE if _is_needed_elsewhere(stay, holds, pauses) else None


def _is_needed_elsewhere(stay: Stay, holds: Sequence[Hold], pauses: Sequence[Pause]) -> bool:
    """Whether the next stay begins at another branch than this one ends at, and no transfer leads there."""
    following = min((hold for hold in holds if hold.starts_at >= stay.free_at), key=_start, default=None)
    if following is None or following.pickup_location == stay.return_location:
        return False
    return not any(
        pause.to_location == following.pickup_location
        and pause.starts_at >= stay.free_at
        and pause.ends_at is not None
        and pause.ends_at <= following.starts_at
        for pause in pauses
    )


def _start(hold: Hold) -> datetime:
    return hold.starts_at


def peak(stretches: Iterable[tuple[datetime, datetime]], starts_at: datetime, ends_at: datetime) -> int:
    """How many of the half-open stretches run at once at most within [starts_at, ends_at)."""
    edges: list[tuple[datetime, int]] = []
    for start, end in stretches:
        if overlap(start, end, starts_at, ends_at):
            edges += [(max(start, starts_at), 1), (end, -1)]
    most = running = 0
    for _, step in sorted(edges):
        running += step
        most = max(most, running)
    return most


def left(free: int, demand: int, overbooking_limit: int) -> int:
    """How many more of a class can be promised.

    These are the vehicles free for the whole stay, less what is promised already without a vehicle (at its peak), and
    what may be promised beyond the fleet. It never counts on vehicles that are free for a part of the stay only.
    """
    return free - demand + overbooking_limit


def check_stay(starts_at: datetime, ends_at: datetime, *, prefix: str = "return.local") -> list[Problem]:
    """Problems of the order and the length of a stay."""
    if ends_at <= starts_at:
        return [Problem(prefix, "out_of_range", "Not after the pick-up")]
    if (ends_at - starts_at).days >= LONGEST_STAY_DAYS:
        return [Problem(prefix, "out_of_range", f"At most {LONGEST_STAY_DAYS} days after the pick-up")]
    return []


def check_limit(class_code: object, limit: object) -> list[Problem]:
    """Problems of an overbooking limit and of the class it is for."""
    problems: list[Problem] = []
    try:
        acriss.parse(str(class_code))
    except acriss.AcrissError as error:
        problems.append(Problem("class_code", "malformed", str(error)))
    if not isinstance(limit, int) or isinstance(limit, bool) or not 0 <= limit <= MAX_OVERBOOKING:
        problems.append(Problem("limit", "out_of_range", f"Between 0 and {MAX_OVERBOOKING}"))
    return problems


@dataclass(frozen=True, slots=True)
class Parked:
    """A vehicle in service: its class, where it is now, and what it has ahead."""

    class_code: str
    title: str
    here: str | None
    holds: Sequence[Hold] = ()
    pauses: Sequence[Pause] = ()


@dataclass(frozen=True, slots=True)
class Counted:
    """What is left of a class at a branch for a stay, and why the others are not free."""

    vehicles: int
    free: int
    promised: int
    overbooking_limit: int
    obstacles: Mapping[Obstacle, int]

    @property
    def left(self) -> int:
        return left(self.free, self.promised, self.overbooking_limit)


@dataclass(frozen=True, slots=True)
class Stock:
    """What some branches have, as it was read at one moment: to be asked about any stay that ends by `until`.

    Vehicles, promises and limits are kept by branch and class.
    """

    now: datetime
    until: datetime
    vehicles: Mapping[tuple[str, str], Sequence[Parked]]
    demand: Mapping[tuple[str, str], Sequence[tuple[datetime, datetime]]]
    limits: Mapping[tuple[str, str], int]

    def classes_at(self, location: str) -> list[str]:
        """The classes that the branch has, may promise, or has promised."""
        keys = (*self.vehicles, *self.demand, *self.limits)
        return sorted({code for place, code in keys if place == location})

    def titles(self, location: str, class_code: str) -> list[str]:
        """The models of a class at a branch, the commonest first."""
        counted = Counter(each.title for each in self.vehicles.get((location, class_code), ()) if each.title)
        return [title for title, _ in counted.most_common()]

    def count(self, stay: Stay, class_code: str) -> Counted:
        """What is left of a class at the branch of the pick-up."""
        key = (stay.pickup_location, class_code)
        free, found = 0, Counter[Obstacle]()
        for each in self.vehicles.get(key, ()):
            standing = obstacle(stay, now=self.now, here=each.here, holds=each.holds, pauses=each.pauses)
            if standing is None:
                free += 1
            elif standing is not Obstacle.ELSEWHERE or each.here == stay.pickup_location:
                found[standing] += 1
        promised = peak(self.demand.get(key, ()), stay.starts_at, stay.free_at)
        return Counted(free + found.total(), free, promised, self.limits.get(key, 0), found)
