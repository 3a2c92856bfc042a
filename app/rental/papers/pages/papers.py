"""What the papers of a hire show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.core.filters import money
from app.core.values import MoneyValue
from app.kit import acriss
from app.kit.hire_pricing.marks import explained, line_name
from app.rental.bookings.models import Booking
from app.rental.handovers import rules as handover_rules
from app.rental.handovers.models import Handover
from app.rental.handovers.rules import Leg
from app.rental.locations.services import way_to
from app.rental.papers.forms import AMOUNT, CreditNoteForm
from app.rental.papers.models import Invoice
from app.rental.papers.rules import InvoiceKind, Paper
from app.rental.papers.services import Standing
from app.rental.vehicles.models import Vehicle
from app.settings import Seller

PRINT, BILL, CREDIT = "papers.print", "papers.bill", "papers.credit"
TITLES = {Paper.AGREEMENT: "Rental agreement", Paper.VOUCHER: "Voucher"}
INVOICE_TITLES = {InvoiceKind.INVOICE: "Invoice", InvoiceKind.CREDIT_NOTE: "Credit note"}
UNTAXED = "Damage, fines and others' tolls are passed on without VAT: they are no supply."
Row = tuple[str, str, str]
PaperLine = tuple[str, str, str, str]
"""For what, how it comes about, on an invoice the rate of its tax, and how much."""


@dataclass(frozen=True, slots=True)
class CreditLine:
    """A line of an invoice of which something can be taken back."""

    field: str
    words: str
    left: str


@dataclass(frozen=True, slots=True)
class PaperPage:
    """One paper, as a page to be printed and as PDF."""

    kind: str
    title: str
    number: str
    booking: Booking
    facts: list[tuple[str, str]]
    lines: list[PaperLine]
    sums: list[tuple[str, str]]
    seller: list[str]
    notes: list[str]
    marks: list[str]
    signature: str
    signed: str
    address: list[str]
    pdf_href: str
    credited: Sequence[tuple[str, str]] = ()
    """Of an invoice, its credit notes: address and words."""
    credit_href: str = ""
    """Where a credit note is made, for those who may while something stands."""


@dataclass(frozen=True, slots=True)
class CreditPage:
    """Making a credit note: how much of which line is taken back, and why."""

    invoice: Invoice
    booking: Booking
    lines: list[CreditLine]
    form: CreditNoteForm
    action: str


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A paper in the list of a booking's."""

    href: str
    pdf_href: str
    title: str
    number: str
    issued_on: date | None = None
    gross: str = ""
    left: str = ""
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class PapersPage:
    """All papers of a booking, and what stands on no invoice yet."""

    booking: Booking
    rows: list[PaperRow]
    unbilled: list[Row]
    can_bill: bool
    withheld: str


def facts_of(
    booking: Booking,
    vehicle: Vehicle | None,
    out: Handover | None,
    *,
    places: dict[str, Any],
    legs: Sequence[Leg] = (),
    names: Mapping[UUID | None, str] | None = None,
) -> list[tuple[str, str]]:
    """Who hires what from where and when until where and when; with the vehicles that took over."""
    at = {code: place.name for code, place in places.items()}
    read = _read(out.odometer_km, out.fuel_percent, is_battery=out.is_battery) if out else ""
    later = [
        ("Then", f"{(names or {}).get(leg.vehicle_id, '')}, {_leg_in_words(leg)}") for leg in legs[1:] if leg.vehicle_id
    ]
    found = [
        ("Driver", booking.driver_name),
        ("Pick-up", f"{booking.pickup_local:%a %-d %b %Y %H:%M}, {at.get(booking.pickup_location, '')}"),
        ("Where", way_to(place) if (place := places.get(booking.pickup_location)) else ""),
        ("Return", f"{booking.return_local:%a %-d %b %Y %H:%M}, {at.get(booking.return_location, '')}"),
        ("Class", f"{acriss.decode(booking.class_code)}, {booking.class_code}"),
        ("Vehicle", f"{vehicle.title} {vehicle.plate or ''}" if vehicle else ""),
        ("Licence", out.licence_number_masked or "" if out else ""),
        ("Read when it left", read),
        *later,
    ]
    return [(label, value) for label, value in found if value]


