"""The first page."""

from litestar import Controller, Response, get

from app.core.http import CurrentActor, Request
from app.core.permissions import SIGNED_IN
from app.core.templating import render
from app.portal.home import pages

MOST_WAITING = 25
ZONE = "Europe/Tallinn"


class HomeController(Controller):
    """What needs me."""

    opt = {"permission": SIGNED_IN}  # noqa: RUF012 - Litestar's own shape
    include_in_schema = False

    @get("/", name="home")
    async def show(self, request: Request, actor: CurrentActor) -> Response[str]:
        reads, areas = request.runtime.database.reads, request.runtime.assembly.areas
        tiles = [tile for area in areas for load in area.tiles for tile in await load(reads, actor)]
        waiting = [line for area in areas for load in area.waiting for line in await load(reads, actor)]
        waiting.sort(key=lambda line: line.order)
        return render(request, "portal/home/show.html", pages.home(actor.name, ZONE, tiles, waiting[:MOST_WAITING]))
