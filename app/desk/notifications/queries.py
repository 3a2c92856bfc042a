"""Reading notifications and how people want them."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.errors import NotFound
from app.core.listing import Filter, ListSpec
from app.core.read_pool import ReadPool
from app.core.reads import ListRead, Sort
from app.core.records import Record
from app.desk.notifications.models import Notification, NotificationSetting
from app.desk.notifications.rules import Channels
from app.desk.notifications.schemas import NotificationRow

MOST_COUNTED = 100
"""Unread ones are counted to here: more is shown as `99+`."""

_n = Notification.__table__  # type: ignore[attr-defined]  # pyright: ignore
_UNREAD = (
    "SELECT COUNT(*) FROM (SELECT 1 FROM notification WHERE recipient_id = %s AND read_at IS NULL"  # noqa: S608
    f" LIMIT {MOST_COUNTED}) unread"
)
_PULSE = f"SELECT COALESCE((SELECT position FROM event_consumer WHERE name = 'relay'), 0), ({_UNREAD})"  # noqa: S608

SPEC = ListSpec(
    filters=(Filter("unread", "Unread", "choice", (("true", "Only unread"),)),),
    sorts=("at",),
    default_sort="-at",
)

notifications = ListRead(
    NotificationRow,
    table=_n,
    columns={name: _n.c[name] for name in NotificationRow.__struct_fields__},
    where={"recipient": _n.c.recipient_id, "unread": _n.c.read_at.is_(None)},
    sorts={"at": Sort(_n.c.at)},
    scope={},
    indexes={
        frozenset({"recipient", "sort:at"}): "ix_notification_recipient",
        frozenset({"recipient", "unread", "sort:at"}): "ix_notification_unread",
    },
)


async def list_channels(session: AsyncSession, people: Collection[UUID], kind: str) -> dict[UUID, Channels]:
    """What those of the people chose who chose something for the kind."""
    rows = await session.execute(
        select(col(NotificationSetting.staff_id), col(NotificationSetting.in_app), col(NotificationSetting.by_mail))
        .where(col(NotificationSetting.staff_id).in_(people), col(NotificationSetting.kind) == kind)
    )  # fmt: skip
    return {row[0]: Channels(row[1], row[2]) for row in rows}


async def list_settings(session: AsyncSession, person: UUID) -> dict[str, Channels]:
    """What a person chose, by kind."""
    rows = await session.execute(select(NotificationSetting).where(col(NotificationSetting.staff_id) == person))
    return {one.kind: Channels(one.in_app, one.by_mail) for one in rows.scalars()}


async def pulse(reads: ReadPool, person: str) -> tuple[int, int]:
    """The last position that the relay gave, and how many notifications the person has not read, up to a hundred."""
    ((position, unread),) = await reads.fetch(_PULSE, (person,))
    return int(position), int(unread)


async def count_unread(reads: ReadPool, people: Sequence[UUID]) -> dict[UUID, int]:
    """How many each of the people has not read, up to a hundred."""
    parts = ", ".join([f"({_UNREAD})"] * len(people))
    (counts,) = await reads.fetch(f"SELECT {parts}", [str(person) for person in people])
    return {person: int(count) for person, count in zip(people, counts, strict=True)}


async def count_unread_of(session: AsyncSession, person: UUID | None) -> int:
    """How many a person has not read, up to a hundred, as the transaction sees it."""
    unread = select(col(Notification.id)).where(
        col(Notification.recipient_id) == person, col(Notification.read_at).is_(None)
    )
    counted = select(func.count()).select_from(unread.limit(MOST_COUNTED).subquery())
    return (await session.execute(counted)).scalar_one()


async def get_own(session: AsyncSession, notification_id: UUID, person: UUID | None) -> Notification:
    """A person's own notification. Raises NotFound."""
    found = await session.get(Notification, notification_id)
    if found is None or found.recipient_id != person:
        raise NotFound
    return found


async def load_subjects(session: AsyncSession, model: type[Record], ids: Collection[UUID]) -> None:
    """Bring records into the session at once, so that each kind's `find` costs nothing."""
    await session.execute(select(model).where(col(model.id).in_(ids)))


async def find_address(reads: ReadPool, person: str) -> str | None:
    """Where somebody gets mail, None when disabled or gone; staff belong to a feature above, and ask to tell people."""
    rows = await reads.fetch("SELECT email FROM staff WHERE id = %s AND is_disabled = 0", (person,))
    return rows[0][0] if rows else None
