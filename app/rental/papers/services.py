"""Papers of a hire: what was billed for it and what of that was taken back, with numbers without a gap."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.changes import plain_value, record
from app.core.db import AsyncSession
from app.core.errors import Conflict, IllegalState, InvalidFields
from app.desk.customers import services as customers
from app.kit.hire_pricing.marks import explained, line_name
from app.kit.markets import MARKETS
from app.kit.money import Money
from app.kit.problems import Problem
from app.payments.charges import services as charges
from app.payments.charges.models import Charge
from app.payments.charges.rules import ChargeState, Purpose
from app.rental.bookings.models import Booking
from app.rental.bookings.rules import BookingState
from app.rental.bookings.services.hires import find_on_hire, lock_hire
from app.rental.papers import queries, rules
from app.rental.papers.adapters.rendering import NoPdf, is_there, to_pdf
from app.rental.papers.models import Invoice
from app.rental.papers.rules import InvoiceKind, InvoiceLine, RateTotal

HIRED = frozenset({BookingState.RETURNED, BookingState.CLOSED, BookingState.DISPUTED})
MISSED = frozenset({BookingState.CANCELLED, BookingState.NO_SHOW})
BESIDES = {Purpose.FUEL: True, Purpose.ADMIN_FEE: True, Purpose.DAMAGE: False, Purpose.FINE: False, Purpose.TOLL: False}
"""What is billed besides the hire, and whether there is tax in it: damages, fines and others' tolls are no supply."""
_CHARGED = frozenset(charges.PURPOSE_WORDS[each] for each in BESIDES)
NOT_OWED = frozenset({ChargeState.WAIVED, ChargeState.REFUNDED})


class NothingToBill(Conflict):
    code = "nothing_to_bill"
    title = "Everything is billed already"
    advice = "Nothing was issued. Look at the invoices that are there."


@dataclass(frozen=True, slots=True)
class Credit:
    """What is taken back of a line of an invoice, counted from 1; all that still stands of it without an amount."""

    number: int
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """An invoice with its credit notes, and what still stands of each of its lines."""

    invoice: Invoice
    credit_notes: Sequence[Invoice]
    left: Sequence[Money]

    @property
    def is_standing(self) -> bool:
        return any(each.minor for each in self.left)

    @property
    def etag(self) -> str:
        """An invoice never changes; what is credited of it does."""
        return f'"{1 + len(self.credit_notes)}"'


async def issue_invoice(session: AsyncSession, booking_id: UUID, *, actor: Actor) -> Invoice:
    """Bill what is owed for a booking and stands on no invoice yet.

    Raises IllegalState while the hire is not over, NothingToBill.
    """
    booking = await lock_hire(session, booking_id, actor)
    if not can_be_billed(booking):
        raise IllegalState(f"The booking is {booking.state.replace('_', ' ')}.", state=booking.state)
    lines = await unbilled(session, booking)
    if not lines:
        raise NothingToBill("Nothing is owed that stands on no invoice.")
    percent = vat_percent(booking.market, booking.rate_snapshot)
    taxes = rules.totals(lines, percent, booking.total_currency)
    customer = await customers.find_customer(session, booking.customer_id, SYSTEM)
    invoice = Invoice(
        kind=InvoiceKind.INVOICE,
        customer={
            "name": customer.name if customer else booking.driver_name,
            "address": address_lines(customer.address if customer else None),
        },
        vat_percent=str(percent),
        **await _numbered(session, booking, InvoiceKind.INVOICE, actor),
        **columns_of(lines, taxes, booking.total_currency),
    )
    return await _issued(session, booking, invoice, actor)


async def credit_invoice(
    session: AsyncSession, invoice_id: UUID, *, wanted: Sequence[Credit] = (), reason: str, actor: Actor
) -> Invoice:
    """Take back an invoice wholly, or some of its lines, by a credit note with its own number.

    Raises InvalidFields, NothingToBill when nothing of it stands any more, Conflict for a credit note.
    """
    invoice = await queries.get_invoice(session, invoice_id)
    booking = await lock_hire(session, invoice.booking_id, actor)
    if invoice.kind is InvoiceKind.CREDIT_NOTE:
        raise Conflict("A credit note is not credited: issue the invoice anew.", extra={"code": "is_credit_note"})
    if not reason.strip():
        raise InvalidFields([Problem("reason", "required", "Say why")])
    found = await standing(session, invoice)
    if not found.is_standing:
        raise NothingToBill(f"All of {invoice.number} was credited.")
    lines = _credited(found, wanted)
    note = Invoice(
        kind=InvoiceKind.CREDIT_NOTE,
        refers_to_id=invoice.id,
        reason=reason.strip()[:500],
        customer=invoice.customer,
        vat_percent=invoice.vat_percent,
        **await _numbered(session, booking, InvoiceKind.CREDIT_NOTE, actor),
        **columns_of(lines, _credit_taxes(found, lines), invoice.currency),
    )
    return await _issued(session, booking, note, actor, why=note.reason)


