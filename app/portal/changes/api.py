"""What has changed, for clients that keep records of their own."""

from litestar import Controller, Response, get

from app.core.errors import InvalidFields
from app.core.http import CurrentActor, Request, answer
from app.core.openapi_vocabulary import LONGEST_CURSOR, QueryField, limit_field
from app.core.permissions import SIGNED_IN
from app.kit.problems import Problem
from app.portal.changes import services
from app.portal.changes.schemas import ChangePage

DEFAULT_LIMIT, MOST = 100, 200
QUERY = (
    QueryField(
        "since",
        "`next_cursor` of the last answer, with the same kinds. Without it the feed begins with every record there is.",
        {"type": "string", "maxLength": LONGEST_CURSOR},
    ),
    QueryField("kind", "Only these kinds of record.", {"type": "array", "items": {"type": "string"}}),
    limit_field(DEFAULT_LIMIT, MOST),
)


class ChangesApi(Controller):
    """The feed of changes."""

    path = "/api/v1/changes"
    tags = ("Changes",)
    opt = {"permission": SIGNED_IN}

    @get(
        name="api.changes.index",
        operation_id="listChanges",
        summary="Read what has changed",
        query=QUERY,
        refuses=(410,),
    )
    async def index(self, request: Request, actor: CurrentActor) -> Response[ChangePage]:
        """Every record that one may see once, then each change in the order of commits; nothing is skipped.

        Ask again with `next_cursor`: at once while `has_more`, later otherwise. 410 with the code `resync` asks to
        begin anew: the cursor is older than what is kept, or one's permissions or scope have changed.
        """
        asked, runtime = request.query_params, request.runtime
        feed = services.feed_of(runtime.assembly.kinds, asked.getall("kind", []), actor)
        page = await services.read_changes(
            runtime.database.reads, runtime.cursors, feed, since=asked.get("since") or None, limit=_limit(request)
        )
        return answer(page)


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", str(DEFAULT_LIMIT))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= MOST):
        raise InvalidFields([Problem("limit", "invalid", f"A whole number from 1 to {MOST}")])
    return int(text)
