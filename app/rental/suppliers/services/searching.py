"""Asking every supplier at once: each has its own time, what is late is left out, and each absentee has a reason."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from app.core import clock
from app.core.actor import Actor
from app.core.db import AsyncSession
from app.core.errors import InvalidFields
from app.core.partners.client import Partners
from app.core.partners.outcomes import Outcome, PartnerError
from app.kit.hire_limits import AskedHire, Limit, refusal
from app.kit.problems import Problem
from app.kit.wall_times import NoSuchTime, moment_of
from app.rental.locations import services as locations
from app.rental.locations.models import Location
from app.rental.locations.rules import Delivery
from app.rental.suppliers import queries
from app.rental.suppliers.adapters.interface import kind_of
from app.rental.suppliers.rules import Absence, ErrorKind, HireAsk, Operation, Place, SupplierOffer
from app.rental.suppliers.services.gateway import Line, ask, line_to
from app.settings import Settings

DEADLINE_SECONDS = 4.5
MOST_AT_ONCE = 12
Reason = Absence | ErrorKind | Limit


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for: our locations, and wall times there."""

    pickup: str
    pickup_local: datetime
    back: str
    return_local: datetime
    driver_age: int
    residence: str = ""


@dataclass(frozen=True, slots=True)
class Absent:
    """A supplier without an offer."""

    code: str
    name: str
    reason: Reason
    detail: str = ""
    line: Line | None = None
    limit: int | None = None
    """The number behind a limit of the supplier's own."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A supplier's branch at a location of ours, and where people get their vehicle there, if it says so."""

    code: str
    delivery: Delivery | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What one supplier is asked, and where people would get the vehicle."""

    line: Line
    hire: HireAsk
    delivery: Delivery | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is asked what, and who is not asked at all."""

    market: str
    pickup: str
    questions: Sequence[Question]
    absent: Sequence[Absent]
    wanted: Wanted
    branches: Mapping[tuple[str, UUID], Branch]
    """Each supplier's branch at the locations of all plans, and at those nearby."""
    zones: Mapping[str, str]

    def question(self, line: Line, wanted: Wanted) -> Question | Absent:
        """What a supplier is asked for a hire, or why it is not asked: nobody asks for what it refuses anyway."""
        pickup, back = (self.branches.get((place, line.supplier_id)) for place in (wanted.pickup, wanted.back))
        if not line.may_sell(self.market):
            return Absent(line.code, line.name, Absence.STOPPED, line=line)
        if pickup is None or back is None:
            where = wanted.pickup if pickup is None else wanted.back
            return Absent(line.code, line.name, Absence.NOT_MAPPED, f"no branch at {where}", line)
        if not line.can(Operation.SEARCH):
            return Absent(line.code, line.name, ErrorKind.UNSUPPORTED, line=line)
        refused = refusal(line.limits, _asked_hire(wanted, self.zones[wanted.pickup]))
        if refused is not None:
            return Absent(line.code, line.name, refused.limit, refused.words, line, refused.value)
        return Question(line, _hire(wanted, pickup.code, back.code), pickup.delivery)


