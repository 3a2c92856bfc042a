"""A search: our own fleet at once, the suppliers while it is looked at, everything kept where any process can tell it.

No transaction is open while a supplier is asked. Whoever asks may die: what has no answer at the deadline is late.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import structlog

from app.core import clock
from app.core.actor import Actor
from app.core.database_clock import read_database_time
from app.core.db import AsyncSession, Database, run_in_unit
from app.core.leases import DatabaseTrouble
from app.core.partners.client import Partners
from app.core.read_pool import ReadPool
from app.core.reasons import reason_of
from app.core.runtime import Runtime
from app.kit.ids import new_id
from app.rental.exchange_rates import services as exchange_rates
from app.rental.quotes import queries, writes
from app.rental.quotes.models import CarSearch, SearchAnswer
from app.rental.quotes.rules import OWN, SEARCH_KEPT_FOR, Hire, Reason, Refusal
from app.rental.quotes.schemas.searches import Answered, CarExclusion, KeptOffer, NewCarSearch
from app.rental.quotes.services.asking import Question, read_question
from app.rental.quotes.services.fleet import Fleet, Offered, read_fleet
from app.rental.quotes.services.nearest import Nearest
from app.rental.quotes.services.offering import (
    OWN_NAME,
    other_classes,
    own_exclusion,
    own_offer,
    supplier_exclusion,
    supplier_offer,
)
from app.rental.quotes.services.trying import Trying, changes
from app.rental.supplier_terms.services import selling as terms
from app.rental.supplier_terms.services.selling import Agreements
from app.rental.suppliers.rules import ErrorKind
from app.rental.suppliers.services.searching import (
    DEADLINE_SECONDS,
    Absent,
    Heard,
    Plan,
    Wanted,
    listen,
    plan_searches,
)
from app.settings import Settings

MOST_EXCLUDED = 400
PURGED_AT_ONCE = 500
GRACE = timedelta(seconds=0.5)
"""For the last answers to be written after the deadline."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What our own fleet answers, and whom else to ask what."""

    asked: NewCarSearch
    question: Question
    own: dict[str, Answered]
    """By branch."""
    plans: Sequence[Plan]
    agreements: Agreements = field(default_factory=Agreements)
    """By which suppliers' cars are sold."""


async def prepare(
    session: AsyncSession, reads: ReadPool, settings: Settings, asked: NewCarSearch, actor: Actor
) -> Prepared:
    """Ask our own fleet, and plan whom else to ask. Changes nothing. Raises InvalidFields."""
    question = await read_question(session, asked, actor)
    sources = question.filters.sources
    own: dict[str, Answered] = {}
    if not sources or OWN in sources:
        fleet = await read_fleet(session, reads, question, clock.now())
        own = own_answers(fleet, question)
    plans: Sequence[Plan] = ()
    agreements = Agreements()
    if not sources or sources - {OWN}:
        several = [_wanted(question, place.code) for place in question.places]
        known = {place.code: place for place in (*question.places, *question.neighbours)}
        if question.back is not None:
            known.setdefault(question.back.code, question.back)
        planned = await plan_searches(session, settings, several, known)
        plans = [_of_sources(plan, sources) for plan in planned]
        agreements = await terms.agreements_on(session, clock.today())
    return Prepared(asked, question, own, plans, agreements)


async def keep_search(session: AsyncSession, prepared: Prepared, actor: Actor) -> CarSearch:
    """Keep a search with what is known of it; who is still to be asked is waited for."""
    question, now = prepared.question, await read_database_time(session)
    rates = await exchange_rates.rates_on(session, now.date())
    search = CarSearch(
        id=new_id(),
        market=question.market,
        currency=question.currency,
        locations=question.codes,
        question=msgspec.to_builtins(prepared.asked),
        notes=list(question.notes),
        rates=[msgspec.to_builtins(rate, enc_hook=str) for rate in rates.values()],
        created_by=actor.id,
        created_at=now,
        deadline_at=now + timedelta(seconds=DEADLINE_SECONDS) + GRACE,
        expires_at=now + SEARCH_KEPT_FOR,
    )
    session.add(search)
    await session.flush()
    for code, answered in prepared.own.items():
        session.add(_answer(search.id, OWN, OWN_NAME, code, answered))
    for plan in prepared.plans:
        for absent in plan.absent:
            excluded = Answered(
                [], [supplier_exclusion(absent, plan.pickup)], is_trying=_may_try(prepared, plan, absent)
            )
            session.add(_answer(search.id, absent.code, absent.name, plan.pickup, excluded))
        for each in plan.questions:
            session.add(_answer(search.id, each.line.code, each.line.name, plan.pickup, None))
    day = now.date()
    await writes.count(session, day, search.market, search.locations, "searches")
    without = [code for code in search.locations if not _has_offer(prepared, code)]
    if without:
        await writes.count(session, day, search.market, without, "without_offer")
    await session.flush()
    return search


def _may_try(prepared: Prepared, plan: Plan, absent: Absent) -> bool:
    return any(changes(plan, absent, prepared.question))


def start(runtime: Runtime, kept: Sequence[UUID], prepared: Prepared) -> None:
    """Go on asking after the answer, unless it was that of an earlier request, or there is nobody to ask."""
    for search_id in kept:
        if any(plan.questions or plan.absent for plan in prepared.plans):
            runtime.background.start(follow_search(runtime.database, runtime.partners, search_id, prepared))


