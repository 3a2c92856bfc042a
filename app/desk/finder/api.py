"""Search in the JSON API."""

from collections.abc import Sequence

from litestar import Controller, Response, get

from app.core.errors import InvalidFields
from app.core.filters import highlight
from app.core.http import CurrentActor, Request, answer
from app.core.openapi_vocabulary import QueryField, limit_field
from app.core.permissions import SIGNED_IN
from app.core.values import UNSET, Maybe
from app.desk.finder import services
from app.desk.finder.schemas import Highlight, SearchAnswer, SearchItem
from app.desk.finder.services import FoundRecord
from app.kit.problems import Problem
from search.highlight import Segment
from search.text import MAX_TEXT

DEFAULT_LIMIT, MOST = 20, 50
QUERY = (
    QueryField(
        "q",
        "What is looked for: words in any order, accents and small typing errors forgiven, or a plate, VIN, reference, "
        "phone number or e-mail address.",
        {"type": "string", "minLength": 1, "maxLength": MAX_TEXT},
        is_required=True,
    ),
    QueryField("kind", "Only these kinds of record.", {"type": "array", "items": {"type": "string"}}),
    limit_field(DEFAULT_LIMIT, MOST),
)


class SearchController(Controller):
    """One search over every kind of record that the caller may see."""

    path = "/api/v1/search"
    tags = ("Search",)
    opt = {"permission": SIGNED_IN}

    @get(name="api.search.index", operation_id="search", summary="Find records of all kinds", query=QUERY)
    async def index(self, request: Request, actor: CurrentActor) -> Response[SearchAnswer]:
        """The best records, the one whose own identifier was typed before all others; only what the caller may see."""
        text, kinds, limit = _asked(request)
        found = await services.find_records(request.runtime, text, actor, only=kinds, size=limit)
        items = [_item(record) for record in found.records[:limit]]
        return answer(SearchAnswer(items, found.stage.value, found.is_partial, found.is_limited))


def _asked(request: Request) -> tuple[str, list[str], int]:
    """The text, the kinds and how many. Raises InvalidFields."""
    given, problems = request.query_params, list[Problem]()
    text, kinds, limit = given.get("q", ""), given.getall("kind", []), given.get("limit", str(DEFAULT_LIMIT))
    known = sorted(each.key for each in request.runtime.assembly.kinds.values() if each.search)
    if not 1 <= len(text) <= MAX_TEXT:
        problems.append(Problem("q", "invalid", f"1 to {MAX_TEXT} characters"))
    if not set(kinds) <= set(known):
        problems.append(Problem("kind", "invalid", f"Known kinds: {', '.join(known)}"))
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:6]) <= MOST):
        problems.append(Problem("limit", "invalid", f"A whole number from 1 to {MOST}"))
    if problems:
        raise InvalidFields(problems)
    return text, kinds, int(limit)


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
