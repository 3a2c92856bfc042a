"""Pages about invoices of suppliers."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core import clock
from app.core.filters import money
from app.core.http import CurrentActor, Request, Session, local_address, redirect, redirect_to
from app.core.jobs.queue import UNFINISHED
from app.core.lists import frame
from app.core.templating import render
from app.desk.approvals import services as approvals
from app.desk.audit_trail.services import timeline
from app.desk.imports.services.lists import file_labels
from app.desk.records.services import beside
from app.desk.saved_views.services.opening import open_list
from app.kit.money import Money
from app.rental.supplier_invoices import pages, queries, services
from app.rental.supplier_invoices.forms import DecisionForm
from app.rental.supplier_invoices.queries import MATCH
from app.rental.supplier_invoices.rules import LineState

LETTER_BATCH = 1_000


class SupplierInvoiceController(Controller):
    """What suppliers want to be paid."""

    path = pages.PATH
    opt = {"permission": queries.PERMISSION}
    include_in_schema = False

    @get(name="supplier_invoices.index")
    async def index(self, request: Request, actor: CurrentActor) -> Response[Any]:
        reads = request.runtime.database.reads
        opened = await open_list(reads, pages.LIST, request.query_params.multi_items(), actor, (("All", {}),))
        found = await queries.invoices.page(reads, request.runtime.cursors, opened.asked.query, actor)
        total = await queries.invoices.count(reads, opened.asked.query, actor)
        around = frame(pages.LIST, opened, page=found, total=total)
        page = pages.InvoiceList(around, [pages.row(item) for item in found.items], actor.may(MATCH))
        headers = request.shown_at(around.canonical)
        return render(request, "rental/supplier_invoices/index.html", page, headers=headers)

    @get("/{invoice_id:uuid}", name="supplier_invoices.show")
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, invoice_id: FromPath[UUID]
    ) -> Response[Any]:
        invoice = await queries.get_invoice(session, invoice_id, actor)
        page = await _detail(request, session, invoice, actor)
        return render(request, "rental/supplier_invoices/show.html", page)

    @post("/{invoice_id:uuid}/matching", name="supplier_invoices.matching.create", permission=MATCH)
    async def match(
        self, request: Request, session: Session, actor: CurrentActor, invoice_id: FromPath[UUID]
    ) -> Response[Any]:
        await services.ask_matching(session, invoice_id, actor=actor)
        return redirect(request, "supplier_invoices.show", invoice_id=invoice_id)

    @get("/{invoice_id:uuid}/matching/{job_id:uuid}", name="supplier_invoices.matching.show")
    async def matching(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        invoice_id: FromPath[UUID],
        job_id: FromPath[UUID],
    ) -> Response[Any]:
        """How far it is, asked again and again; when it is over, the invoice as it is now."""
        invoice = await queries.get_invoice(session, invoice_id, actor)
        job = await services.get_matching(session, invoice, job_id)
        if request.is_partial and job.state in UNFINISHED:
            page = pages.MatchingPage(invoice, job)
            return render(request, "rental/supplier_invoices/_matching.html", page, fragment="invoice_matching")
        words, tone = services.came_of(job)
        return redirect_to(request, f"{pages.PATH}/{invoice.id}", toast=words, tone=tone)

    @get("/{invoice_id:uuid}/letter", name="supplier_invoices.letter.show")
    async def letter(
        self, request: Request, session: Session, actor: CurrentActor, invoice_id: FromPath[UUID]
    ) -> Response[Any]:
        if request.query_params.get("format") == "text":
            text = pages.letter_text(await _whole_letter(request, session, invoice_id, actor))
            return Response(text, media_type="text/plain", headers={"Cache-Control": "no-store"})
        page = await _letter(request, session, invoice_id, actor)
        return render(request, "rental/supplier_invoices/letter.html", page)


class SupplierInvoiceLineController(Controller):
    """Their lines, one by one and many at once."""

    path = pages.LINES_PATH
    opt = {"permission": queries.PERMISSION}
    include_in_schema = False

    @get(name="supplier_invoice_lines.index")
    async def index(self, request: Request, actor: CurrentActor) -> Response[Any]:
        reads, parameters = request.runtime.database.reads, request.query_params.multi_items()
        opened = await open_list(reads, pages.LINES_LIST, parameters, actor, pages.LINE_VIEWS)
        found = await queries.lines.page(reads, request.runtime.cursors, opened.asked.query, actor)
        total = await queries.lines.count(reads, opened.asked.query, actor)
        labels = await file_labels(reads, opened.asked, actor)
        around = frame(pages.LINES_LIST, opened, page=found, total=total, labels=labels)
        page = pages.LineList(around, [pages.line_row(item) for item in found.items])
        headers = request.shown_at(around.canonical)
        return render(request, "rental/supplier_invoices/lines.html", page, headers=headers)

    @get("/{line_id:uuid}", name="supplier_invoice_lines.show")
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, line_id: FromPath[UUID]
    ) -> Response[Any]:
        page = await _line(request, session, line_id, actor, DecisionForm.of({}))
        return render(request, "rental/supplier_invoices/line.html", page)

    @post("/{line_id:uuid}/acceptance", name="supplier_invoice_lines.acceptance.create", permission=MATCH)
    async def accept(
        self, request: Request, session: Session, actor: CurrentActor, line_id: FromPath[UUID]
    ) -> Response[Any]:
        form = await DecisionForm.from_request(request)
        line = await queries.get_line(session, line_id, actor)
        accepted = await services.accept_line(session, line_id, reason=form.reason or "", actor=actor)
        to = local_address(request.query_params.get("to"), f"{pages.PATH}/{line.invoice_id}")
        return redirect_to(request, to, toast=approvals.told(accepted.waits, f"{line.name} accepted"))

    @post("/{line_id:uuid}/dispute", name="supplier_invoice_lines.dispute.create", permission=MATCH)
    async def dispute(
        self, request: Request, session: Session, actor: CurrentActor, line_id: FromPath[UUID]
    ) -> Response[Any]:
        form = await DecisionForm.from_request(request)
        line = await queries.get_line(session, line_id, actor)
        if not form.reason:
            form.refuse("reason", "Say what the supplier is told")
            page = await _line(request, session, line_id, actor, form)
            return render(request, "rental/supplier_invoices/line.html", page, fragment="invoice_line", status=422)
        await services.dispute_line(session, line_id, reason=form.reason, actor=actor)
        toast = f"{line.name} disputed"
        return redirect(request, "supplier_invoices.show", invoice_id=line.invoice_id, toast=toast)


async def _detail(request: Request, session: Any, invoice: Any, actor: Any) -> pages.InvoiceDetail:
    sums = await queries.sum_lines(session, invoice)
    total = pages.sum_of(sums)
    shown = await queries.list_first_ids(session, invoice.id, pages.FIRST_LINES)
    items = await queries.lines.by_ids(request.runtime.database.reads, shown, actor)
    causes = await queries.sum_causes(session, invoice.id, invoice.currency)
    can_match = actor.may(MATCH)
    return pages.InvoiceDetail(
        invoice=invoice,
        supplier=await services.supplier_of(session, invoice),
        billed=money(Money(total.billed_minor, invoice.currency)),
        agreed=money(Money(total.expected_minor, invoice.currency)),
        difference=money(Money(total.billed_minor - total.expected_minor, invoice.currency)),
        open=pages.sum_of(sums, LineState.OPEN).lines,
        disputed=pages.sum_of(sums, LineState.DISPUTED).lines,
        causes=pages.causes_of(causes, invoice.id, invoice.currency),
        rows=[pages.line_row(item, can_match=can_match) for item in items],
        more=total.lines - len(shown),
        can_match=can_match,
        job=await services.find_matching(session, invoice.id),
        beside=await beside(session, invoice, actor),
        timeline=await timeline(session, invoice, services.FIELD_LABELS),
    )


async def _line(request: Request, session: Any, line_id: UUID, actor: Any, form: DecisionForm) -> pages.LineDetail:
    line = await queries.get_line(session, line_id, actor)
    invoice = await queries.get_invoice(session, line.invoice_id, actor)
    (item,) = await queries.lines.by_ids(request.runtime.database.reads, [str(line.id)], actor)
    row = pages.line_row(item, can_match=actor.may(MATCH))
    return pages.LineDetail(
        line=line,
        invoice=invoice,
        supplier=await services.supplier_of(session, invoice),
        row=row,
        parts=pages.parts_of(line),
        can_accept=row.can_decide,
        can_dispute=row.can_decide and line.state is LineState.OPEN,
        form=form,
        beside=await beside(session, line, actor),
        timeline=await timeline(session, line, services.FIELD_LABELS),
    )


async def _letter(request: Request, session: Any, invoice_id: UUID, actor: Any) -> pages.Letter:
    """A page of the letter. Raises MalformedRequest for a foreign cursor."""
    runtime, letter = request.runtime, await _letter_of(session, invoice_id, actor, [])
    asked = queries.disputed(invoice_id, limit=pages.SHOWN_LINES, cursor=request.query_params.get("cursor"))
    found = await queries.lines.page(runtime.database.reads, runtime.cursors, asked, actor)
    onwards = f"{pages.PATH}/{invoice_id}/letter?cursor={found.next_cursor}" if found.next_cursor else ""
    rows = [pages.line_row(item) for item in found.items]
    return replace(letter, rows=rows, first=found.seen_before + 1, next_href=onwards)


async def _whole_letter(request: Request, session: Any, invoice_id: UUID, actor: Any) -> pages.Letter:
    asked, rows = queries.disputed(invoice_id, limit=pages.SHOWN_LINES), list[pages.LineRow]()
    async for items in queries.lines.walk(request.runtime.database.reads, asked, actor, batch=LETTER_BATCH):
        rows += [pages.line_row(item) for item in items]
    return await _letter_of(session, invoice_id, actor, rows)


async def _letter_of(session: Any, invoice_id: UUID, actor: Any, rows: list[pages.LineRow]) -> pages.Letter:
    invoice = await queries.get_invoice(session, invoice_id, actor)
    supplier, sums = await services.supplier_of(session, invoice), await queries.sum_lines(session, invoice)
    return pages.letter(invoice, supplier, sums, rows, written_on=clock.today())
