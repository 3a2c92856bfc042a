"""Quotes: an offer is asked for again, always, and its price then stays for a quarter of an hour.

What a supplier is asked is asked outside of any transaction: see `preparing`.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from app.core.actor import SYSTEM, Actor
from app.core.changes import record
from app.core.database_clock import read_database_time
from app.core.db import AsyncSession, Database, run_in_unit
from app.core.errors import AlreadyThere, IllegalState
from app.kit.ids import new_id, new_reference
from app.kit.markets import MARKETS
from app.kit.money import Money
from app.rental.bookings import rules as booking_rules
from app.rental.bookings.rules import Choices
from app.rental.bookings.services import pricing
from app.rental.bookings.services.pricing import NoPrice, Priced
from app.rental.bookings.services.supplied import price_sold
from app.rental.occupancy import services as occupancy
from app.rental.occupancy.services import ClassSoldOut
from app.rental.quotes import queries, rules, writes
from app.rental.quotes.models import Quote
from app.rental.quotes.rules import QuoteState
from app.rental.quotes.schemas.quotes import QuoteCurrencies
from app.rental.quotes.schemas.searches import value_of
from app.rental.quotes.services.offering import asked_of
from app.rental.quotes.services.preparing import Subject
from app.rental.supplier_terms.services import selling as terms
from app.rental.suppliers.rules import SupplierOffer
from app.rental.suppliers.services.offering import SupplierSaysNo, question_for

__all__ = ["ClassSoldOut", "NoPrice", "SupplierSaysNo"]

PREFIX = "QT"
EXPIRED_AT_ONCE = 500
FIELD_LABELS = {"state": "State", "total_minor": "Total", "expires_at": "Open until", "replaced_by": "Replaced by"}


@dataclass(frozen=True, slots=True)
class Rechecked:
    """What it costs now: all of it, and its lines without what is chosen besides."""

    priced: Priced
    plain_total: Money
    plain_lines: list[dict[str, Any]]
    offer: SupplierOffer | None = None
    asked: dict[str, Any] | None = None
    """What the supplier asks for, where that is not what the customer pays."""


async def keep_quote(
    session: AsyncSession, subject: Subject, offer: SupplierOffer | None, *, actor: Actor, quote_id: UUID | None = None
) -> Quote:
    """A quote at the price of now. One that moved beyond the tolerance stands beside the one that it replaces.

    Raises ClassSoldOut, NoPrice, InvalidFields; Conflict for a taken id.
    """
    if quote_id is not None and await session.get(Quote, quote_id):
        raise AlreadyThere("A quote with this id exists.")
    rechecked = await _recheck(session, subject, offer)
    now = await read_database_time(session)
    stages = [_told_stage(subject), _rechecked_stage(rechecked)]
    made = await _new_quote(session, subject, rechecked, stages=stages, now=now, actor=actor)
    if quote_id is not None:
        made.id = quote_id
    before = await _replaced(session, subject, rechecked, made, now=now, actor=actor)
    if before is not None:
        made.replaces_id = before.id
    session.add(made)
    changes = {"state": (None, made.state), "total_minor": (None, made.total), "class_code": (None, made.class_code)}
    await record(session, "quote.created", made, actor=actor, changes=changes)
    await writes.count(session, now.date(), made.market, [made.pickup_location], "quotes")
    return made


async def recheck_quote(
    session: AsyncSession, quote_id: UUID, subject: Subject, offer: SupplierOffer | None, *, actor: Actor
) -> Quote:
    """Look at an open quote's price again, or quote an expired one anew.

    An open one stays as it is while the price moves within the tolerance; else a new one replaces it. Raises as
    `keep_quote`, and IllegalState.
    """
    quote = await queries.lock_quote(session, quote_id, actor)
    now = await read_database_time(session)
    if quote.state in (QuoteState.REPRICED, QuoteState.CONSUMED):
        raise IllegalState(f"The quote is {quote.state.value}.", state=quote.state.value)
    rechecked = await _recheck(session, subject, offer)
    is_open = quote.state_at(now) is QuoteState.OPEN
    if is_open and not rules.is_beyond_tolerance(subject.told_total, rechecked.plain_total):
        quote.stages = [*quote.stages, _rechecked_stage(rechecked)]
        facts = {"total": rechecked.plain_total}
        await record(session, "quote.rechecked", quote, actor=actor, facts=facts)
        return quote
    return await keep_quote(session, subject, offer, actor=actor)


async def expire_quotes(database: Database) -> int:
    """End the quotes whose time is over, each in a transaction of its own."""
    async with database.session() as session:
        ids = await queries.list_due(session, await read_database_time(session), EXPIRED_AT_ONCE)

    async def expire(session: AsyncSession, quote_id: UUID) -> int:
        quote = await queries.lock_quote(session, quote_id, SYSTEM)
        now = await read_database_time(session)
        if quote.state is not QuoteState.OPEN or quote.state_at(now) is QuoteState.OPEN:
            return 0
        await become(session, quote, QuoteState.EXPIRED, actor=SYSTEM)
        return 1

    return sum([await run_in_unit(database, lambda session, key=key: expire(session, key)) for key in ids])


async def become(session: AsyncSession, quote: Quote, state: QuoteState, *, actor: Actor, **facts: Any) -> None:
    """Another state. Raises IllegalState for one that the table does not allow."""
    before = quote.state
    if not rules.can_move(before, state):
        raise IllegalState(f"The quote is {before.value}.", state=before.value)
    quote.state = state
    changes = {"state": (before, state)}
    await record(session, f"quote.{state.value}", quote, actor=actor, changes=changes, facts=facts)


async def _recheck(session: AsyncSession, subject: Subject, offer: SupplierOffer | None) -> Rechecked:
    if offer is not None:
        return await _sold(session, subject, offer)
    stay = occupancy.stay_between(subject.pickup, subject.back)
    found = {each.class_code: each for each in await occupancy.availability(session, stay)}
    counted = found.get(subject.class_code)
    if counted is None or counted.left <= 0:
        free, promised = (counted.free, counted.promised) if counted else (0, 0)
        raise ClassSoldOut(f"{subject.class_code} at {stay.pickup_location}: {free} free, {promised} promised.")
    hire = pricing.Hire(subject.pickup, subject.back, subject.choices, subject.driver_age)
    priced = await pricing.price(session, subject.class_code, hire)
    bare = replace(hire, choices=Choices(brand=subject.choices.brand, product=subject.choices.product))
    alone = priced if subject.choices == bare.choices else await pricing.price(session, subject.class_code, bare)
    return Rechecked(priced, alone.total, alone.lines)


async def _sold(session: AsyncSession, subject: Subject, offer: SupplierOffer) -> Rechecked:
    """A supplier's car by the terms of today."""
    assert subject.plan is not None
    supplier_id = question_for(subject.plan, subject.source).line.supplier_id
    sold = await terms.sell_now(session, supplier_id, subject.plan.market, offer)
    priced = price_sold(sold, subject.pickup.at)
    return Rechecked(priced, priced.total, priced.lines, offer, asked_of(offer, sold))


