"""The planner as a page."""

from typing import Any

from litestar import Controller, Response, get

from app.core.errors import InvalidFields, NotFound
from app.core.http import CurrentActor, Request, Session
from app.core.templating import render
from app.desk.preferences import services as preferences
from app.rental.planner.forms import PlanForm
from app.rental.planner.pages import sheets
from app.rental.planner.services import usage

VIEW = "planner.view"
MOVE = "bookings.edit"


class PlannerController(Controller):
    """Who has which vehicle when."""

    path = "/planner"
    opt = {"permission": VIEW}
    include_in_schema = False

    @get(name="planner.index")
    async def index(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        form, reads = PlanForm.from_form(request.query_params), request.runtime.database.reads  # pyright: ignore[reportArgumentType]
        asked = form.asked()
        try:
            sheet = await usage.read_sheet(reads, actor, asked)
        except InvalidFields as refused:
            raise NotFound(refused.problems[0].detail) from None
        if asked.branches:
            await preferences.keep_last_branch(session, reads, asked.branches[0], actor=actor)
        can_move = actor.may(MOVE)
        page = sheets.planner_page(sheet, is_table=form.is_table, can_move=can_move, can_book=can_move)
        return render(request, "rental/planner/index.html", page, headers=request.shown_at(page.here))
