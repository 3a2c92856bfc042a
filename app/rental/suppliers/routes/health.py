"""The health board of suppliers."""

from typing import Any

from litestar import Controller, Response, get

from app.core.http import CurrentActor, Request
from app.core.templating import render
from app.kit.markets import MARKETS
from app.rental.suppliers.pages import health as pages
from app.rental.suppliers.rules.measuring import Window
from app.rental.suppliers.services import health


class HealthController(Controller):
    """How suppliers do."""

    path = pages.PATH
    opt = {"permission": "suppliers.view"}
    include_in_schema = False

    @get(name="suppliers.health.index")
    async def index(self, request: Request, actor: CurrentActor) -> Response[Any]:
        asked, runtime = request.query_params, request.runtime
        window = Window(asked["window"]) if asked.get("window") in set(Window) else Window.DAY
        market = asked.get("market", "") if asked.get("market") in MARKETS else ""
        code = asked.get("supplier", "")[:32]
        found = await health.board_of(
            runtime.database.reads, runtime.partners, actor, window=window, market=market, code=code
        )
        page = pages.board(found, actor.markets, code, sees_exchanges=actor.may("exchanges.view"))
        return render(request, "rental/suppliers/health.html", page)
