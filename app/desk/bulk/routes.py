"""Pages of runs: which rows, what is to be done, what it would do, and what it did."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from app.core.area import RecordKind
from app.core.bulk import BulkAction
from app.core.errors import NotFound
from app.core.http import CurrentActor, Request, Session, redirect
from app.core.listing import read_list_query
from app.core.lists import Opened, frame
from app.core.permissions import BULK
from app.core.selections import Sources
from app.core.templating import render
from app.desk.approvals.services import list_shown
from app.desk.bulk import pages, queries
from app.desk.bulk.forms import ActionForm, RetryForm, SelectionForm, StartForm
from app.desk.bulk.models import BulkRun
from app.desk.bulk.rules import RowResult, RunState
from app.desk.bulk.services import drafts, runs
from app.kit.tables import CsvTable

ROWS_AT_ONCE = 500


class BulkController(Controller):
    """Actions on many records."""

    path = "/bulk"
    opt = {"permission": BULK}
    include_in_schema = False

    @get(name="bulk.index")
    async def index(self, request: Request, actor: CurrentActor) -> Response[Any]:
        kinds = kinds_of(request, actor)
        asked = read_list_query(request.query_params.multi_items(), queries.SPEC)
        query, reads = queries.visible(asked, kinds, actor), request.runtime.database.reads
        found = await queries.runs.page(reads, request.runtime.cursors, query, actor)
        total = await queries.runs.count(reads, query, actor)
        titles = {key: kind.plural for key, kind in kinds.items()}
        around = frame(pages.LIST, Opened.plainly(pages.LIST, asked), page=found, total=total, labels={"kind": titles})
        page = pages.RunList(around, [pages.run_row(item, kinds) for item in found.items])
        headers = request.shown_at(around.canonical)
        return render(request, "desk/bulk/index.html", page, headers=headers)

    @post(name="bulk.create")
    async def create(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        form = await SelectionForm.from_request(request)
        kind = kinds_of(request, actor).get(form.kind)
        if kind is None:
            raise NotFound
        action, selection = drafts.find_action(kind, form.action, actor), form.selection
        if not selection.ids and not form.all:
            raise drafts.NothingSelected("Select at least one row of the list.")
        run = await drafts.begin_run(session, sources_of(request), kind, action, selection, actor=actor)
        return redirect(request, "bulk.show", run_id=run.id)

    @get("/{run_id:uuid}", name="bulk.show")
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, run_id: FromPath[UUID]
    ) -> Response[Any]:
        run, kind = await visible_run(request, session, actor, run_id)
        if run.state is RunState.DRAFT:
            page = await draft_page(request, session, actor, run, kind)
            return render(request, "desk/bulk/draft.html", page)
        run = await runs.settle_run(session, run)
        page = await run_page(request, session, actor, run, kind)
        headers = request.shown_at(page.frame.canonical) if request.target == "list-results" else {}
        also = ("list_results",) if request.target == "bulk-state" else ()
        return render(request, "desk/bulk/show.html", page, also=also, headers=headers)

    @get("/{run_id:uuid}/fields", name="bulk.fields.edit")
    async def edit(
        self, request: Request, session: Session, actor: CurrentActor, run_id: FromPath[UUID]
    ) -> Response[Any]:
        run, kind = await visible_run(request, session, actor, run_id)
        if run.state is not RunState.DRAFT:
            return redirect(request, "bulk.show", run_id=run_id)
        page = await form_page(session, actor, run, kind, None)
        return render(request, "desk/bulk/draft.html", page)

    @post("/{run_id:uuid}/fields", name="bulk.fields.update")
    async def update(
        self, request: Request, session: Session, actor: CurrentActor, run_id: FromPath[UUID]
    ) -> Response[Any]:
        run, kind = await visible_run(request, session, actor, run_id)
        action = drafts.find_action(kind, run.action, actor)
        form = await ActionForm.from_request(request)
        given = form.given([field.name for field in action.fields])
        errors = form.errors or await drafts.answer_fields(session, run_id, action, given, actor=actor)
        if errors:
            for name, message in errors.items():
                form.refuse(name, message)
            page = await form_page(session, actor, run, kind, form)
            return render(request, "desk/bulk/draft.html", page, fragment="bulk_form", status=422)
        return redirect(request, "bulk.show", run_id=run_id)


class BulkWorkController(Controller):
    """A run's start, its end, and its results."""

    path = "/bulk/{run_id:uuid}"
    opt = {"permission": BULK}
    include_in_schema = False

    @post("/start", name="bulk.start.create")
    async def start(
        self, request: Request, session: Session, actor: CurrentActor, run_id: FromPath[UUID]
    ) -> Response[Any]:
        run, kind = await visible_run(request, session, actor, run_id)
        drafts.find_action(kind, run.action, actor)
        form = await StartForm.from_request(request)
        try:
            await drafts.start_run(session, sources_of(request), kind, run_id, shown=form.count, actor=actor)
        except drafts.SelectionChanged as changed:
            page = await draft_page(request, session, actor, run, kind, changed.detail)
            return render(request, "desk/bulk/draft.html", page, fragment="bulk_draft", status=409)
        return redirect(request, "bulk.show", run_id=run_id)

    @post("/cancellation", name="bulk.cancellation.create")
    async def cancel(
        self, request: Request, session: Session, actor: CurrentActor, run_id: FromPath[UUID]
    ) -> Response[Any]:
        await visible_run(request, session, actor, run_id)
        run = await runs.cancel_run(session, run_id, actor=actor)
        return redirect(request, "bulk.show", run_id=run_id, toast=f"Stopped after {run.through:,} of {run.total:,}")

    @post("/retry", name="bulk.retry.create")
    async def retry(
        self, request: Request, session: Session, actor: CurrentActor, run_id: FromPath[UUID]
    ) -> Response[Any]:
        run, kind = await visible_run(request, session, actor, run_id)
        drafts.find_action(kind, run.action, actor)
        form = await RetryForm.from_request(request)
        if form.result not in set(RowResult):
            raise NotFound
        await runs.retry_run(session, run_id, RowResult(form.result), actor=actor)
        return redirect(request, "bulk.show", run_id=run_id)

    @get("/results", name="bulk.results.show")
    async def results(self, request: Request, session: Session, actor: CurrentActor, run_id: FromPath[UUID]) -> Stream:
        await visible_run(request, session, actor, run_id)
        asked = read_list_query(request.query_params.multi_items(), queries.ROWS_SPEC)
        headers = {"Content-Disposition": f'attachment; filename="results-{run_id}.csv"', "Cache-Control": "no-store"}
        lines = result_lines(request, actor, queries.of_run(asked, run_id))
        return Stream(lines, media_type="text/csv", headers=headers)


