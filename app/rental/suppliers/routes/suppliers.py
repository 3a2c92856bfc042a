"""Pages about suppliers: list, one of them, its branches, and asking all of them at once."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core import clock
from app.core.errors import InvalidFields
from app.core.http import CurrentActor, Request, Session, redirect
from app.core.lists import frame
from app.core.templating import render
from app.desk.approvals import services as approvals
from app.desk.audit_trail.services import timeline
from app.desk.exchanges import services as exchanges
from app.desk.records.services import beside
from app.desk.saved_views.services.opening import open_list
from app.rental.locations import services as locations
from app.rental.suppliers import queries
from app.rental.suppliers.forms import LocationForm, SearchForm, StopForm, SupplierForm
from app.rental.suppliers.models import Supplier
from app.rental.suppliers.pages import desks as desk_pages
from app.rental.suppliers.pages import editing as editing_pages
from app.rental.suppliers.pages import health as health_pages
from app.rental.suppliers.pages import suppliers as pages
from app.rental.suppliers.routes.editing import fields_of
from app.rental.suppliers.rules import SEES_MARGINS, Stop
from app.rental.suppliers.rules.measuring import Window
from app.rental.suppliers.services import branches, editing, health, searching, stops


class SupplierController(Controller):
    """Those whose cars we sell."""

    path = "/suppliers"
    opt = {"permission": "suppliers.view"}
    include_in_schema = False

    @get(name="suppliers.index")
    async def index(self, request: Request, actor: CurrentActor) -> Response[Any]:
        reads = request.runtime.database.reads
        opened = await open_list(reads, pages.LIST, request.query_params.multi_items(), actor, (("All", {}),))
        found = await queries.suppliers.page(reads, request.runtime.cursors, opened.asked.query, actor)
        total = await queries.suppliers.count(reads, opened.asked.query, actor)
        around = frame(pages.LIST, opened, page=found, total=total)
        page = pages.SupplierList(around, [pages.row(item) for item in found.items])
        return render(request, "rental/suppliers/index.html", page, headers=request.shown_at(around.canonical))

    @post(name="suppliers.create", permission="suppliers.edit")
    async def create(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        form = await SupplierForm.from_request(request)
        settings = request.runtime.settings
        made = await form.submit(editing.create_supplier, session, settings, fields=fields_of(form), actor=actor)
        if made is None:
            page = editing_pages.edit(form, None)
            return render(request, "rental/suppliers/edit.html", page, fragment="supplier_form", status=422)
        return redirect(request, "suppliers.show", supplier_id=made.id, toast=f"{made.name} added")

    @get("/search", name="suppliers.search.index")
    async def search(self, request: Request, actor: CurrentActor) -> Response[Any]:
        runtime = request.runtime
        is_asked = "pickup" in request.query_params
        given = dict(request.query_params) if is_asked else pages.usual_form(clock.now())
        form = SearchForm.from_raw(given)
        async with runtime.database.session() as session:
            places = await locations.choices(session, actor)
            plan = await _plan(session, request, form, actor) if is_asked else None
        result = await searching.search(runtime.partners, plan) if plan else None
        page = pages.search_page(form, places, result, sees_margins=actor.may(SEES_MARGINS))
        status = 422 if form.errors and is_asked else 200
        return render(request, "rental/suppliers/search.html", page, status=status)

    @get("/capabilities", name="suppliers.capabilities.index")
    async def capabilities(self, request: Request, session: Session) -> Response[Any]:
        page = pages.matrix(await queries.list_active(session))
        return render(request, "rental/suppliers/capabilities.html", page)

    @get("/branches", name="suppliers.desks.index")
    async def desks(self, request: Request, session: Session) -> Response[Any]:
        asked = request.query_params.get("view")
        view = asked if asked in dict(desk_pages.VIEWS) else "located"
        page = desk_pages.desk_page(await queries.list_desks(session, view), view)
        return render(request, "rental/suppliers/desks.html", page)

    @get("/{supplier_id:uuid}", name="suppliers.show")
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, supplier_id: FromPath[UUID]
    ) -> Response[Any]:
        supplier = await queries.get_supplier(session, supplier_id)
        page = await _detail(request, session, supplier, actor, StopForm.of({}))
        return render(request, "rental/suppliers/show.html", page)

    @post("/{supplier_id:uuid}/stop", name="suppliers.stop.create", permission="suppliers.stop")
    async def stop(
        self, request: Request, session: Session, actor: CurrentActor, supplier_id: FromPath[UUID]
    ) -> Response[Any]:
        form = await StopForm.from_request(request)
        asked = await form.submit(_request_stop, session, supplier_id, actor=actor)
        if asked is None:
            supplier = await queries.get_supplier(session, supplier_id)
            page = await _detail(request, session, supplier, actor, form)
            return render(request, "rental/suppliers/show.html", page, fragment="move_stop", status=422)
        told = approvals.told(asked, "Done")
        return redirect(request, "suppliers.show", supplier_id=supplier_id, toast=told)

    @get("/{supplier_id:uuid}/branches", name="suppliers.branches.index")
    async def list_branches(
        self, request: Request, session: Session, actor: CurrentActor, supplier_id: FromPath[UUID]
    ) -> Response[Any]:
        supplier = await queries.get_supplier(session, supplier_id)
        return render(request, "rental/suppliers/branches.html", await _branches(session, supplier, actor))

    @post(
        "/{supplier_id:uuid}/branches/{branch_id:uuid}/location",
        name="suppliers.branches.location.create",
        permission="suppliers.map",
    )
    async def map_branch(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        supplier_id: FromPath[UUID],
        branch_id: FromPath[UUID],
    ) -> Response[Any]:
        form = await LocationForm.from_request(request)
        try:
            mapped = await branches.map_branch(session, supplier_id, branch_id, location=form.location, actor=actor)
        except InvalidFields as refused:
            supplier = await queries.get_supplier(session, supplier_id)
            page = await _branches(session, supplier, actor, error=refused.problems[0].detail)
            return render(request, "rental/suppliers/branches.html", page, fragment="supplier_branches", status=422)
        words = f"{mapped.code} is {mapped.location_code}" if mapped.location_code else f"{mapped.code} is not sold"
        return redirect(request, "suppliers.branches.index", supplier_id=supplier_id, toast=words)


async def _plan(session: Any, request: Request, form: SearchForm, actor: Any) -> searching.Plan | None:
    """What to ask; None with the form's errors."""
    for name in ("pickup", "pickup_local", "return_local"):
        if getattr(form, name, None) is None and name not in form.errors:
            form.refuse(name, "Enter a value")
    if form.errors:
        return None
    assert form.pickup
    assert form.pickup_local
    assert form.return_local
    wanted = searching.Wanted(
        form.pickup, form.pickup_local, form.back or form.pickup, form.return_local, form.driver_age or 30
    )
    try:
        return await searching.plan_search(session, request.runtime.settings, wanted, actor)
    except InvalidFields as refused:
        names = {"return.location": "back", "pickup.location": "pickup"}
        for problem in refused.problems:
            form.refuse(names.get(problem.field, problem.field.replace(".", "_")), problem.detail)
        return None


