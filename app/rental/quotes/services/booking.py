"""From an open quote to what is booked, exactly once: the quote's row is locked, and ends with what it became."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from app.core.actor import Actor
from app.core.database_clock import read_database_time
from app.core.db import AsyncSession
from app.core.errors import IllegalState, InvalidFields
from app.kit.hire_pricing.card_terms import Snapshot
from app.kit.problems import Problem
from app.rental.bookings import rules as booking_rules
from app.rental.bookings import services as bookings
from app.rental.bookings.models import Booking
from app.rental.bookings.services import pricing
from app.rental.bookings.services.pricing import Priced
from app.rental.bookings.services.terms import handovers
from app.rental.locations import services as locations
from app.rental.quotes import queries, writes
from app.rental.quotes.models import Quote
from app.rental.quotes.rules import QuoteState
from app.rental.quotes.services.quoting import become
from app.rental.suppliers.rules import SupplierOffer
from app.rental.suppliers.services import offering as suppliers
from app.rental.suppliers.services.reservations import Intent
from app.rental.suppliers.services.searching import Wanted, plan_searches
from app.settings import Settings


class QuoteExpired(IllegalState):
    """The quarter of an hour is over: quote it anew."""

    code = "quote_expired"
    title = "The quote has expired"
    advice = "Nothing was booked. Ask for a new quote: the price may be another one by now."


async def book_quote(
    session: AsyncSession, settings: Settings, quote_id: UUID, *, fields: Mapping[str, Any], actor: Actor
) -> Quote:
    """Book what was quoted at its price. `fields`: customer_id, driver (name, phone, email, born_on), note.

    A supplier's car is booked together with a reservation that the worker makes. Raises IllegalState, QuoteExpired,
    InvalidFields, ClassSoldOut, PriceMoved.
    """
    quote = await queries.lock_quote(session, quote_id, actor)
    now = await read_database_time(session)
    if quote.state is QuoteState.OPEN and quote.state_at(now) is not QuoteState.OPEN:
        raise QuoteExpired("Quote it anew: the price may be another one.", state=QuoteState.EXPIRED.value)
    if quote.state is not QuoteState.OPEN:
        raise IllegalState(f"The quote is {quote.state.value}.", state=quote.state.value)
    supplier = None if quote.is_own else await _intent(session, settings, quote, fields)
    booking = await _book(session, quote, fields, supplier, actor)
    quote.booking_id = booking.id
    await become(session, quote, QuoteState.CONSUMED, actor=actor, made=booking.reference)
    await writes.count(session, now.date(), quote.market, [quote.pickup_location], "bookings")
    return quote


async def _book(
    session: AsyncSession, quote: Quote, fields: Mapping[str, Any], supplier: Intent | None, actor: Actor
) -> Booking:
    await _refuse_other_driver(session, quote, fields)
    priced = Priced(quote.total, quote.price_lines, quote.rate_snapshot, quote.fee_windows, quote.margin)
    hire = {
        "pickup": {"location": quote.pickup_location, "local": quote.pickup_local},
        "back": {"location": quote.return_location, "local": quote.return_local},
        "class_code": quote.class_code,
        "choices": quote.choices,
    }
    lost = await bookings.find_lost(session, quote.replaces_booking_id, actor)
    return await bookings.create_booking(
        session,
        fields={**fields, **hire},
        actor=actor,
        priced=priced,
        quote_id=quote.id,
        supplier=supplier,
        replaces=lost,
    )


async def _refuse_other_driver(session: AsyncSession, quote: Quote, fields: Mapping[str, Any]) -> None:
    """The price was for a driver of some age: one of another age is refused where it would cost or allow another."""
    born_on = (fields.get("driver") or {}).get("born_on")
    if born_on is None:
        return
    age = booking_rules.age_on(born_on, quote.pickup_local.date())
    if age == quote.driver_age or "card" not in quote.rate_snapshot:
        return
    card = msgspec.convert(quote.rate_snapshot["card"], Snapshot)
    pickup, back = await handovers(
        session,
        {"location": quote.pickup_location, "local": quote.pickup_local},
        {"location": quote.return_location, "local": quote.return_local},
    )
    hire = pricing.Hire(pickup, back, booking_rules.read_choices(quote.choices), age)
    guards = card.terms.guards
    is_allowed = (guards.min_age or 0) <= age <= (guards.max_age or age)
    if not is_allowed or pricing.by_card(card, hire).total != quote.total:
        detail = f"The quote is for a driver of {quote.driver_age}; one of {age} has another price"
        raise InvalidFields([Problem("driver.born_on", "other_age", detail)])


async def _intent(session: AsyncSession, settings: Settings, quote: Quote, fields: Mapping[str, Any]) -> Intent:
    """What is to be reserved, where the supplier still sells. Raises InvalidFields."""
    driver = fields.get("driver") or {}
    given, _, surname = str(driver.get("name") or "").strip().rpartition(" ")
    wanted = Wanted(
        quote.pickup_location, quote.pickup_local, quote.return_location, quote.return_local,
        quote.driver_age, quote.residence,
    )  # fmt: skip
    known = await locations.by_codes(session, {wanted.pickup, wanted.back})
    plan = (await plan_searches(session, settings, [wanted], known))[0]
    question = suppliers.question_for(plan, quote.source)
    offer = msgspec.convert(quote.offer, SupplierOffer)
    return suppliers.intent_of(plan, question, wanted, offer, known[wanted.pickup], (surname, given))
