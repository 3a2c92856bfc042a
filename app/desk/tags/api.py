"""Tags in the JSON API: those of a record, and the vocabulary of a kind."""

from typing import Annotated, Any

from litestar import Controller, Response, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from app.core.area import RecordKind
from app.core.errors import NotFound
from app.core.http import CurrentActor, Request, Session, answer, honour_match, not_modified
from app.core.record_api import RecordApi
from app.desk.tags import services
from app.desk.tags.rules import LONGEST_NAME
from app.desk.tags.schemas import RecordTags, TagName, TagNames


class RecordTagApi(RecordApi):
    """The tags of a record. They are part of it: tagging gives the record a new version, and this is its ETag."""

    collection = "tags"
    opt = {"permission": services.EDIT}

    @classmethod
    def takes(cls, kind: RecordKind) -> bool:
        return kind.has_tags

    @get(name="tags.index", operation_id="list{Kind}Tags", summary="List the tags of a {kind}", permission="tags.view")
    async def index(self, request: Request, session: Session, actor: CurrentActor) -> Response[RecordTags]:
        """In the order in which they were added."""
        record: Any = (await self.subject(request, session, actor)).record
        if not_modified(request, record.etag):
            return Response(None, status_code=304, headers={"ETag": record.etag, "Cache-Control": "no-store"})  # pyright: ignore
        return _tags(record)

    @post(name="tags.create", operation_id="add{Kind}Tag", summary="Tag a {kind}", status_code=200)
    async def create(
        self, request: Request, session: Session, actor: CurrentActor, data: JSONBody[TagName]
    ) -> Response[RecordTags]:
        """A word that the vocabulary does not have is added to it, by those who may. Twice changes nothing."""
        subject = await self.subject(request, session, actor)
        honour_match(request, subject.record)
        return _tags(await services.add_tag(session, subject.record, data.name, actor=actor))

    @delete(
        "/{name:str}",
        name="tags.destroy",
        operation_id="remove{Kind}Tag",
        summary="Take a tag off a {kind}",
        status_code=200,
    )
    async def destroy(
        self, request: Request, session: Session, actor: CurrentActor, name: FromPath[str]
    ) -> Response[RecordTags]:
        """One that it does not bear changes nothing."""
        subject = await self.subject(request, session, actor)
        honour_match(request, subject.record)
        return _tags(await services.remove_tag(session, subject.record, name, actor=actor))


class TagApi(Controller):
    """The vocabulary, to choose from."""

    path = "/api/v1/tags"
    tags = ["Tags"]
    opt = {"permission": "tags.view"}

    @get(name="api.tags.index", operation_id="listTags", summary="List the tags of a kind of record", refuses=(404,))
    async def index(
        self,
        request: Request,
        actor: CurrentActor,
        kind: Annotated[str, QueryParameter(description="The kind of record, such as vehicle.", max_length=32)],
        beginning: Annotated[str, QueryParameter(description="How the tags begin.", max_length=LONGEST_NAME)] = "",
    ) -> Response[TagNames]:
        """The first few in alphabetical order, for those who may see such records."""
        known = request.runtime.assembly.kinds.get(kind)
        if known is None or not known.has_tags or not actor.may(known.permission):
            raise NotFound
        return answer(TagNames(await services.list_names(request.runtime.database.reads, kind, beginning)))


def _tags(record: Any) -> Response[RecordTags]:
    return answer(RecordTags(record.tags), etag=record.etag)
