"""What the pages of notifications show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from app.core.filters import day, to_datetime
from app.desk.notifications.services import Shown

PATH = "/notifications"
NEWEST = 10


@dataclass(frozen=True, slots=True)
class Line:
    """One notification."""

    id: str
    title: str
    body: str
    href: str
    who: str
    at: str
    times: int
    is_unread: bool
    is_withheld: bool


@dataclass(frozen=True, slots=True)
class Day:
    """What was told on one day, the newest first."""

    title: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class NotificationList:
    """The page, and the newest of it under the bell."""

    days: list[Day]
    only_unread: bool
    has_unread: bool
    next_href: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A kind, and how one hears of it."""

    kind: str
    title: str
    in_app: bool
    by_mail: bool


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """How one wants to be told of what."""

    choices: list[Choice]
    can_mail: bool


def days(found: Sequence[Shown], today: date) -> list[Day]:
    """Notifications by the day on which they came, in words for the last two."""
    names = {today: "Today", today - timedelta(days=1): "Yesterday"}
    grouped = groupby(found, key=lambda one: to_datetime(one.row.at).date())
    return [Day(names.get(on) or day(on), [_line(one) for one in ones]) for on, ones in grouped]


def _line(one: Shown) -> Line:
    row = one.row
    return Line(
        id=row.id,
        title=one.title,
        body=one.body,
        href="" if one.is_withheld else row.href,
        who=row.actor_name,
        at=row.at,
        times=row.occurrences,
        is_unread=row.read_at is None,
        is_withheld=one.is_withheld,
    )
