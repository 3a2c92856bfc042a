"""Branch pages."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core.conflicts import find_conflict, is_agreed
from app.core.errors import InvalidFields, StaleVersion
from app.core.http import CurrentActor, Request, Session, redirect
from app.core.listing import read_list_query
from app.core.lists import Opened, frame
from app.core.templating import render
from app.desk.audit_trail.services import timeline
from app.rental.locations import pages, queries, services
from app.rental.locations.forms import HoursForm
from app.rental.locations.models import Location

EDIT = "locations.edit"


class LocationController(Controller):
    """Where vehicles are handed over."""

    path = "/locations"
    opt = {"permission": "locations.view"}
    include_in_schema = False

    @get(name="locations.index")
    async def index(self, request: Request, actor: CurrentActor) -> Response[Any]:
        asked = read_list_query(request.query_params.multi_items(), queries.SPEC)
        reads, query = request.runtime.database.reads, asked.with_text().query
        found = await queries.locations.page(reads, request.runtime.cursors, query, actor)
        total = await queries.locations.count(reads, query, actor)
        around = frame(pages.LIST, Opened.plainly(pages.LIST, asked), page=found, total=total)
        page = pages.LocationList(around, [pages.row(item) for item in found.items])
        headers = request.shown_at(around.canonical)
        return render(request, "rental/locations/index.html", page, headers=headers)

    @get("/{location_id:uuid}", name="locations.show")
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, location_id: FromPath[UUID]
    ) -> Response[Any]:
        location = await queries.get_location(session, location_id, actor)
        entries = await timeline(session, location, services.FIELD_LABELS)
        page = pages.detail(location, entries, can_edit=actor.may(EDIT))
        return render(request, "rental/locations/show.html", page)

    @get("/{location_id:uuid}/edit", name="locations.edit", permission=EDIT)
    async def edit(
        self, request: Request, session: Session, actor: CurrentActor, location_id: FromPath[UUID]
    ) -> Response[Any]:
        location = await queries.get_location(session, location_id, actor)
        return render(request, "rental/locations/edit.html", pages.HoursEdit(location, HoursForm.of_location(location)))

    @post("/{location_id:uuid}/edit", name="locations.update", permission=EDIT)
    async def update(
        self, request: Request, session: Session, actor: CurrentActor, location_id: FromPath[UUID]
    ) -> Response[Any]:
        form = await HoursForm.from_request(request)
        present = await queries.get_location(session, location_id, actor)
        version = present.version if is_agreed(form.raw, HoursForm.of_location(present).raw) else form.version
        try:
            form.require_clean()
            await services.update_location(session, location_id, fields=form.fields(), version=version, actor=actor)
        except StaleVersion:
            return _conflict(request, present, form)
        except InvalidFields as refused:
            form.take_problems(refused.problems)
            page = pages.HoursEdit(present, form)
            return render(request, "rental/locations/edit.html", page, fragment="hours_form", status=422)
        return redirect(request, "locations.show", location_id=location_id, toast="Hours saved")


def _conflict(request: Request, location: Location, form: HoursForm) -> Response[Any]:
    """409: what both changed, to be taken field by field."""
    found = find_conflict(form.raw, HoursForm.of_location(location).raw, pages.DAY_WORDS | services.FIELD_LABELS)
    page = pages.HoursConflict(location, found, f"/locations/{location.id}/edit")
    return render(request, "rental/locations/conflict.html", page, fragment="conflict", status=409)
