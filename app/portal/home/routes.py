"""The first page."""

from litestar import Controller, Response, get

from app.core.http import CurrentActor, Request
from app.core.permissions import SIGNED_IN
from app.core.templating import render
from app.portal.home import pages, queries

MOST_WAITING = 25


class HomeController(Controller):
    """What needs me."""

    opt = {"permission": SIGNED_IN}
    include_in_schema = False

    @get("/", name="home")
    async def show(self, request: Request, actor: CurrentActor) -> Response[str]:
        reads, areas = request.runtime.database.reads, request.runtime.assembly.areas
        tiles = [tile for area in areas for load in area.tiles for tile in await load(reads, actor)]
        waiting = [line for area in areas for load in area.waiting for line in await load(reads, actor)]
        waiting.sort(key=lambda line: line.order)
        place = pages.place_of(actor, await queries.find_place(reads, actor.branches or ()))
        return render(request, "portal/home/show.html", pages.home(actor.name, place, tiles, waiting[:MOST_WAITING]))
