"""Pages of damage cases."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core.actor import Actor
from app.core.errors import InvalidFields
from app.core.http import CurrentActor, Request, Session, redirect
from app.core.lists import frame
from app.core.templating import render
from app.desk.audit_trail.services import timeline
from app.desk.records.services import beside
from app.desk.saved_views.services.opening import open_list
from app.kit.problems import Problem
from app.rental.bookings.services.hires import find_on_hire
from app.rental.damages import pages, queries, services
from app.rental.damages.forms import EstimateForm, ReasonForm
from app.rental.damages.pages import PATH, SETTLE, VIEW
from app.rental.damages.rules import Party

Id = FromPath[UUID]
TEMPLATE = "rental/damages/show.html"


class DamageCaseController(Controller):
    """New damage of hires: what it costs, and who answers for it."""

    path = PATH
    opt = {"permission": VIEW}
    include_in_schema = False

    @get(name="damage_cases.index")
    async def index(self, request: Request, actor: CurrentActor) -> Response[Any]:
        reads = request.runtime.database.reads
        opened = await open_list(reads, pages.LIST, request.query_params.multi_items(), actor, pages.VIEWS)
        found = await queries.cases.page(reads, request.runtime.cursors, opened.asked.query, actor)
        total = await queries.cases.count(reads, opened.asked.query, actor)
        around = frame(pages.LIST, opened, page=found, total=total)
        page = pages.CaseList(around, [pages.row(item) for item in found.items])
        return render(request, "rental/damages/index.html", page, headers=request.shown_at(around.canonical))

    @get("/{case_id:uuid}", name="damage_cases.show")
    async def show(self, request: Request, session: Session, actor: CurrentActor, case_id: Id) -> Response[Any]:
        return render(request, TEMPLATE, await _detail(session, case_id, actor))

    @post("/{case_id:uuid}/estimate", name="damage_cases.estimate.create", permission=SETTLE)
    async def estimate(self, request: Request, session: Session, actor: CurrentActor, case_id: Id) -> Response[Any]:
        form = await EstimateForm.from_request(request)
        try:
            form.require_clean()
            if form.amount is None:
                raise InvalidFields([Problem("amount", "required", "Enter what it costs")])  # noqa: TRY301
            party = form.party or Party.UNKNOWN
            await services.estimate_case(
                session, case_id, amount=form.amount, party=party, words=form.words or "", actor=actor
            )
        except InvalidFields as refused:
            form.take(refused)
            page = await _detail(session, case_id, actor, estimate_form=form)
            return render(request, TEMPLATE, page, fragment="move_estimate", status=422)
        return redirect(request, "damage_cases.show", case_id=case_id, toast="Estimate kept")

    @post("/{case_id:uuid}/charge", name="damage_cases.charge.create", permission=SETTLE)
    async def charge(self, request: Request, session: Session, actor: CurrentActor, case_id: Id) -> Response[Any]:
        case = await queries.get_case(session, case_id, actor)
        booking = await find_on_hire(session, case.booking_id, actor)
        await services.charge_case(session, case_id, booking, actor=actor)
        return redirect(request, "damage_cases.show", case_id=case_id, toast="The customer is charged for it")

    @post("/{case_id:uuid}/closing", name="damage_cases.closing.create", permission=SETTLE)
    async def close(self, request: Request, session: Session, actor: CurrentActor, case_id: Id) -> Response[Any]:
        return await _close(request, session, actor, case_id, drop=False)

    @post("/{case_id:uuid}/dropping", name="damage_cases.dropping.create", permission=SETTLE)
    async def drop(self, request: Request, session: Session, actor: CurrentActor, case_id: Id) -> Response[Any]:
        return await _close(request, session, actor, case_id, drop=True)


async def _close(request: Request, session: Any, actor: Actor, case_id: UUID, *, drop: bool) -> Response[Any]:
    form = await ReasonForm.from_request(request)
    try:
        await services.close_case(session, case_id, reason=form.reason or "", drop=drop, actor=actor)
    except InvalidFields as refused:
        form.take(refused)
        page = await _detail(session, case_id, actor, reason_form=form)
        return render(request, TEMPLATE, page, fragment="move_end", status=422)
    return redirect(request, "damage_cases.show", case_id=case_id, toast="Case dropped" if drop else "Case closed")


async def _detail(session: Any, case_id: UUID, actor: Actor, **forms: Any) -> pages.CaseDetail:
    case = await queries.get_case(session, case_id, actor)
    return pages.detail(
        case,
        await queries.list_marks_of(session, case.id),
        actor,
        beside=await beside(session, case, actor),
        timeline=await timeline(session, case, services.FIELD_LABELS),
        **forms,
    )
