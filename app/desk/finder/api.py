"""Search in the JSON API."""

from collections.abc import Sequence
from typing import Annotated

from litestar import Controller, Response, get
from litestar.params import QueryParameter

from app.core.errors import InvalidFields, MalformedRequest
from app.core.filters import highlight
from app.core.http import CurrentActor, Request
from app.core.permissions import SIGNED_IN
from app.core.values import UNSET, Maybe
from app.desk.finder import services
from app.desk.finder.schemas import Highlight, SearchAnswer, SearchItem
from app.desk.finder.services import FoundRecord
from app.kit.problems import Problem
from search.highlight import Segment

DEFAULT_LIMIT, MOST = 20, 50
LONGEST_TEXT = 200
KNOWN = frozenset({"q", "kind", "limit"})
NO_STORE = {"Cache-Control": "no-store"}

Text = Annotated[
    str,
    QueryParameter(
        min_length=1,
        max_length=LONGEST_TEXT,
        description="What is looked for: words in any order, or a plate, VIN, reference, phone number or address.",
    ),
]
Kinds = Annotated[list[str] | None, QueryParameter(description="Only these kinds of record; may be repeated.")]
Limit = Annotated[int, QueryParameter(ge=1, le=MOST, description="How many records at most.")]


class SearchController(Controller):
    """One search over every kind of record that the caller may see."""

    path = "/api/v1/search"
    tags = ["Search"]
    opt = {"permission": SIGNED_IN}

    @get(name="api.search", operation_id="search", summary="Find records of all kinds")
    async def index(
        self, request: Request, actor: CurrentActor, q: Text, kind: Kinds = None, limit: Limit = DEFAULT_LIMIT
    ) -> Response[SearchAnswer]:
        """Best first, the record whose own identifier was typed before all others; only what the caller may see."""
        if unknown := sorted(set(request.query_params) - KNOWN):
            raise MalformedRequest(f"unknown parameter {', '.join(unknown)}; known are {', '.join(sorted(KNOWN))}")
        known = sorted(each.key for each in request.runtime.assembly.kinds.values() if each.search)
        if not set(kind or ()) <= set(known):
            raise InvalidFields([Problem("kind", "invalid", f"Known kinds: {', '.join(known)}")])
        found = await services.find_records(request.runtime, q, actor, only=kind or (), size=limit)
        records = sorted(
            (record for group in found.groups for record in group.records),
            key=lambda record: (not record.is_exact, -record.score),
        )
        answer = SearchAnswer(
            [_item(record) for record in records[:limit]], found.stage.value, found.is_partial, found.is_limited
        )
        return Response(answer, headers=NO_STORE)


def _item(record: FoundRecord) -> SearchItem:
    return SearchItem(
        kind=record.kind.key,
        id=record.id,
        reference=_plain(record.reference),
        title=_plain(record.title),
        subtitle=_plain(record.subtitle),
        highlight=Highlight(_marked(record.reference), _marked(record.title), _marked(record.subtitle)),
        score=round(record.score, 3),
        exact=record.is_exact,
    )


def _plain(segments: Sequence[Segment]) -> str:
    return "".join(segment.text for segment in segments)


def _marked(segments: Sequence[Segment]) -> Maybe[str]:
    if not any(segment.is_marked for segment in segments):
        return UNSET
    return str(highlight((segment.text, segment.is_marked) for segment in segments))
