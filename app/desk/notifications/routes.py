"""The bell, the page behind it, and how one wants to be told."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core import clock
from app.core.db import AsyncSession
from app.core.http import CurrentActor, Request, Session, no_content, redirect, redirect_to
from app.core.listing import ListQuery, read_list_query
from app.core.mail import shows_mail
from app.core.permissions import SIGNED_IN
from app.core.templating import render
from app.desk.notifications import pages, queries, services
from app.desk.notifications.forms import ChooseChannels
from app.desk.notifications.services import OwnPage


class NotificationController(Controller):
    """What one was told."""

    path = pages.PATH
    opt = {"permission": SIGNED_IN}
    include_in_schema = False

    @get(name="notifications.index")
    async def index(self, request: Request, session: Session) -> Response[Any]:
        asked = read_list_query(request.query_params.multi_items(), queries.SPEC)
        found = await _own_page(request, session, asked)
        page = pages.NotificationList(
            days=pages.days(found.items, clock.today()),
            only_unread="unread" in asked.chosen,
            has_unread=any(one.row.read_at is None for one in found.items),
            next_href=asked.address(pages.PATH, cursor=found.next_cursor) if found.next_cursor else "",
        )
        return render(request, "desk/notifications/index.html", page)

    @get("/newest", name="notifications.newest")
    async def newest(self, request: Request, session: Session) -> Response[Any]:
        """What opens under the bell."""
        asked = read_list_query([("limit", str(pages.NEWEST))], queries.SPEC)
        found = await _own_page(request, session, asked)
        has_unread = any(one.row.read_at is None for one in found.items)
        days = pages.days(found.items, clock.today())
        page = pages.NotificationList(days, only_unread=False, has_unread=has_unread, next_href="")
        return render(request, "desk/notifications/newest.html", page, fragment="bell_list")

    @post("/{notification_id:uuid}/reading", name="notifications.reading.create")
    async def read(
        self, request: Request, session: Session, actor: CurrentActor, notification_id: FromPath[UUID]
    ) -> Response[Any]:
        """By the page itself when its link is followed, and by the button beside it."""
        await services.open_notification(session, notification_id, actor=actor)
        return no_content() if request.is_htmx else redirect_to(request, pages.PATH)

    @post("/readings", name="notifications.readings.create")
    async def read_all(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        await services.read_all(session, actor=actor)
        return redirect(request, "notifications.index", toast="Everything is marked as read")


class NotificationSettingsController(Controller):
    """How one wants to be told of what."""

    path = "/account/notifications"
    opt = {"permission": SIGNED_IN}
    include_in_schema = False

    @get(name="account.notifications.show")
    async def show(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        found = await services.channels(session, actor=actor)
        choices = [pages.Choice(kind.key, kind.title, how.in_app, how.by_mail) for kind, how in found]
        settings = request.runtime.settings
        page = pages.SettingsPage(choices, bool(settings.mail_url) or shows_mail(settings))
        return render(request, "desk/notifications/settings.html", page)

    @post(name="account.notifications.update")
    async def update(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        form = await ChooseChannels.from_request(request)
        offered = [kind.key for kind, _ in await services.channels(session, actor=actor)]
        await services.choose_channels(session, fields=form.channels(offered), actor=actor)
        return redirect(request, "account.notifications.show", toast="Saved")


async def _own_page(request: Request, session: AsyncSession, asked: ListQuery) -> OwnPage:
    runtime = request.runtime
    kinds = {kind.model.record_kind: kind for kind in runtime.assembly.kinds.values()}
    reads, signer = runtime.database.primary, runtime.cursors
    return await services.own_page(session, reads, signer, kinds, asked.query, actor=request.actor)
