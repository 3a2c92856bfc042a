"""Vehicle pages: list, detail, new, edit."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core import clock
from app.core.conflicts import find_conflict, is_agreed
from app.core.errors import StaleVersion
from app.core.http import CurrentActor, Request, Session, redirect
from app.core.search_lists import answer_list
from app.core.templating import render
from app.desk.approvals import services as approvals
from app.desk.audit_trail.services import timeline
from app.desk.imports.services.lists import file_labels
from app.desk.previews.services import open_drawer
from app.desk.records.services import beside
from app.desk.saved_views.services.opening import open_list
from app.rental.locations import services as locations
from app.rental.vehicles import pages, queries, services
from app.rental.vehicles.forms import VehicleForm
from app.rental.vehicles.models import Vehicle
from app.rental.vehicles.rules import VehicleState


class VehicleController(Controller):
    """The fleet."""

    path = "/vehicles"
    opt = {"permission": "vehicles.view"}
    include_in_schema = False

    @get(name="vehicles.index")
    async def index(self, request: Request, actor: CurrentActor) -> Response[Any]:
        runtime, parameters = request.runtime, request.query_params.multi_items()
        opened = await open_list(runtime.database.reads, pages.LIST, parameters, actor, pages.views(clock.today()))
        kind = runtime.assembly.kinds["vehicle"]
        found = await answer_list(
            runtime, kind, queries.vehicles, queries.SPEC, opened.asked, actor,
            with_facets=request.shows_menus, with_total=True,
        )  # fmt: skip
        drawer = await open_drawer(runtime.database, kind, opened.peek, actor)
        shown = None if request.shows_menus else pages.branches_of(opened, found)
        names = await locations.names(runtime.database.reads, actor, of=shown)
        labels = {"location": names, **await file_labels(runtime.database.reads, opened.asked, actor)}
        page = pages.vehicle_list(opened, found, drawer, labels, actor)
        headers = request.shown_at(page.frame.canonical)
        return render(request, "rental/vehicles/index.html", page, headers=headers)

    @get("/new", name="vehicles.new", permission="vehicles.edit")
    async def new(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        page = await edit_page(session, actor, VehicleForm.of({}), None)
        return render(request, "rental/vehicles/new.html", page)

    @post(name="vehicles.create", permission="vehicles.edit")
    async def create(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        form = await VehicleForm.from_request(request)
        vehicle = await form.submit(services.create_vehicle, session, actor=actor)
        if vehicle is None:
            page = await edit_page(session, actor, form, None)
            return render(request, "rental/vehicles/new.html", page, fragment="vehicle_form", status=422)
        return redirect(request, "vehicles.show", vehicle_id=vehicle.id, toast=f"{vehicle.title} added")

    @get("/{vehicle_id:uuid}", name="vehicles.show")
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, vehicle_id: FromPath[UUID]
    ) -> Response[Any]:
        vehicle = await queries.get_vehicle(session, vehicle_id, actor)
        return render(request, "rental/vehicles/show.html", await detail_page(session, vehicle, actor))

    @get("/{vehicle_id:uuid}/edit", name="vehicles.edit", permission="vehicles.edit")
    async def edit(
        self, request: Request, session: Session, actor: CurrentActor, vehicle_id: FromPath[UUID]
    ) -> Response[Any]:
        vehicle = await queries.get_vehicle(session, vehicle_id, actor)
        page = await edit_page(session, actor, pages.form_of(vehicle), vehicle)
        return render(request, "rental/vehicles/edit.html", page)

    @post("/{vehicle_id:uuid}/edit", name="vehicles.update", permission="vehicles.edit")
    async def update(
        self, request: Request, session: Session, actor: CurrentActor, vehicle_id: FromPath[UUID]
    ) -> Response[Any]:
        form = await VehicleForm.from_request(request)
        present = await queries.get_vehicle(session, vehicle_id, actor)
        version = present.version if is_agreed(form.raw, pages.form_of(present).raw) else form.version
        try:
            changed = await form.submit(
                services.change_vehicle, session, vehicle_id, fields=form.changed_values(), version=version, actor=actor
            )
        except StaleVersion:
            return await conflict(request, session, actor, vehicle_id, form)
        if changed is None:
            page = await edit_page(session, actor, form, present)
            return render(request, "rental/vehicles/edit.html", page, fragment="vehicle_form", status=422)
        return redirect(request, "vehicles.show", vehicle_id=vehicle_id, toast=approvals.told(changed.waits, "Saved"))


async def conflict(request: Request, session: Any, actor: Any, vehicle_id: UUID, form: VehicleForm) -> Response[Any]:
    """409: what both changed, to be taken field by field."""
    vehicle = await queries.get_vehicle(session, vehicle_id, actor)
    found = find_conflict(form.raw, pages.form_of(vehicle).raw, services.FIELD_LABELS)
    page = pages.VehicleConflict(vehicle, found, f"/vehicles/{vehicle.id}/edit")
    return render(
        request,
        "rental/vehicles/conflict.html",
        page,
        fragment="conflict",
        status=409,
    )


async def edit_page(session: Any, actor: Any, form: VehicleForm, vehicle: Vehicle | None) -> pages.VehicleEdit:
    """The form with its menus."""
    action = f"/vehicles/{vehicle.id}/edit" if vehicle else "/vehicles"
    cancel = f"/vehicles/{vehicle.id}" if vehicle else "/vehicles"
    return pages.VehicleEdit(form, vehicle, action, cancel, await locations.choices(session, actor))


async def detail_page(session: Any, vehicle: Vehicle, actor: Any) -> pages.VehicleDetail:
    """Everything the record page answers."""
    places = await locations.by_codes(
        session, {code for code in (vehicle.location_code, vehicle.home_location_code) if code}
    )
    here, home = places.get(vehicle.location_code or ""), places.get(vehicle.home_location_code or "")
    names = {code: place.name for code, place in places.items()}
    return pages.VehicleDetail(
        vehicle=vehicle,
        state=pages.state_in_words(vehicle.state),
        is_on=vehicle.state in pages.ON,
        class_words=pages.class_in_words(vehicle),
        due=pages.due_rows(vehicle.due(clock.today())),
        documents=pages.documents_of(vehicle),
        location_name=here.name if here else "",
        home_location_name=home.name if home else "",
        zone=(here or home).time_zone if here or home else "UTC",  # pyright: ignore[reportOptionalMemberAccess]
        moves=pages.moves_for(vehicle, actor),
        withheld=pages.withheld_in_words(vehicle, actor),
        periods=pages.period_rows(await queries.list_periods(session, vehicle.id), clock.now()),
        timeline=await timeline(session, vehicle, services.FIELD_LABELS),
        beside=await beside(session, vehicle, actor),
        can_edit=actor.may("vehicles.edit") and vehicle.state is not VehicleState.RETIRED,
        locations=await locations.choices(session, actor),
        cells={name: pages.cell(vehicle, name, names) for name in pages.CELLS},
        source_fields=pages.source_rows(vehicle),
    )
