"""Notes in the JSON API."""

from uuid import UUID

from litestar import Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from app.core.api import read_limit
from app.core.http import CurrentActor, Request, Session, answer, no_content, not_modified, require_match
from app.core.openapi_vocabulary import CURSOR, limit_field
from app.core.record_api import RecordApi
from app.core.values import UNSET, timestamp
from app.desk.notes import queries, services
from app.desk.notes.models import Note
from app.desk.notes.schemas import (
    NewNote,
    NoteFields,
    NoteItem,
    NotePage,
    NoteVersionItem,
    NoteVersions,
    note_item,
)

PAGE, MOST = 20, 100


class NoteApi(RecordApi):
    """Notes beside a record. Authors change their own; the text of a deleted one is gone."""

    collection = "notes"
    opt = {"permission": services.WRITE}

    @get(
        name="notes.index",
        operation_id="list{Kind}Notes",
        summary="List the notes of a {kind}",
        permission="notes.view",
        query=(limit_field(PAGE, MOST), CURSOR),
    )
    async def index(self, request: Request, session: Session, actor: CurrentActor) -> Response[NotePage]:
        """Pinned ones first, then the newest."""
        subject = await self.subject(request, session, actor)
        limit, cursor = read_limit(request, PAGE, MOST), request.query_params.get("cursor")
        notes, after = await queries.list_notes(
            session, subject.key, request.runtime.cursors, limit=limit, cursor=cursor
        )
        return answer(NotePage([_item(note) for note in notes], after))

    @post(name="notes.create", operation_id="write{Kind}Note", summary="Write a note beside a {kind}")
    async def create(
        self, request: Request, session: Session, actor: CurrentActor, data: JSONBody[NewNote]
    ) -> Response[NoteItem]:
        """Markdown. `@Name` names members of staff who may see the record, and tells them."""
        subject = await self.subject(request, session, actor)
        note = await services.write_note(session, subject, text=data.text.strip(), actor=actor)
        return answer(_item(note), status=201, etag=note.etag, location=f"{request.url.path}/{note.id}")

    @get("/{note_id:uuid}", name="notes.show", operation_id="get{Kind}Note", summary="Read a note of a {kind}",
         permission="notes.view")  # fmt: skip
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, note_id: FromPath[UUID]
    ) -> Response[NoteItem]:
        """One note, with the ETag that a change needs."""
        subject = await self.subject(request, session, actor)
        note = await queries.get_note(session, subject.key, note_id)
        if not_modified(request, note.etag):
            return Response(None, status_code=304, headers={"ETag": note.etag, "Cache-Control": "no-store"})  # pyright: ignore
        return answer(_item(note), etag=note.etag)

    @patch("/{note_id:uuid}", name="notes.update", operation_id="change{Kind}Note",
           summary="Change a note of a {kind}", refuses=(409,))  # fmt: skip
    async def update(
        self, request: Request, session: Session, actor: CurrentActor, note_id: FromPath[UUID],
        data: JSONBody[NoteFields],
    ) -> Response[NoteItem]:  # fmt: skip
        """The text, by its author or those who may change others' notes; or whether it is pinned."""
        subject = await self.subject(request, session, actor)
        note = await queries.get_note(session, subject.key, note_id, lock=True)
        require_match(request, note)
        if data.text is not UNSET:
            text = str(data.text).strip()
            note = await services.edit_note(session, subject, note_id, text=text, actor=actor)
        if data.is_pinned is not UNSET:
            await session.flush()
            note = await services.pin_note(session, subject, note_id, is_pinned=bool(data.is_pinned), actor=actor)
        await session.flush()
        return answer(_item(note), etag=note.etag)

    @delete("/{note_id:uuid}", name="notes.destroy", operation_id="delete{Kind}Note",
            summary="Delete a note of a {kind}", refuses=(428,))  # fmt: skip
    async def destroy(
        self, request: Request, session: Session, actor: CurrentActor, note_id: FromPath[UUID]
    ) -> Response[None]:
        """Its text and every earlier version are gone; that it was there stays."""
        subject = await self.subject(request, session, actor)
        require_match(request, await queries.get_note(session, subject.key, note_id, lock=True))
        await services.delete_note(session, subject, note_id, actor=actor)
        return no_content()

    @get("/{note_id:uuid}/versions", name="notes.versions", operation_id="list{Kind}NoteVersions",
         summary="List the versions of a note of a {kind}", permission="notes.view")  # fmt: skip
    async def versions(
        self, request: Request, session: Session, actor: CurrentActor, note_id: FromPath[UUID]
    ) -> Response[NoteVersions]:
        """What the note said before it was changed."""
        subject = await self.subject(request, session, actor)
        note = await queries.get_note(session, subject.key, note_id)
        found = await queries.list_versions(session, note.id)
        items = [NoteVersionItem(one.number, one.text, timestamp(one.written_at), one.written_by) for one in found]
        return answer(NoteVersions(items), etag=note.etag)


def _item(note: Note) -> NoteItem:
    return note_item(note, services.to_html(note))
