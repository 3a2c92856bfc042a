"""The live stream of the portal's own pages."""

from typing import Any

from litestar import Controller, Response, get

from app.core.http import CurrentActor, Request
from app.core.live.stream import LiveStream
from app.core.permissions import SIGNED_IN
from app.portal.live import services


class LiveController(Controller):
    """What happens while a page is open."""

    path = "/live"
    opt = {"permission": SIGNED_IN, "is_stream": True}
    include_in_schema = False

    @get(name="live.show")
    async def show(self, request: Request, actor: CurrentActor) -> Response[Any]:
        """After a lost connection a browser names the last event by itself, and before it the page's own position."""
        runtime, asked = request.runtime, request.query_params
        after = services.position_of(request.headers.get("last-event-id") or asked.get("after"))
        kinds, signals = runtime.assembly.kinds, runtime.assembly.live_signals
        one = services.listener(kinds, signals, actor, wanted=asked.getall("kind", []))
        return LiveStream(runtime.live, one, after)
