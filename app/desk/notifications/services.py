"""Telling people what concerns them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from app.core import clock, events
from app.core.actor import SYSTEM, Actor
from app.core.area import JobKind, LiveSignal, NotificationKind, RecordKind
from app.core.cursors import Cursor, CursorSigner, digest
from app.core.db import AsyncSession, Database, run_in_unit
from app.core.errors import InvalidFields
from app.core.jobs.leases import Claim
from app.core.jobs.models import Job, JobState
from app.core.jobs.queue import enqueue
from app.core.read_pool import ReadPool
from app.core.reads import Query
from app.desk.notifications import queries, rules, writes
from app.desk.notifications.models import Notification
from app.desk.notifications.schemas import NotificationRow, Unread
from app.kit.ids import new_id
from app.kit.problems import Problem

MAIL = "notifications.mail"
TOLD = "notification.told"
"""The signal that brings a bell up to date; its payload names the people."""
PEOPLE_AT_ONCE = 500
FORGOTTEN_AT_ONCE = 1_000
READINGS = digest("notification readings")
JOB_FAILED = NotificationKind("job.failed", "Background work of mine gave up")
JOB_DONE = NotificationKind("job.done", "Background work of mine is done", is_on_by_default=False)

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


async def settle(session: AsyncSession, people: Iterable[UUID], kind: str, subject: tuple[str, UUID]) -> None:
    """Take what people were told about a record as read: nothing is to be done about it any more."""
    told = sorted(set(people))
    keys = [key for person in told if (key := rules.collapse_key(person, kind, subject))]
    if keys and await writes.settle(session, keys, clock.now()):
        await events.signal(session, TOLD, {"people": [str(person) for person in told]})


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


@dataclass(frozen=True, slots=True)
class Shown:
    """A notification as its reader may see it; without a view of its record only that there is something."""

    row: NotificationRow
    title: str
    body: str
    is_withheld: bool = False


@dataclass(frozen=True, slots=True)
class OwnPage:
    """A page of one's own notifications; `read_cursor` stands for it and everything older."""

    items: list[Shown]
    next_cursor: str | None
    read_cursor: str | None


WITHHELD = "About a record that you may no longer see"


async def own_page(
    session: AsyncSession,
    reads: ReadPool,
    signer: CursorSigner,
    kinds: Mapping[str, RecordKind],
    query: Query,
    *,
    actor: Actor,
) -> OwnPage:
    """What one was told, the newest first."""
    own = replace(query, filters={**query.filters, "recipient": [str(actor.id)]})
    found = await queries.notifications.page(reads, signer, own, actor)
    newest = found.items[0] if found.items else None
    read_cursor = signer.write(Cursor(READINGS, (newest.at, newest.id))) if newest else None
    return OwnPage(await shown(session, found.items, kinds, actor), found.next_cursor, read_cursor)


def read_until(signer: CursorSigner, text: str) -> tuple[datetime, UUID]:
    """The moment and id that a `read_cursor` stands for. Raises MalformedRequest."""
    at, last = signer.read(text, query=READINGS).values
    return datetime.fromisoformat(str(at)), UUID(str(last))


async def shown(
    session: AsyncSession, rows: Sequence[NotificationRow], kinds: Mapping[str, RecordKind], actor: Actor
) -> list[Shown]:
    """Rows with the words that the actor may read now; what records are called and who sees them is looked up anew."""
    names = await _names(session, rows, kinds, actor)
    return [_shown(row, names.get((row.subject_kind or "", row.subject_id or ""))) for row in rows]


def _shown(row: NotificationRow, name: str | None) -> Shown:
    if row.subject_id and name is None:
        return Shown(row, WITHHELD, "", is_withheld=True)
    kind = _known.get(row.kind)
    if kind and kind.many and row.occurrences > 1:
        return Shown(row, kind.many.format(count=row.occurrences, name=name), row.body)
    return Shown(row, row.title, row.body)


