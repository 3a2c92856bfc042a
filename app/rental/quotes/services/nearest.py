"""The nearest change that would make a car available: found by trying changes on what the search has read."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from app.kit import acriss
from app.rental.quotes.rules import FARTHEST, SHIFTS_FAR, SHIFTS_NEAR, Hire, Reason, Refusal
from app.rental.quotes.services.asking import distance
from app.rental.quotes.services.fleet import Fleet, Offered

MOST_TRIED = 1_500
"""How many hires one search tries besides those that were asked for."""
DEEPEST = 4
STEP = timedelta(minutes=30)
DAY = timedelta(days=1)


@dataclass(slots=True)
class Nearest:
    """Looks for changes until so many were tried."""

    fleet: Fleet
    tried: int = 0

    def find(self, hire: Hire, refusals: Sequence[Refusal], *, deep: int = DEEPEST) -> Offered | None:
        """The hire that is nearest to what was asked for and is offered, when one is found."""
        if not refusals or deep == 0:
            return None
        first = refusals[0]
        for changed in _changes(self.fleet, hire, first):
            if self.tried >= MOST_TRIED:
                return None
            if changed.pickup_local < self.fleet.local_now(changed.pickup):
                continue
            self.tried += 1
            judged = self.fleet.judge(changed)
            if isinstance(judged, Offered):
                return judged
            is_nearer = bool(judged) and all(each.reason is not first.reason for each in judged or ())
            if judged and is_nearer and first.reason in REPAIRS:
                found = self.find(changed, judged, deep=deep - 1)
                if found is not None:
                    return found
        return None


def _changes(fleet: Fleet, hire: Hire, refusal: Refusal) -> Iterable[Hire]:
    repair = REPAIRS.get(refusal.reason)
    return repair(fleet, hire, refusal) if repair else _alternatives(fleet, hire, refusal)


def _at_pickup(fleet: Fleet, hire: Hire, _refusal: Refusal) -> Iterator[Hire]:
    for local in _open_times(fleet, hire.pickup, hire.pickup_local):
        if local < hire.return_local:
            yield replace(hire, pickup_local=local)


def _at_return(fleet: Fleet, hire: Hire, _refusal: Refusal) -> Iterator[Hire]:
    for local in _open_times(fleet, hire.back, hire.return_local):
        if local > hire.pickup_local:
            yield replace(hire, return_local=local)


def _open_times(fleet: Fleet, code: str, local: datetime) -> list[datetime]:
    """When a branch is open next, and when it is open last before, the nearer one first."""
    found = [opening for opening in (fleet.opening_after(code, local),) if opening and opening - local <= FARTHEST]
    earlier = local - timedelta(minutes=local.minute % 30)
    for _ in range(int(DAY / STEP)):
        if fleet.is_open(code, earlier):
            found.append(earlier)
            break
        earlier -= STEP
    return sorted(found, key=lambda each: abs(each - local))


def _later(fleet: Fleet, hire: Hire, refusal: Refusal) -> Iterator[Hire]:
    """Late enough for the hours ahead: the return stays when it can, or moves along."""
    soonest = fleet.local_now(hire.pickup) + timedelta(hours=_number(refusal))
    soonest += -timedelta(minutes=soonest.minute, seconds=soonest.second, microseconds=soonest.microsecond) % STEP
    if soonest < hire.return_local:
        yield replace(hire, pickup_local=soonest)
    yield replace(hire, pickup_local=soonest, return_local=hire.return_local + (soonest - hire.pickup_local))


def _length(_fleet: Fleet, hire: Hire, refusal: Refusal) -> Iterator[Hire]:
    yield replace(hire, return_local=hire.pickup_local + _number(refusal) * DAY)


def _another_length(_fleet: Fleet, hire: Hire, _refusal: Refusal) -> Iterator[Hire]:
    for days in (1, -1, 2, -2, 3, -3):
        if (back := hire.return_local + days * DAY) > hire.pickup_local:
            yield replace(hire, return_local=back)


def _on_day(_fleet: Fleet, hire: Hire, refusal: Refusal) -> Iterator[Hire]:
    if isinstance(refusal.limit, date):
        moved = date.fromordinal(refusal.limit.toordinal()) - hire.pickup_local.date()
        yield replace(hire, pickup_local=hire.pickup_local + moved, return_local=hire.return_local + moved)


def _age(_fleet: Fleet, hire: Hire, refusal: Refusal) -> Iterator[Hire]:
    yield replace(hire, driver_age=_number(refusal))


def _round_trip(_fleet: Fleet, hire: Hire, _refusal: Refusal) -> Iterator[Hire]:
    yield replace(hire, back=hire.pickup)


def _never(_fleet: Fleet, _hire: Hire, _refusal: Refusal) -> Iterator[Hire]:
    """Nothing that a customer could change."""
    return iter(())


REPAIRS: Mapping[Reason, Callable[[Fleet, Hire, Refusal], Iterable[Hire]]] = {
    Reason.CLOSED_AT_PICKUP: _at_pickup,
    Reason.CLOSED_AT_RETURN: _at_return,
    Reason.ADVANCE_HOURS: _later,
    Reason.MIN_DAYS: _length,
    Reason.MAX_DAYS: _length,
    Reason.NO_LENGTH: _another_length,
    Reason.PICKUP_FROM: _on_day,
    Reason.PICKUP_UNTIL: _on_day,
    Reason.MIN_AGE: _age,
    Reason.MAX_AGE: _age,
    Reason.ONE_WAY: _round_trip,
    Reason.BOOKABLE_FROM: _never,
    Reason.BOOKABLE_UNTIL: _never,
}
"""What takes one reason away; where nothing does, another time, class or branch is looked for."""


def _alternatives(fleet: Fleet, hire: Hire, refusal: Refusal) -> Iterator[Hire]:
    """Some hours, another class of the kind, another branch, other days, any class: in this order."""
    if refusal.reason is Reason.SOLD_OUT:
        yield from _shifted(hire, SHIFTS_NEAR)
    bucket = acriss.bucket(hire.class_code)
    others = [code for code in fleet.stock.classes_at(hire.pickup) if code != hire.class_code]
    alike = [code for code in others if acriss.bucket(code) == bucket]
    if refusal.reason is Reason.NO_VEHICLE:
        yield from _elsewhere(fleet, hire)
    yield from (replace(hire, class_code=code) for code in alike)
    if refusal.reason is not Reason.NO_VEHICLE:
        yield from _elsewhere(fleet, hire)
    if refusal.reason is Reason.SOLD_OUT:
        yield from _shifted(hire, SHIFTS_FAR)
    yield from (replace(hire, class_code=code) for code in others if code not in alike)


def _shifted(hire: Hire, shifts: Iterable[timedelta]) -> Iterator[Hire]:
    for shift in shifts:
        yield replace(hire, pickup_local=hire.pickup_local + shift, return_local=hire.return_local + shift)


def _elsewhere(fleet: Fleet, hire: Hire) -> Iterator[Hire]:
    here = fleet.places[hire.pickup]
    others = [place for code, place in fleet.places.items() if code != hire.pickup]
    for place in sorted(others, key=lambda each: (distance(here, each), each.code)):
        back = place.code if hire.back == hire.pickup else hire.back
        yield replace(hire, pickup=place.code, back=back)


def _number(refusal: Refusal) -> int:
    return refusal.limit if isinstance(refusal.limit, int) else 0
