"""The page of what suppliers' cars earn."""

from typing import Any

from litestar import Controller, Response, get

from app.core.http import CurrentActor, Request
from app.core.templating import render
from app.rental.margins import queries, services
from app.rental.margins.forms import MarginsForm
from app.rental.margins.pages import PATH, margins_page
from app.rental.suppliers.rules import SEES_MARGINS


class MarginsController(Controller):
    """What is left of suppliers' cars, for those who may know."""

    path = PATH
    opt = {"permission": SEES_MARGINS}
    include_in_schema = False

    @get(name="margins.show")
    async def show(self, request: Request, actor: CurrentActor) -> Response[Any]:
        reads = request.runtime.database.reads
        form = MarginsForm.from_form(request.query_params)  # pyright: ignore[reportArgumentType]
        report = await services.read_report(reads, actor, form.asked())
        page = margins_page(report, await queries.list_suppliers(reads), actor.may)
        return render(request, "rental/margins/show.html", page)