async def _names(
    session: AsyncSession, rows: Sequence[NotificationRow], kinds: Mapping[str, RecordKind], actor: Actor
) -> dict[tuple[str, str], str]:
    by_kind: dict[str, set[str]] = {}
    for row in rows:
        if row.subject_kind and row.subject_id:
            by_kind.setdefault(row.subject_kind, set()).add(row.subject_id)
    names: dict[tuple[str, str], str] = {}
    for key, ids in by_kind.items():
        kind = kinds.get(key)
        if kind is None or not actor.may(kind.permission):
            continue
        await queries.load_subjects(session, kind.model, [UUID(each) for each in ids])
        for each in ids:
            found = await kind.find(session, UUID(each), actor)
            if found is not None:
                names[key, each] = kind.name(found)
    return names


async def open_notification(session: AsyncSession, notification_id: UUID, *, actor: Actor) -> Notification:
    """Mark one's own notification as read, once; returns it. Raises NotFound."""
    found = await queries.get_own(session, notification_id, actor.id)
    if found.read_at is None:
        found.read_at = clock.now()
        await _ring(session, actor)
    return found


async def read_all(session: AsyncSession, *, until: tuple[datetime, UUID] | None = None, actor: Actor) -> int:
    """Mark everything that one was told as read, or all up to a moment and id; returns how many were not."""
    assert actor.id is not None
    count = await writes.mark_read(session, actor.id, clock.now(), until=until)
    if count:
        await _ring(session, actor)
    return count


async def _ring(session: AsyncSession, actor: Actor) -> None:
    await events.signal(session, TOLD, {"people": [str(actor.id)]})


async def choose_channels(session: AsyncSession, *, fields: Mapping[str, rules.Channels], actor: Actor) -> None:
    """Keep how one wants to hear of some kinds, others by their default. Raises InvalidFields."""
    assert actor.id is not None
    if unknown := sorted(set(fields).difference(_known)):
        raise InvalidFields([Problem("items", "invalid", f"There is no {', '.join(unknown)}")])
    await writes.choose(session, actor.id, fields)


async def channels(session: AsyncSession, *, actor: Actor) -> list[tuple[NotificationKind, rules.Channels]]:
    """Every kind, in the order of their titles, and how one hears of it."""
    assert actor.id is not None
    chosen = await queries.list_settings(session, actor.id)
    return [
        (kind, chosen.get(kind.key, rules.Channels(kind.is_on_by_default, by_mail=False)))
        for kind in sorted(_known.values(), key=lambda kind: kind.title)
    ]


async def count_unread(reads: ReadPool, actor: Actor) -> int:
    """How many one has not read, up to a hundred."""
    assert actor.id is not None
    return (await queries.count_unread(reads, [actor.id]))[actor.id]


async def count_own_unread(session: AsyncSession, actor: Actor) -> int:
    """As `count_unread`, with what this transaction has changed."""
    return await queries.count_unread_of(session, actor.id)


async def pulse(reads: ReadPool, person: str) -> tuple[int, int]:
    """What every page begins with: the present position of the feed, and how much one has not read."""
    return await queries.pulse(reads, person)


async def unread(reads: ReadPool, people: Sequence[UUID]) -> dict[UUID, Unread]:
    """What bells show."""
    return {person: Unread(count) for person, count in (await queries.count_unread(reads, people)).items()}


RINGING = LiveSignal(TOLD, "notification", unread)


async def forget_old(database: Database) -> int:
    """Delete what was told three months ago, some at a time; returns how many."""
    before, forgotten = clock.now() - rules.KEPT, 0
    while True:
        gone = await run_in_unit(database, lambda session: writes.delete_old(session, before, FORGOTTEN_AT_ONCE))
        forgotten += gone
        if gone < FORGOTTEN_AT_ONCE:
            return forgotten


async def tell_maker(session: AsyncSession, claim: Claim, kind: JobKind, outcome: JobState, reason: str) -> None:
    """Tell whoever queued a job that it is done or gave up."""
    if claim.created_by is None or not kind.tells_maker:
        return
    has_failed = outcome is JobState.DEAD
    await notify(
        session,
        [claim.created_by],
        JOB_FAILED.key if has_failed else JOB_DONE.key,
        title=f"{'Gave up' if has_failed else 'Done'}: {kind.title}",
        body=reason,
        href=f"/jobs/{claim.id}",
        subject=(Job.record_kind, claim.id),
        actor=SYSTEM,
    )
