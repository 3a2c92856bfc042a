"""What would help where a supplier has nothing: a few changed hires that it is really asked for, in the time left."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from app.core import clock
from app.core.partners.client import Partners
from app.core.values import UNSET
from app.kit.hire_limits import Limit
from app.rental.locations.models import Location
from app.rental.quotes.rules import Hire
from app.rental.quotes.schemas.searches import CarExclusion
from app.rental.quotes.services.asking import Question, distance
from app.rental.quotes.services.offering import nearest_offer, supplier_change, supplier_exclusion, supplier_offer
from app.rental.supplier_terms.rules import Sold
from app.rental.supplier_terms.services.selling import Agreements
from app.rental.suppliers.rules import Absence, ErrorKind
from app.rental.suppliers.services.searching import Absent, Found, Plan, Wanted, ask_one
from app.rental.suppliers.services.searching import Question as Ask

MOST_EACH = 2
"""Changes that one supplier is asked for besides the hire itself."""
MOST_IN_ALL = 8
LEAST_SECONDS = 0.3
REPAIRS = 3
"""One change may run into the next limit, which is repaired as well."""
MIDDAY = 12
OFFICE = range(9, 18)
STEADY_AGE = 30
DAY = timedelta(days=1)

Settle = Callable[[str, str, CarExclusion], Awaitable[None]]


@dataclass(slots=True)
class Trying:
    """Asks for changes of one search until so many were tried, or the time is over."""

    partners: Partners
    question: Question
    until: float
    agreements: Agreements
    tried: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set["asyncio.Task[None]"])

    def start(self, plan: Plan, absent: Absent, settle: Settle) -> bool:
        """Begin to look for a change, and tell what came of it to `settle`; false where there is none to try."""
        asks = list(self._asks(plan, absent))
        if not asks or (absent.line is not None and self.partners.is_held_off(absent.line.partner.key)):
            return False
        self._tasks.add(asyncio.create_task(self._try(plan, absent, asks, settle)))
        return True

    async def finish(self) -> None:
        """Wait for all of them; each ends by itself at the deadline."""
        await asyncio.gather(*self._tasks)

    def _asks(self, plan: Plan, absent: Absent) -> Iterator[tuple[Wanted, Ask]]:
        line = absent.line
        if line is None:
            return
        for wanted in changes(plan, absent, self.question):
            if self.tried >= MOST_IN_ALL:
                return
            found = _repaired(plan, absent, wanted)
            if found is not None:
                self.tried += 1
                yield found

    async def _try(self, plan: Plan, absent: Absent, asks: list[tuple[Wanted, Ask]], settle: Settle) -> None:
        """The first change that gives a class that is wanted; without one, the first that gives any."""
        excluded, loop = supplier_exclusion(absent, plan.pickup), asyncio.get_running_loop()
        filters = self.question.filters
        for wanted, ask in asks:
            seconds = self.until - loop.time()
            if seconds < LEAST_SECONDS:
                break
            excluded = msgspec.structs.replace(excluded, tried=excluded.tried + 1)
            answered = await ask_one(self.partners, plan.market, ask, seconds)
            if isinstance(answered, Absent):
                continue
            hire = hire_of(wanted)
            kept = [
                offer
                for number, each in enumerate(answered)
                if (offer := supplier_offer(each, number, hire, self._sold(plan, each)))
            ]
            if not kept:
                continue
            nearest = nearest_offer(kept, filters).offer
            is_wished = filters.distance(nearest.class_code) == 0
            if is_wished or excluded.change is UNSET:
                change = supplier_change(hire_of(plan.wanted), hire, nearest)
                excluded = msgspec.structs.replace(excluded, change=change)
            if is_wished:
                break
        await settle(absent.code, plan.pickup, excluded)

    def _sold(self, plan: Plan, found: Found) -> Sold:
        return self.agreements.sell(found.supplier_id, plan.market, found.offer)


def changes(plan: Plan, absent: Absent, question: Question) -> Iterator[Wanted]:
    """What might help, the nearest first, at most so many; nothing where no change of the hire would."""
    wanted, count = plan.wanted, 0
    for changed in _changes(plan, absent, question):
        if changed != wanted:
            yield changed
            count += 1
        if count == MOST_EACH:
            return


def _changes(plan: Plan, absent: Absent, question: Question) -> Iterator[Wanted]:
    wanted = plan.wanted
    if isinstance(absent.reason, Limit):
        yield _within(plan, absent, wanted)
    elif absent.reason is Absence.NOT_MAPPED:
        yield from _elsewhere(plan, absent, question)
    elif absent.reason in (ErrorKind.NO_RESULTS, ErrorKind.SOLD_OUT):
        yield from _elsewhere(plan, absent, question)
        for days in (1, -1):
            yield _moved(plan, days * DAY)
    elif absent.reason is ErrorKind.KNOWN:
        yield _at_office_hours(wanted)
        yield replace(wanted, driver_age=STEADY_AGE)


def _repaired(plan: Plan, absent: Absent, wanted: Wanted) -> tuple[Wanted, Ask] | None:
    """The change, and further ones where it runs into a limit of the supplier's own."""
    assert absent.line is not None
    for _ in range(REPAIRS):
        if wanted.pickup_local < _now_at(plan.zones[wanted.pickup]):
            return None
        found = plan.question(absent.line, wanted)
        if isinstance(found, Ask):
            return wanted, found
        if not isinstance(found.reason, Limit):
            return None
        wanted = _within(plan, found, wanted)
    return None


