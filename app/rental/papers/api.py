"""Papers in the JSON API: lists, invoices and credit notes with their lines, and all of them as PDF."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody

from app.core.api import given_fields
from app.core.db import AsyncSession
from app.core.errors import StaleVersion
from app.core.http import CurrentActor, Request, Session, answer, not_modified
from app.rental.bookings.services.hires import find_on_hire
from app.rental.handovers import services as handovers
from app.rental.handovers.rules import Direction
from app.rental.papers import services
from app.rental.papers.pages.papers import BILL, CREDIT, INVOICE_TITLES, PRINT, TITLES, PaperPage
from app.rental.papers.pages.showing import PDF, as_pdf, hire_paper, invoice_paper
from app.rental.papers.rules import Paper
from app.rental.papers.schemas import CreditNoteBody, InvoiceItem, PaperItem, PaperList, invoice_item, paper_of
from app.rental.papers.services import Credit, Standing

BookingId = FromPath[UUID]
PaperId = FromPath[UUID]
ADDRESS = "/api/v1/invoices"


class PaperApi(Controller):
    """What is printed for a booking."""

    path = "/api/v1/bookings/{booking_id:uuid}"
    tags = ["Papers"]
    opt = {"permission": PRINT}

    @get("/papers", name="api.papers.index", operation_id="listPapers", summary="List the papers of a booking")
    async def index(self, session: Session, actor: CurrentActor, booking_id: BookingId) -> Response[PaperList]:
        """Agreement, voucher, and each invoice with its credit notes after it."""
        booking = await find_on_hire(session, booking_id, actor)
        out = await handovers.find_handover(session, booking.id, Direction.OUT)
        kinds = [Paper.VOUCHER] if out is None else [Paper.AGREEMENT, Paper.VOUCHER]
        base = f"/api/v1/bookings/{booking.id}/papers"
        items = [PaperItem(kind, TITLES[kind], booking.reference, True, f"{base}/{kind}/pdf") for kind in kinds]
        for each in await services.list_papers(session, booking.id):
            items += [
                paper_of(one, INVOICE_TITLES[one.kind], is_standing=each.is_standing or one is not each.invoice)
                for one in (each.invoice, *each.credit_notes)
            ]
        return answer(PaperList(items))

    @get(
        "/papers/{kind:str}/pdf",
        name="api.papers.pdf.show",
        operation_id="getPaperPdf",
        summary="Get the agreement or the voucher as PDF",
        gives_files=(PDF,),
    )
    async def pdf(
        self, request: Request, session: Session, actor: CurrentActor, booking_id: BookingId, kind: FromPath[str]
    ) -> Response[Any]:
        """`kind` is `agreement` or `voucher`."""
        page = await hire_paper(session, booking_id, kind, actor, request.runtime.settings)
        etag = page.booking.etag
        return _unchanged(etag) if not_modified(request, etag) else await _file(request, page, etag)

    @post(
        "/invoices",
        name="api.papers.invoices.create",
        operation_id="issueInvoice",
        summary="Issue an invoice",
        permission=BILL,
    )
    async def bill(self, session: Session, actor: CurrentActor, booking_id: BookingId) -> Response[InvoiceItem]:
        """Of what is owed and stands on no invoice yet; 409 `nothing_to_bill` when there is none."""
        made = await services.issue_invoice(session, booking_id, actor=actor)
        return await _told(session, made, 201)


class InvoiceApi(Controller):
    """An invoice or a credit note. Neither ever changes; its ETag changes with what is credited of it."""

    path = f"{ADDRESS}/{{paper_id:uuid}}"
    tags = ["Papers"]
    opt = {"permission": PRINT}

    @get(name="api.invoices.show", operation_id="getInvoice", summary="Read an invoice or a credit note")
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, paper_id: PaperId
    ) -> Response[InvoiceItem]:
        """With its lines and the tax of each rate."""
        _, found = await services.get_paper(session, paper_id, actor)
        return _unchanged(found.etag) if not_modified(request, found.etag) else _shown(found, 200)

    @get(
        "/pdf",
        name="api.invoices.pdf.show",
        operation_id="getInvoicePdf",
        summary="Get an invoice or a credit note as PDF",
        gives_files=(PDF,),
    )
    async def pdf(self, request: Request, session: Session, actor: CurrentActor, paper_id: PaperId) -> Response[Any]:
        """As it was issued."""
        booking, found = await services.get_paper(session, paper_id, actor)
        if not_modified(request, found.etag):
            return _unchanged(found.etag)
        return await _file(
            request, await invoice_paper(session, booking, found, actor, request.runtime.settings), found.etag
        )

    @post(
        "/credit-notes",
        name="api.invoices.credit_notes.create",
        operation_id="creditInvoice",
        summary="Take an invoice back, wholly or in part",
        permission=CREDIT,
    )
    async def credit(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        paper_id: PaperId,
        data: JSONBody[CreditNoteBody],
    ) -> Response[InvoiceItem]:
        """A credit note with a number of its own. What was taken back of charges and the hire can be billed anew."""
        _, found = await services.get_paper(session, paper_id, actor)
        _honour(request, found)
        lines = [Credit(**each) for each in given_fields(data)["lines"]]
        note = await services.credit_invoice(session, paper_id, wanted=lines, reason=data.reason, actor=actor)
        return await _told(session, note, 201)


async def _file(request: Request, page: PaperPage, etag: str) -> Response[Any]:
    content, headers = await as_pdf(request.runtime.templates, page, etag)
    return Response(content, media_type=PDF, headers=headers)


def _honour(request: Request, found: Standing) -> None:
    sent = request.headers.get("if-match")
    if sent is not None and sent.strip() != "*" and found.etag not in [tag.strip() for tag in sent.split(",")]:
        raise StaleVersion(f"The present version is {found.etag}.", extra={"etag": found.etag})


def _unchanged(etag: str) -> Response[Any]:
    return Response(None, status_code=304, headers={"ETag": etag, "Cache-Control": "no-store"})


async def _told(session: AsyncSession, invoice: Any, status: int) -> Response[InvoiceItem]:
    return _shown(await services.standing(session, invoice), status)


def _shown(found: Standing, status: int) -> Response[InvoiceItem]:
    item = invoice_item(found.invoice, found.left, found.credit_notes)
    return answer(item, status=status, etag=found.etag, location=f"{ADDRESS}/{item.id}" if status == 201 else None)
