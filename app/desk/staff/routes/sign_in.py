"""Signing in, by password and second factor, signing out, and the theme."""

from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
from litestar import Controller, Response, get, post
from litestar.datastructures import Cookie

from app.core.auth import cookies
from app.core.auth.errors import LinkNotUsable, WrongCode, WrongCredentials
from app.core.auth.links import LinkPurpose, find_link, make_link, use_link
from app.core.auth.sessions import end_session
from app.core.errors import TooManyRequests
from app.core.http import THEME_COOKIE, Request, Session, local_address, no_content, redirect_to
from app.core.permissions import PUBLIC, SIGNED_IN
from app.core.templating import THEMES, render
from app.desk.staff import pages, queries
from app.desk.staff.forms import Code, SignIn
from app.desk.staff.models import Staff
from app.desk.staff.services import identity

YEAR_SECONDS = 365 * 24 * 3600
SIGN_IN = "/sign-in"


def browser_of(request: Request) -> str:
    """What the browser calls itself, for the list of sessions."""
    return request.headers.get("user-agent", "")


def with_next(path: str, after: str) -> str:
    """An address of the sign-in that remembers where to go afterwards."""
    return path if after == "/" else f"{path}?{urlencode({'next': after})}"


def sign_in_page(request: Request, form: SignIn, after: str) -> pages.SignInPage:
    """The page with the ways in that the settings open."""
    settings = request.runtime.settings
    return pages.SignInPage(form, after, settings.oidc_name if settings.oidc_issuer else "", settings.oidc_only)


class SignInController(Controller):
    """The first page: address and password."""

    path = SIGN_IN
    opt = {"permission": PUBLIC, "idempotent": False}
    include_in_schema = False

    @get(name="sign_in.new")
    async def new(self, request: Request) -> Response[Any]:
        after = local_address(request.query_params.get("next"))
        if request.visitor is not None:
            return redirect_to(request, after)
        given = cookies.bind_visitor(request)
        return cookies.give(
            render(request, "desk/staff/sign_in.html", sign_in_page(request, SignIn.of({}), after)), given
        )

    @post(name="sign_in.create")
    async def create(self, request: Request, session: Session) -> Response[Any]:
        form = await SignIn.from_request(request)
        after = local_address(form.text("next"))
        status, headers = 422, dict[str, str]()
        if not form.errors:
            try:
                staff = await identity.check_password(
                    session, request.runtime, email=form.email, password=form.password, address=request.address
                )
                return await _after_password(request, session, staff, after)
            except WrongCredentials as refused:
                form.refuse("", refused.title)
            except TooManyRequests as refused:
                status, headers = refused.status, refused.headers
                form.refuse("", f"{refused.title}. {refused.detail}")
        page = sign_in_page(request, form, after)
        return render(request, "desk/staff/sign_in.html", page, status=status, headers=headers)


async def _after_password(request: Request, session: Session, staff: Staff, after: str) -> Response[Any]:
    """Straight in, or on to the second factor with a cookie that is good for that step alone."""
    if staff.totp_since is None and not identity.must_enrol(staff):
        return await let_in(request, session, staff, after)
    if staff.totp_since is None:
        await identity.begin_second_factor(session, request.runtime, staff)
    token = await make_link(session, staff.id, LinkPurpose.SECOND_FACTOR)
    path = f"{SIGN_IN}/enrolment" if staff.totp_since is None else f"{SIGN_IN}/code"
    return cookies.give(redirect_to(request, with_next(path, after)), [cookies.pending_cookie(request.runtime, token)])


async def let_in(request: Request, session: Session, staff: Staff, after: str) -> Response[Any]:
    """Start the session and go on to where the person wanted to be."""
    return cookies.give(redirect_to(request, after), await start(request, session, staff))


async def start(request: Request, session: Session, staff: Staff) -> list[Cookie]:
    """A new session in the place of the one this browser has; answers its cookies."""
    replaced = request.visitor.session_id if request.visitor else None
    token = await identity.sign_in(
        session, staff, address=request.address, browser=browser_of(request), replaces=replaced
    )
    return [cookies.session_cookie(request.runtime, token), cookies.without_pending(request.runtime)]


