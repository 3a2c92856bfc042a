"""Looking after members of staff."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.params import FromPath

from app.core.errors import InvalidFields, StaleVersion
from app.core.http import CurrentActor, Request, Session, redirect
from app.core.lists import frame
from app.core.mail import require_mail
from app.core.reads import Page
from app.core.templating import render
from app.desk.approvals import services as approvals
from app.desk.audit_trail.services import timeline
from app.desk.saved_views.services.opening import open_list
from app.desk.staff import pages, queries
from app.desk.staff.forms import DisableStaff, EditStaff, InviteStaff, StaffFields
from app.desk.staff.models import Staff
from app.desk.staff.services import access, identity

StaffId = FromPath[UUID]


class StaffController(Controller):
    """The list, the record and its form."""

    path = "/staff"
    opt = {"permission": "staff.edit"}
    include_in_schema = False

    @get(name="staff.index", permission="staff.view")
    async def index(self, request: Request, actor: CurrentActor) -> Response[Any]:
        parameters = request.query_params.multi_items()
        opened = await open_list(request.runtime.database.reads, pages.LIST, parameters, actor, pages.VIEWS)
        asked = opened.asked
        reads, query = request.runtime.database.reads, queries.by_conditions(asked.query)
        if asked.text:
            found = Page(await queries.staff_list.by_ids(reads, await queries.find_ids(reads, asked.text), actor))
            total = len(found.items)
        else:
            found = await queries.staff_list.page(reads, request.runtime.cursors, query, actor)
            total = await queries.staff_list.count(reads, query, actor)
        around = frame(pages.LIST, opened, page=found, total=total)
        rows = [pages.staff_row(item) for item in found.items]
        page = pages.StaffListPage(around, rows, may_edit=actor.may("staff.edit"))
        headers = request.shown_at(around.canonical)
        return render(request, "desk/staff/index.html", page, headers=headers)

    @get("/new", name="staff.new")
    async def new(self, request: Request) -> Response[Any]:
        return await _form(request, InviteStaff.of({"all_markets": "true", "all_branches": "true"}))

    @post(name="staff.create")
    async def create(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        require_mail(request.runtime.settings)
        form = await InviteStaff.from_request(request)
        if not form.errors:
            try:
                staff, token = await access.invite_staff(
                    session, fields=_access(form) | {"email": form.email}, actor=actor
                )
            except InvalidFields as refused:
                form.take(refused)
            else:
                response = redirect(request, "staff.show", staff_id=staff.id, toast=f"{staff.name} is invited")
                response.background = BackgroundTask(identity.send_invitation, request.runtime, staff, token)
                return response
        return await _form(request, form, status=422)

    @get("/{staff_id:uuid}", name="staff.show", permission="staff.view")
    async def show(self, request: Request, session: Session, staff_id: StaffId) -> Response[Any]:
        return await _record(request, session, await queries.get_staff(session, staff_id), DisableStaff.of({}))

    @get("/{staff_id:uuid}/edit", name="staff.edit")
    async def edit(self, request: Request, session: Session, staff_id: StaffId) -> Response[Any]:
        staff = await queries.get_staff(session, staff_id)
        form = EditStaff.of(
            {
                "name": staff.name,
                "roles": staff.roles,
                "all_markets": "true" if staff.markets is None else "",
                "markets": staff.markets or [],
                "all_branches": "true" if staff.branches is None else "",
                "branches": staff.branches or [],
            }
        )
        return await _form(request, form, staff)

    @post("/{staff_id:uuid}/edit", name="staff.update")
    async def update(self, request: Request, session: Session, actor: CurrentActor, staff_id: StaffId) -> Response[Any]:
        form = await EditStaff.from_request(request)
        if not form.errors:
            try:
                edited = await access.edit_staff(
                    session, staff_id, version=form.version, fields=_access(form), actor=actor
                )
                return redirect(request, "staff.show", staff_id=staff_id, toast=approvals.told(edited.waits, "Saved"))
            except InvalidFields as refused:
                form.take(refused)
            except (StaleVersion, access.NotYourOwnAccount, access.LastAdministrator) as refused:
                form.refuse("", f"{refused.title}. {refused.detail}".strip())
        return await _form(request, form, await queries.get_staff(session, staff_id), status=422)


class StaffAccessController(Controller):
    """Taking access away, giving it back, inviting again, and forgetting a lost device."""

    path = "/staff/{staff_id:uuid}"
    opt = {"permission": "staff.edit"}
    include_in_schema = False

    @post("/disablement", name="staff.disablement.create")
    async def disable(
        self, request: Request, session: Session, actor: CurrentActor, staff_id: StaffId
    ) -> Response[Any]:
        form = await DisableStaff.from_request(request)
        if not form.errors:
            try:
                staff = await access.disable_staff(session, staff_id, reason=form.reason, actor=actor)
                return redirect(request, "staff.show", staff_id=staff.id, toast=f"{staff.name} has no access any more")
            except access.LastAdministrator as refused:
                form.refuse("", f"{refused.title}. {refused.detail}")
        staff = await queries.get_staff(session, staff_id)
        return await _record(request, session, staff, form, status=422, fragment="move_disablement")

    @post("/disablement/removal", name="staff.disablement.destroy")
    async def enable(self, request: Request, session: Session, actor: CurrentActor, staff_id: StaffId) -> Response[Any]:
        staff = await access.enable_staff(session, staff_id, actor=actor)
        return redirect(request, "staff.show", staff_id=staff.id, toast=f"{staff.name} can sign in again")

    @post("/invitation", name="staff.invitation.create")
    async def invite_again(
        self, request: Request, session: Session, actor: CurrentActor, staff_id: StaffId
    ) -> Response[Any]:
        require_mail(request.runtime.settings)
        staff, token = await access.renew_invitation(session, staff_id, actor=actor)
        response = redirect(request, "staff.show", staff_id=staff.id, toast="A new invitation is on its way")
        response.background = BackgroundTask(identity.send_invitation, request.runtime, staff, token)
        return response

    @post("/second-factor/removal", name="staff.second_factor.destroy")
    async def forget_device(
        self, request: Request, session: Session, actor: CurrentActor, staff_id: StaffId
    ) -> Response[Any]:
        staff = await queries.lock_staff(session, staff_id)
        await identity.remove_second_factor(session, staff, actor=actor)
        return redirect(request, "staff.show", staff_id=staff.id, toast="The second factor is forgotten")


def _access(form: StaffFields) -> dict[str, Any]:
    """What a form says of somebody's access; a scope of everything is None."""
    return {
        "name": form.name,
        "roles": form.roles,
        "markets": None if form.all_markets else sorted(form.markets),
        "branches": None if form.all_branches else sorted(form.branches),
    }


async def _form(request: Request, form: StaffFields, staff: Staff | None = None, *, status: int = 200) -> Response[Any]:
    branches = await queries.list_branches(request.runtime.database.reads)
    is_own = staff is not None and staff.id == request.actor.id
    page = pages.StaffFormPage.of(form, branches, staff, is_own=is_own)
    return render(request, "desk/staff/edit.html", page, status=status)


async def _record(
    request: Request,
    session: Session,
    staff: Staff,
    form: DisableStaff,
    *,
    status: int = 200,
    fragment: str | None = None,
) -> Response[Any]:
    entries = await timeline(session, staff, pages.LABELS)
    actor = request.actor
    waits = await approvals.list_waiting_about(session, staff, actor)
    page = pages.StaffPage.of(
        staff, entries, waits, form=form, is_own=actor.id == staff.id, may_edit=actor.may("staff.edit")
    )
    return render(request, "desk/staff/show.html", page, status=status, fragment=fragment)
