"""Fields that are edited in place."""

from typing import Any, Literal
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core.conflicts import is_agreed
from app.core.errors import StaleVersion
from app.core.http import CurrentActor, Request, Session, redirect
from app.core.templating import render
from app.credit.applications import queries, services
from app.credit.applications.forms import ApplicationForm
from app.credit.applications.pages import edits
from app.credit.applications.pages.moves import EDIT
from app.credit.applications.routes.applications import conflict

CellName = Literal["amount", "term_months"]
TEMPLATE = "credit/applications/cell.html"


class CellController(Controller):
    """Amount and term."""

    path = "/applications/{application_id:uuid}/fields/{name:str}"
    opt = {"permission": EDIT}
    include_in_schema = False

    @get(name="applications.fields.show", permission="applications.view")
    async def show(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        application_id: FromPath[UUID],
        name: FromPath[CellName],
    ) -> Response[Any]:
        application = await queries.get_application(session, application_id, actor)
        return render(request, TEMPLATE, edits.cell(application, name), fragment="shown")

    @get("/edit", name="applications.fields.edit")
    async def edit(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        application_id: FromPath[UUID],
        name: FromPath[CellName],
    ) -> Response[Any]:
        application = await queries.get_application(session, application_id, actor)
        page = edits.cell(application, name, ApplicationForm.of_application(application))
        return render(request, TEMPLATE, page, fragment="edited")

    @post(name="applications.fields.update")
    async def update(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        application_id: FromPath[UUID],
        name: FromPath[CellName],
    ) -> Response[Any]:
        form = await ApplicationForm.from_request(request)
        present = await queries.get_application(session, application_id, actor)
        version = present.version if is_agreed(form.raw, ApplicationForm.of_application(present).raw) else form.version
        try:
            application = await form.submit(
                services.update_application, session, application_id, fields={name: getattr(form, name, None)},
                version=version, actor=actor,
            )  # fmt: skip
        except StaleVersion:
            return conflict(request, present, form)
        if application is None:
            return render(request, TEMPLATE, edits.cell(present, name, form), fragment="edited", status=422)
        if not request.is_partial:
            return redirect(request, "applications.show", application_id=application_id, toast="Saved")
        return render(request, TEMPLATE, edits.cell(application, name), fragment="shown")
