"""Setting a password by a single-use link, and the mails that development keeps."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.params import FromPath

from app.core import mail
from app.core.auth import cookies, throttle
from app.core.auth.errors import LinkNotUsable
from app.core.errors import NotFound
from app.core.http import Request, Session, redirect_to
from app.core.permissions import PUBLIC
from app.core.templating import render
from app.desk.staff import pages
from app.desk.staff.forms import Forgotten, NewPassword
from app.desk.staff.services import identity

Token = FromPath[str]


class ForgottenController(Controller):
    """Asking for a link: the answer is the same for every address."""

    path = "/password/forgotten"
    opt = {"permission": PUBLIC, "idempotent": False}
    include_in_schema = False

    @get(name="password.forgotten.new")
    async def new(self, request: Request) -> Response[Any]:
        given = cookies.bind_visitor(request)
        page = pages.ForgottenPage(Forgotten.of({}), is_sent=False)
        return cookies.give(render(request, "desk/staff/forgotten.html", page), given)

    @post(name="password.forgotten.create")
    async def create(self, request: Request) -> Response[Any]:
        form = await Forgotten.from_request(request)
        if form.errors:
            page = pages.ForgottenPage(form, is_sent=False)
            return render(request, "desk/staff/forgotten.html", page, status=422)
        await throttle.admit(request.runtime.database, [throttle.address_bucket(request.address)])
        response = render(request, "desk/staff/forgotten.html", pages.ForgottenPage(form, is_sent=True))
        response.background = BackgroundTask(identity.send_reset, request.runtime, form.email)
        return response


class NewPasswordController(Controller):
    """Choosing a password with a link that was mailed or printed."""

    path = "/password/new/{token:str}"
    opt = {"permission": PUBLIC, "idempotent": False}
    include_in_schema = False

    @get(name="password.new")
    async def new(self, request: Request, session: Session, token: Token) -> Response[Any]:
        given = cookies.bind_visitor(request)
        try:
            staff = await identity.open_password_link(session, token)
        except LinkNotUsable as refused:
            return cookies.give(_unusable(request, refused), given)
        page = pages.NewPasswordPage(NewPassword.of({}), staff.email)
        return cookies.give(render(request, "desk/staff/new_password.html", page), given)

    @post(name="password.create")
    async def create(self, request: Request, session: Session, token: Token) -> Response[Any]:
        form = await NewPassword.from_request(request)
        try:
            staff = await identity.open_password_link(session, token)
            if await form.submit(identity.set_password_by_link, session, token):
                return redirect_to(request, "/sign-in", toast="Your password is set. Sign in with it.")
        except LinkNotUsable as refused:
            return _unusable(request, refused)
        page = pages.NewPasswordPage(form, staff.email)
        return render(request, "desk/staff/new_password.html", page, status=422)


def _unusable(request: Request, refused: LinkNotUsable) -> Response[Any]:
    return render(request, "desk/staff/link_gone.html", pages.LinkGonePage(refused.title), status=refused.status)


class MailController(Controller):
    """Mails that were not sent, because development has no mail server."""

    path = "/_mail"
    opt = {"permission": PUBLIC}
    include_in_schema = False

    @get(name="mail.index")
    async def index(self, request: Request, session: Session) -> Response[Any]:
        if not mail.shows_mail(request.runtime.settings):
            raise NotFound
        return render(request, "desk/staff/mail.html", pages.MailPage.of(await mail.list_kept(session)))
