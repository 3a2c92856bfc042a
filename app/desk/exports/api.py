"""Exports in the JSON API."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody

from app.core.api import chosen_fields, list_answer, picked
from app.core.area import RecordKind
from app.core.downloads import file_answer
from app.core.errors import InvalidFields, NotFound
from app.core.http import CurrentActor, Request, Session, answer, not_modified
from app.core.openapi_vocabulary import TOTAL
from app.core.permissions import EXPORT
from app.core.selections import MAX_PICKED, Selection, Sources, listing_of
from app.desk.exports import queries, services
from app.desk.exports.models import Export
from app.desk.exports.rules import Format
from app.desk.exports.schemas import MEDIA_TYPES, ExportItem, ExportPage, ExportProgress, NewExport, export_item
from app.kit.problems import Problem

ADDRESS = "/api/v1/exports"


class ExportApi(Controller):
    """Rows of lists in files that the worker writes; each is its maker's alone and kept for 24 hours."""

    path = ADDRESS
    tags = ("Exports",)
    opt = {"permission": EXPORT}

    @get(
        name="api.exports.index",
        operation_id="listExports",
        summary="List exports",
        spec=queries.SPEC,
        selects=ExportItem,
        query=(TOTAL,),
    )
    async def index(self, request: Request, actor: CurrentActor) -> Response[ExportPage]:
        """One's own, the newest first, also those that were sent at once by the pages."""
        return await list_answer(
            request, actor, queries.exports, queries.SPEC, narrow=lambda query: queries.own(query, actor)
        )

    @post(name="api.exports.create", operation_id="createExport", summary="Ask for an export", refuses=(403, 404))
    async def create(
        self, request: Request, session: Session, actor: CurrentActor, data: JSONBody[NewExport]
    ) -> Response[ExportProgress]:
        """Look again until `state` is no longer `writing`: then the `content` is there, or `reason` tells why not."""
        kind = request.runtime.assembly.kinds.get(data.kind)
        if kind is None or kind.listing is None:
            raise NotFound("There is no list of this kind to export.")
        sources = Sources(request.runtime.database.reads, request.runtime.indexes)
        export = await services.begin_export(session, sources, kind, _order(kind, data), actor=actor, waits=True)
        location = f"{ADDRESS}/{export.id}"
        return answer(export_item(export, 0), status=201, etag=_etag(export, 0), location=location)

    @get(
        "/{export_id:uuid}",
        name="api.exports.show",
        operation_id="getExport",
        summary="Read an export",
        selects=ExportProgress,
    )
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, export_id: FromPath[UUID]
    ) -> Response[ExportProgress]:
        """With how many rows are written; its ETag changes with each."""
        export = await services.settle_export(session, await queries.get_export(session, export_id, actor))
        written = await services.written_rows(session, export)
        etag = _etag(export, written)
        if not_modified(request, etag):
            return Response(None, status_code=304, headers={"ETag": etag, "Cache-Control": "no-store"})  # pyright: ignore
        return answer(picked(export_item(export, written), chosen_fields(request, ExportProgress)), etag=etag)

    @get(
        "/{export_id:uuid}/content",
        name="api.exports.content.show",
        operation_id="getExportContent",
        summary="Get the file of an export",
        gives_files=tuple(MEDIA_TYPES.values()),
        refuses=(409,),
    )
    async def content(
        self, request: Request, session: Session, actor: CurrentActor, export_id: FromPath[UUID]
    ) -> Response[Any]:
        """409 while it is being written or when that failed; 404 once it is deleted."""
        data_dir = request.runtime.settings.data_dir
        export, path = await services.find_file(session, export_id, data_dir, actor=actor)
        return await file_answer(path, name=export.file_name, media_type=MEDIA_TYPES[export.format])


def _order(kind: RecordKind, data: NewExport) -> services.Order:
    """Raises InvalidFields; MalformedRequest for filters that the list does not have."""
    listing, problems = listing_of(kind), list[Problem]()
    known = {column.shown_as or column.name for column in listing.columns}
    if unknown := sorted(set(data.columns) - known):
        words = f"There is no {', '.join(unknown)[:200]}; there are {', '.join(sorted(known))}"
        problems.append(Problem("columns", "invalid", words))
    if len(data.ids) > MAX_PICKED:
        problems.append(Problem("ids", "too_many", f"At most {MAX_PICKED}"))
    if problems:
        raise InvalidFields(problems)
    asked = {**data.filters, "q": [data.q] if data.q else [], "sort": [data.sort] if data.sort else []}
    selection = Selection(kind.key, urlencode(asked, doseq=True), [str(one) for one in dict.fromkeys(data.ids)])
    return services.Order(selection, data.columns, Format(data.format), has_mark=data.has_mark)


def _etag(export: Export, written: int) -> str:
    return f'"{export.version}-{written}"'
