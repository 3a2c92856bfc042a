"""How a price moved after it was quoted: what was confirmed, and what is billed in the end, line by line."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.actor import Actor
from app.core.db import AsyncSession
from app.kit.money import Money
from app.rental.bookings import services as bookings
from app.rental.bookings.models import Booking
from app.rental.bookings.rules import BookingState
from app.rental.bookings.services import pricing
from app.rental.quotes import rules
from app.rental.quotes.models import Quote
from app.rental.quotes.services.preparing import money_of
from app.rental.supplier_invoices import services as supplier_invoices
from app.rental.supplier_terms.services.selling import SEES_MARGINS, read_margin
from app.rental.suppliers.models import SupplierReservation

BILLED = frozenset({BookingState.RETURNED, BookingState.CLOSED, BookingState.DISPUTED})
Stage = dict[str, Any]


async def later_stages(session: AsyncSession, quote: Quote, actor: Actor) -> list[Stage]:
    """Confirmation and invoice, as far as they are known; both without what was chosen besides.

    Of a car that is sold by terms, what the supplier confirms and bills is for those who may see margins: for others
    the customer's price is confirmed, and stays.
    """
    booking = await session.get(Booking, quote.booking_id) if quote.booking_id else None
    if booking is None:
        return []
    if quote.is_own:
        return _of_our_own(quote, booking)
    kept = await bookings.find_reservation(session, booking)
    if kept is None or kept.confirmed is None:
        return []
    margin = read_margin(quote.margin)
    if margin is not None and margin.line is not None and not actor.may(SEES_MARGINS):
        last = quote.stages[-1]
        return [stage("confirmation", money_of(last["total"]), last["lines"])]
    confirmed = stage("confirmation", kept.confirmed, _confirmed_lines(kept, kept.confirmed))
    return [confirmed, *await _billed_by_supplier(session, kept, confirmed)]


def stage(name: str, total: Money, lines: list[dict[str, Any]]) -> Stage:
    """A price as it was told at one stage."""
    return {"stage": name, "total": pricing.plain(total), "lines": lines}


def _of_our_own(quote: Quote, booking: Booking) -> list[Stage]:
    last = quote.stages[-1]
    found = [stage("confirmation", money_of(last["total"]), last["lines"])]
    if booking.state in BILLED and booking.total_currency == quote.total_currency:
        chosen = rules.remainder(_amounts(quote.price_lines), _amounts(last["lines"]))
        lines = rules.remainder(_amounts(booking.price_lines), chosen)
        total = Money(sum(amount.minor for _, amount in lines), quote.total_currency)
        found.append(stage("invoice", total, [_line(code, amount, "") for code, amount in lines]))
    return found


def _confirmed_lines(kept: SupplierReservation, confirmed: Money) -> list[dict[str, Any]]:
    """The lines as they were offered, each moved by what the supplier said when it confirmed."""
    moved = {each["code"]: money_of(each["confirmed"]) for each in kept.drift}
    lines = [
        _line(line["code"], moved.get(line["code"]) or money_of(line["amount"]), line["words"])
        for line in kept.offer.get("lines", [])
    ]
    return lines or [_line("TOTAL", confirmed, "")]


async def _billed_by_supplier(session: AsyncSession, kept: SupplierReservation, confirmed: Stage) -> list[Stage]:
    """What was confirmed, and a line for each cause by which the supplier billed more or less."""
    billed = await supplier_invoices.billed_for(session, kept.id)
    if billed is None or billed.total.currency != kept.currency:
        return []
    causes = [_line(cause.upper(), amount, "") for cause, amount in billed.causes]
    known = money_of(confirmed["total"]).minor + sum(amount.minor for _, amount in billed.causes)
    if known != billed.total.minor:
        causes.append(_line("UNEXPLAINED", Money(billed.total.minor - known, billed.total.currency), ""))
    return [stage("invoice", billed.total, [*confirmed["lines"], *causes])]


def _amounts(lines: Sequence[Mapping[str, Any]]) -> list[tuple[str, Money]]:
    return [(line["code"], money_of(line["amount"])) for line in lines]


def _line(code: str, amount: Money, words: str) -> dict[str, Any]:
    return {"code": code, "quantity": 1, "amount": pricing.plain(amount), "explanation": words}
