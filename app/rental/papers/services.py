"""Papers of a hire: what stands on them, and the invoice with its number."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.changes import plain_value, record
from app.core.db import AsyncSession
from app.core.errors import IllegalState
from app.desk.customers import services as customers
from app.kit.markets import MARKETS
from app.kit.money import Money
from app.payments.charges import services as charges
from app.payments.charges.models import Charge
from app.payments.charges.rules import ChargeState, Purpose
from app.rental.bookings.models import Booking
from app.rental.bookings.rules import BookingState
from app.rental.bookings.services.hires import find_on_hire
from app.rental.papers import queries, rules
from app.rental.papers.adapters.rendering import NoPdf, is_there, to_pdf
from app.rental.papers.models import Invoice
from app.rental.papers.rules import InvoiceLine

HIRED = frozenset({BookingState.RETURNED, BookingState.CLOSED, BookingState.DISPUTED})
MISSED = frozenset({BookingState.CANCELLED, BookingState.NO_SHOW})
BESIDES = {Purpose.FUEL: True, Purpose.DAMAGE: False}
"""What is billed besides the hire, and whether there is tax in it: damages are no supply."""
WORDS = {"TIME": "Hire", "MILEAGE": "Excess kilometres", "ONE_WAY": "One-way fee", "AIRPORT": "Airport surcharge"}


async def issue_invoice(session: AsyncSession, booking_id: UUID, *, actor: Actor) -> Invoice:
    """The invoice of a booking, made once. Raises IllegalState while the hire is not over."""
    booking = await find_on_hire(session, booking_id, actor)
    present = await queries.find_invoice(session, booking.id)
    if present is not None:
        return present
    if not can_be_billed(booking):
        raise IllegalState(f"The booking is {booking.state.replace('_', ' ')}.", state=booking.state)
    today = clock.now().astimezone(ZoneInfo(MARKETS[booking.market].zone)).date()
    lines, added = await _lines(session, booking)
    percent = rules.vat_percent(booking.market, _card(booking).get("tax_percent"))
    found = rules.totals(lines, percent, added, booking.total_currency)
    customer = await customers.find_customer(session, booking.customer_id, SYSTEM)
    series = await queries.lock_series(session, booking.market, today.year)
    series.last_number += 1
    invoice = Invoice(
        number=rules.number_of(booking.market, today.year, series.last_number),
        market=booking.market,
        booking_id=booking.id,
        issued_on=today,
        issued_by=actor.name,
        customer={"name": customer.name if customer else booking.driver_name, "address": _address(customer)},
        lines=[_plain(line) for line in lines],
        vat_percent=str(percent),
        net_minor=found.net.minor,
        tax_minor=found.tax.minor,
        gross_minor=found.gross.minor,
        currency=booking.total_currency,
    )
    session.add(invoice)
    facts = {"number": invoice.number, "amount": found.gross}
    await record(session, "booking.invoiced", booking, actor=actor, facts=facts)
    return invoice


def can_be_billed(booking: Booking) -> bool:
    """Whether there is something final to bill."""
    return booking.state in HIRED or (booking.state in MISSED and bool(booking.fee_minor))


async def find_invoice(session: AsyncSession, booking_id: UUID) -> Invoice | None:
    """The invoice of a booking, once it is issued."""
    return await queries.find_invoice(session, booking_id)


async def _lines(session: AsyncSession, booking: Booking) -> tuple[list[InvoiceLine], Money | None]:
    """What is billed, and the tax that was added to it by the rate card."""
    if booking.state in MISSED:
        fee = booking.fee
        assert fee is not None
        words = "No-show fee" if booking.state is BookingState.NO_SHOW else "Cancellation fee"
        return [InvoiceLine(words, booking.reference, fee)], None
    found: list[InvoiceLine] = []
    added: Money | None = None
    for line in booking.price_lines:
        amount = Money.parse(line["amount"]["amount"], line["amount"]["currency"])
        if line["code"] == rules.TAX:
            added = amount
        elif amount.minor:
            found.append(InvoiceLine(WORDS.get(line["code"], str(line["code"])), str(line["explanation"]), amount))
    about = await charges.list_about(session, Booking.record_kind, booking.id)
    billed = [each for each in about if each.purpose in BESIDES and each.state is not ChargeState.WAIVED]
    return [*found, *map(_besides, billed)], added


def _besides(charge: Charge) -> InvoiceLine:
    words = charges.PURPOSE_WORDS[charge.purpose]
    return InvoiceLine(words, charge.words, charge.amount, is_taxed=BESIDES[charge.purpose])


def _plain(line: InvoiceLine) -> dict[str, Any]:
    return {
        "words": line.words,
        "explanation": line.explanation,
        "amount": plain_value(line.gross),
        "is_taxed": line.is_taxed,
    }


def _card(booking: Booking) -> Mapping[str, Any]:
    card: Mapping[str, Any] = booking.rate_snapshot.get("card") or {}
    return card.get("terms") or {}


def _address(customer: Any) -> list[str]:
    address: Mapping[str, Any] = (customer.address if customer else None) or {}
    street, town = address.get("street"), " ".join(filter(None, (address.get("postal_code"), address.get("city"))))
    return [part for part in (street, town, address.get("country")) if part]


__all__ = ["NoPdf", "can_be_billed", "find_invoice", "is_there", "issue_invoice", "to_pdf"]