async def _request_stop(session: Any, supplier_id: UUID, *, fields: dict[str, Any], actor: Any) -> Any:
    stop = None if fields["stop"] in (None, "none") else Stop(fields["stop"]).value
    return await stops.request_stop(
        session, supplier_id, market=fields["market"] or "", stop=stop, reason=fields["reason"] or "", actor=actor
    )


async def _detail(
    request: Request, session: Any, supplier: Supplier, actor: Any, form: StopForm
) -> pages.SupplierDetail:
    runtime, code = request.runtime, supplier.code
    found = await health.board_of(runtime.database.reads, runtime.partners, actor, window=Window.DAY, code=code)
    listed = [branch for branch in await branches.list_for(session, supplier) if not branch.is_gone]
    mapped = sum(branch.location_code is not None for branch in listed)
    return pages.SupplierDetail(
        supplier=supplier,
        dialect=queries.DIALECT_WORDS[supplier.dialect.value],
        capabilities=pages.capabilities(supplier),
        limits=pages.limits_in_words(supplier),
        stops=pages.stop_lines(supplier.stops),
        health=health_pages.one(found, sees_exchanges=actor.may("exchanges.view")),
        exchanges=await exchanges.list_with(session, supplier.partner_key),
        mapped=mapped,
        unmapped=len(listed) - mapped,
        can_map=actor.may("suppliers.map"),
        can_stop=actor.may("suppliers.stop"),
        can_edit=actor.may("suppliers.edit"),
        sees_margins=actor.may(SEES_MARGINS),
        stop_form=form,
        markets=pages.market_choices(actor.markets),
        beside=await beside(session, supplier, actor),
        timeline=await timeline(session, supplier, editing.FIELD_LABELS),
    )


async def _branches(session: Any, supplier: Supplier, actor: Any, error: str = "") -> pages.BranchPage:
    listed = await branches.list_for(session, supplier)
    spots = await branches.list_spots(session, actor)
    names = {spot.code: spot.name for spot in spots}
    open_ones = [branch for branch in listed if branch.location_code is None and not branch.is_gone]
    candidates = {branch.id: branches.candidates_of(branch, spots) for branch in open_ones}
    return pages.BranchPage(
        supplier=supplier,
        rows=pages.branch_rows(listed, candidates, names, clock.now()),
        locations=await locations.choices(session, actor),
        can_map=actor.may("suppliers.map"),
        error=error,
    )