async def follow_search(database: Database, partners: Partners, search_id: UUID, prepared: Prepared) -> None:
    """Ask the suppliers and write each answer as it comes; who has nothing is asked for a change or two besides."""
    until = asyncio.get_running_loop().time() + DEADLINE_SECONDS
    trying = Trying(partners, prepared.question, until, prepared.agreements)

    async def keep(source: str, place: str, answered: Answered, milliseconds: int = 0) -> None:
        content = msgspec.to_builtins(answered)
        try:
            await run_in_unit(
                database,
                lambda session: writes.keep_answer(session, search_id, source, place, content, milliseconds),
            )
        except DatabaseTrouble as error:
            log.warning("car_search.answer_lost", supplier=source, reason=reason_of(error))

    async def settle(source: str, place: str, excluded: CarExclusion) -> None:
        await keep(source, place, Answered(excluded=[excluded]))

    by_pickup = {plan.pickup: plan for plan in prepared.plans}
    for plan in prepared.plans:
        for absent in plan.absent:
            if _may_try(prepared, plan, absent) and not trying.start(plan, absent, settle):
                await settle(absent.code, plan.pickup, supplier_exclusion(absent, plan.pickup))
    async for heard in listen(partners, prepared.plans, deadline=DEADLINE_SECONDS):
        answered = _answered(heard, prepared, by_pickup[heard.pickup].market)
        answered.is_trying = bool(heard.absent) and trying.start(by_pickup[heard.pickup], heard.absent, settle)
        await keep(heard.code, heard.pickup, answered, heard.milliseconds)
    await trying.finish()


def own_answers(fleet: Fleet, question: Question) -> dict[str, Answered]:
    """What our own fleet has at each branch that is searched, and for everything else the reason and a change."""
    offers: dict[str, list[KeptOffer]] = {place.code: [] for place in question.places}
    refused: list[tuple[Hire, list[Refusal]]] = []
    classes = sorted({code for place in fleet.places for code in fleet.stock.classes_at(place)})
    wanted = [code for code in classes if question.filters.take(code, OWN)]
    for place in question.places:
        for class_code in wanted:
            hire = _hire(question, place.code, class_code)
            match fleet.judge(hire):
                case Offered() as offered:
                    offers[place.code].append(own_offer(fleet, offered))
                case None:
                    continue
                case refusals:
                    refused.append((hire, refusals))
    found = {each.offer.class_code for several in offers.values() for each in several}
    excluded = _exclusions(fleet, [pair for pair in refused if not _is_idle(pair, found, question)])
    return {
        code: Answered(kept, [each for each in excluded if each.pickup_location == code])
        for code, kept in offers.items()
    }


def _exclusions(fleet: Fleet, refused: Sequence[tuple[Hire, list[Refusal]]]) -> list[CarExclusion]:
    nearest = Nearest(fleet)
    found: list[CarExclusion] = []
    for hire, refusals in refused[:MOST_EXCLUDED]:
        before = nearest.tried
        change = nearest.find(hire, refusals)
        found.append(own_exclusion(hire, refusals[0], change, nearest.tried - before))
    return found


def _is_idle(pair: tuple[Hire, list[Refusal]], found: set[str], question: Question) -> bool:
    """A class that the branch never has says nothing where another branch offers it, or was asked for it as well."""
    hire, refusals = pair
    if all(each.reason is not Reason.NO_VEHICLE for each in refusals):
        return False
    return hire.class_code in found or hire.pickup != question.places[0].code


def _hire(question: Question, pickup: str, class_code: str) -> Hire:
    back = question.back.code if question.back else pickup
    return Hire(
        pickup, question.pickup_local, back, question.return_local, class_code, question.driver_age, question.product
    )


def _wanted(question: Question, pickup: str) -> Wanted:
    back = question.back.code if question.back else pickup
    return Wanted(pickup, question.pickup_local, back, question.return_local, question.driver_age, question.residence)


def _of_sources(plan: Plan, sources: frozenset[str]) -> Plan:
    if not sources:
        return plan
    return replace(
        plan,
        questions=[each for each in plan.questions if each.line.code in sources],
        absent=[each for each in plan.absent if each.code in sources],
    )


def _answered(heard: Heard, prepared: Prepared, market: str) -> Answered:
    question, sell = prepared.question, prepared.agreements.sell
    hire = _hire(question, heard.pickup, "")
    kept = [
        supplier_offer(found, number, hire, sell(found.supplier_id, market, found.offer))
        for number, found in enumerate(heard.offers)
    ]
    known = [each for each in kept if each]
    offers = [each for each in known if question.filters.take(each.offer.class_code, each.offer.source)]
    absent = heard.absent
    if absent is None and not heard.offers:
        absent = Absent(heard.code, heard.name, ErrorKind.NO_RESULTS)
    if absent is not None:
        return Answered(excluded=[supplier_exclusion(absent, heard.pickup)])
    return Answered(offers, [] if offers else [other_classes(heard, hire, known, question.filters)])


def _answer(search_id: UUID, source: str, name: str, place: str, answered: Answered | None) -> SearchAnswer:
    content: dict[str, Any] | None = None if answered is None else msgspec.to_builtins(answered)
    return SearchAnswer(search_id=search_id, source=source, source_name=name, pickup_location=place, content=content)


def _has_offer(prepared: Prepared, code: str) -> bool:
    own = prepared.own.get(code)
    return bool(own and own.offers) or any(plan.questions for plan in prepared.plans if plan.pickup == code)


async def purge_searches(database: Database) -> int:
    """Forget searches that are over."""

    async def purge(session: AsyncSession) -> int:
        ids = await queries.list_over(session, await read_database_time(session), PURGED_AT_ONCE)
        if ids:
            await writes.remove_searches(session, ids)
        return len(ids)

    return await run_in_unit(database, purge)
