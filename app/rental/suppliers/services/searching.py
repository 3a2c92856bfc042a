"""Asking every supplier at once: each has its own time, what is late is left out, and each absentee has a reason."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.core.actor import Actor
from app.core.db import AsyncSession
from app.core.errors import InvalidFields
from app.core.partners.client import Partners
from app.core.partners.outcomes import Outcome, PartnerError
from app.kit.problems import Problem
from app.kit.wall_times import NoSuchTime, moment_of
from app.rental.locations import services as locations
from app.rental.locations.models import Location
from app.rental.suppliers import queries
from app.rental.suppliers.adapters.interface import kind_of
from app.rental.suppliers.models import SupplierBranch
from app.rental.suppliers.rules import Absence, ErrorKind, HireAsk, Operation, Place, SupplierOffer
from app.rental.suppliers.services.gateway import Line, ask, line_to
from app.settings import Settings

DEADLINE_SECONDS = 4.5
MOST_AT_ONCE = 12
Reason = Absence | ErrorKind


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


@dataclass(frozen=True, slots=True)
class Question:
    """What one supplier is asked."""

    line: Line
    hire: HireAsk


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is asked what, and who is not asked at all."""

    market: str
    questions: Sequence[Question]
    absent: Sequence[Absent]


@dataclass(frozen=True, slots=True)
class Found:
    """An offer and whose it is."""

    supplier_id: UUID
    code: str
    name: str
    hire: HireAsk
    offer: SupplierOffer


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a search, the cheapest first."""

    offers: list[Found]
    absent: list[Absent]
    milliseconds: int


async def plan_search(session: AsyncSession, settings: Settings, wanted: Wanted, actor: Actor) -> Plan:
    """Who has a branch at both ends and may sell. Raises InvalidFields."""
    market = await _check(session, wanted, actor)
    pickups, returns = await _branches_at(session, wanted.pickup), await _branches_at(session, wanted.back)
    questions: list[Question] = []
    absent: list[Absent] = []
    for supplier in await queries.list_active(session):
        line = line_to(supplier, settings)
        pickup, back = pickups.get(supplier.id), returns.get(supplier.id)
        if not line.may_sell(market):
            absent.append(Absent(line.code, line.name, Absence.STOPPED))
        elif pickup is None or back is None:
            where = wanted.pickup if pickup is None else wanted.back
            absent.append(Absent(line.code, line.name, Absence.NOT_MAPPED, f"no branch at {where}"))
        elif not line.can(Operation.SEARCH):
            absent.append(Absent(line.code, line.name, ErrorKind.UNSUPPORTED))
        else:
            questions.append(Question(line, _hire(wanted, pickup, back)))
    return Plan(market, questions, absent)


async def search(partners: Partners, plan: Plan, *, deadline: float = DEADLINE_SECONDS) -> Result:
    """Ask them all. Never raises for what a supplier does; no transaction may be open."""
    began = asyncio.get_running_loop().time()
    places = asyncio.Semaphore(MOST_AT_ONCE)
    asked = {
        asyncio.create_task(_ask_one(partners, plan.market, question, places, deadline)): question
        for question in plan.questions
    }
    offers, absent = list[Found](), list(plan.absent)
    late: set[asyncio.Task[list[Found] | Absent]] = set()
    if asked:
        done, late = await asyncio.wait(asked, timeout=deadline)
        for task in done:
            found = task.result()
            if isinstance(found, Absent):
                absent.append(found)
            else:
                offers += found
    for task in late:
        task.cancel()
        line = asked[task].line
        absent.append(Absent(line.code, line.name, Absence.LATE, f"nothing within {deadline:g} s"))
    await asyncio.gather(*late, return_exceptions=True)
    offers.sort(key=lambda found: (found.offer.total.currency, found.offer.total.minor, found.code))
    absent.sort(key=lambda each: each.code)
    return Result(offers, absent, round((asyncio.get_running_loop().time() - began) * 1000))


async def _ask_one(
    partners: Partners, market: str, question: Question, places: asyncio.Semaphore, deadline: float
) -> list[Found] | Absent:
    line = question.line
    exchange = line.adapter.search(question.hire, seconds=min(line.search_seconds, deadline))
    async with places:
        try:
            offers = await ask(partners, line, exchange, market=market)
        except PartnerError as error:
            return Absent(line.code, line.name, _reason(error), error.detail)
    return [Found(line.supplier_id, line.code, line.name, question.hire, offer) for offer in offers]


def _reason(error: PartnerError) -> Reason:
    match error.came_of_it:
        case Outcome.HELD_OFF:
            return Absence.HELD_OFF
        case Outcome.BUSY:
            return Absence.BUSY
        case _:
            return kind_of(error)


def _hire(wanted: Wanted, pickup: SupplierBranch, back: SupplierBranch) -> HireAsk:
    return HireAsk(
        Place(pickup.code, wanted.pickup_local),
        Place(back.code, wanted.return_local),
        wanted.driver_age,
        wanted.residence,
    )


async def _branches_at(session: AsyncSession, location: str) -> dict[UUID, SupplierBranch]:
    """Each supplier's branch at a location of ours: the airport's own before others."""
    found: dict[UUID, SupplierBranch] = {}
    for branch in await queries.list_mapped(session, {location}):
        found.setdefault(branch.supplier_id, branch)
    return found


async def _check(session: AsyncSession, wanted: Wanted, actor: Actor) -> str:
    """The market of the pick-up. Raises InvalidFields."""
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
    return known[wanted.pickup].market


def _sees(actor: Actor, place: Location) -> bool:
    return actor.sees(market=place.market, branch=place.code)
