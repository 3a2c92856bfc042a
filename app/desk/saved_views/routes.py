"""Saving, changing, ordering and deleting views."""

from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core.actor import Actor
from app.core.errors import Forbidden
from app.core.http import CurrentActor, Request, Session, redirect_to
from app.core.lists import RecordList
from app.core.permissions import SIGNED_IN
from app.core.templating import render
from app.desk.preferences import services as preferences
from app.desk.preferences.rules import STEPS
from app.desk.saved_views import pages, queries
from app.desk.saved_views.forms import QueryForm, StepForm, ViewForm
from app.desk.saved_views.models import SavedView
from app.desk.saved_views.rules import ViewQuery
from app.desk.saved_views.services import views as services
from app.desk.saved_views.services.opening import query_string, read_query_string

TEMPLATE = "desk/saved_views/edit.html"
MOST_PARAMETERS = 300


class SavedViewController(Controller):
    """Views of lists: one's own, and those that are shared."""

    path = "/saved-views"
    opt = {"permission": SIGNED_IN}
    include_in_schema = False

    @get(name="saved_views.index")
    async def index(self, request: Request, actor: CurrentActor) -> Response[Any]:
        shown, reads = (
            request.runtime.assembly.record_list(request.query_params.get("list", ""), actor),
            request.runtime.database.reads,
        )
        choice = await preferences.find_choice(reads, actor, shown.key)
        found = await queries.list_visible(reads, actor, shown.key)
        page = pages.views_page(shown, found, choice.default_view, actor)
        return render(request, "desk/saved_views/index.html", page)

    @get("/new", name="saved_views.new")
    async def new(self, request: Request, actor: CurrentActor) -> Response[Any]:
        shown, query = (
            request.runtime.assembly.record_list(request.query_params.get("list", ""), actor),
            _query_of(request),
        )
        form = ViewForm.of({"list_key": shown.key, "query": query_string(_read(query, shown))})
        return render(request, TEMPLATE, pages.view_page(form, shown, _read(query, shown), actor))

    @post(name="saved_views.create")
    async def create(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        form = await ViewForm.from_request(request)
        shown = request.runtime.assembly.record_list(form.text("list_key"), actor)
        query = _read(form.text("query"), shown)
        view = await form.submit(_create, session, shown, query=query, actor=actor)
        if view is None:
            page = pages.view_page(form, shown, query, actor)
            return render(request, TEMPLATE, page, fragment="dialog", status=422)
        return redirect_to(request, _address(shown, view), toast=f"View {view.name} saved")

    @get("/{view_id:uuid}/edit", name="saved_views.edit")
    async def edit(
        self, request: Request, session: Session, actor: CurrentActor, view_id: FromPath[UUID]
    ) -> Response[Any]:
        view, shown = await _editable(request, session, actor, view_id)
        choice = await preferences.find_choice(request.runtime.database.reads, actor, shown.key)
        is_default = choice.default_view == str(view.id)
        form = ViewForm.of(
            {"name": view.name, "is_shared": view.is_shared, "is_default": is_default, "version": view.version}
        )
        return render(request, TEMPLATE, pages.view_page(form, shown, view.query, actor, view))

    @post("/{view_id:uuid}/edit", name="saved_views.update")
    async def update(
        self, request: Request, session: Session, actor: CurrentActor, view_id: FromPath[UUID]
    ) -> Response[Any]:
        form = await ViewForm.from_request(request)
        view, shown = await _editable(request, session, actor, view_id)
        fields = (
            {"name": form.text("name"), "is_shared": form.is_shared, "is_default": form.is_default}
            if not form.errors
            else {}
        )
        changed = await form.submit(
            services.update_view, session, view_id, shown, fields=fields, version=form.version, actor=actor
        )
        if changed is None:
            page = pages.view_page(form, shown, view.query, actor, view)
            return render(request, TEMPLATE, page, fragment="dialog", status=422)
        return redirect_to(request, _address(shown, changed), toast="View saved")

    @post("/{view_id:uuid}/query", name="saved_views.query.update")
    async def keep(
        self, request: Request, session: Session, actor: CurrentActor, view_id: FromPath[UUID]
    ) -> Response[Any]:
        """The view shows from now on what its list shows at present."""
        form = await QueryForm.from_request(request)
        form.require_clean()
        _, shown = await _editable(request, session, actor, view_id)
        query = _read(form.text("query"), shown)
        view = await services.update_view(
            session, view_id, shown, fields={"query": query}, version=form.version, actor=actor
        )
        return redirect_to(request, _address(shown, view), toast=f"View {view.name} saved")

    @post("/{view_id:uuid}/position", name="saved_views.position.update")
    async def move(
        self, request: Request, session: Session, actor: CurrentActor, view_id: FromPath[UUID]
    ) -> Response[Any]:
        form = await StepForm.from_request(request)
        step = STEPS.get(form.text("step"), 0)
        view = await services.move_view(session, view_id, step, actor=actor)
        return redirect_to(request, f"/saved-views?list={view.list_key}")

    @post("/{view_id:uuid}/removal", name="saved_views.destroy")
    async def destroy(
        self, request: Request, session: Session, actor: CurrentActor, view_id: FromPath[UUID]
    ) -> Response[Any]:
        view = await services.delete_view(session, view_id, actor=actor)
        return redirect_to(request, f"/saved-views?list={view.list_key}", toast=f"View {view.name} deleted")


async def _editable(request: Request, session: Any, actor: Actor, view_id: UUID) -> tuple[SavedView, RecordList]:
    view = await services.get_view(session, view_id, actor)
    if not services.may_edit(view.owner_id, actor, view.is_shared):
        raise Forbidden("This view is somebody else's.")
    return view, request.runtime.assembly.record_list(view.list_key, actor)


async def _create(
    session: Any, shown: RecordList, *, fields: dict[str, Any], query: ViewQuery, actor: Actor
) -> SavedView:
    return await services.create_view(
        session, shown, name=fields["name"], query=query, is_shared=bool(fields["is_shared"]),
        is_default=bool(fields["is_default"]), actor=actor,
    )  # fmt: skip


def _query_of(request: Request) -> str:
    return request.query_params.get("query", "")


def _read(query: str, shown: RecordList) -> ViewQuery:
    """What a list showed, as far as it is understood."""
    return read_query_string(parse_qsl(query, max_num_fields=MOST_PARAMETERS), shown)


def _address(shown: RecordList, view: SavedView) -> str:
    return f"{shown.path}?view={view.id}"
