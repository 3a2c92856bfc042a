"""What was said to partners, for those who look after it."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get
from litestar.params import FromPath

from app.core.http import CurrentActor, Request, Session
from app.core.lists import frame
from app.core.reads import Page
from app.core.templating import render
from app.desk.exchanges import pages, queries
from app.desk.exchanges.services import PATH
from app.desk.saved_views.services.opening import open_list


class ExchangeController(Controller):
    """Requests to partners and their answers."""

    path = PATH
    opt = {"permission": "exchanges.view"}
    include_in_schema = False

    @get(name="exchanges.index")
    async def index(self, request: Request, actor: CurrentActor) -> Response[Any]:
        reads, kinds = request.runtime.database.reads, request.runtime.assembly.kinds
        opened = await open_list(reads, pages.LIST, request.query_params.multi_items(), actor, pages.VIEWS)
        asked = opened.asked
        if asked.text:
            found = Page(await queries.search_text(reads, asked.text, asked.query, actor))
            total = len(found.items)
        else:
            found = await queries.exchanges.page(reads, request.runtime.cursors, asked.query, actor)
            total = await queries.exchanges.count(reads, asked.query, actor)
        labels = {
            "partner": {key: key for key in await queries.list_partners(reads)},
            "operation": {key: key for key in await queries.list_operations(reads)},
        }
        around = frame(pages.LIST, opened, page=found, total=total, labels=labels)
        page = pages.ExchangeList(around, [pages.row(item, kinds) for item in found.items])
        return render(request, "desk/exchanges/index.html", page, headers=request.shown_at(around.canonical))

    @get("/{exchange_id:uuid}", name="exchanges.show")
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, exchange_id: FromPath[UUID]
    ) -> Response[Any]:
        exchange = await queries.get_exchange(session, exchange_id, actor)
        assembly = request.runtime.assembly
        actions = [action for action in assembly.exchange_actions if actor.may(action.permission)]
        page = pages.exchange_page(exchange, assembly.kinds, actions)
        return render(request, "desk/exchanges/show.html", page)
