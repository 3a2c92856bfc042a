"""Papers of a hire: pages to be printed, and the same as PDF."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core.actor import SYSTEM, Actor
from app.core.errors import NotFound
from app.core.filters import money
from app.core.http import CurrentActor, Request, Session, redirect_to
from app.core.templating import render
from app.rental.bookings.services.hires import find_on_hire
from app.rental.damages import services as damages
from app.rental.handovers import rules as handover_rules
from app.rental.handovers import services as handovers
from app.rental.handovers.rules import Direction
from app.rental.locations import services as locations
from app.rental.papers import pages, services
from app.rental.papers.pages import BILL, PRINT, TITLES
from app.rental.papers.rules import Paper
from app.rental.vehicles import services as vehicles

Id = FromPath[UUID]


class PaperController(Controller):
    """The agreement, the voucher and the invoice of a booking."""

    path = "/bookings/{booking_id:uuid}"
    opt = {"permission": PRINT}
    include_in_schema = False

    @get("/papers/{kind:str}", name="papers.show")
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, booking_id: Id, kind: FromPath[str]
    ) -> Response[Any]:
        page = await _page(session, booking_id, kind, actor)
        return render(request, "rental/papers/show.html", page)

    @get("/papers/{kind:str}/pdf", name="papers.pdf.show")
    async def pdf(
        self, request: Request, session: Session, actor: CurrentActor, booking_id: Id, kind: FromPath[str]
    ) -> Response[Any]:
        page = await _page(session, booking_id, kind, actor)
        html = request.runtime.templates.get_template("rental/papers/pdf.html").render(page=page)
        name = f"{page.number}-{page.kind}.pdf"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(await services.to_pdf(html), media_type="application/pdf", headers=headers)

    @post("/invoice", name="papers.invoice.create", permission=BILL)
    async def bill(self, request: Request, session: Session, actor: CurrentActor, booking_id: Id) -> Response[Any]:
        made = await services.issue_invoice(session, booking_id, actor=actor)
        return redirect_to(request, f"/bookings/{booking_id}/papers/invoice", toast=f"Invoice {made.number}")


async def _page(session: Any, booking_id: UUID, kind: str, actor: Actor) -> pages.PaperPage:
    if kind not in set(Paper):
        raise NotFound
    paper, booking = Paper(kind), await find_on_hire(session, booking_id, actor)
    out = await handovers.find_handover(session, booking.id, Direction.OUT)
    vehicle_id = out.vehicle_id if out else booking.vehicle_id
    vehicle = await vehicles.lock_vehicle(session, vehicle_id, SYSTEM) if vehicle_id else None
    invoice = await services.find_invoice(session, booking.id) if paper is Paper.INVOICE else None
    if paper is Paper.INVOICE and invoice is None:
        raise NotFound("No invoice was issued yet.")
    codes = {booking.pickup_location, booking.return_location}
    known = await damages.list_marks(session, vehicle.id) if vehicle and paper is Paper.AGREEMENT else []
    agreed = set(out.agreed.get("marks", ())) if out else set[str]()
    is_signed = paper is Paper.AGREEMENT and out is not None
    return pages.PaperPage(
        kind=paper.value,
        title=TITLES[paper],
        number=invoice.number if invoice else booking.reference,
        booking=booking,
        facts=pages.facts_of(booking, vehicle, out, places=await locations.by_codes(session, codes)),
        lines=pages.invoice_rows(invoice) if invoice else pages.price_rows(booking.price_lines),
        sums=pages.invoice_sums(invoice) if invoice else [("Total", money(booking.total))],
        marks=[damages.in_words(mark) for mark in known if str(mark.id) in agreed],
        signature=handover_rules.path_of(out.signature) if is_signed and out else "",
        signed=out.signed_name if is_signed and out else "",
        address=[invoice.customer["name"], *invoice.customer["address"]] if invoice else [],
        pdf_href=f"/bookings/{booking.id}/papers/{paper}/pdf" if services.is_there() else "",
    )