async def _replaced(
    session: AsyncSession, subject: Subject, rechecked: Rechecked, made: Quote, *, now: datetime, actor: Actor
) -> Quote | None:
    """The quote that the new one takes the place of: an earlier one, or one at the price that the search told."""
    moved = rules.is_beyond_tolerance(subject.told_total, rechecked.plain_total)
    if subject.replaces is not None:
        before = await queries.lock_quote(session, subject.replaces, actor)
        if before.state is QuoteState.OPEN:
            state = QuoteState.REPRICED if before.state_at(now) is QuoteState.OPEN and moved else QuoteState.EXPIRED
            before.replaced_by_id = made.id
            await become(session, before, state, actor=actor, replaced_by=made.reference)
        return before
    if not moved:
        return None
    told = Rechecked(Priced(subject.told_total, subject.told), subject.told_total, subject.told)
    stages = [_told_stage(subject)]
    before = await _new_quote(session, subject, told, stages=stages, now=now, actor=actor)
    before.replaced_by_id = made.id
    session.add(before)
    await record(session, "quote.created", before, actor=actor, changes={"total_minor": (None, before.total)})
    await become(session, before, QuoteState.REPRICED, actor=actor, replaced_by=made.reference)
    return before


async def _new_quote(
    session: AsyncSession,
    subject: Subject,
    rechecked: Rechecked,
    *,
    stages: list[dict[str, Any]],
    now: datetime,
    actor: Actor,
) -> Quote:
    priced = rechecked.priced
    ends: dict[str, Any] = {
        f"{name}_{part}": value
        for name, end in (("pickup", subject.pickup), ("return", subject.back))
        for part, value in (
            ("location", end.location.code), ("local", end.local), ("zone", end.location.time_zone), ("at", end.at),
        )
    }  # fmt: skip
    offer = rechecked.offer
    return Quote(
        id=new_id(),
        reference=await _free_reference(session),
        market=subject.pickup.location.market,
        source=subject.source,
        source_name=subject.source_name,
        class_code=subject.class_code,
        model=subject.model,
        driver_age=subject.driver_age,
        residence=subject.residence,
        choices=booking_rules.write_choices(subject.choices),
        total_minor=priced.total.minor,
        total_currency=priced.total.currency,
        price_lines=priced.lines,
        rate_snapshot=priced.snapshot,
        fee_windows=priced.fee_windows,
        stages=stages,
        margin=priced.margin,
        currencies=_locked(subject, priced.total),
        offer=msgspec.to_builtins(offer) if offer else {},
        rate_key=offer.key if offer else subject.rate_key,
        replaces_booking_id=subject.replaces_booking,
        expires_at=now + rules.OPEN_FOR,
        created_by=actor.id,
        **ends,
    )


def _locked(subject: Subject, total: Money) -> dict[str, Any] | None:
    """The currencies of rate, sale and settlement, and the comparison, as they stay with the price.

    Cars are charged in the currency of their rate. Our own are settled in that of their market, others in what their
    supplier asks for.
    """
    if subject.comparison is None:
        return subject.locked
    market = MARKETS[subject.pickup.location.market]
    told = value_of(total)
    return msgspec.to_builtins(
        QuoteCurrencies(
            rate=subject.told_total.currency,
            sale=total.currency,
            settlement=market.currency if subject.source == rules.OWN else total.currency,
            compared=subject.comparison.value(told),
            exchange_rates=subject.comparison.used_by([told]),
        )
    )


def _stage(name: str, total: Money, lines: list[dict[str, Any]], asked: dict[str, Any] | None) -> dict[str, Any]:
    """What customers were told, and beside it what the supplier asked for where that is another price."""
    told = {"stage": name, "total": pricing.plain(total), "lines": lines}
    return told | {"supplier": asked} if asked else told


def _told_stage(subject: Subject) -> dict[str, Any]:
    return _stage(subject.stage, subject.told_total, subject.told, subject.asked)


def _rechecked_stage(rechecked: Rechecked) -> dict[str, Any]:
    return _stage("recheck", rechecked.plain_total, rechecked.plain_lines, rechecked.asked)


async def _free_reference(session: AsyncSession) -> str:
    while await queries.has_reference(session, reference := new_reference(PREFIX)):
        continue
    return reference