def seller_lines(seller: Seller | None) -> list[str]:
    """Who sells, with the address and the numbers that an invoice has to show."""
    if seller is None:
        return ["Forecourt"]
    numbers = (("Registration no.", seller.registration_number), ("VAT no.", seller.vat_number))
    return [seller.name, *seller.address, *(f"{label} {number}" for label, number in numbers if number)]


def price_rows(lines: Sequence[dict[str, Any]]) -> list[PaperLine]:
    """The price line by line, each with what it says of itself."""
    return [(line_name(str(line["code"])), explained(line), "", money(MoneyValue(**line["amount"]))) for line in lines]


def invoice_facts(booking: Booking, invoice: Invoice, refers_to: Invoice | None) -> list[tuple[str, str]]:
    """What an invoice or a credit note says above its lines."""
    hire = " to ".join(f"{day:%-d %b %Y}" for day in (booking.pickup_local, booking.return_local))
    found = [
        ("Date", f"{invoice.issued_on:%-d %b %Y}"),
        ("Reverses", f"{refers_to.number} of {refers_to.issued_on:%-d %b %Y}" if refers_to else ""),
        ("Because", invoice.reason),
    ]
    return [(label, value) for label, value in found if value] + [("Booking", booking.reference), ("Hire", hire)]


def invoice_rows(invoice: Invoice) -> list[PaperLine]:
    """The lines of an invoice."""
    rate = f"{invoice.vat_percent} %" if Decimal(invoice.vat_percent) else ""
    return [
        (line.words, line.explanation, rate if line.is_taxed else "none", money(line.amount)) for line in invoice.billed
    ]


def invoice_sums(invoice: Invoice) -> list[tuple[str, str]]:
    """Net and tax by rate, and what is paid."""
    by_rate = [
        part
        for rate in invoice.rates
        for part in (
            (f"Net at {rate.percent} %" if rate.percent else "Without VAT", money(rate.net)),
            (f"VAT {rate.percent} %", money(rate.tax)) if rate.percent else None,
        )
        if part
    ]
    return [*by_rate, ("Total", money(invoice.money(invoice.gross_minor)))]


def paper_rows(booking: Booking, kinds: Sequence[Paper], found: Sequence[Standing], *, has_pdf: bool) -> list[PaperRow]:
    """All papers of a booking: each invoice with its credit notes below it."""
    base = f"/bookings/{booking.id}/papers"
    rows = [
        PaperRow(f"{base}/{kind}", f"{base}/{kind}/pdf" if has_pdf else "", TITLES[kind], booking.reference)
        for kind in kinds
    ]
    for each in found:
        left = each.invoice.money(sum(amount.minor for amount in each.left))
        stands = "all" if not each.credit_notes else money(left) if left.minor else "nothing"
        rows.append(_invoice_row(each.invoice, stands, has_pdf=has_pdf))
        rows += [_invoice_row(note, "", has_pdf=has_pdf) for note in each.credit_notes]
    return rows


def credit_lines(found: Standing) -> list[CreditLine]:
    """The lines of which something stands, with a field for each."""
    return [
        CreditLine(f"{AMOUNT}{number}", f"{line.words}, {line.explanation}".removesuffix(", "), money(left))
        for number, (line, left) in enumerate(zip(found.invoice.billed, found.left, strict=True), 1)
        if left.minor
    ]


def credit_form(found: Standing) -> CreditNoteForm:
    """Everything that stands, unless somebody changes it."""
    left = {f"{AMOUNT}{number}": amount.amount for number, amount in enumerate(found.left, 1) if amount.minor}
    return CreditNoteForm.of(left)


def _invoice_row(invoice: Invoice, left: str, *, has_pdf: bool) -> PaperRow:
    href = f"/invoices/{invoice.id}"
    return PaperRow(
        href,
        f"{href}/pdf" if has_pdf else "",
        INVOICE_TITLES[invoice.kind],
        invoice.number,
        invoice.issued_on,
        money(invoice.money(invoice.gross_minor)),
        left,
        is_note=invoice.kind is InvoiceKind.CREDIT_NOTE,
    )


def _leg_in_words(leg: Leg) -> str:
    return _read(leg.out.odometer_km, leg.out.fuel_percent, is_battery=leg.is_battery) or "not read"


def _read(odometer_km: int | None, fuel_percent: int | None, *, is_battery: bool) -> str:
    if odometer_km is None:
        return ""
    fuel = handover_rules.level_in_words(fuel_percent, is_battery=is_battery)
    return ", ".join(part for part in (f"{odometer_km:,} km", fuel) if part)