async def list_papers(session: AsyncSession, booking_id: UUID) -> list[Standing]:
    """The invoices of a booking with their credit notes, in the order in which they were issued."""
    found = await queries.list_of(session, booking_id)
    return [
        _standing(invoice, [each for each in found if each.refers_to_id == invoice.id])
        for invoice in found
        if invoice.kind is InvoiceKind.INVOICE
    ]


async def get_paper(session: AsyncSession, invoice_id: UUID, actor: Actor) -> tuple[Booking, Standing]:
    """An invoice or a credit note and its booking. Raises NotFound outside the actor's scope."""
    invoice = await queries.get_invoice(session, invoice_id)
    return await find_on_hire(session, invoice.booking_id, actor), await standing(session, invoice)


async def standing(session: AsyncSession, invoice: Invoice) -> Standing:
    """What of an invoice still stands."""
    return _standing(invoice, await queries.list_credits(session, invoice.id))


def can_be_billed(booking: Booking) -> bool:
    """Whether there is something final to bill."""
    return booking.state in HIRED or (booking.state in MISSED and bool(booking.fee_minor))


async def unbilled(session: AsyncSession, booking: Booking) -> list[InvoiceLine]:
    """What is owed and stands on no invoice: what was credited is billed anew."""
    billed = {
        line.key or _unkeyed(line.words)
        for each in await list_papers(session, booking.id)
        for line, left in zip(each.invoice.billed, each.left, strict=True)
        if left.minor
    }
    about = await charges.list_about(session, Booking.record_kind, booking.id)
    besides = [_besides(each) for each in about if _is_owed_besides(each, booking)]
    return [line for line in (*_hire_lines(booking), *besides) if not billed & {line.key, _unkeyed(line.words)}]


def _standing(invoice: Invoice, notes: Sequence[Invoice]) -> Standing:
    back = [line for note in notes for line in note.billed]
    left = [
        rules.left(line.amount, [each.amount for each in back if each.number == number])
        for number, line in enumerate(invoice.billed, 1)
    ]
    return Standing(invoice, notes, left)


def _credited(found: Standing, wanted: Sequence[Credit]) -> list[InvoiceLine]:
    """The lines of a credit note. Raises InvalidFields for more than what stands."""
    lines, back, problems = found.invoice.billed, dict[int, InvoiceLine](), list[Problem]()
    for place, credit in enumerate(
        wanted or [Credit(number) for number, left in enumerate(found.left, 1) if left.minor]
    ):
        number = credit.number
        if not 1 <= number <= len(lines) or number in back:
            problems.append(Problem(f"lines.{place}.number", "invalid", f"A line from 1 to {len(lines)}, once"))
            continue
        line, stands = lines[number - 1], found.left[number - 1]
        amount = credit.amount or stands
        if not _is_part(amount, stands):
            problems.append(Problem(f"lines.{place}.amount", "out_of_range", f"{stands} of this line stand"))
        back[number] = InvoiceLine(line.key, line.words, line.explanation, -amount, line.is_taxed, number)
    if problems:
        raise InvalidFields(problems)
    return list(back.values())


def _is_part(amount: Money, whole: Money) -> bool:
    """Whether it is more than nothing of it, and not more than all; of a discount both are negative."""
    return amount.currency == whole.currency and (0 < amount.minor <= whole.minor or whole.minor <= amount.minor < 0)


def _credit_taxes(found: Standing, lines: Sequence[InvoiceLine]) -> list[RateTotal]:
    """Of the last credit note of an invoice, exactly what is left; of others, by their lines."""
    stands = {number: left for number, left in enumerate(found.left, 1) if left.minor}
    if stands == {line.number: -line.amount for line in lines}:
        earlier = [each for note in found.credit_notes for each in note.rates]
        return rules.closing_totals(found.invoice.rates, earlier)
    return rules.totals(lines, Decimal(found.invoice.vat_percent), found.invoice.currency)


