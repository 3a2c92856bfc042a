"""Telling people what concerns them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from app.core import clock, events
from app.core.actor import Actor
from app.core.area import NotificationKind
from app.core.db import AsyncSession
from app.core.jobs.queue import enqueue
from app.desk.notifications import queries, rules, writes
from app.kit.ids import new_id

MAIL = "notifications.mail"
TOLD = "notification.told"
"""The signal that brings a bell up to date; its payload names the people."""
PEOPLE_AT_ONCE = 500

_known: dict[str, NotificationKind] = {}


def know_kinds(kinds: Iterable[NotificationKind]) -> None:
    """Take the kinds of the assembled areas. Raises ValueError when two areas use one key for different things."""
    for kind in kinds:
        if _known.setdefault(kind.key, kind) != kind:
            raise ValueError(f"two kinds of notifications are called {kind.key}")


async def notify(
    session: AsyncSession,
    recipients: Iterable[UUID],
    kind: str,
    *,
    title: str,
    href: str,
    body: str = "",
    subject: tuple[str, UUID] | None = None,
    actor: Actor,
) -> None:
    """Tell people something in the caller's transaction, each as they chose; nobody hears of their own act.

    An unread notification of the same kind about the same `subject` is renewed instead of doubled. Raises KeyError
    for a kind that no area has registered.
    """
    people = sorted({person for person in recipients if person != actor.id})
    default = kind_of(kind).is_on_by_default
    told = {
        "kind": kind,
        "title": rules.shortened(title, rules.LONGEST_TITLE),
        "body": rules.shortened(body, rules.LONGEST_BODY),
        "href": href,
        "subject_kind": subject and subject[0],
        "subject_id": subject and subject[1],
        "actor_id": actor.id,
        "actor_name": actor.name,
    }
    for start in range(0, len(people), PEOPLE_AT_ONCE):
        part = people[start : start + PEOPLE_AT_ONCE]
        chosen = await queries.list_channels(session, part, kind)
        channels = {person: rules.channels_of(chosen, person, is_on_by_default=default) for person in part}
        await _show(session, [person for person, how in channels.items() if how.in_app], told, subject)
        await _mail(session, [person for person, how in channels.items() if how.by_mail], told)


def kind_of(key: str) -> NotificationKind:
    """The registered kind. Raises KeyError."""
    return _known[key]


async def _show(
    session: AsyncSession, people: list[UUID], told: dict[str, Any], subject: tuple[str, UUID] | None
) -> None:
    if not people:
        return
    moment = clock.now()
    await writes.put(
        session,
        [
            told
            | {
                "id": new_id(),
                "recipient_id": person,
                "occurrences": 1,
                "at": moment,
                "collapse_key": rules.collapse_key(person, told["kind"], subject),
            }
            for person in people
        ],
    )
    await events.signal(session, TOLD, {"people": [str(person) for person in people]})


async def _mail(session: AsyncSession, people: list[UUID], told: dict[str, Any]) -> None:
    if people:
        words = {name: told[name] for name in ("title", "body", "href")}
        await enqueue(session, MAIL, {"people": [str(person) for person in people], **words})
