"""Import pages: the list, an upload, its columns, and the import itself."""

import asyncio
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core.errors import Forbidden, NotFound
from app.core.http import CurrentActor, Request, Session, redirect
from app.core.importing import Importer, Result
from app.core.lists import frame
from app.core.templating import render
from app.desk.imports import adapters, pages, queries
from app.desk.imports.forms import MappingForm, UploadForm
from app.desk.imports.models import ImportRun
from app.desk.imports.rules import RunState
from app.desk.imports.services import runs
from app.desk.saved_views.services.opening import open_list
from app.kit.sheets import SheetError

FORM_BYTES = 1024 * 1024
"""Room for the parts of a form around its file."""
MAX_REFUSED_ROWS = 100_000


class ImportController(Controller):
    """Files on their way into the records."""

    path = "/imports"
    opt = {"permission": "imports.view"}
    include_in_schema = False

    @get(name="imports.index")
    async def index(self, request: Request, actor: CurrentActor) -> Response[Any]:
        importers = importers_of(request)
        parameters = request.query_params.multi_items()
        opened = await open_list(request.runtime.database.reads, pages.LIST, parameters, actor)
        asked = opened.asked
        query = queries.visible(asked, importers, actor)
        reads = request.runtime.database.reads
        found = await queries.runs.page(reads, request.runtime.cursors, query, actor)
        total = await queries.runs.count(reads, query, actor)
        titles = {key: importer.title for key, importer in importers.items() if actor.may(importer.permission)}
        around = frame(pages.LIST, opened, page=found, total=total, labels={"kind": titles})
        page = pages.RunList(around, [pages.row(item, titles) for item in found.items], list(titles.items()))
        headers = request.shown_at(around.canonical)
        return render(request, "desk/imports/index.html", page, headers=headers)

    @get("/new", name="imports.new")
    async def new(self, request: Request, actor: CurrentActor) -> Response[Any]:
        form = UploadForm.of({"kind": request.query_params.get("kind", "")})
        return render(request, "desk/imports/new.html", new_page(request, actor, form))

    @post(name="imports.create", request_max_body_size=adapters.MAX_UPLOAD_BYTES + FORM_BYTES)
    async def create(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        form = await UploadForm.from_request(request)
        form.require_file()
        kind = form.kind or ""
        if kind not in permitted(request, actor):
            form.refuse("kind", "Choose what the rows are")
        run = None
        if not form.errors:
            data_dir = request.runtime.settings.data_dir
            importer = permitted(request, actor)[kind]
            run = await form.submit(runs.begin_import, session, importer, actor=actor, data_dir=data_dir)
        if run is None:
            page = new_page(request, actor, form)
            return render(request, "desk/imports/new.html", page, fragment="upload_form", status=422)
        return redirect(request, "imports.mapping.edit", run_id=run.id)

    @get("/{run_id:uuid}", name="imports.show")
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, run_id: FromPath[UUID]
    ) -> Response[Any]:
        run, importer = await visible_run(request, session, actor, run_id)
        run = await runs.settle_run(session, run)
        return render(request, "desk/imports/show.html", await page_of(session, run, importer))

    @get("/{run_id:uuid}/refused", name="imports.refused.show")
    async def refused(
        self, request: Request, session: Session, actor: CurrentActor, run_id: FromPath[UUID]
    ) -> Response[bytes]:
        run, _ = await visible_run(request, session, actor, run_id)
        rows = await queries.list_rows(session, run.id, limit=MAX_REFUSED_ROWS, results=[Result.REFUSED])
        mapping = run.column_mapping
        if not rows or mapping is None:
            raise NotFound
        lines = [pages.refused_line(staged) for staged in rows]
        content = await asyncio.to_thread(
            adapters.refused_csv, request.runtime.settings.data_dir, run.headers, mapping.secret, lines
        )
        name = f"{run.source}-refused.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(content, media_type="text/csv; charset=utf-8", headers=headers)

    @post("/{run_id:uuid}/confirmation", name="imports.confirmation.create")
    async def confirm(
        self, request: Request, session: Session, actor: CurrentActor, run_id: FromPath[UUID]
    ) -> Response[Any]:
        await visible_run(request, session, actor, run_id)
        await runs.confirm_import(session, run_id, actor=actor)
        return redirect(request, "imports.show", run_id=run_id)


