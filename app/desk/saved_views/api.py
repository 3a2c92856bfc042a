"""Saved views in the JSON API."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Controller, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from app.core.actor import Actor
from app.core.api import record_answer
from app.core.http import CurrentActor, Request, Session, answer, require_match
from app.core.openapi_vocabulary import QueryField
from app.core.permissions import SIGNED_IN
from app.core.values import UNSET, UnsetType
from app.desk.preferences import services as preferences
from app.desk.saved_views import pages, queries
from app.desk.saved_views.models import SavedView
from app.desk.saved_views.rules import ViewQuery
from app.desk.saved_views.schemas import (
    NewSavedView,
    SavedViewFields,
    SavedViewItem,
    SavedViewPage,
    stored_view,
)
from app.desk.saved_views.services import views as services

ADDRESS = "/api/v1/saved-views"
LIST = QueryField("list_key", "The list, such as `vehicles`.", is_required=True)
QUERY = {"filters": "filters", "q": "text", "sort": "sort", "columns": "columns"}


class SavedViewApi(Controller):
    """Filters, order and columns of a list under a name."""

    path = ADDRESS
    tags = ("Saved views",)
    opt = {"permission": SIGNED_IN}

    @get(
        name="api.saved_views.index",
        operation_id="listSavedViews",
        summary="List saved views",
        query=(LIST,),
        refuses=(404,),
    )
    async def index(self, request: Request, actor: CurrentActor) -> Response[SavedViewPage]:
        """One's own views of a list and the shared ones, in the order of the tabs; there are at most 150."""
        shown = request.runtime.assembly.record_list(request.query_params.get("list_key", ""), actor)
        reads = request.runtime.database.reads
        choice = await preferences.find_choice(reads, actor, shown.key)
        found = await queries.list_visible(reads, actor, shown.key)
        return answer(SavedViewPage([pages.item(view, shown, choice.default_view, actor) for view in found], None))

    @post(name="api.saved_views.create", operation_id="createSavedView", summary="Save a view", refuses=(403, 404, 409))
    async def create(
        self, request: Request, session: Session, actor: CurrentActor, data: JSONBody[NewSavedView]
    ) -> Response[SavedViewItem]:
        """Sharing needs the permission for it. Clients may choose the `id`."""
        shown = request.runtime.assembly.record_list(data.list_key, actor)
        view = await services.create_view(
            session,
            shown,
            name=data.name,
            query=_query(data, ViewQuery(sort=shown.spec.default_sort)),
            is_shared=data.is_shared is True,
            is_default=data.is_default is True,
            actor=actor,
            view_id=None if data.id is UNSET else data.id,
        )
        item = await _item(request, view, actor, is_default=data.is_default)
        return answer(item, status=201, etag=view.etag, location=f"{ADDRESS}/{view.id}")

    @get("/{view_id:uuid}", name="api.saved_views.show", operation_id="getSavedView", summary="Read a saved view")
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, view_id: FromPath[UUID]
    ) -> Response[SavedViewItem]:
        """One view, with the ETag that a change needs."""
        view = await services.get_view(session, view_id, actor)
        return record_answer(request, await _item(request, view, actor), view.version)

    @patch(
        "/{view_id:uuid}",
        name="api.saved_views.update",
        operation_id="updateSavedView",
        summary="Change a saved view",
        refuses=(403, 409),
    )
    async def update(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        view_id: FromPath[UUID],
        data: JSONBody[SavedViewFields],
    ) -> Response[SavedViewItem]:
        """JSON Merge Patch: what is absent stays. Needs If-Match. `is_default` is one's own and no new version."""
        view = await queries.lock_view(session, view_id, actor)
        require_match(request, view)
        shown = request.runtime.assembly.record_list(view.list_key, actor)
        fields: dict[str, Any] = {
            name: value for name in ("name", "is_shared", "is_default") if (value := getattr(data, name)) is not UNSET
        }
        if any(getattr(data, name) is not UNSET for name in QUERY):
            fields["query"] = _query(data, view.query)
        view = await services.update_view(session, view_id, shown, fields=fields, actor=actor)
        return answer(await _item(request, view, actor, is_default=data.is_default), etag=view.etag)

    @delete(
        "/{view_id:uuid}",
        name="api.saved_views.destroy",
        operation_id="deleteSavedView",
        summary="Delete a saved view",
        refuses=(403,),
    )
    async def destroy(self, request: Request, session: Session, actor: CurrentActor, view_id: FromPath[UUID]) -> None:
        """Whoever opened it first sees everything again. Needs If-Match."""
        require_match(request, await queries.lock_view(session, view_id, actor))
        await services.delete_view(session, view_id, actor=actor)


def _query(given: SavedViewFields, kept: ViewQuery) -> ViewQuery:
    """What a client sent over what is kept."""
    values: Mapping[str, Any] = {
        attribute: value for name, attribute in QUERY.items() if (value := getattr(given, name)) is not UNSET
    }
    merged = {name: getattr(kept, name) for name in QUERY.values()} | values
    return ViewQuery(**merged)


async def _item(
    request: Request, view: SavedView, actor: Actor, *, is_default: bool | UnsetType = UNSET
) -> SavedViewItem:
    """A view of an open transaction; whether it opens first is read, unless it was just decided."""
    shown = request.runtime.assembly.record_list(view.list_key, actor)
    default = str(view.id) if is_default is True else ""
    if is_default is UNSET:
        default = (await preferences.find_choice(request.runtime.database.reads, actor, shown.key)).default_view
    return pages.item(stored_view(view), shown, default, actor)
