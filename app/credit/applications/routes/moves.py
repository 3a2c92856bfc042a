"""An application's moves, as plain forms post them."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core.http import CurrentActor, Request, Session, redirect, redirect_to
from app.core.templating import render
from app.credit.applications import queries, services
from app.credit.applications.forms import MoveForm
from app.credit.applications.pages import moves
from app.credit.applications.pages.moves import DECIDE, MOVE
from app.credit.applications.routes.details import detail_page

Id = FromPath[UUID]


class MoveController(Controller):
    """One address per move."""

    path = "/applications/{application_id:uuid}"
    opt = {"permission": MOVE}
    include_in_schema = False

    @post("/submission", name="applications.submission.create")
    async def submit(
        self, request: Request, session: Session, actor: CurrentActor, application_id: Id
    ) -> Response[Any]:
        return await _move(request, session, actor, application_id, "submission")

    @post("/screening", name="applications.screening.create")
    async def screen(
        self, request: Request, session: Session, actor: CurrentActor, application_id: Id
    ) -> Response[Any]:
        return await _move(request, session, actor, application_id, "screening")

    @get("/review", name="applications.review.show", permission="applications.view")
    async def show_review(
        self, request: Request, session: Session, actor: CurrentActor, application_id: Id
    ) -> Response[Any]:
        """Everything that a decision needs, on one page."""
        application = await queries.get_application(session, application_id, actor)
        page = await detail_page(request, session, application, actor)
        return render(request, "credit/applications/review.html", page)

    @post("/review", name="applications.review.create")
    async def review(
        self, request: Request, session: Session, actor: CurrentActor, application_id: Id
    ) -> Response[Any]:
        return await _move(request, session, actor, application_id, "review")

    @post("/information-request", name="applications.information_request.create")
    async def ask(self, request: Request, session: Session, actor: CurrentActor, application_id: Id) -> Response[Any]:
        return await _move(request, session, actor, application_id, "information_request")

    @post("/information", name="applications.information.create")
    async def receive(
        self, request: Request, session: Session, actor: CurrentActor, application_id: Id
    ) -> Response[Any]:
        return await _move(request, session, actor, application_id, "information")

    @post("/rejection", name="applications.rejection.create", permission=DECIDE)
    async def reject(
        self, request: Request, session: Session, actor: CurrentActor, application_id: Id
    ) -> Response[Any]:
        return await _move(request, session, actor, application_id, "rejection")

    @post("/withdrawal", name="applications.withdrawal.create")
    async def withdraw(
        self, request: Request, session: Session, actor: CurrentActor, application_id: Id
    ) -> Response[Any]:
        return await _move(request, session, actor, application_id, "withdrawal")


async def _move(request: Request, session: Any, actor: Any, application_id: UUID, move: str) -> Response[Any]:
    application = await queries.get_application(session, application_id, actor)
    form = await MoveForm.from_request(request)
    on_review = urlsplit(request.headers.get("referer", "")).path.endswith("/review")
    name = "applications.review.show" if on_review else "applications.show"
    try:
        moved = await form.submit(services.move_application, session, application_id, move, actor=actor)
    except services.NotComplete as refused:
        address = request.app.route_reverse(name, application_id=application_id)
        return redirect_to(request, address, toast=f"{refused.title}: {refused.detail}", tone="act")
    if moved is None:
        items = moves.items_for(application, await services.list_missing(session, application))
        page = moves.MovePage(application, moves.OfferedMove(move, moves.MOVE_WORDS[move], form), items)
        return render(request, "credit/applications/move.html", page, fragment="move_form", status=422)
    return redirect(request, name, application_id=application_id, toast=moves.MOVE_WORDS[move].toast)
