"""Notifications in the JSON API."""

from uuid import UUID

from litestar import Controller, Response, get, post, put
from litestar.params import FromPath, JSONBody

from app.core.http import CurrentActor, Request, Session, answer
from app.core.listing import read_list_query
from app.core.mail import shows_mail
from app.core.openapi_vocabulary import CURSOR, QueryField, limit_field
from app.core.permissions import SIGNED_IN
from app.core.reads import MAX_PAGE
from app.core.values import UNSET
from app.desk.notifications import queries, services
from app.desk.notifications.rules import Channels
from app.desk.notifications.schemas import (
    NewNotificationSettings,
    NotificationItem,
    NotificationPage,
    NotificationReading,
    NotificationSettingItem,
    NotificationSettings,
    Unread,
)
from app.desk.notifications.services import Shown

QUERY = (
    QueryField("unread", "`true`: only what is not read.", {"type": "string", "enum": ["true"]}),
    limit_field(50, MAX_PAGE),
    CURSOR,
)


class NotificationApi(Controller):
    """What one was told."""

    path = "/api/v1/notifications"
    tags = ("Notifications",)
    opt = {"permission": SIGNED_IN}

    @get(name="api.notifications.index", operation_id="listNotifications", summary="List notifications", query=QUERY)
    async def index(self, request: Request, session: Session, actor: CurrentActor) -> Response[NotificationPage]:
        """One's own, the newest first, as far as one may still see what they are about."""
        runtime = request.runtime
        asked = read_list_query(request.query_params.multi_items(), queries.SPEC)
        kinds = {kind.model.record_kind: kind for kind in runtime.assembly.kinds.values()}
        reads, signer = runtime.database.primary, runtime.cursors
        found = await services.own_page(session, reads, signer, kinds, asked.query, actor=actor)
        unread = await services.count_unread(reads, actor)
        items = [_item(one) for one in found.items]
        return answer(NotificationPage(items, found.next_cursor, unread, found.read_cursor))

    @post(
        "/{notification_id:uuid}/reading",
        name="api.notifications.reading.create",
        operation_id="readNotification",
        summary="Mark a notification as read",
    )
    async def read(self, session: Session, actor: CurrentActor, notification_id: FromPath[UUID]) -> Response[Unread]:
        """Marking it again changes nothing."""
        await services.open_notification(session, notification_id, actor=actor)
        return answer(Unread(await services.count_own_unread(session, actor)), status=201)


class NotificationReadingApi(Controller):
    """Having seen many notifications at once."""

    path = "/api/v1/notification-readings"
    tags = ("Notifications",)
    opt = {"permission": SIGNED_IN}

    @post(
        name="api.notification_readings.create",
        operation_id="readNotifications",
        summary="Mark notifications as read",
    )
    async def create(
        self, request: Request, session: Session, actor: CurrentActor, data: JSONBody[NotificationReading]
    ) -> Response[Unread]:
        """Everything up to the `read_cursor` of a page, so that what came after it was shown stays unread."""
        until = services.read_until(request.runtime.cursors, data.cursor) if data.cursor else None
        await services.read_all(session, until=until, actor=actor)
        return answer(Unread(await services.count_own_unread(session, actor)), status=201)


class NotificationSettingsApi(Controller):
    """How one wants to be told of what."""

    path = "/api/v1/notification-settings"
    tags = ("Notifications",)
    opt = {"permission": SIGNED_IN}

    @get(name="api.notification_settings.show", operation_id="getNotificationSettings", summary="Read the settings")
    async def show(self, request: Request, session: Session) -> Response[NotificationSettings]:
        """Every kind of thing that one can be told of, and how one is."""
        return answer(await _settings(request, session))

    @put(
        name="api.notification_settings.update",
        operation_id="putNotificationSettings",
        summary="Choose how to be told",
        is_versioned=False,
    )
    async def update(
        self, request: Request, session: Session, actor: CurrentActor, data: JSONBody[NewNotificationSettings]
    ) -> Response[NotificationSettings]:
        """The whole of it: kinds that are not named are as everybody begins with them."""
        chosen = {one.kind: Channels(one.in_app, one.by_mail) for one in data.items}
        await services.choose_channels(session, fields=chosen, actor=actor)
        return answer(await _settings(request, session))


async def _settings(request: Request, session: Session) -> NotificationSettings:
    found = await services.channels(session, actor=request.actor)
    settings = request.runtime.settings
    items = [NotificationSettingItem(kind.key, kind.title, how.in_app, how.by_mail) for kind, how in found]
    return NotificationSettings(items, bool(settings.mail_url) or shows_mail(settings))


def _item(one: Shown) -> NotificationItem:
    row = one.row
    return NotificationItem(
        id=row.id,
        kind=row.kind,
        title=one.title,
        body=one.body,
        href="" if one.is_withheld else row.href,
        actor=row.actor_name,
        occurrences=row.occurrences,
        at=row.at,
        is_withheld=one.is_withheld,
        read_at=row.read_at or UNSET,
        subject_kind=UNSET if one.is_withheld or not row.subject_kind else row.subject_kind,
        subject_id=UNSET if one.is_withheld or not row.subject_id else row.subject_id,
    )