def _within(plan: Plan, absent: Absent, wanted: Wanted) -> Wanted:
    """The hire as near to what was asked for as a limit allows."""
    limit = absent.limit or 0
    match absent.reason:
        case Limit.MIN_AGE | Limit.MAX_AGE:
            return replace(wanted, driver_age=limit)
        case Limit.MIN_DAYS | Limit.MAX_DAYS:
            return replace(wanted, return_local=wanted.pickup_local + limit * DAY)
        case Limit.ONE_WAY:
            return replace(wanted, back=wanted.pickup)
        case _:
            soonest = _now_at(plan.zones[wanted.pickup]) + timedelta(hours=limit)
            open_at = _next_office_hour(soonest)
            moved = wanted.return_local + (open_at - wanted.pickup_local)
            return replace(wanted, pickup_local=open_at, return_local=moved)


def _next_office_hour(soonest: datetime) -> datetime:
    """The next whole hour; outside of the hours at which most desks are open, the next midday."""
    whole = soonest.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if whole.hour in OFFICE:
        return whole
    midday = whole.replace(hour=MIDDAY)
    return midday if midday > whole else midday + DAY


def _elsewhere(plan: Plan, absent: Absent, question: Question) -> Iterator[Wanted]:
    """Branches nearby where the supplier is; those that are searched anyway answer for themselves."""
    wanted, line = plan.wanted, absent.line
    here = next((place for place in question.places if place.code == wanted.pickup), None)
    if here is None or line is None:
        return
    known = [place for place in question.neighbours if (place.code, line.supplier_id) in plan.branches]

    def away(place: Location) -> tuple[float, str]:
        return distance(here, place), place.code

    for place in sorted(known, key=away):
        back = place.code if wanted.back == wanted.pickup else wanted.back
        yield replace(wanted, pickup=place.code, back=back)


def _moved(plan: Plan, by: timedelta) -> Wanted:
    wanted = plan.wanted
    return replace(wanted, pickup_local=wanted.pickup_local + by, return_local=wanted.return_local + by)


def _at_office_hours(wanted: Wanted) -> Wanted:
    """Both ends at midday where they are at hours at which many desks are closed, as long as that is still a hire."""

    def by_day(local: datetime) -> datetime:
        return local if local.hour in OFFICE else local.replace(hour=MIDDAY, minute=0)

    pickup, back = by_day(wanted.pickup_local), by_day(wanted.return_local)
    return replace(wanted, pickup_local=pickup, return_local=back if back > pickup else pickup + DAY)


def _now_at(zone: str) -> datetime:
    return clock.now().astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def hire_of(wanted: Wanted) -> Hire:
    """What was asked of a supplier as our own hires are compared; it may have any class."""
    return Hire(wanted.pickup, wanted.pickup_local, wanted.back, wanted.return_local, "", wanted.driver_age)
