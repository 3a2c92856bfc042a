"""Putting together what a paper shows, for the page, the PDF and the API alike."""

from typing import Any
from uuid import UUID

from app.core.actor import SYSTEM, Actor
from app.core.downloads import disposition
from app.core.errors import NotFound
from app.core.filters import money
from app.rental.bookings.models import Booking
from app.rental.bookings.services.hires import find_on_hire
from app.rental.damages import services as damages
from app.rental.handovers import rules as handover_rules
from app.rental.handovers import services as handovers
from app.rental.handovers.rules import Direction
from app.rental.locations import services as locations
from app.rental.papers import queries, services
from app.rental.papers.pages import papers
from app.rental.papers.pages.papers import CREDIT, INVOICE_TITLES, TITLES, PaperPage
from app.rental.papers.rules import InvoiceKind, Paper
from app.rental.papers.services import Standing
from app.rental.vehicles import services as vehicles
from app.settings import Settings

PDF = "application/pdf"


async def hire_paper(session: Any, booking_id: UUID, kind: str, actor: Actor, settings: Settings) -> PaperPage:
    """The agreement or the voucher of a booking. Raises NotFound."""
    if kind not in set(Paper):
        raise NotFound
    paper, booking = Paper(kind), await find_on_hire(session, booking_id, actor)
    out = await handovers.find_handover(session, booking.id, Direction.OUT)
    vehicle_id = out.vehicle_id if out else booking.vehicle_id
    vehicle = await vehicles.lock_vehicle(session, vehicle_id, SYSTEM) if vehicle_id else None
    codes = {booking.pickup_location, booking.return_location}
    is_agreement = paper is Paper.AGREEMENT
    known = await damages.list_marks(session, vehicle.id) if vehicle and is_agreement else []
    agreed = set(out.agreed.get("marks", ())) if out else set[str]()
    legs = await handovers.legs_of(session, booking.id) if is_agreement and out else []
    places = await locations.by_codes(session, codes)
    names = await handovers.vehicle_names(session, legs)
    return PaperPage(
        kind=paper.value,
        title=TITLES[paper],
        number=booking.reference,
        booking=booking,
        facts=papers.facts_of(booking, vehicle, out, places=places, legs=legs, names=names),
        lines=papers.price_rows(booking.price_lines),
        sums=[("Total", money(booking.total))],
        seller=papers.seller_lines(settings.seller(booking.market, booking.pickup_local.date())),
        notes=[],
        marks=[damages.in_words(mark) for mark in known if str(mark.id) in agreed],
        signature=handover_rules.path_of(out.signature) if is_agreement and out else "",
        signed=out.signed_name if is_agreement and out else "",
        address=[],
        pdf_href=f"/bookings/{booking.id}/papers/{paper}/pdf" if services.is_there() else "",
    )


async def invoice_paper(session: Any, booking: Booking, found: Standing, actor: Actor, settings: Settings) -> PaperPage:
    """An invoice or a credit note."""
    invoice = found.invoice
    refers_to = await queries.get_invoice(session, invoice.refers_to_id) if invoice.refers_to_id else None
    can_credit = invoice.kind is InvoiceKind.INVOICE and found.is_standing and actor.may(CREDIT)
    return PaperPage(
        kind=invoice.kind.value,
        title=INVOICE_TITLES[invoice.kind],
        number=invoice.number,
        booking=booking,
        facts=papers.invoice_facts(booking, invoice, refers_to),
        lines=papers.invoice_rows(invoice),
        sums=papers.invoice_sums(invoice),
        seller=papers.seller_lines(settings.seller(invoice.market, invoice.issued_on)),
        notes=[papers.UNTAXED] if not all(line.is_taxed for line in invoice.billed) else [],
        marks=[],
        signature="",
        signed="",
        address=[invoice.customer["name"], *invoice.customer["address"]],
        pdf_href=f"/invoices/{invoice.id}/pdf" if services.is_there() else "",
        credited=[
            (f"/invoices/{note.id}", f"{note.number}, {money(note.money(note.gross_minor))}")
            for note in found.credit_notes
        ],
        credit_href=f"/invoices/{invoice.id}/credit-notes/new" if can_credit else "",
    )


async def as_pdf(templates: Any, page: PaperPage, etag: str = "") -> tuple[bytes, dict[str, str]]:
    """A paper as a file to be kept, and the headers that it is sent with."""
    content = await services.to_pdf(templates.get_template("rental/papers/pdf.html").render(page=page))
    headers = {"Content-Disposition": disposition(f"{page.number}-{page.kind}.pdf"), "Cache-Control": "no-store"}
    return content, headers | ({"ETag": etag} if etag else {})
