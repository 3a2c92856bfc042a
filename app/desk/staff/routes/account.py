"""What everybody does with their own account: sessions, password, second factor."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core.auth import cookies
from app.core.auth.errors import WrongCode, WrongCredentials
from app.core.auth.sessions import end_session, end_sessions_of, list_sessions
from app.core.errors import InvalidFields, NotFound
from app.core.http import CurrentActor, Request, Session, redirect, redirect_to
from app.core.permissions import SIGNED_IN
from app.core.templating import render
from app.desk.staff import pages, queries
from app.desk.staff.forms import ChangePassword, Code, Confirm, SecretForm
from app.desk.staff.models import Staff
from app.desk.staff.routes.sign_in import SIGN_IN, start
from app.desk.staff.services import identity

SECURITY = "desk/staff/security.html"
WRONG_PASSWORD = "This is not your present password"  # noqa: S105 - a message


class SessionsController(Controller):
    """The browsers that somebody is signed in with."""

    path = "/account/sessions"
    opt = {"permission": SIGNED_IN}
    include_in_schema = False

    @get(name="account.sessions.index")
    async def index(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        found = await list_sessions(session, _own_id(actor.id))
        return render(request, "desk/staff/sessions.html", pages.SessionsPage.of(found, actor.session_id))

    @post("/{session_id:uuid}/removal", name="account.sessions.destroy")
    async def destroy(
        self, request: Request, session: Session, actor: CurrentActor, session_id: FromPath[UUID]
    ) -> Response[Any]:
        if not await end_session(session, session_id, staff_id=_own_id(actor.id)):
            raise NotFound
        await identity.record_ended_sessions(session, actor)
        return redirect(request, "account.sessions.index", toast="The session is ended")

    @post("/removal", name="account.sessions.clear")
    async def clear(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        await end_sessions_of(session, _own_id(actor.id), keep=actor.session_id)
        await identity.record_ended_sessions(session, actor)
        return redirect(request, "account.sessions.index", toast="All your other sessions are ended")


class SecurityController(Controller):
    """Password and second factor; each change asks for the present password again."""

    path = "/account"
    opt = {"permission": SIGNED_IN, "idempotent": False}
    include_in_schema = False

    @get("/security", name="account.security.show")
    async def show(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        return await _security(request, session, await queries.get_staff(session, _own_id(actor.id)))

    @post("/password", name="account.password.update")
    async def change_password(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        form = await ChangePassword.from_request(request)
        staff = await _confirmed(request, session, form)
        if staff:
            try:
                await identity.change_password(session, staff, form.password, actor=actor)
            except InvalidFields as refused:
                form.take(refused)
            else:
                response = redirect(request, "account.security.show", toast="Your password is changed")
                return cookies.give(response, await start(request, session, staff))
        own = await queries.get_staff(session, _own_id(actor.id))
        return await _security(request, session, own, password=form, fragment="password_form")

    @post("/second-factor", name="account.second_factor.create")
    async def begin(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        form = await Confirm.from_request(request)
        staff = await _confirmed(request, session, form)
        if staff:
            await identity.begin_second_factor(session, request.runtime, staff)
            return redirect(request, "account.second_factor.new")
        own = await queries.get_staff(session, _own_id(actor.id))
        return await _security(request, session, own, factor=form, fragment="second_factor")

    @get("/second-factor", name="account.second_factor.new")
    async def show_device(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        staff = await queries.get_staff(session, _own_id(actor.id))
        if staff.totp_secret is None or staff.totp_since is not None:
            return redirect(request, "account.security.show")
        return _device(request, staff, Code.of({}))

    @post("/second-factor/confirmation", name="account.second_factor.confirm")
    async def confirm(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        form = await Code.from_request(request)
        staff = await queries.get_staff(session, _own_id(actor.id))
        if form.errors:
            return _device(request, staff, form, status=422)
        try:
            codes = await identity.confirm_second_factor(session, request.runtime, staff, form.code)
        except WrongCode as refused:
            form.refuse("code", refused.title)
            return _device(request, staff, form, status=422)
        return await _codes(request, session, staff, codes)

    @post("/second-factor/removal", name="account.second_factor.destroy")
    async def remove(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        form = await Confirm.from_request(request)
        staff = await _confirmed(request, session, form)
        if staff is None:
            own = await queries.get_staff(session, _own_id(actor.id))
            return await _security(request, session, own, factor=form, fragment="second_factor")
        await identity.remove_second_factor(session, staff, actor=actor)
        if identity.must_enrol(staff):
            response = redirect_to(request, SIGN_IN, toast="Sign in again to set up your new device")
            return cookies.give(response, [cookies.without_session(request.runtime)])
        response = redirect(request, "account.security.show", toast="The second factor is off")
        return cookies.give(response, await start(request, session, staff))

    @post("/recovery-codes", name="account.recovery_codes.create")
    async def renew_codes(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        form = await Confirm.from_request(request)
        staff = await _confirmed(request, session, form)
        if staff is None:
            own = await queries.get_staff(session, _own_id(actor.id))
            return await _security(request, session, own, codes=form, fragment="recovery_codes")
        codes = await identity.renew_recovery_codes(session, request.runtime, staff)
        return render(request, "desk/staff/recovery_codes.html", pages.RecoveryCodesPage(codes, "/account/security"))


def _own_id(actor_id: UUID | None) -> UUID:
    if actor_id is None:
        raise NotFound
    return actor_id


async def _confirmed(request: Request, session: Session, form: SecretForm) -> Staff | None:
    """The person, when the present password was right; otherwise the form says what is wrong."""
    if form.errors:
        return None
    try:
        return await identity.check_password(
            session, request.runtime, email=request.actor.email, password=form.text("present"), address=request.address
        )
    except WrongCredentials:
        form.refuse("present", WRONG_PASSWORD)
        return None


async def _security(
    request: Request,
    session: Session,
    staff: Staff,
    *,
    password: ChangePassword | None = None,
    factor: Confirm | None = None,
    codes: Confirm | None = None,
    fragment: str | None = None,
) -> Response[Any]:
    left = await identity.count_recovery_codes(session, staff)
    page = pages.SecurityPage.of(staff, left, password=password, factor=factor, codes=codes)
    return render(request, SECURITY, page, fragment=fragment, status=422 if fragment else 200)


def _device(request: Request, staff: Staff, form: Code, *, status: int = 200) -> Response[Any]:
    secret = identity.enrolment_secret(request.runtime, staff)
    page = pages.EnrolmentPage.of(form, staff.email, secret)
    return render(request, "desk/staff/device.html", page, status=status)


async def _codes(request: Request, session: Session, staff: Staff, codes: list[str]) -> Response[Any]:
    """The codes once, under a new session id: what this session may do has changed."""
    given = await start(request, session, staff)
    page = pages.RecoveryCodesPage(codes, "/account/security")
    return cookies.give(render(request, "desk/staff/recovery_codes.html", page), given)