async def _numbered(session: AsyncSession, booking: Booking, kind: InvoiceKind, actor: Actor) -> dict[str, Any]:
    """The next number of the series, and where and when it was given."""
    today = clock.now().astimezone(ZoneInfo(MARKETS[booking.market].zone)).date()
    series = await queries.lock_series(session, booking.market, today.year, kind)
    series.last_number += 1
    return {
        "number": rules.number_of(kind, booking.market, today.year, series.last_number),
        "market": booking.market,
        "booking_id": booking.id,
        "issued_on": today,
        "issued_by": actor.name,
    }


def columns_of(lines: Sequence[InvoiceLine], taxes: Sequence[RateTotal], currency: str) -> dict[str, Any]:
    """What is kept of the lines, their tax and what they come to."""
    return {
        "lines": [_plain(line) for line in lines],
        "taxes": [
            {
                "percent": str(each.percent), "net_minor": each.net.minor, "tax_minor": each.tax.minor,
                "gross_minor": each.gross.minor,
            }
            for each in taxes
        ],
        "net_minor": sum(each.net.minor for each in taxes),
        "tax_minor": sum(each.tax.minor for each in taxes),
        "gross_minor": sum(each.gross.minor for each in taxes),
        "currency": currency,
    }  # fmt: skip


async def _issued(
    session: AsyncSession, booking: Booking, invoice: Invoice, actor: Actor, *, why: str | None = None
) -> Invoice:
    session.add(invoice)
    await session.flush()
    action = "booking.invoiced" if invoice.kind is InvoiceKind.INVOICE else "booking.credited"
    facts = {"number": invoice.number, "amount": invoice.money(invoice.gross_minor)}
    await record(session, action, booking, actor=actor, why=why, facts=facts)
    return invoice


def _hire_lines(booking: Booking) -> list[InvoiceLine]:
    """The price of the hire, or the fee of one that did not happen."""
    if booking.state in MISSED:
        fee = booking.fee
        assert fee is not None
        words = "No-show fee" if booking.state is BookingState.NO_SHOW else "Cancellation fee"
        return [InvoiceLine(rules.HIRE, words, booking.reference, fee)]
    return lines_of_price(booking.price_lines)


def lines_of_price(lines: Sequence[Mapping[str, Any]]) -> list[InvoiceLine]:
    """The price of a hire as it is billed: nothing of what costs nothing."""
    return [
        InvoiceLine(
            rules.HIRE,
            line_name(str(line["code"])),
            explained(line, is_billed=True),
            _amount(line),
        )
        for line in lines
        if _amount(line).minor
    ]


def _is_owed_besides(charge: Charge, booking: Booking) -> bool:
    is_ours = charge.purpose in BESIDES and charge.currency == booking.total_currency
    return is_ours and charge.state not in NOT_OWED


def _besides(charge: Charge) -> InvoiceLine:
    words = charges.PURPOSE_WORDS[charge.purpose]
    return InvoiceLine(str(charge.id), words, charge.words, charge.amount, is_taxed=BESIDES[charge.purpose])


def _unkeyed(words: str) -> str:
    """What a line bills that was issued before lines had keys: the hire, or all charges of its purpose."""
    return f"all of {words}" if words in _CHARGED else rules.HIRE


def _amount(line: Mapping[str, Any]) -> Money:
    return Money.parse(line["amount"]["amount"], line["amount"]["currency"])


def _plain(line: InvoiceLine) -> dict[str, Any]:
    return {
        "key": line.key,
        "number": line.number,
        "words": line.words,
        "explanation": line.explanation,
        "amount": plain_value(line.amount),
        "is_taxed": line.is_taxed,
    }


def vat_percent(market: str, rate_snapshot: Mapping[str, Any]) -> Decimal:
    """The rate of a hire by what its price came from."""
    card: Mapping[str, Any] = rate_snapshot.get("card") or {}
    terms: Mapping[str, Any] = card.get("terms") or {}
    return rules.vat_percent(market, terms.get("tax_percent"))


def address_lines(address: Mapping[str, Any] | None) -> list[str]:
    """Where a customer is written to."""
    address = address or {}
    street, town = address.get("street"), " ".join(filter(None, (address.get("postal_code"), address.get("city"))))
    return [part for part in (street, town, address.get("country")) if part]


__all__ = ["NoPdf", "is_there", "to_pdf"]
