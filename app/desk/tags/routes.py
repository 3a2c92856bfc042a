"""Tags on the pages of records."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core.errors import InvalidFields
from app.core.http import CurrentActor, Request, Session, redirect, redirect_to, toast_trigger
from app.core.lists import frame
from app.core.reads import Page
from app.core.subjects import Subject, find_subject
from app.core.templating import render
from app.core.values import UNSET, timestamp
from app.desk.audit_trail.services import timeline
from app.desk.saved_views.services.opening import open_list
from app.desk.tags import pages, queries, services
from app.desk.tags.forms import TagForm
from app.desk.tags.models import Tag
from app.desk.tags.rules import MANAGE
from app.desk.tags.schemas import TagItem

TEMPLATE = "desk/tags/show.html"


class TagController(Controller):
    """The vocabularies, for those who look after them."""

    path = "/tags"
    opt = {"permission": MANAGE}
    include_in_schema = False

    @get(name="tags.index")
    async def index(self, request: Request, actor: CurrentActor) -> Response[Any]:
        reads = request.runtime.database.reads
        opened = await open_list(reads, pages.LIST, request.query_params.multi_items(), actor, pages.views())
        asked, listed = opened.asked, queries.tag_list
        if asked.text:
            found = Page(await listed.by_ids(reads, await queries.find_ids(reads, asked.text), actor))
            total = len(found.items)
        else:
            found = await listed.page(reads, request.runtime.cursors, asked.query, actor)
            total = await listed.count(reads, asked.query, actor)
        uses = await queries.count_uses(reads, [item.id for item in found.items])
        around = frame(pages.LIST, opened, page=found, total=total, labels={"kind": pages.kinds_in_words()})
        page = pages.TagList(around, [pages.row(item, uses[item.id]) for item in found.items])
        return render(request, "desk/tags/index.html", page, headers=request.shown_at(around.canonical))

    @get("/{tag_id:uuid}", name="tags.show")
    async def show(self, request: Request, session: Session, tag_id: FromPath[UUID]) -> Response[Any]:
        tag = await queries.get_by_id(session, tag_id)
        shown = await _row(request, tag)
        into = await queries.get_by_id(session, tag.merged_into_id) if tag.merged_into_id else None
        page = pages.TagPage(
            tag, shown, into.name if into else "", f"/tags/{into.id}" if into else "", pages.moves_for(tag, shown),
            await timeline(session, tag),
        )  # fmt: skip
        return render(request, "desk/tags/tag.html", page)

    @get("/{tag_id:uuid}/names", name="tags.names")
    async def names(self, request: Request, session: Session, tag_id: FromPath[UUID]) -> Response[Any]:
        """Other words of the same vocabulary that begin like what is typed."""
        tag, typed = await queries.get_by_id(session, tag_id), request.query_params.get("name", "")
        found = await services.list_names(request.runtime.database.reads, tag.kind, typed)
        page = pages.NamesPage([name for name in found if name != tag.name])
        return render(request, "desk/tags/names.html", page, fragment="tag_names")

    @post("/{tag_id:uuid}/renaming", name="tags.renaming.create")
    async def rename(
        self, request: Request, session: Session, actor: CurrentActor, tag_id: FromPath[UUID]
    ) -> Response[Any]:
        return await _move(request, session, actor, tag_id, "renaming")

    @post("/{tag_id:uuid}/merging", name="tags.merging.create")
    async def merge(
        self, request: Request, session: Session, actor: CurrentActor, tag_id: FromPath[UUID]
    ) -> Response[Any]:
        return await _move(request, session, actor, tag_id, "merging")

    @post("/{tag_id:uuid}/deletion", name="tags.deletion.create")
    async def delete(
        self, request: Request, session: Session, actor: CurrentActor, tag_id: FromPath[UUID]
    ) -> Response[Any]:
        tag = await services.delete_tag(session, tag_id, actor=actor)
        return redirect(request, "tags.index", toast=f"{tag.name} is being taken off its records")


async def _row(request: Request, tag: Tag) -> pages.Row:
    key, reads = str(tag.id), request.runtime.database.reads
    item = TagItem(key, tag.kind, tag.name, tag.state.value, UNSET, timestamp(tag.created_at))
    return pages.row(item, (await queries.count_uses(reads, [key]))[key])


async def _move(request: Request, session: Any, actor: Any, tag_id: UUID, move: str) -> Response[Any]:
    tag, form = await queries.get_by_id(session, tag_id), await TagForm.from_request(request)
    change = services.rename_tag if move == "renaming" else services.merge_tag
    try:
        form.require_clean()
        into = await change(session, tag_id, form.name, actor=actor)
    except InvalidFields as refused:
        form.take(refused)
        shown = pages.moves_for(tag, await _row(request, tag), form)
        page = pages.MovePage(tag, next(one for one in shown if one.name == move))
        return render(request, "desk/tags/move.html", page, fragment="tag_move", status=422)
    toast = f"{tag.name} becomes {into.name} on its records"
    return redirect(request, "tags.show", tag_id=into.id, toast=toast)


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