class SecondFactorController(Controller):
    """The second page: a code of the device, or its first set-up where the roles ask for it."""

    path = SIGN_IN
    opt = {"permission": PUBLIC, "idempotent": False}
    include_in_schema = False

    @get("/code", name="sign_in.code.new")
    async def ask(self, request: Request, session: Session) -> Response[Any]:
        if await _pending(request, session) is None:
            return redirect_to(request, SIGN_IN)
        after = local_address(request.query_params.get("next"))
        given = cookies.bind_visitor(request)
        return cookies.give(render(request, "desk/staff/code.html", pages.CodePage(Code.of({}), after)), given)

    @post("/code", name="sign_in.code.create")
    async def check(self, request: Request, session: Session) -> Response[Any]:
        form = await Code.from_request(request)
        after = local_address(form.text("next"))
        staff = await _pending(request, session)
        if staff is None or staff.totp_since is None:
            return redirect_to(
                request, with_next(SIGN_IN, after), toast="That took too long. Sign in again.", tone="soon"
            )
        if not form.errors:
            try:
                await identity.check_code(session, request.runtime, staff, form.code)
            except WrongCode as refused:
                form.refuse("code", refused.title)
            else:
                await _spend_pending(request, session)
                return await let_in(request, session, staff, after)
        return render(request, "desk/staff/code.html", pages.CodePage(form, after), status=422)

    @get("/enrolment", name="sign_in.enrolment.new")
    async def show_enrolment(self, request: Request, session: Session) -> Response[Any]:
        staff = await _pending(request, session)
        if staff is None or staff.totp_since is not None:
            return redirect_to(request, SIGN_IN)
        after = local_address(request.query_params.get("next"))
        given = cookies.bind_visitor(request)
        return cookies.give(_enrolment(request, staff, Code.of({}), after), given)

    @post("/enrolment", name="sign_in.enrolment.create")
    async def enrol(self, request: Request, session: Session) -> Response[Any]:
        form = await Code.from_request(request)
        after = local_address(form.text("next"))
        staff = await _pending(request, session)
        if staff is None or staff.totp_since is not None:
            return redirect_to(
                request, with_next(SIGN_IN, after), toast="That took too long. Sign in again.", tone="soon"
            )
        if form.errors:
            return _enrolment(request, staff, form, after, status=422)
        try:
            codes = await identity.confirm_second_factor(session, request.runtime, staff, form.code)
        except WrongCode as refused:
            form.refuse("code", refused.title)
            return _enrolment(request, staff, form, after, status=422)
        await _spend_pending(request, session)
        given = await start(request, session, staff)
        page = pages.RecoveryCodesPage(codes, after)
        return cookies.give(render(request, "desk/staff/recovery_codes.html", page), given)


def _enrolment(request: Request, staff: Staff, form: Code, after: str, *, status: int = 200) -> Response[Any]:
    secret = identity.enrolment_secret(request.runtime, staff)
    page = pages.EnrolmentPage.of(form, staff.email, secret, after)
    return render(request, "desk/staff/enrolment.html", page, status=status)


async def _pending(request: Request, session: Session) -> Staff | None:
    """Whose password was right a moment ago in this browser."""
    token = request.cookies.get(cookies.PENDING_COOKIE)
    link = await find_link(session, token, [LinkPurpose.SECOND_FACTOR]) if token else None
    staff = await queries.find_staff(session, link.staff_id) if link else None
    return staff if staff and not staff.is_disabled else None


async def _spend_pending(request: Request, session: Session) -> None:
    link = await find_link(session, request.cookies.get(cookies.PENDING_COOKIE, ""), [LinkPurpose.SECOND_FACTOR])
    if link is None or not await use_link(session, link):
        raise LinkNotUsable("Sign in again.")


class SignOutController(Controller):
    """Leaving."""

    path = "/sign-out"
    opt = {"permission": SIGNED_IN, "idempotent": False}
    include_in_schema = False

    @post(name="sign_out.create")
    async def create(self, request: Request, session: Session) -> Response[Any]:
        if request.actor.session_id:
            await end_session(session, request.actor.session_id)
        response = redirect_to(request, SIGN_IN, toast="You are signed out")
        return cookies.give(response, [cookies.without_session(request.runtime)])


class ThemeController(Controller):
    """Light, dark, or as the system has it."""

    path = "/theme"
    opt = {"permission": PUBLIC}
    include_in_schema = False

    @post(name="theme.update")
    async def update(self, request: Request) -> Response[Any]:
        chosen = str((await request.form()).get("theme", "auto"))
        theme = chosen if chosen in THEMES else "auto"
        if request.is_htmx:
            trigger = msgspec.json.encode({"theme": {"value": theme}}).decode()
            response: Response[Any] = no_content(headers={"HX-Trigger": trigger})
        else:
            came_from = urlsplit(request.headers.get("referer", ""))
            response = redirect_to(request, local_address(came_from.path))
        cookie = Cookie(
            key=THEME_COOKIE,
            value=theme,
            path="/",
            max_age=YEAR_SECONDS,
            secure=request.runtime.is_secure,
            httponly=True,
            samesite="lax",
        )
        return cookies.give(response, [cookie])
