"""Papers of a hire: pages to be printed, and the same as PDF."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core.errors import InvalidFields
from app.core.filters import money
from app.core.http import CurrentActor, Request, Session, redirect_to
from app.core.templating import render
from app.rental.bookings.services.hires import find_on_hire
from app.rental.handovers import services as handovers
from app.rental.handovers.rules import Direction
from app.rental.papers import services
from app.rental.papers.forms import CreditNoteForm
from app.rental.papers.pages import papers as pages
from app.rental.papers.pages.papers import BILL, CREDIT, PRINT, PaperPage
from app.rental.papers.pages.showing import PDF, as_pdf, hire_paper, invoice_paper
from app.rental.papers.rules import Paper
from app.rental.papers.services import Standing

Id = FromPath[UUID]
SHOW, CREDIT_TEMPLATE = "rental/papers/show.html", "rental/papers/credit.html"


class PaperController(Controller):
    """The agreement, the voucher and the invoices of a booking."""

    path = "/bookings/{booking_id:uuid}"
    opt = {"permission": PRINT}
    include_in_schema = False

    @get("/papers", name="papers.index")
    async def index(self, request: Request, session: Session, actor: CurrentActor, booking_id: Id) -> Response[Any]:
        booking = await find_on_hire(session, booking_id, actor)
        out = await handovers.find_handover(session, booking.id, Direction.OUT)
        kinds = [Paper.VOUCHER] if out is None else [Paper.AGREEMENT, Paper.VOUCHER]
        found = await services.list_papers(session, booking.id)
        is_billable = services.can_be_billed(booking)
        lines = await services.unbilled(session, booking) if is_billable else []
        page = pages.PapersPage(
            booking=booking,
            rows=pages.paper_rows(booking, kinds, found, has_pdf=services.is_there()),
            unbilled=[(line.words, line.explanation, money(line.amount)) for line in lines],
            can_bill=bool(lines) and actor.may(BILL),
            withheld="" if is_billable else "It is billed once the hire is over.",
        )
        return render(request, "rental/papers/index.html", page)

    @get("/papers/{kind:str}", name="papers.show")
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, booking_id: Id, kind: FromPath[str]
    ) -> Response[Any]:
        return render(request, SHOW, await hire_paper(session, booking_id, kind, actor, request.runtime.settings))

    @get("/papers/{kind:str}/pdf", name="papers.pdf.show")
    async def pdf(
        self, request: Request, session: Session, actor: CurrentActor, booking_id: Id, kind: FromPath[str]
    ) -> Response[Any]:
        return await _file(request, await hire_paper(session, booking_id, kind, actor, request.runtime.settings))

    @post("/invoices", name="papers.invoices.create", permission=BILL)
    async def bill(self, request: Request, session: Session, actor: CurrentActor, booking_id: Id) -> Response[Any]:
        made = await services.issue_invoice(session, booking_id, actor=actor)
        return redirect_to(request, f"/invoices/{made.id}", toast=f"Invoice {made.number}")


class InvoiceController(Controller):
    """An invoice or a credit note, and taking one back."""

    path = "/invoices/{paper_id:uuid}"
    opt = {"permission": PRINT}
    include_in_schema = False

    @get(name="invoices.show")
    async def show(self, request: Request, session: Session, actor: CurrentActor, paper_id: Id) -> Response[Any]:
        booking, found = await services.get_paper(session, paper_id, actor)
        return render(request, SHOW, await invoice_paper(session, booking, found, actor, request.runtime.settings))

    @get("/pdf", name="invoices.pdf.show")
    async def pdf(self, request: Request, session: Session, actor: CurrentActor, paper_id: Id) -> Response[Any]:
        booking, found = await services.get_paper(session, paper_id, actor)
        return await _file(request, await invoice_paper(session, booking, found, actor, request.runtime.settings))

    @get("/credit-notes/new", name="invoices.credit_notes.new", permission=CREDIT)
    async def new(self, request: Request, session: Session, actor: CurrentActor, paper_id: Id) -> Response[Any]:
        booking, found = await services.get_paper(session, paper_id, actor)
        return render(request, CREDIT_TEMPLATE, _credit_page(booking, found, pages.credit_form(found)))

    @post("/credit-notes", name="invoices.credit_notes.create", permission=CREDIT)
    async def credit(self, request: Request, session: Session, actor: CurrentActor, paper_id: Id) -> Response[Any]:
        form = await CreditNoteForm.from_request(request)
        booking, found = await services.get_paper(session, paper_id, actor)
        wanted: list[services.Credit] = []
        try:
            wanted = form.credits(found.left)
            note = await services.credit_invoice(
                session, paper_id, wanted=wanted, reason=form.reason or "", actor=actor
            )
        except InvalidFields as refused:
            form.take_problems(refused, wanted)
            page = _credit_page(booking, found, form)
            return render(request, CREDIT_TEMPLATE, page, fragment="credit_form", status=422)
        return redirect_to(request, f"/invoices/{note.id}", toast=f"Credit note {note.number}")


async def _file(request: Request, page: PaperPage) -> Response[Any]:
    content, headers = await as_pdf(request.runtime.templates, page)
    return Response(content, media_type=PDF, headers=headers)


def _credit_page(booking: Any, found: Standing, form: CreditNoteForm) -> pages.CreditPage:
    action = f"/invoices/{found.invoice.id}/credit-notes"
    return pages.CreditPage(found.invoice, booking, pages.credit_lines(found), form, action)
