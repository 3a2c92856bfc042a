"""Attachments in the JSON API."""

from typing import Any
from uuid import UUID

from litestar import Response, delete, get, post
from litestar.params import FromPath

from app.core.api import read_limit
from app.core.db import AsyncSession
from app.core.downloads import file_answer
from app.core.errors import AppError, NotFound
from app.core.http import CurrentActor, Request, Session, answer, no_content, not_modified, require_match
from app.core.openapi_vocabulary import CURSOR, limit_field
from app.core.record_api import RecordApi
from app.core.unit_of_work import run_unit
from app.desk.attachments import queries, rules, services
from app.desk.attachments.adapters.store import Store
from app.desk.attachments.forms import BODY_BYTES, read_upload
from app.desk.attachments.schemas import AttachmentItem, AttachmentPage, attachment_item

PAGE, MOST = 20, rules.MAX_PER_RECORD


class AttachmentApi(RecordApi):
    """Files beside a record: images, which are written anew, and PDF. A file is never changed, only deleted."""

    collection = "attachments"
    opt = {"permission": services.VIEW}

    @get(
        name="attachments.index",
        operation_id="list{Kind}Attachments",
        summary="List the files of a {kind}",
        query=(limit_field(PAGE, MOST), CURSOR),
    )
    async def index(self, request: Request, session: Session, actor: CurrentActor) -> Response[AttachmentPage]:
        """The newest first."""
        subject = await self.subject(request, session, actor)
        limit, cursor = read_limit(request, PAGE, MOST), request.query_params.get("cursor")
        files, after = await queries.list_attachments(
            session, subject.key, request.runtime.cursors, limit=limit, cursor=cursor
        )
        return answer(AttachmentPage([attachment_item(one) for one in files], after))

    @post(
        name="attachments.create",
        operation_id="attach{Kind}File",
        summary="Attach a file to a {kind}",
        permission=services.ADD,
        request_max_body_size=BODY_BYTES,
        takes_file=True,
    )
    async def create(self, request: Request, actor: CurrentActor) -> Response[AttachmentItem]:
        """One JPEG, PNG, WebP or PDF; its type is told by its content. The same content is attached once."""
        async with request.runtime.database.session() as session:
            await self.subject(request, session, actor)
        store = Store(request.runtime.settings.data_dir)
        found = await services.inspect_upload(store, await read_upload(request))

        async def write(session: AsyncSession) -> Response[AttachmentItem]:
            subject = await self.subject(request, session, actor)
            made = await services.add_attachment(session, subject, found, actor=actor)
            address = f"{request.url.path}/{made.id}"
            return answer(attachment_item(made), status=201, etag=made.etag, location=address)

        try:
            return await run_unit(request, write)
        except AppError:
            services.forget_files(store, [found])
            raise

    @get("/{attachment_id:uuid}", name="attachments.show", operation_id="get{Kind}Attachment",
         summary="Get what is known of a file of a {kind}")  # fmt: skip
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, attachment_id: FromPath[UUID]
    ) -> Response[AttachmentItem]:
        """With the ETag that deleting it needs."""
        subject = await self.subject(request, session, actor)
        attachment = await queries.get_attachment(session, subject.key, attachment_id)
        if not_modified(request, attachment.etag):
            return Response(None, status_code=304, headers={"ETag": attachment.etag, "Cache-Control": "no-store"})  # pyright: ignore
        return answer(attachment_item(attachment), etag=attachment.etag)

    @get("/{attachment_id:uuid}/content", name="attachments.content.show", operation_id="get{Kind}AttachmentContent",
         summary="Get a file of a {kind}", gives_files=tuple(rules.ENDINGS))  # fmt: skip
    async def content(
        self, request: Request, session: Session, actor: CurrentActor, attachment_id: FromPath[UUID]
    ) -> Response[Any]:
        """The file itself, to be kept under its name."""
        subject = await self.subject(request, session, actor)
        found = await queries.get_attachment(session, subject.key, attachment_id)
        if not_modified(request, found.etag):
            return Response(None, status_code=304, headers={"ETag": found.etag, "Cache-Control": "no-store"})
        path = Store(request.runtime.settings.data_dir).path(found.id)
        try:
            return await file_answer(path, name=found.name, media_type=found.media_type, etag=found.etag)
        except FileNotFoundError:
            raise NotFound("The file is not in the store.") from None

    @delete("/{attachment_id:uuid}", name="attachments.destroy", operation_id="delete{Kind}Attachment",
            summary="Delete a file of a {kind}", permission=services.ADD, refuses=(428,))  # fmt: skip
    async def destroy(
        self, request: Request, session: Session, actor: CurrentActor, attachment_id: FromPath[UUID]
    ) -> Response[None]:
        """By who attached it, or those who may delete the files of others."""
        subject = await self.subject(request, session, actor)
        require_match(request, await queries.get_attachment(session, subject.key, attachment_id, lock=True))
        await services.delete_attachment(session, subject, attachment_id, actor=actor)
        return no_content()
