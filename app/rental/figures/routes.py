"""The figures of the rental."""

from typing import Any

from litestar import Controller, Response, get

from app.core.http import CurrentActor, Request, Session
from app.core.templating import render
from app.rental.figures import queries, services
from app.rental.figures.forms import FiguresForm
from app.rental.figures.pages import figures_page
from app.rental.locations import services as locations


class FiguresController(Controller):
    """Utilisation, rates and what was lost."""

    path = "/rental/figures"
    opt = {"permission": "figures.view"}
    include_in_schema = False

    @get(name="figures.show")
    async def show(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        reads = request.runtime.database.reads
        form = FiguresForm.from_form(request.query_params)  # pyright: ignore[reportArgumentType]
        report = await services.read_report(reads, actor, form.asked())
        branches = await locations.choices(session, actor)
        classes = await queries.list_classes(reads, actor, report.span)
        page = figures_page(report, branches, classes, actor.may)
        return render(request, "rental/figures/show.html", page)
