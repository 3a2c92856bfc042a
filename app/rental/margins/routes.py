"""What suppliers' cars earn as a page and as a file."""

from typing import Any

from litestar import Controller, Response, get

from app.core.actor import Actor
from app.core.downloads import table_answer
from app.core.errors import Forbidden
from app.core.http import CurrentActor, Request
from app.core.permissions import EXPORT
from app.core.templating import render
from app.rental.margins import queries, services
from app.rental.margins.forms import MarginsForm
from app.rental.margins.pages import HEADS, PATH, cells, file_name, margins_page
from app.rental.suppliers.rules import SEES_MARGINS


class MarginsController(Controller):
    """What is left of suppliers' cars, for those who may know."""

    path = PATH
    opt = {"permission": SEES_MARGINS}
    include_in_schema = False

    @get(name="margins.show")
    async def show(self, request: Request, actor: CurrentActor) -> Response[Any]:
        report = await _read(request, actor)
        page = margins_page(report, await queries.list_suppliers(request.runtime.database.reads), actor.may)
        return render(request, "rental/margins/show.html", page)

    @get("/file", name="margins.file")
    async def file(self, request: Request, actor: CurrentActor) -> Response[bytes]:
        """The same months for a spreadsheet. Raises Forbidden without the right to take lists along."""
        if not actor.may(EXPORT):
            raise Forbidden
        report = await _read(request, actor)
        is_xlsx = request.query_params.get("format") == "xlsx"
        return table_answer(HEADS, cells(report), name=file_name(report), is_xlsx=is_xlsx)


async def _read(request: Request, actor: Actor) -> services.Report:
    form = MarginsForm.from_form(request.query_params)  # pyright: ignore[reportArgumentType]
    return await services.read_report(request.runtime.database.reads, actor, form.asked())
