"""Tags on the pages of records."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core.errors import InvalidFields
from app.core.http import CurrentActor, Request, Session, redirect_to, toast_trigger
from app.core.subjects import Subject, find_subject
from app.core.templating import render
from app.desk.tags import pages, services
from app.desk.tags.forms import TagForm

TEMPLATE = "desk/tags/show.html"


class RecordTagController(Controller):
    """The tags of one record of any kind."""

    path = "/records/{kind:str}/{record_id:uuid}/tags"
    opt = {"permission": services.EDIT}
    include_in_schema = False

    @get(name="records.tags.index")
    async def index(
        self, request: Request, session: Session, actor: CurrentActor, kind: FromPath[str], record_id: FromPath[UUID]
    ) -> Response[Any]:
        subject = await _subject(session, kind, record_id, actor)
        return render(request, TEMPLATE, _page(subject, actor, TagForm.of({})))

    @get("/names", name="records.tags.names")
    async def names(
        self, request: Request, session: Session, actor: CurrentActor, kind: FromPath[str], record_id: FromPath[UUID]
    ) -> Response[Any]:
        """Words of the vocabulary that begin like what is typed."""
        await _subject(session, kind, record_id, actor)
        typed = request.query_params.get("name", "")
        found = await services.list_names(request.runtime.database.reads, kind, typed)
        return render(request, "desk/tags/names.html", pages.NamesPage(found))

    @post(name="records.tags.create")
    async def create(
        self, request: Request, session: Session, actor: CurrentActor, kind: FromPath[str], record_id: FromPath[UUID]
    ) -> Response[Any]:
        subject, form = await _subject(session, kind, record_id, actor), await TagForm.from_request(request)
        try:
            form.require_clean()
            await services.add_tag(session, subject.record, form.name, actor=actor)
        except InvalidFields as refused:
            form.take(refused)
            return render(request, TEMPLATE, _page(subject, actor, form), fragment="tags_panel", status=422)
        return _answer(request, subject, actor, "Tag added")

    @post("/removal", name="records.tags.destroy")
    async def destroy(
        self, request: Request, session: Session, actor: CurrentActor, kind: FromPath[str], record_id: FromPath[UUID]
    ) -> Response[Any]:
        subject, form = await _subject(session, kind, record_id, actor), await TagForm.from_request(request)
        form.require_clean()
        await services.remove_tag(session, subject.record, form.name, actor=actor)
        return _answer(request, subject, actor, "Tag removed")


async def _subject(session: Any, kind: str, record_id: UUID, actor: Any) -> Subject:
    return await find_subject(session, kind, record_id, actor, takes=lambda known: known.has_tags)


def _answer(request: Request, subject: Subject, actor: Any, toast: str) -> Response[Any]:
    """The panel for htmx, the record's page for a plain form."""
    if request.is_partial:
        page = _page(subject, actor, TagForm.of({}))
        return render(request, TEMPLATE, page, fragment="tags_panel", headers=toast_trigger(toast))
    return redirect_to(request, f"{subject.address}#tags-panel", toast=toast)


def _page(subject: Subject, actor: Any, form: TagForm) -> pages.RecordTagsPage:
    panel = services.panel(subject, actor)
    assert panel is not None
    return pages.RecordTagsPage(subject, panel, form)
