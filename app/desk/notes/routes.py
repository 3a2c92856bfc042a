"""Notes on the pages of records."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from markupsafe import Markup

from app.core.errors import InvalidFields
from app.core.http import CurrentActor, Request, Session, redirect_to, toast_trigger
from app.core.subjects import Subject, find_subject
from app.core.templating import render
from app.desk.notes import pages, queries, rules, services
from app.desk.notes.forms import NoteForm
from app.kit.problems import Problem

TEMPLATE, EDIT = "desk/notes/index.html", "desk/notes/edit.html"
PAGE = 20


class NoteController(Controller):
    """The notes of one record of any kind."""

    path = "/records/{kind:str}/{record_id:uuid}/notes"
    opt = {"permission": services.WRITE}
    include_in_schema = False

    @get(name="records.notes.index", permission="notes.view")
    async def index(
        self, request: Request, session: Session, actor: CurrentActor, kind: FromPath[str], record_id: FromPath[UUID]
    ) -> Response[Any]:
        subject = await _subject(session, kind, record_id, actor)
        page = await _page(request, session, subject, NoteForm.of({}), cursor=request.query_params.get("cursor"))
        return render(request, TEMPLATE, page)

    @post(name="records.notes.create")
    async def create(
        self, request: Request, session: Session, actor: CurrentActor, kind: FromPath[str], record_id: FromPath[UUID]
    ) -> Response[Any]:
        subject, form = await _subject(session, kind, record_id, actor), await NoteForm.from_request(request)
        shown = None
        try:
            form.require_clean()
            if form.preview:
                shown = await _preview(session, subject, form)
                page = await _page(request, session, subject, form, shown)
                return render(request, TEMPLATE, page, fragment="notes_panel")
            await services.write_note(session, subject, text=form.text("text").strip(), actor=actor)
        except InvalidFields as refused:
            form.take(refused)
            page = await _page(request, session, subject, form)
            return render(request, TEMPLATE, page, fragment="notes_panel", status=422)
        return await _answer(request, session, subject, "Note added")

    @get("/readers", name="records.notes.readers")
    async def readers(
        self, request: Request, session: Session, actor: CurrentActor, kind: FromPath[str], record_id: FromPath[UUID]
    ) -> Response[Any]:
        """Colleagues who may be named, for what is typed after an @."""
        subject = await _subject(session, kind, record_id, actor)
        typed = request.query_params.get("q", "")[:60]
        found = await services.list_readers(session, subject, typed)
        return render(request, "desk/notes/readers.html", pages.readers(found[: services.OFFERED]))

    @get("/{note_id:uuid}/edit", name="records.notes.edit")
    async def edit(
        self, request: Request, session: Session, actor: CurrentActor, kind: FromPath[str], record_id: FromPath[UUID],
        note_id: FromPath[UUID],
    ) -> Response[Any]:  # fmt: skip
        subject = await _subject(session, kind, record_id, actor)
        note = await queries.get_note(session, subject.key, note_id)
        page = _edit_page(subject, services.shown(note, actor), NoteForm.of({"text": note.text}))
        return render(request, EDIT, page)

    @post("/{note_id:uuid}/edit", name="records.notes.update")
    async def update(
        self, request: Request, session: Session, actor: CurrentActor, kind: FromPath[str], record_id: FromPath[UUID],
        note_id: FromPath[UUID],
    ) -> Response[Any]:  # fmt: skip
        subject, form = await _subject(session, kind, record_id, actor), await NoteForm.from_request(request)
        text = form.text("text").strip()
        try:
            form.require_clean()
            if form.preview:
                note = services.shown(await queries.get_note(session, subject.key, note_id), actor)
                page = _edit_page(subject, note, form, await _preview(session, subject, form))
                return render(request, EDIT, page, fragment="note_form")
            await services.edit_note(session, subject, note_id, text=text, actor=actor)
        except InvalidFields as refused:
            form.take(refused)
            note = await queries.get_note(session, subject.key, note_id)
            page = _edit_page(subject, services.shown(note, actor), form)
            return render(request, EDIT, page, fragment="note_form", status=422)
        return redirect_to(request, f"{subject.address}#note-{note_id}", toast="Note changed")

    @get("/{note_id:uuid}/history", name="records.notes.history", permission="notes.view")
    async def history(
        self, request: Request, session: Session, actor: CurrentActor, kind: FromPath[str], record_id: FromPath[UUID],
        note_id: FromPath[UUID],
    ) -> Response[Any]:  # fmt: skip
        subject = await _subject(session, kind, record_id, actor)
        note = await queries.get_note(session, subject.key, note_id)
        versions = await queries.list_versions(session, note.id)
        page = pages.NoteHistory(subject, pages.revisions(versions))
        return render(request, "desk/notes/history.html", page)

    @post("/{note_id:uuid}/pin", name="records.notes.pin.create")
    async def pin(
        self, request: Request, session: Session, actor: CurrentActor, kind: FromPath[str], record_id: FromPath[UUID],
        note_id: FromPath[UUID],
    ) -> Response[Any]:  # fmt: skip
        subject = await _subject(session, kind, record_id, actor)
        await services.pin_note(session, subject, note_id, is_pinned=True, actor=actor)
        return await _answer(request, session, subject, "Note pinned")

    @post("/{note_id:uuid}/pin/removal", name="records.notes.pin.destroy")
    async def unpin(
        self, request: Request, session: Session, actor: CurrentActor, kind: FromPath[str], record_id: FromPath[UUID],
        note_id: FromPath[UUID],
    ) -> Response[Any]:  # fmt: skip
        subject = await _subject(session, kind, record_id, actor)
        await services.pin_note(session, subject, note_id, is_pinned=False, actor=actor)
        return await _answer(request, session, subject, "Note unpinned")

    @post("/{note_id:uuid}/removal", name="records.notes.destroy")
    async def destroy(
        self, request: Request, session: Session, actor: CurrentActor, kind: FromPath[str], record_id: FromPath[UUID],
        note_id: FromPath[UUID],
    ) -> Response[Any]:  # fmt: skip
        subject = await _subject(session, kind, record_id, actor)
        await services.delete_note(session, subject, note_id, actor=actor)
        return await _answer(request, session, subject, "Note deleted")


async def _subject(session: Any, kind: str, record_id: UUID, actor: Any) -> Subject:
    return await find_subject(session, kind, record_id, actor, takes=lambda known: known.has_notes)


async def _preview(session: Any, subject: Subject, form: NoteForm) -> Markup:
    text = form.text("text").strip()
    if problem := rules.text_problem(text):
        raise InvalidFields([Problem("text", "invalid", problem)])
    people = await services.list_readers(session, subject)
    named = {word: person.name for word, person in rules.mentioned(text, people).items()}
    return Markup(services.preview(text, named))  # noqa: S704 - what nh3 has cleaned  # nosec B704


async def _answer(request: Request, session: Any, subject: Subject, toast: str) -> Response[Any]:
    """The panel for htmx, the record's page for a plain form."""
    if request.is_partial:
        page = await _page(request, session, subject, NoteForm.of({}))
        return render(request, TEMPLATE, page, fragment="notes_panel", headers=toast_trigger(toast))
    return redirect_to(request, f"{subject.address}#notes-panel", toast=toast)


async def _page(
    request: Request, session: Any, subject: Subject, form: NoteForm, preview: Markup | None = None,
    *, cursor: str | None = None,
) -> pages.NotesPage:  # fmt: skip
    limit = services.SHOWN_BESIDE if request.is_partial else PAGE
    panel = await services.panel(session, subject, request.actor, request.runtime.cursors, cursor=cursor, limit=limit)
    assert panel is not None
    return pages.NotesPage(subject, panel, form, preview)


def _edit_page(
    subject: Subject, note: services.ShownNote, form: NoteForm, preview: Markup | None = None
) -> pages.NoteEdit:
    action = f"/records/{subject.kind.key}/{subject.record.id}/notes/{note.id}/edit"
    return pages.NoteEdit(subject, note, action, form, preview)