async def result_lines(request: Request, actor: Any, query: Any) -> AsyncGenerator[bytes, None]:
    """The results as lines of CSV, as they are read."""
    table = CsvTable(pages.RESULT_HEADS)
    yield table.head()
    async with request.runtime.database.reads.snapshot() as reads:
        batches = queries.rows.walk(reads, query, actor, batch=ROWS_AT_ONCE)
        async with aclosing(batches):
            async for items in batches:
                yield table.lines(pages.result_cells(item) for item in items)


def kinds_of(request: Request, actor: Any) -> dict[str, RecordKind]:
    """The kinds whose records may be worked on together, of those that the actor sees."""
    kinds = request.runtime.assembly.kinds
    return {key: kind for key, kind in kinds.items() if kind.bulk_actions and actor.may(kind.permission)}


def sources_of(request: Request) -> Sources:
    """The primary: what is about to be done must not rest on a replica that lags."""
    return Sources(request.runtime.database.primary, request.runtime.indexes)


async def visible_run(request: Request, session: Any, actor: Any, run_id: UUID) -> tuple[BulkRun, RecordKind]:
    """A run that the actor may see, and its kind. Raises NotFound."""
    kinds = kinds_of(request, actor)
    run = await queries.get_run(session, run_id, actor, kinds)
    return run, kinds[run.kind]


async def form_page(
    session: Any, actor: Any, run: BulkRun, kind: RecordKind, form: ActionForm | None
) -> pages.DraftPage:
    """What the action asks, with what was answered so far."""
    action = drafts.find_action(kind, run.action, actor)
    shown = form or ActionForm.of_action(action, run.fields or {})
    return pages.draft_page(run, kind, action, shown, await options_of(session, actor, action), run.total)


async def draft_page(
    request: Request, session: Any, actor: Any, run: BulkRun, kind: RecordKind, changed: str = ""
) -> pages.DraftPage:
    """The form, or once it is answered, what would happen."""
    page = await form_page(session, actor, run, kind, None)
    if run.fields is None:
        return page
    values, errors = await page.action.read(session, run.fields, actor)
    if errors:
        for name, message in errors.items():
            page.form.refuse(name, message)
        return page
    preview = await drafts.foresee(sources_of(request), kind, page.action, run, values, actor)
    return pages.with_preview(page, preview, changed)


async def run_page(request: Request, session: Any, actor: Any, run: BulkRun, kind: RecordKind) -> pages.RunPage:
    """A run with one page of its results."""
    asked = read_list_query(request.query_params.multi_items(), queries.ROWS_SPEC)
    query, reads = queries.of_run(asked, run.id), request.runtime.database.primary
    found = await queries.rows.page(reads, request.runtime.cursors, query, actor)
    total = await queries.rows.count(reads, query, actor)
    action = next((one for one in kind.bulk_actions if one.key == run.action), None)
    options = await options_of(session, actor, action) if action else {}
    shown = pages.rows_of(run)
    around = frame(shown, Opened.plainly(shown, asked), page=found, total=total)
    asked = await list_shown(reads, [item.approval_id for item in found.items if item.approval_id], actor)
    return pages.run_page(run, kind, action, options, around, found.items, asked)


async def options_of(session: Any, actor: Any, action: BulkAction) -> Mapping[str, Sequence[tuple[str, str]]]:
    """The menus of an action's form."""
    return {field.name: await field.options(session, actor) for field in action.fields if field.options}
