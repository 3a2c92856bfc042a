"""The live stream of the JSON API."""

from litestar import Controller, Response, get

from app.core.http import CurrentActor, Request
from app.core.live.messages import LiveChange
from app.core.live.stream import EVENT_STREAM, LiveStream
from app.core.openapi_vocabulary import QueryField
from app.core.permissions import SIGNED_IN
from app.portal.live import services

QUERY = (
    QueryField(
        "after",
        "The id of the last event that is known; `Last-Event-ID` says the same and counts more.",
        {"type": "integer", "minimum": 0, "maximum": 10**18 - 1},
    ),
    QueryField(
        "kind",
        "Only these kinds of record, or `notification`.",
        {"type": "array", "items": {"type": "string"}},
    ),
)


class LiveApi(Controller):
    """What happens, as it happens."""

    path = "/api/v1/live"
    tags = ("Changes",)
    opt = {"permission": SIGNED_IN, "is_stream": True}

    @get(
        name="api.live.show",
        operation_id="followChanges",
        summary="Follow changes as they happen",
        query=QUERY,
        refuses=(429,),
        streams=EVENT_STREAM,
    )
    async def show(self, request: Request, actor: CurrentActor) -> Response[LiveChange]:
        """Server-sent events: `hello` first, `change` for each change of a record in one's scope, `notification` with
        the number of unread ones, `resync` when too much was missed to be told (read `/changes` instead).

        Each id is a position: connect again with `Last-Event-ID` and what was missed comes first. The stream ends with
        the access tokens of its sign-in, and when one's permissions change; then connect again.
        """
        runtime, asked = request.runtime, request.query_params
        after = services.position_of(request.headers.get("last-event-id") or asked.get("after"))
        family = str(request.scope["state"].get("token_family") or "")
        kinds, signals = runtime.assembly.kinds, runtime.assembly.live_signals
        one = services.listener(kinds, signals, actor, wanted=asked.getall("kind", []), family=family)
        return LiveStream(runtime.live, one, after)