class MappingController(Controller):
    """What becomes of each column."""

    path = "/imports/{run_id:uuid}/mapping"
    opt = {"permission": "imports.view"}
    include_in_schema = False

    @get(name="imports.mapping.edit")
    async def edit(
        self, request: Request, session: Session, actor: CurrentActor, run_id: FromPath[UUID]
    ) -> Response[Any]:
        run, importer = await visible_run(request, session, actor, run_id)
        mapping = run.column_mapping
        if mapping is None or run.state not in (RunState.UPLOADED, RunState.CHECKED, RunState.FAILED):
            return redirect(request, "imports.show", run_id=run_id)
        form = MappingForm.of_mapping(mapping, run.source, run.headers)
        return render(
            request, "desk/imports/mapping.html", await columns_page(request, session, actor, run, importer, form)
        )

    @post(name="imports.mapping.update")
    async def update(
        self, request: Request, session: Session, actor: CurrentActor, run_id: FromPath[UUID]
    ) -> Response[Any]:
        run, importer = await visible_run(request, session, actor, run_id)
        base = run.column_mapping
        if base is None:
            raise NotFound
        form = await MappingForm.from_request(request)
        chosen = {"mapping": form.mapping(importer, run.headers, base), "source": form.source_name}
        if await form.submit(runs.map_columns, session, run_id, importer, fields=chosen, actor=actor) is None:
            page = await columns_page(request, session, actor, run, importer, form)
            return render(request, "desk/imports/mapping.html", page, fragment="mapping_form", status=422)
        return redirect(request, "imports.show", run_id=run_id)


def importers_of(request: Request) -> dict[str, Importer]:
    """Everything that can be imported, by key."""
    kinds = request.runtime.assembly.kinds.values()
    return {kind.importer.key: kind.importer for kind in kinds if kind.importer is not None}


def permitted(request: Request, actor: Any) -> dict[str, Importer]:
    """What the actor may import."""
    return {key: one for key, one in importers_of(request).items() if actor.may(one.permission)}


async def visible_run(request: Request, session: Any, actor: Any, run_id: UUID) -> tuple[ImportRun, Importer]:
    """An import that the actor may see, and its kind. Raises NotFound."""
    allowed = permitted(request, actor)
    run = await queries.get_run(session, run_id, actor, allowed)
    return run, allowed[run.kind]


def new_page(request: Request, actor: Any, form: UploadForm) -> pages.NewImport:
    """The upload form. Raises Forbidden for those who may import nothing of the kind."""
    allowed = permitted(request, actor)
    kind = form.text("kind")
    if not allowed or (kind in importers_of(request) and kind not in allowed):
        raise Forbidden("You may not import these records.")
    kinds = [(key, importer.title) for key, importer in allowed.items()]
    return pages.NewImport(form, kinds, dict(kinds).get(kind, ""))


async def columns_page(
    request: Request, session: Any, actor: Any, run: ImportRun, importer: Importer, form: MappingForm
) -> pages.MappingPage:
    """The mapping form with the first values of the file."""
    mapping = run.column_mapping
    assert mapping is not None
    path = adapters.upload_path(request.runtime.settings.data_dir, run.id)
    try:
        _, samples = await asyncio.to_thread(adapters.read_sample, path)
    except (OSError, SheetError):
        samples = []
    menus = await importer.menus(session, actor)
    return pages.mapping_page(run, importer, form, mapping, samples, menus)


async def page_of(session: Any, run: ImportRun, importer: Importer) -> pages.RunPage:
    """An import with the rows that its state lets show."""
    if run.state in (RunState.UPLOADED, RunState.CHECKING, RunState.RUNNING):
        return pages.run_page(run, importer)
    first = await queries.list_rows(session, run.id, limit=pages.SHOWN_ROWS)
    refused = await queries.list_rows(session, run.id, limit=pages.SHOWN_REFUSED, results=[Result.REFUSED])
    return pages.run_page(run, importer, first, refused)
