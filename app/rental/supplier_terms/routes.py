"""Pages of terms with suppliers."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core import clock
from app.core.db import AsyncSession
from app.core.errors import InvalidFields, NotFound
from app.core.http import CurrentActor, Request, Session, redirect
from app.core.templating import render
from app.desk.approvals.services import told
from app.desk.audit_trail.services import timeline
from app.desk.records.services import beside
from app.rental.agreed_sheets import services as agreed
from app.rental.supplier_terms import pages, queries
from app.rental.supplier_terms.forms import TermsForm
from app.rental.supplier_terms.models import SupplierTerms
from app.rental.supplier_terms.pages import EDIT, PATH, VIEW, Effect
from app.rental.supplier_terms.services import sheets
from app.rental.suppliers.models import Supplier
from app.rental.suppliers.services import billing

Id = FromPath[UUID]
NEW = "rental/supplier_terms/new.html"
SHOWN_SHEETS = 30


class SupplierTermsController(Controller):
    """What suppliers' prices are to us, and what we earn by them."""

    path = PATH
    opt = {"permission": VIEW}
    include_in_schema = False

    @get(name="supplier_terms.index")
    async def index(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        day, code = clock.today(), request.query_params.get("supplier")
        of = await billing.find_supplier(session, code) if code else None
        held = [pair for pair in await sheets.list_with_terms(session, day) if of is None or pair[0].id == of.id]
        latest = await queries.list_sheets(session, SHOWN_SHEETS, of.id if of else None)
        return render(request, "rental/supplier_terms/index.html", pages.index_page(day, held, latest, actor, of))

    @get("/new", name="supplier_terms.new", permission=EDIT)
    async def new(self, request: Request, session: Session) -> Response[Any]:
        """A new version of what holds with a supplier today."""
        supplier = await _supplier(session, request.query_params.get("supplier"))
        day = clock.today()
        held = await sheets.find_in_force(session, supplier.id, day)
        form = TermsForm.prefilled(supplier.code, day, held.terms if held else None)
        return render(request, NEW, pages.edit_page(form, supplier, _effect(form, supplier)))

    @post(name="supplier_terms.create", permission=EDIT)
    async def create(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        form = await TermsForm.from_request(request)
        supplier = await _supplier(session, form.supplier)
        fields = form.fields(supplier.currency)
        try:
            form.require_clean()
            sheet, approval = await sheets.enter_terms(session, fields=fields, actor=actor)
        except InvalidFields as refused:
            form.take(refused)
            page = pages.edit_page(form, supplier, _effect(form, supplier))
            return render(request, NEW, page, fragment="terms_form", status=422)
        return redirect(request, "supplier_terms.show", sheet_id=sheet.id, toast=told(approval, "Entered"))

    @post("/draft", name="supplier_terms.draft.create", permission=EDIT, idempotent=False, status_code=200)
    async def draft(self, request: Request, session: Session) -> Response[Any]:
        """The editor with a line more or less, or with the fields of another model; nothing is kept."""
        form, asked = await TermsForm.from_request(request), request.query_params
        supplier = await _supplier(session, form.supplier)
        if (number := asked.get("remove", "")).isdigit():
            form = form.without_line(int(number))
        elif "add" in asked:
            form = form.with_line()
        page = pages.edit_page(TermsForm.of(form.raw), supplier, _effect(form, supplier))
        return render(request, NEW, page)

    @post("/trial", name="supplier_terms.trial.create", permission=EDIT, idempotent=False, status_code=200)
    async def trial(self, request: Request, session: Session) -> Response[Any]:
        """What the lines of the editor make of a price."""
        form = await TermsForm.from_request(request)
        supplier = await _supplier(session, form.supplier)
        page = pages.edit_page(TermsForm.of(form.raw), supplier, _effect(form, supplier))
        return render(request, NEW, page)

    @get("/{sheet_id:uuid}", name="supplier_terms.show")
    async def show(self, request: Request, session: Session, actor: CurrentActor, sheet_id: Id) -> Response[Any]:
        sheet = await agreed.get_sheet(session, SupplierTerms, sheet_id)
        supplier = await billing.get_supplier(session, sheet.supplier_id)
        page = pages.sheet_page(
            sheet,
            supplier,
            await sheets.terms_before(session, sheet),
            await agreed.sheet_head(session, sheet, pages.WORDS, again=pages.again(supplier), actor=actor),
            actor,
            beside=await beside(session, sheet, actor),
            timeline=await timeline(session, sheet, sheets.FIELD_LABELS),
        )
        return render(request, "rental/supplier_terms/show.html", page)

    @post("/{sheet_id:uuid}/withdrawal", name="supplier_terms.withdrawal.create", permission=EDIT)
    async def withdraw(self, request: Request, session: Session, actor: CurrentActor, sheet_id: Id) -> Response[Any]:
        await sheets.withdraw_terms(session, sheet_id, actor=actor)
        return redirect(request, "supplier_terms.show", sheet_id=sheet_id, toast="Withdrawn")


async def _supplier(session: AsyncSession, code: str | None) -> Supplier:
    found = await billing.find_supplier(session, code) if code else None
    if found is None:
        raise NotFound
    return found


def _effect(typed: TermsForm, supplier: Supplier) -> Effect:
    """What the form's lines make of its price; what is wrong with them is told instead."""
    form = TermsForm.from_raw(typed.raw)
    fields, trial = form.fields(supplier.currency), form.trial(supplier.currency)
    try:
        form.require_clean()
        return pages.effect_of(sheets.try_terms(fields, trial, supplier.currency))
    except InvalidFields as refused:
        return Effect(problems=[(pages.field_of(problem.field), problem.detail) for problem in refused.problems])
