"""Whose work an application is, as plain forms say it."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, post
from litestar.params import FromPath

from app.core.errors import InvalidFields
from app.core.http import CurrentActor, Request, Session, redirect
from app.core.templating import render
from app.credit.applications import queries, services
from app.credit.applications.forms import AssignmentForm
from app.credit.applications.pages.assignment import AssignmentPage
from app.credit.applications.routes.details import assignment_panel
from app.credit.applications.services.assignment import ASSIGN


class AssignmentController(Controller):
    """Giving it to somebody, or to nobody."""

    path = "/applications/{application_id:uuid}/assignment"
    opt = {"permission": ASSIGN}
    include_in_schema = False

    @post(name="applications.assignment.create")
    async def create(
        self, request: Request, session: Session, actor: CurrentActor, application_id: FromPath[UUID]
    ) -> Response[Any]:
        application = await queries.get_application(session, application_id, actor)
        form = await AssignmentForm.from_request(request)
        try:
            assigned = await services.assign_application(
                session, application_id, assignee_id=form.wanted, note=form.note, actor=actor
            )
        except InvalidFields as refused:
            form.take(refused)
            page = AssignmentPage(application, await assignment_panel(session, application, actor, form))
            template = "credit/applications/assignment.html"
            return render(request, template, page, fragment="assignment_form", status=422)
        toasts = {None: "It is nobody's now", actor.id: "It is yours"}
        toast = toasts.get(assigned.assignee_id, "Assigned")
        return redirect(request, "applications.show", application_id=application_id, toast=toast)
