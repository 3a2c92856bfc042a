"""What every page begins with: where the feed of changes stands, and how much its reader has not read."""

from datetime import datetime
from typing import NamedTuple

from app.core import clock
from app.core.errors import Unavailable
from app.core.http import Request
from app.core.permissions import PUBLIC


class Pulse(NamedTuple):
    """Taken before the page reads anything: what changes later is told by the live stream."""

    position: int
    unread: int
    at: datetime


async def take_pulse(request: Request) -> None:
    """Take it for whole pages of somebody who is signed in; a page can do without."""
    opt, actor = request.route_handler.opt, request.visitor
    is_page = request.method == "GET" and not (request.is_api or request.is_partial or opt.get("is_stream"))
    if actor is None or not is_page or opt.get("permission") == PUBLIC:
        return
    runtime = request.runtime
    try:
        found = await runtime.assembly.read_pulse(runtime.database.reads, str(actor.id))
    except Unavailable:
        return
    request.scope["state"]["pulse"] = Pulse(*found, clock.now())
