"""Invoices of suppliers in the JSON API."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody

from app.core.api import given_fields, list_answer, record_answer
from app.core.db import AsyncSession
from app.core.errors import InvalidFields, NotFound
from app.core.http import CurrentActor, Request, Session, answer, honour_match
from app.core.openapi_vocabulary import TOTAL
from app.core.values import UNSET, money_value, timestamp
from app.desk.approvals.services import ApprovalItem, as_item
from app.kit.problems import Problem
from app.rental.supplier_invoices import pages, queries, services
from app.rental.supplier_invoices.models import SupplierInvoiceLine
from app.rental.supplier_invoices.queries import MATCH
from app.rental.supplier_invoices.schemas import (
    CauseTotal,
    InvoiceMatching,
    LineDecision,
    LineDispute,
    NewInvoiceLine,
    NewSupplierInvoice,
    SupplierInvoiceAnswer,
    SupplierInvoiceItem,
    SupplierInvoiceLineItem,
    SupplierInvoiceLinePage,
    SupplierInvoicePage,
)

TAGS = ("Suppliers",)
NUMBERS = ("tax_percent", "exchange_rate", "agreed_rate")


class SupplierInvoiceApi(Controller):
    """What suppliers want to be paid."""

    path = "/api/v1/supplier-invoices"
    tags = TAGS
    opt = {"permission": queries.PERMISSION}

    @get(
        name="api.supplier_invoices.index",
        operation_id="listSupplierInvoices",
        summary="List invoices of suppliers",
        spec=queries.SPEC,
        query=(TOTAL,),
        selects=SupplierInvoiceItem,
    )
    async def index(self, request: Request, actor: CurrentActor) -> Response[SupplierInvoicePage]:
        """The invoices of one's markets, the last issued first."""
        return await list_answer(request, actor, queries.invoices, queries.SPEC)

    @get(
        "/{invoice_id:uuid}",
        name="api.supplier_invoices.show",
        operation_id="getSupplierInvoice",
        summary="Read an invoice of a supplier",
    )
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, invoice_id: FromPath[UUID]
    ) -> Response[SupplierInvoiceAnswer]:
        """One invoice, with what each cause makes of the difference. Its lines are listed by `invoice`."""
        return answer(await _told(request, session, invoice_id, actor))

    @post(
        name="api.supplier_invoices.create",
        operation_id="createSupplierInvoice",
        summary="Take in an invoice of a supplier",
        permission=MATCH,
        refuses=(409,),
    )
    async def create(
        self, session: Session, actor: CurrentActor, data: JSONBody[NewSupplierInvoice]
    ) -> Response[SupplierInvoiceItem]:
        """Each line is matched by their number, our reference, or name and dates, and its difference explained.

        An invoice whose number is there takes further lines; a line that is there already is a 409.
        """
        chosen = data.id if isinstance(data.id, UUID) else None
        fields = given_fields(data, without=("id", "lines", "number"))
        lines = [_line_fields(line, place) for place, line in enumerate(data.lines)]
        fields |= {"invoice_number": data.number, "amount": lines[0]["amount"]}
        invoice = await services.open_invoice(session, fields=fields, actor=actor, invoice_id=chosen)
        for place, line in enumerate(lines):
            await _add(session, invoice, place, line, actor)
        location = f"/api/v1/supplier-invoices/{invoice.id}"
        supplier = await services.supplier_of(session, invoice)
        kept = await queries.list_lines(session, invoice.id)
        return answer(pages.invoice_item(invoice, supplier, kept), status=201, etag=invoice.etag, location=location)

    @post(
        "/{invoice_id:uuid}/matching",
        name="api.supplier_invoices.matching.create",
        operation_id="matchSupplierInvoice",
        summary="Match an invoice again",
        permission=MATCH,
        status_code=202,
    )
    async def match(
        self, session: Session, actor: CurrentActor, invoice_id: FromPath[UUID]
    ) -> Response[InvoiceMatching]:
        """Has every line looked at again on which nobody has decided; while that is done, tells how far it is."""
        job = await services.ask_matching(session, invoice_id, actor=actor)
        location = f"/api/v1/supplier-invoices/{invoice_id}/matching/{job.id}"
        return answer(pages.matching_item(job), status=202, location=location)

    @get(
        "/{invoice_id:uuid}/matching/{matching_id:uuid}",
        name="api.supplier_invoices.matching.show",
        operation_id="getSupplierInvoiceMatching",
        summary="Read how far the matching is",
    )
    async def matching(
        self, session: Session, actor: CurrentActor, invoice_id: FromPath[UUID], matching_id: FromPath[UUID]
    ) -> Response[InvoiceMatching]:
        """Look again until `state` is no longer `queued` or `running`."""
        invoice = await queries.get_invoice(session, invoice_id, actor)
        return answer(pages.matching_item(await services.get_matching(session, invoice, matching_id)))