@dataclass(frozen=True, slots=True)
class Found:
    """An offer and whose it is."""

    supplier_id: UUID
    code: str
    name: str
    hire: HireAsk
    offer: SupplierOffer
    delivery: Delivery | None = None
    is_net: bool = False
    """Whether only those who may see margins may see its price."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What one supplier said of one branch of ours: offers, or why there is none."""

    pickup: str
    code: str
    name: str
    offers: Sequence[Found]
    absent: Absent | None
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a search, the cheapest first."""

    offers: list[Found]
    absent: list[Absent]
    milliseconds: int


async def plan_search(session: AsyncSession, settings: Settings, wanted: Wanted, actor: Actor) -> Plan:
    """Who has a branch at both ends and may sell. Raises InvalidFields."""
    places = await _check(session, wanted, actor)
    return (await plan_searches(session, settings, [wanted], places))[0]


async def plan_searches(
    session: AsyncSession, settings: Settings, several: Sequence[Wanted], places: Mapping[str, Location]
) -> list[Plan]:
    """As `plan_search` for several pairs of branches that were found right already, in two queries for all of them.

    `places` may name branches nearby besides: what is sold there can be asked for by `Plan.question`.
    """
    branches = await _branches_at(session, set(places))
    zones = {code: place.time_zone for code, place in places.items()}
    lines = [line_to(supplier, settings) for supplier in await queries.list_active(session)]
    return [_plan(wanted, places[wanted.pickup].market, lines, branches, zones) for wanted in several]


def _plan(
    wanted: Wanted,
    market: str,
    lines: Iterable[Line],
    branches: Mapping[tuple[str, UUID], Branch],
    zones: Mapping[str, str],
) -> Plan:
    plan = Plan(market, wanted.pickup, (), (), wanted, branches, zones)
    found = [plan.question(line, wanted) for line in lines]
    return replace(
        plan,
        questions=[each for each in found if isinstance(each, Question)],
        absent=[each for each in found if isinstance(each, Absent)],
    )


def _asked_hire(wanted: Wanted, zone: str) -> AskedHire:
    now_local = clock.now().astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    is_one_way = wanted.pickup != wanted.back
    return AskedHire(wanted.pickup_local, wanted.return_local, wanted.driver_age, is_one_way, now_local)


async def search(partners: Partners, plan: Plan, *, deadline: float = DEADLINE_SECONDS) -> Result:
    """Ask them all. Never raises for what a supplier does; no transaction may be open."""
    began = asyncio.get_running_loop().time()
    offers, absent = list[Found](), list(plan.absent)
    async for heard in listen(partners, [plan], deadline=deadline):
        offers += heard.offers
        absent += [heard.absent] if heard.absent else []
    offers.sort(key=lambda found: (found.offer.total.currency, found.offer.total.minor, found.code))
    absent.sort(key=lambda each: each.code)
    return Result(offers, absent, round((asyncio.get_running_loop().time() - began) * 1000))


async def listen(
    partners: Partners, plans: Sequence[Plan], *, deadline: float = DEADLINE_SECONDS
) -> AsyncGenerator[Heard]:
    """Ask everybody of these plans at once and tell each answer as it comes, who is late last. As `search`."""
    loop = asyncio.get_running_loop()
    began, places = loop.time(), asyncio.Semaphore(MOST_AT_ONCE)
    asked = {
        asyncio.create_task(_ask_one(partners, plan.market, question, places, deadline)): (plan, question.line)
        for plan in plans
        for question in plan.questions
    }
    waiting = set(asked)
    try:
        while waiting and (seconds := began + deadline - loop.time()) > 0:
            done, waiting = await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                yield _heard(asked[task], task.result(), loop.time() - began)
        for task in waiting:
            plan, line = asked[task]
            late = Absent(line.code, line.name, Absence.LATE, f"nothing within {deadline:g} s", line)
            yield _heard((plan, line), late, deadline)
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


def _heard(asked: tuple[Plan, Line], found: list[Found] | Absent, seconds: float) -> Heard:
    plan, line = asked
    is_absent = isinstance(found, Absent)
    offers, absent = ([], found) if is_absent else (found, None)
    return Heard(plan.pickup, line.code, line.name, offers, absent, round(seconds * 1000))


async def ask_one(partners: Partners, market: str, question: Question, seconds: float) -> list[Found] | Absent:
    """Ask one supplier for one hire; never raises for what it does."""
    return await _ask_one(partners, market, question, asyncio.Semaphore(1), seconds)


async def _ask_one(
    partners: Partners, market: str, question: Question, places: asyncio.Semaphore, deadline: float
) -> list[Found] | Absent:
    line = question.line
    exchange = line.adapter.search(question.hire, seconds=min(line.search_seconds, deadline))
    async with places:
        try:
            offers = {offer.key: offer for offer in await ask(partners, line, exchange, market=market)}
        except PartnerError as error:
            words = error.detail.replace(line.partner.key, line.name)
            return Absent(line.code, line.name, _reason(error), words, line)
    return [
        Found(line.supplier_id, line.code, line.name, question.hire, offer, question.delivery, line.has_net_prices)
        for offer in offers.values()
    ]


def _reason(error: PartnerError) -> Reason:
    match error.came_of_it:
        case Outcome.HELD_OFF:
            return Absence.HELD_OFF
        case Outcome.BUSY:
            return Absence.BUSY
        case _:
            return kind_of(error)


def _hire(wanted: Wanted, pickup: str, back: str) -> HireAsk:
    return HireAsk(
        Place(pickup, wanted.pickup_local),
        Place(back, wanted.return_local),
        wanted.driver_age,
        wanted.residence,
    )


async def _branches_at(session: AsyncSession, places: set[str]) -> dict[tuple[str, UUID], Branch]:
    """Each supplier's branch at locations of ours: the airport's own before others."""
    found: dict[tuple[str, UUID], Branch] = {}
    for branch in await queries.list_mapped(session, places):
        found.setdefault((branch.location_code or "", branch.supplier_id), Branch(branch.code, branch.delivery))
    return found


async def _check(session: AsyncSession, wanted: Wanted, actor: Actor) -> dict[str, Location]:
    """Both locations by code. Raises InvalidFields."""
    known = await locations.by_codes(session, {wanted.pickup, wanted.back})
    problems: list[Problem] = []
    moments: list[datetime] = []
    for name, code, local in (
        ("pickup", wanted.pickup, wanted.pickup_local),
        ("return", wanted.back, wanted.return_local),
    ):
        place = known.get(code)
        if place is None or not place.is_active or not _sees(actor, place):
            problems.append(Problem(f"{name}.location", "unknown_value", "There is no such location"))
            continue
        try:
            moments.append(moment_of(local, place.time_zone))
        except NoSuchTime as error:
            problems.append(Problem(f"{name}.local", "invalid", str(error)))
    if not problems and (wanted.return_local <= wanted.pickup_local or moments[1] <= moments[0]):
        problems.append(Problem("return.local", "invalid", "The return has to be after the pick-up"))
    if problems:
        raise InvalidFields(problems)
    return known


def _sees(actor: Actor, place: Location) -> bool:
    return actor.sees(market=place.market, branch=place.code)
