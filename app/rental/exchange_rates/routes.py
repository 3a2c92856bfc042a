"""Pages of exchange rates."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core import clock
from app.core.errors import InvalidFields
from app.core.http import CurrentActor, Request, Session, redirect
from app.core.templating import render
from app.desk.approvals.services import told
from app.desk.audit_trail.services import timeline
from app.desk.records.services import beside
from app.rental.agreed_sheets import services as agreed
from app.rental.exchange_rates import pages, queries, services
from app.rental.exchange_rates.forms import MOST_BYTES, SheetForm
from app.rental.exchange_rates.models import ExchangeRateSheet
from app.rental.exchange_rates.pages import EDIT, PATH, VIEW

Id = FromPath[UUID]
NEW = "rental/exchange_rates/new.html"
SHOWN_SHEETS = 30


class ExchangeRateController(Controller):
    """What offers in several currencies are compared by."""

    path = PATH
    opt = {"permission": VIEW}
    include_in_schema = False

    @get(name="exchange_rates.index")
    async def index(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        day = clock.today()
        rates = await queries.list_rates(session, day)
        page = pages.rates_page(day, rates, await queries.list_sheets(session, SHOWN_SHEETS), actor)
        return render(request, "rental/exchange_rates/index.html", page)

    @get("/new", name="exchange_rates.new", permission=EDIT)
    async def new(self, request: Request) -> Response[Any]:
        form = SheetForm.of({"valid_from": clock.today(), "base_currency": "EUR"})
        return render(request, NEW, pages.NewSheetPage(form))

    @post(name="exchange_rates.create", permission=EDIT, request_max_body_size=4 * MOST_BYTES)
    async def create(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        form = await SheetForm.from_request(request)
        await form.take_file()
        fields = form.fields()
        try:
            form.require_clean()
            sheet, approval = await services.enter_sheet(session, fields=fields, actor=actor)
        except InvalidFields as refused:
            form.take_problems(refused.problems)
            return render(request, NEW, pages.NewSheetPage(form), fragment="sheet_form", status=422)
        return redirect(request, "exchange_rates.show", sheet_id=sheet.id, toast=told(approval, "Entered"))

    @get("/{sheet_id:uuid}", name="exchange_rates.show")
    async def show(self, request: Request, session: Session, actor: CurrentActor, sheet_id: Id) -> Response[Any]:
        sheet = await agreed.get_sheet(session, ExchangeRateSheet, sheet_id)
        before = await queries.list_rates(session, sheet.valid_from - timedelta(days=1))
        page = pages.sheet_page(
            sheet,
            await queries.list_lines(session, sheet.id),
            before,
            await agreed.sheet_head(session, sheet, pages.WORDS, again=pages.AGAIN, actor=actor),
            beside=await beside(session, sheet, actor),
            timeline=await timeline(session, sheet, services.FIELD_LABELS),
        )
        return render(request, "rental/exchange_rates/show.html", page)

    @post("/{sheet_id:uuid}/withdrawal", name="exchange_rates.withdrawal.create", permission=EDIT)
    async def withdraw(self, request: Request, session: Session, actor: CurrentActor, sheet_id: Id) -> Response[Any]:
        await services.withdraw_sheet(session, sheet_id, actor=actor)
        return redirect(request, "exchange_rates.show", sheet_id=sheet_id, toast="Withdrawn")
