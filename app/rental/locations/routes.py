"""Branch pages."""

from typing import Any

from litestar import Controller, Response, get

from app.core.http import CurrentActor, Request
from app.core.listing import read_list_query
from app.core.lists import Opened, frame
from app.core.templating import render
from app.rental.locations import pages, queries


class LocationController(Controller):
    """Where vehicles are handed over."""

    path = "/locations"
    opt = {"permission": "locations.view"}
    include_in_schema = False

    @get(name="locations.index")
    async def index(self, request: Request, actor: CurrentActor) -> Response[Any]:
        asked = read_list_query(request.query_params.multi_items(), queries.SPEC)
        reads = request.runtime.database.reads
        found = await queries.locations.page(reads, request.runtime.cursors, asked.query, actor)
        total = await queries.locations.count(reads, asked.query, actor)
        around = frame(pages.LIST, Opened.plainly(pages.LIST, asked), page=found, total=total)
        page = pages.LocationList(around, [pages.row(item) for item in found.items])
        headers = request.shown_at(around.canonical)
        return render(request, "rental/locations/index.html", page, headers=headers)
