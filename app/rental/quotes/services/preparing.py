"""What is to be quoted: read before anybody is asked, and asked again outside of any transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import msgspec

from app.core.actor import Actor
from app.core.db import AsyncSession, Database
from app.core.errors import IllegalState, InvalidFields
from app.core.partners.client import Partners
from app.kit.hire_pricing.card_terms import CardTerms
from app.kit.money import Money
from app.kit.problems import Problem
from app.kit.wall_times import read_local
from app.rental.bookings import rules as booking_rules
from app.rental.bookings.rules import Choices
from app.rental.bookings.services import pricing
from app.rental.bookings.services.terms import handovers
from app.rental.locations import services as locations
from app.rental.locations.services import HandoverTime
from app.rental.quotes import queries
from app.rental.quotes.models import CarSearch
from app.rental.quotes.rules import OWN, QuoteState
from app.rental.quotes.schemas.searches import CarOffer
from app.rental.quotes.services.reading import Comparison, comparison_of, find_offer
from app.rental.suppliers.rules import SupplierOffer
from app.rental.suppliers.services import offering as suppliers
from app.rental.suppliers.services.searching import Plan, Wanted, plan_searches
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to be quoted: a hire of one source, what it cost when it was last told, and what is chosen with it."""

    source: str
    source_name: str
    pickup: HandoverTime
    back: HandoverTime
    class_code: str
    model: str
    driver_age: int
    residence: str
    choices: Choices
    rate_key: str
    stage: str
    told: list[dict[str, Any]]
    told_total: Money
    asked: dict[str, Any] | None = None
    """What the supplier asked for then, where that is not what the customer was told."""
    plan: Plan | None = None
    replaces: UUID | None = None
    replaces_booking: UUID | None = None
    """The booking that lost its car, whose place is to be taken."""
    comparison: Comparison | None = None
    """What the search compared in, and by which rates; a quote that is asked for again keeps what was locked."""
    locked: dict[str, Any] | None = None

    @property
    def asked_total(self) -> Money:
        """What the supplier asked for when it was last told."""
        return money_of(self.asked["total"]) if self.asked else self.told_total


async def prepare_offer(
    session: AsyncSession,
    settings: Settings,
    search_id: UUID,
    offer_id: str,
    *,
    choices: Mapping[str, Any],
    actor: Actor,
) -> Subject:
    """What an offer of a search is about. Raises NotFound, InvalidFields."""
    _refuse(booking_rules.check_choices(choices))
    search, kept = await find_offer(session, search_id, offer_id, actor)
    offer, asked = kept.offer, search.question
    taken = booking_rules.read_choices(choices)
    product = str(asked.get("promo") or "").upper()
    if product and not taken.product and offer.source == OWN and offer.note is msgspec.UNSET:
        taken = replace(taken, product=product)
    pickup, back = await handovers(
        session,
        {"location": offer.pickup_location, "local": read_local(asked["pickup"]["local"])},
        {"location": offer.return_location, "local": read_local(asked["return"]["local"])},
        by_our_hours=offer.source == OWN,
    )
    return await _with_plan(
        session,
        settings,
        Subject(
            source=offer.source,
            source_name=offer.source_name,
            pickup=pickup,
            back=back,
            class_code=offer.class_code,
            model=offer.model,
            driver_age=int(asked["driver_age"]),
            residence=str(asked.get("residence") or ""),
            choices=taken,
            rate_key=kept.key,
            stage="search",
            told=[pricing.plain_line(line.code, line.amount.to_money(), line.explanation) for line in offer.lines],
            told_total=offer.total.to_money(),
            asked=kept.asked,
            replaces_booking=UUID(lost) if (lost := asked.get("replaces_booking_id")) else None,
            comparison=comparison_of(search),
        ),
    )


async def prepare_again(session: AsyncSession, settings: Settings, quote_id: UUID, actor: Actor) -> Subject:
    """The hire of an open or expired quote. Raises NotFound, IllegalState, InvalidFields."""
    quote = await queries.get_quote(session, quote_id, actor)
    if quote.state in (QuoteState.REPRICED, QuoteState.CONSUMED):
        raise IllegalState(f"The quote is {quote.state.value}.", state=quote.state.value)
    pickup, back = await handovers(
        session,
        {"location": quote.pickup_location, "local": quote.pickup_local},
        {"location": quote.return_location, "local": quote.return_local},
        by_our_hours=quote.is_own,
    )
    last = quote.stages[-1]
    return await _with_plan(
        session,
        settings,
        Subject(
            source=quote.source,
            source_name=quote.source_name,
            pickup=pickup,
            back=back,
            class_code=quote.class_code,
            model=quote.model,
            driver_age=quote.driver_age,
            residence=quote.residence,
            choices=booking_rules.read_choices(quote.choices),
            rate_key=quote.rate_key,
            stage="quote",
            told=last["lines"],
            told_total=money_of(last["total"]),
            asked=last.get("supplier"),
            replaces=quote.id,
            replaces_booking=quote.replaces_booking_id,
            locked=quote.currencies,
        ),
    )


async def ask_again(database: Database, partners: Partners, subject: Subject) -> SupplierOffer | None:
    """The supplier's offer as it is now, nothing for our own fleet; no transaction may be open.

    How far its price has moved since it was told is kept for the health board, whatever becomes of it.

    Raises SupplierSaysNo, PartnerError, InvalidFields.
    """
    if subject.plan is None:
        return None
    question = suppliers.question_for(subject.plan, subject.source)
    offer = await suppliers.recheck(partners, subject.plan, question, subject.rate_key)
    await suppliers.note_drift(database, subject.plan, question, subject.asked_total, offer)
    return offer


async def card_terms(session: AsyncSession, search: CarSearch, offer: CarOffer) -> CardTerms | None:
    """What the rate card of an offer of our own has besides; nothing for suppliers and day prices."""
    if offer.source != OWN:
        return None
    known = await locations.by_codes(session, {offer.pickup_location})
    end = {"location": offer.pickup_location, "local": read_local(search.question["pickup"]["local"])}
    pickup = locations.judge_handover(known.get(offer.pickup_location), end, field="pickup")
    card = await pricing.card_for(session, offer.class_code, pickup)
    return card.terms if card else None


def money_of(plain: Mapping[str, str]) -> Money:
    """Money as it is kept in JSON."""
    return Money.parse(plain["amount"], plain["currency"])


def _wanted_of(subject: Subject) -> Wanted:
    """The hire as suppliers are asked for it."""
    return Wanted(
        subject.pickup.location.code,
        subject.pickup.local,
        subject.back.location.code,
        subject.back.local,
        subject.driver_age,
        subject.residence,
    )


async def _plan_for(session: AsyncSession, settings: Settings, subject: Subject) -> Plan:
    """Who sells at both ends of the hire now."""
    wanted = _wanted_of(subject)
    known = await locations.by_codes(session, {wanted.pickup, wanted.back})
    return (await plan_searches(session, settings, [wanted], known))[0]


async def _with_plan(session: AsyncSession, settings: Settings, subject: Subject) -> Subject:
    if subject.source == OWN:
        return subject
    if not subject.choices.is_plain:
        raise InvalidFields([Problem("choices", "invalid", "A supplier's car comes as it is offered")])
    return replace(subject, plan=await _plan_for(session, settings, subject))


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise InvalidFields(problems)
