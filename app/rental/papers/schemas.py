"""Papers in the JSON API."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

import msgspec

from app.core.values import UNSET, Day, Id, Maybe, MoneyValue, Timestamp, UnsetType, timestamp
from app.kit.money import Money
from app.rental.papers.models import Invoice
from app.rental.papers.rules import InvoiceLine, RateTotal


class PaperItem(msgspec.Struct):
    """Something that is printed for a booking; `id` is an invoice's or a credit note's."""

    EXAMPLE: ClassVar = {
        "kind": "invoice", "title": "Invoice", "number": "EE-2026-000017", "is_standing": True,
        "id": "01977f3a-8c1e-7c1d-9f2b-1f6f0b7e3a11", "gross": {"amount": "250.00", "currency": "EUR"},
        "pdf": "/api/v1/invoices/01977f3a-8c1e-7c1d-9f2b-1f6f0b7e3a11/pdf",
    }  # fmt: skip

    kind: str
    title: str
    number: str
    is_standing: bool
    """Of an invoice, whether something of it was not credited."""
    pdf: str
    id: Maybe[Id] = UNSET
    gross: Maybe[MoneyValue] = UNSET


class PaperList(msgspec.Struct):
    """The papers of a booking in the order in which they came about."""

    items: list[PaperItem]


class InvoiceLineItem(msgspec.Struct):
    """A line with its tax. `left`: what of it was not credited. `reverses`: of a credit note, the invoice's line."""

    number: int
    words: str
    explanation: str
    amount: MoneyValue
    is_taxed: bool
    left: Maybe[MoneyValue] = UNSET
    reverses: Maybe[int] = UNSET


class TaxItem(msgspec.Struct):
    """What one rate of tax comes to: net + tax = gross."""

    percent: str
    net: MoneyValue
    tax: MoneyValue
    gross: MoneyValue


class InvoiceItem(msgspec.Struct):
    """What a customer was billed, or as a credit note what of that was taken back; the amounts of one are negative."""

    id: Id
    kind: str
    number: str
    refers_to_id: Maybe[Id]
    reason: str
    market: str
    booking_id: Id
    issued_on: Day
    issued_at: Timestamp
    issued_by: str
    customer_name: str
    customer_address: list[str]
    lines: list[InvoiceLineItem]
    taxes: list[TaxItem]
    net: MoneyValue
    tax: MoneyValue
    gross: MoneyValue
    credit_note_ids: list[Id]


class CreditLine(msgspec.Struct, forbid_unknown_fields=True):
    """How much of which line is taken back; all that stands of it without an amount."""

    number: Annotated[int, msgspec.Meta(ge=1, le=1_000)]
    amount: MoneyValue | UnsetType = UNSET


class CreditNoteBody(msgspec.Struct, forbid_unknown_fields=True):
    """Why, and which lines; without lines, all that still stands of the invoice."""

    EXAMPLE: ClassVar = {
        "reason": "The tank was full after all",
        "lines": [{"number": 2, "amount": {"amount": "16.00", "currency": "EUR"}}],
    }

    reason: Annotated[str, msgspec.Meta(max_length=500)]
    lines: Annotated[list[CreditLine], msgspec.Meta(max_length=200)] = []


def invoice_item(invoice: Invoice, left: Sequence[Money], credit_notes: Sequence[Invoice]) -> InvoiceItem:
    """An invoice or a credit note as the API shows it; `left` is what stands of each line."""
    is_note = invoice.refers_to_id is not None
    lines = [
        _line(line, number, None if is_note else stands)
        for number, (line, stands) in enumerate(zip(invoice.billed, left, strict=True), 1)
    ]
    net, tax, gross = (_money(invoice.money(getattr(invoice, f"{name}_minor"))) for name in ("net", "tax", "gross"))
    return InvoiceItem(
        id=str(invoice.id),
        kind=invoice.kind.value,
        number=invoice.number,
        refers_to_id=str(invoice.refers_to_id) if is_note else UNSET,
        reason=invoice.reason,
        market=invoice.market,
        booking_id=str(invoice.booking_id),
        issued_on=invoice.issued_on.isoformat(),
        issued_at=timestamp(invoice.issued_at),
        issued_by=invoice.issued_by,
        customer_name=invoice.customer["name"],
        customer_address=invoice.customer["address"],
        lines=lines,
        taxes=[_tax(each) for each in invoice.rates],
        net=net,
        tax=tax,
        gross=gross,
        credit_note_ids=[str(each.id) for each in credit_notes],
    )


def paper_of(invoice: Invoice, title: str, *, is_standing: bool) -> PaperItem:
    """An invoice or a credit note in the list of a booking's papers."""
    return PaperItem(
        kind=invoice.kind.value,
        title=title,
        number=invoice.number,
        is_standing=is_standing,
        pdf=f"/api/v1/invoices/{invoice.id}/pdf",
        id=str(invoice.id),
        gross=_money(invoice.money(invoice.gross_minor)),
    )


def _line(line: InvoiceLine, number: int, left: Money | None) -> InvoiceLineItem:
    return InvoiceLineItem(
        number=number,
        words=line.words,
        explanation=line.explanation,
        amount=_money(line.amount),
        is_taxed=line.is_taxed,
        left=_money(left) if left is not None else UNSET,
        reverses=line.number or UNSET,
    )


def _tax(found: RateTotal) -> TaxItem:
    return TaxItem(str(found.percent), _money(found.net), _money(found.tax), _money(found.gross))


def _money(amount: Money) -> MoneyValue:
    return MoneyValue(amount.amount, amount.currency)
