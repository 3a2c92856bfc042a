"""Attachments on the pages of records."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core.actor import Actor
from app.core.db import AsyncSession
from app.core.downloads import file_answer
from app.core.errors import AppError, InvalidFields, NotFound
from app.core.http import CurrentActor, Request, Session, redirect_to
from app.core.subjects import Subject, find_subject
from app.core.templating import render
from app.core.unit_of_work import run_unit
from app.desk.attachments import pages, queries, rules, services
from app.desk.attachments.adapters.store import Store
from app.desk.attachments.forms import BODY_BYTES, read_uploads
from app.desk.attachments.models import Attachment
from app.desk.attachments.services import Inspected, Refused

TEMPLATE = "desk/attachments/index.html"


class AttachmentController(Controller):
    """The files of one record of any kind."""

    path = "/records/{kind:str}/{record_id:uuid}/attachments"
    opt = {"permission": services.VIEW}
    include_in_schema = False

    @get(name="records.attachments.index")
    async def index(
        self, request: Request, session: Session, actor: CurrentActor, kind: FromPath[str], record_id: FromPath[UUID]
    ) -> Response[Any]:
        subject = await _subject(session, kind, record_id, actor)
        return render(request, TEMPLATE, await _page(request, session, subject))

    @post(name="records.attachments.create", permission=services.ADD, request_max_body_size=BODY_BYTES)
    async def create(
        self, request: Request, actor: CurrentActor, kind: FromPath[str], record_id: FromPath[UUID]
    ) -> Response[Any]:
        async with request.runtime.database.session() as session:
            await _subject(session, kind, record_id, actor)
        store = store_of(request)
        try:
            found, refused = await services.inspect_uploads(store, await read_uploads(request))
        except InvalidFields as error:
            found, refused = [], [Refused("", error.problems[0].detail)]

        async def write(session: AsyncSession) -> Response[Any]:
            subject = await _subject(session, kind, record_id, actor)
            return await _attach(request, session, subject, found, refused)

        try:
            return await run_unit(request, write)
        except AppError:
            services.forget_files(store, found)
            raise

    @get("/{attachment_id:uuid}", name="records.attachments.show")
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, kind: FromPath[str], record_id: FromPath[UUID],
        attachment_id: FromPath[UUID],
    ) -> Response[Any]:  # fmt: skip
        subject = await _subject(session, kind, record_id, actor)
        attachment = await queries.get_attachment(session, subject.key, attachment_id)
        page = pages.AttachmentPage(subject, services.shown(attachment, actor), request.url.path)
        return render(request, "desk/attachments/show.html", page)

    @get("/{attachment_id:uuid}/content", name="records.attachments.content.show")
    async def content(
        self, request: Request, session: Session, actor: CurrentActor, kind: FromPath[str], record_id: FromPath[UUID],
        attachment_id: FromPath[UUID],
    ) -> Response[Any]:  # fmt: skip
        subject = await _subject(session, kind, record_id, actor)
        attachment = await queries.get_attachment(session, subject.key, attachment_id)
        return await _file(request, attachment)

    @get("/{attachment_id:uuid}/preview", name="records.attachments.preview.show")
    async def preview(
        self, request: Request, session: Session, actor: CurrentActor, kind: FromPath[str], record_id: FromPath[UUID],
        attachment_id: FromPath[UUID],
    ) -> Response[Any]:  # fmt: skip
        """An image to be looked at; documents are only given to be kept."""
        subject = await _subject(session, kind, record_id, actor)
        attachment = await queries.get_attachment(session, subject.key, attachment_id)
        if not attachment.is_image:
            raise NotFound
        return await _file(request, attachment, is_inline=True)

    @get("/{attachment_id:uuid}/thumbnail", name="records.attachments.thumbnail.show")
    async def thumbnail(
        self, request: Request, session: Session, actor: CurrentActor, kind: FromPath[str], record_id: FromPath[UUID],
        attachment_id: FromPath[UUID],
    ) -> Response[Any]:  # fmt: skip
        subject = await _subject(session, kind, record_id, actor)
        attachment = await queries.get_attachment(session, subject.key, attachment_id)
        return await _file(request, attachment, is_inline=True, is_small=True)

    @post("/{attachment_id:uuid}/removal", name="records.attachments.destroy", permission=services.ADD)
    async def destroy(
        self, request: Request, session: Session, actor: CurrentActor, kind: FromPath[str], record_id: FromPath[UUID],
        attachment_id: FromPath[UUID],
    ) -> Response[Any]:  # fmt: skip
        subject = await _subject(session, kind, record_id, actor)
        await services.delete_attachment(session, subject, attachment_id, actor=actor)
        return await _answer(request, session, subject, "File deleted")


def store_of(request: Request) -> Store:
    return Store(request.runtime.settings.data_dir)


async def _subject(session: Any, kind: str, record_id: UUID, actor: Actor) -> Subject:
    return await find_subject(session, kind, record_id, actor, takes=lambda known: known.has_notes)


async def _attach(
    request: Request, session: AsyncSession, subject: Subject, found: list[Inspected], refused: list[Refused]
) -> Response[Any]:
    """What could be attached is; the page says what could not, and why."""
    added, late = await services.add_attachments(session, subject, found, actor=request.actor)
    kept = {one.id for one in added}
    services.forget_files(store_of(request), [one for one in found if one.id not in kept])
    refused = [*refused, *late]
    if refused:
        page = await _page(request, session, subject, refused)
        return render(request, TEMPLATE, page, fragment="attachments_panel", status=422)
    return await _answer(request, session, subject, pages.added_words(len(added), 0))


async def _answer(request: Request, session: Any, subject: Subject, toast: str) -> Response[Any]:
    """The panel for htmx, the record's page for a plain form."""
    if request.is_partial:
        page = await _page(request, session, subject)
        return render(request, TEMPLATE, page, fragment="attachments_panel")
    return redirect_to(request, f"{subject.address}#attachments-panel", toast=toast)


async def _page(
    request: Request, session: Any, subject: Subject, refused: list[Refused] | None = None
) -> pages.AttachmentsPage:
    limit = services.SHOWN_BESIDE if request.is_partial else rules.MAX_PER_RECORD
    panel = await services.panel(session, subject, request.actor, request.runtime.cursors, limit=limit)
    assert panel is not None
    return pages.AttachmentsPage(subject, panel, refused or ())


async def _file(
    request: Request, attachment: Attachment, *, is_inline: bool = False, is_small: bool = False
) -> Response[Any]:
    store = store_of(request)
    path = store.thumbnail(attachment.id) if is_small else store.path(attachment.id)
    media_type = "image/jpeg" if is_small else attachment.media_type
    try:
        return await file_answer(path, name=attachment.name, media_type=media_type, is_inline=is_inline)
    except FileNotFoundError:
        raise NotFound("The file is not in the store.") from None