class SupplierInvoiceLineApi(Controller):
    """Their lines."""

    path = "/api/v1/supplier-invoice-lines"
    tags = TAGS
    opt = {"permission": queries.PERMISSION}

    @get(
        name="api.supplier_invoice_lines.index",
        operation_id="listSupplierInvoiceLines",
        summary="List lines of suppliers' invoices",
        spec=queries.LINES_SPEC,
        query=(TOTAL,),
        selects=SupplierInvoiceLineItem,
    )
    async def index(self, request: Request, actor: CurrentActor) -> Response[SupplierInvoiceLinePage]:
        """The lines of one's markets, the newest first, with what each was found to be about."""
        return await list_answer(request, actor, queries.lines, queries.LINES_SPEC)

    @get(
        "/{line_id:uuid}",
        name="api.supplier_invoice_lines.show",
        operation_id="getSupplierInvoiceLine",
        summary="Read a line of a supplier's invoice",
        selects=SupplierInvoiceLineItem,
    )
    async def show(
        self, request: Request, actor: CurrentActor, line_id: FromPath[UUID]
    ) -> Response[SupplierInvoiceLineItem]:
        """One line."""
        found = await queries.lines.by_ids(request.runtime.database.reads, [str(line_id)], actor)
        if not found:
            raise NotFound
        return record_answer(request, found[0], found[0].version)

    @post(
        "/{line_id:uuid}/acceptance",
        name="api.supplier_invoice_lines.acceptance.create",
        operation_id="acceptSupplierInvoiceLine",
        summary="Accept a line as it is billed",
        permission=MATCH,
        status_code=200,
        waits=ApprovalItem,
    )
    async def accept(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        line_id: FromPath[UUID],
        data: JSONBody[LineDecision],
    ) -> Response[SupplierInvoiceLineItem]:
        """202 with the approval that waits when the difference is more than one person may accept."""
        honour_match(request, await queries.get_line(session, line_id, actor))
        accepted = await services.accept_line(session, line_id, reason=data.reason, actor=actor)
        if waits := accepted.waits:
            return answer(as_item(waits), status=202, etag=waits.etag, location=f"/api/v1/approvals/{waits.id}")
        return await _line_told(session, accepted.line, actor)

    @post(
        "/{line_id:uuid}/dispute",
        name="api.supplier_invoice_lines.dispute.create",
        operation_id="disputeSupplierInvoiceLine",
        summary="Dispute a line",
        permission=MATCH,
        status_code=200,
    )
    async def dispute(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        line_id: FromPath[UUID],
        data: JSONBody[LineDispute],
    ) -> Response[SupplierInvoiceLineItem]:
        """It is not paid, and stands in the letter to the supplier with this reason."""
        honour_match(request, await queries.get_line(session, line_id, actor))
        disputed = await services.dispute_line(session, line_id, reason=data.reason, actor=actor)
        return await _line_told(session, disputed, actor)


async def _add(session: AsyncSession, invoice: Any, place: int, fields: dict[str, Any], actor: Any) -> None:
    try:
        await services.add_line(session, invoice, f"line-{place + 1}", fields=fields, actor=actor)
    except InvalidFields as refused:
        problems = [Problem(f"lines.{place}.{each.field}", each.code, each.detail) for each in refused.problems]
        raise InvalidFields(problems) from None


def _line_fields(line: NewInvoiceLine, place: int) -> dict[str, Any]:
    try:
        fields = given_fields(line)
    except InvalidFields as refused:
        problems = [Problem(f"lines.{place}.{each.field}", each.code, each.detail) for each in refused.problems]
        raise InvalidFields(problems) from None
    return fields | {name: Decimal(fields[name]) for name in NUMBERS if name in fields}


async def _told(request: Request, session: AsyncSession, invoice_id: UUID, actor: Any) -> SupplierInvoiceAnswer:
    found = await queries.invoices.by_ids(request.runtime.database.reads, [str(invoice_id)], actor)
    if not found:
        raise NotFound
    totals = await queries.sum_causes(session, invoice_id, found[0].currency)
    causes: list[CauseTotal] = []
    for each in pages.causes_of(totals, invoice_id, found[0].currency):
        amount = money_value(each.total.minor, each.total.currency)
        assert amount is not None
        causes.append(CauseTotal(each.cause, each.words, each.lines, amount))
    return SupplierInvoiceAnswer(found[0], causes)


async def _line_told(session: AsyncSession, line: SupplierInvoiceLine, actor: Any) -> Response[SupplierInvoiceLineItem]:
    invoice = await queries.get_invoice(session, line.invoice_id, actor)
    supplier = await services.supplier_of(session, invoice)
    references = await queries.list_reservations(session, [line.reservation_id] if line.reservation_id else [])
    amount, expected = (money_value(each.minor, each.currency) for each in (line.amount, line.expected))
    assert amount is not None
    assert expected is not None
    item = SupplierInvoiceLineItem(
        id=str(line.id),
        invoice_id=str(line.invoice_id),
        invoice_number=invoice.number,
        supplier=supplier.code,
        market=line.market,
        supplier_number=line.supplier_number,
        our_reference=line.our_reference,
        driver=line.driver,
        pickup_on=line.pickup_on.isoformat() if line.pickup_on else UNSET,
        return_on=line.return_on.isoformat() if line.return_on else UNSET,
        description=line.description,
        amount=amount,
        expected=expected,
        difference_minor=line.difference_minor,
        matched_by=line.matched_by.value,
        reservation_id=str(line.reservation_id) if line.reservation_id else UNSET,
        reservation=references.get(line.reservation_id, UNSET) if line.reservation_id else UNSET,
        cause=line.cause.value if line.cause else UNSET,
        parts=line.parts,
        state=line.state.value,
        reason=line.reason,
        decided_by=line.decided_by,
        version=line.version,
        created_at=timestamp(line.created_at),
        updated_at=timestamp(line.updated_at),
    )
    return answer(item, etag=line.etag)
