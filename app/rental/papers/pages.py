"""What the papers of a hire show."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.core.filters import money
from app.core.values import MoneyValue
from app.rental.bookings.models import Booking
from app.rental.handovers import rules as handover_rules
from app.rental.handovers.models import Handover
from app.rental.papers.models import Invoice
from app.rental.papers.rules import Paper
from app.rental.vehicles.models import Vehicle

PRINT, BILL = "papers.print", "papers.bill"
TITLES = {Paper.AGREEMENT: "Rental agreement", Paper.VOUCHER: "Voucher", Paper.INVOICE: "Invoice"}
Row = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class PaperPage:
    """One paper, as a page to be printed and as PDF."""

    kind: str
    title: str
    number: str
    booking: Booking
    facts: list[tuple[str, str]]
    lines: list[Row]
    sums: list[tuple[str, str]]
    marks: list[str]
    signature: str
    signed: str
    address: list[str]
    pdf_href: str


def facts_of(
    booking: Booking, vehicle: Vehicle | None, out: Handover | None, *, places: dict[str, Any]
) -> list[tuple[str, str]]:
    """Who hires what from where and when until where and when."""
    names = {code: place.name for code, place in places.items()}
    read = ""
    if out is not None and out.odometer_km is not None:
        fuel = handover_rules.fuel_in_words(out.fuel_percent, is_battery=out.is_battery)
        read = f"{out.odometer_km:,} km, {fuel}"
    found = [
        ("Booking", booking.reference),
        ("Driver", booking.driver_name),
        ("Pick-up", f"{booking.pickup_local:%a %-d %b %Y %H:%M}, {names.get(booking.pickup_location, '')}"),
        ("Return", f"{booking.return_local:%a %-d %b %Y %H:%M}, {names.get(booking.return_location, '')}"),
        ("Class", booking.class_code),
        ("Vehicle", f"{vehicle.title} {vehicle.plate or ''}" if vehicle else ""),
        ("Licence", out.licence_number_masked or "" if out else ""),
        ("Read when it left", read),
    ]
    return [(label, value) for label, value in found if value]


def price_rows(lines: Sequence[dict[str, Any]]) -> list[Row]:
    """The price line by line."""
    return [(str(line["code"]), str(line["explanation"]), money(MoneyValue(**line["amount"]))) for line in lines]


def invoice_rows(invoice: Invoice) -> list[Row]:
    """The lines of an invoice."""
    return [(line["words"], line["explanation"], money(MoneyValue(**line["amount"]))) for line in invoice.lines]


def invoice_sums(invoice: Invoice) -> list[tuple[str, str]]:
    """Net, tax, and what is paid."""
    return [
        ("Net", money(invoice.money(invoice.net_minor))),
        (f"VAT {invoice.vat_percent} %", money(invoice.money(invoice.tax_minor))),
        ("Total", money(invoice.money(invoice.gross_minor))),
    ]
