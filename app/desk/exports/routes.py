"""Pages of exports: asking for a file, waiting for a long one, fetching it."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import File, Stream

from app.core.area import RecordKind
from app.core.errors import NotFound
from app.core.http import CurrentActor, Request, Session, redirect
from app.core.listing import read_list_query
from app.core.lists import Opened, frame
from app.core.permissions import EXPORT
from app.core.selections import Sources
from app.core.templating import render
from app.desk.exports import pages, queries, services
from app.desk.exports.forms import ExportForm
from app.desk.exports.rules import ExportState
from app.desk.exports.schemas import MEDIA_TYPES
from app.desk.staff.services.identity import list_active


class ExportController(Controller):
    """Rows of lists in files."""

    path = "/exports"
    opt = {"permission": EXPORT}
    include_in_schema = False

    @get(name="exports.index")
    async def index(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        asked = read_list_query(request.query_params.multi_items(), queries.SPEC)
        query, reads = queries.own(asked.query, actor), request.runtime.database.primary
        found = await queries.exports.page(reads, request.runtime.cursors, query, actor)
        total = await queries.exports.count(reads, query, actor)
        kinds = {kind.key: kind for kind in request.runtime.assembly.kinds.values() if kind.listing}
        titles = {key: kind.plural for key, kind in kinds.items()}
        names = await names_of(session)
        around = frame(pages.LIST, Opened.plainly(pages.LIST, asked), page=found, total=total, labels={"kind": titles})
        page = pages.ExportList(around, [pages.row(item, kinds.get(item.kind), names) for item in found.items])
        headers = request.shown_at(around.canonical)
        return render(request, "desk/exports/index.html", page, headers=headers)

    @post(name="exports.create")
    async def create(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        form = await ExportForm.from_request(request)
        form.require_clean()
        kind, order = kind_of(request, form.kind), form.order
        sources = Sources(request.runtime.database.reads, request.runtime.indexes)
        export = await services.begin_export(session, sources, kind, order, actor=actor)
        if export.state is ExportState.WRITING:
            return redirect(request, "exports.show", export_id=export.id)
        chunks = services.stream_export(sources, kind, export, request.runtime.settings.data_dir, actor=actor)
        headers = attachment(export.file_name)
        return Stream(chunks, status_code=200, media_type=MEDIA_TYPES[export.format], headers=headers)

    @get("/{export_id:uuid}", name="exports.show")
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, export_id: FromPath[UUID]
    ) -> Response[Any]:
        export = await services.settle_export(session, await queries.get_export(session, export_id, actor))
        written, names = await services.written_rows(session, export), await names_of(session)
        page = pages.export_page(export, kind_of(request, export.kind), written, names)
        return render(request, "desk/exports/show.html", page)

    @get("/{export_id:uuid}/file", name="exports.file.show")
    async def fetch(
        self, request: Request, session: Session, actor: CurrentActor, export_id: FromPath[UUID]
    ) -> Response[Any]:
        data_dir = request.runtime.settings.data_dir
        export, path = await services.find_file(session, export_id, data_dir, actor=actor)
        media_type, headers = MEDIA_TYPES[export.format], {"Cache-Control": "no-store"}
        return File(path, filename=export.file_name, media_type=media_type, headers=headers)


def kind_of(request: Request, key: str) -> RecordKind:
    """Raises NotFound for what has no list to export."""
    kind = request.runtime.assembly.kinds.get(key)
    if kind is None or kind.listing is None:
        raise NotFound
    return kind


async def names_of(session: Any) -> dict[str, str]:
    """Staff by their ids, as filters name them."""
    return {str(one.id): one.name for one in await list_active(session)}


def attachment(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
