"""Notifications in the JSON API, and as lists read them."""

import msgspec

from app.core.values import Id, Maybe, Timestamp


class NotificationRow(msgspec.Struct, frozen=True):
    """A notification as it is stored."""

    id: str
    kind: str
    subject_kind: str | None
    subject_id: str | None
    title: str
    body: str
    href: str
    actor_name: str
    occurrences: int
    at: str
    read_at: str | None


class NotificationItem(msgspec.Struct, frozen=True):
    """Something that one was told. `occurrences` counts repeats about one record that came before it was read.

    Title and body are withheld (`is_withheld`) while one may not see the record that it is about.
    """

    id: Id
    kind: str
    title: str
    body: str
    href: str
    actor: str
    occurrences: int
    at: Timestamp
    is_withheld: bool
    read_at: Maybe[Timestamp]
    subject_kind: Maybe[str]
    subject_id: Maybe[Id]


class NotificationPage(msgspec.Struct, frozen=True):
    """Notifications, the newest first; `read_cursor` marks this page and everything older as read."""

    items: list[NotificationItem]
    next_cursor: str | None
    unread: int
    read_cursor: str | None


class Unread(msgspec.Struct, frozen=True):
    """How many notifications are not read; 100 means a hundred or more."""

    unread: int


class NotificationReading(msgspec.Struct, forbid_unknown_fields=True):
    """What has been seen: everything up to `read_cursor` of a page, or everything there is."""

    cursor: str | None = None


class NotificationChannels(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How one wants to hear of one kind of thing."""

    kind: str
    in_app: bool
    by_mail: bool


class NotificationSettingItem(msgspec.Struct, frozen=True):
    """A kind of notification and how one hears of it."""

    kind: str
    title: str
    in_app: bool
    by_mail: bool


class NotificationSettings(msgspec.Struct, frozen=True):
    """Every kind there is. `can_mail` says whether mail can be sent from here at all."""

    items: list[NotificationSettingItem]
    can_mail: bool


class NewNotificationSettings(msgspec.Struct, forbid_unknown_fields=True):
    """How one wants to hear of these kinds; others by their default."""

    items: list[NotificationChannels]
