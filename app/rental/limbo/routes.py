"""The limbo desk."""

from typing import Any

from litestar import Controller, Response, get

from app.core.filters import money
from app.core.http import CurrentActor, Request
from app.core.lists import frame
from app.core.templating import render
from app.desk.saved_views.services.opening import open_list
from app.rental.limbo import pages, services


class LimboController(Controller):
    """What hangs at suppliers, the most pressing first."""

    path = pages.PATH
    opt = {"permission": "suppliers.view"}
    include_in_schema = False

    @get(name="limbo.index")
    async def index(self, request: Request, actor: CurrentActor) -> Response[Any]:
        runtime = request.runtime
        reads = runtime.database.reads
        opened = await open_list(reads, pages.LIST, request.query_params.multi_items(), actor, pages.VIEWS)
        found, entries = await services.open_desk(reads, runtime.cursors, opened.asked.query, actor)
        around = frame(
            pages.LIST, opened, page=found, total=await services.count_desk(reads, opened.asked.query, actor)
        )
        can_settle = actor.may("suppliers.settle")
        rows = pages.rows_of(
            entries,
            await services.list_polls(reads, entries),
            can_settle=can_settle,
            sees_exchanges=actor.may("exchanges.view"),
        )
        figures = await services.figures_of(reads, actor)
        page = pages.LimboDesk(around, rows, figures, [money(each) for each in figures.exposed], can_settle)
        return render(request, "rental/limbo/index.html", page, headers=request.shown_at(around.canonical))
