"""Notifications are written for many people at once, and repeats meet in the row that is still unread."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, and_, delete, or_, update
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects.mysql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.desk.notifications.models import Notification, NotificationSetting
from app.desk.notifications.rules import Channels

RENEWED = ("title", "body", "href", "actor_id", "actor_name", "at")


async def put(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows; where an unread one of the same `collapse_key` is there, renew that and count it up."""
    statement = insert(Notification).values(list(rows))
    renewed = {name: statement.inserted[name] for name in RENEWED}
    await session.execute(
        statement.on_duplicate_key_update(occurrences=col(Notification.occurrences) + 1, **renewed),
        execution_options={"synchronize_session": False},
    )


async def mark_read(session: AsyncSession, person: UUID, at: datetime, *, until: tuple[datetime, UUID] | None) -> int:
    """Mark what a person has not read, up to a moment and id, or everything; returns how many."""
    statement = update(Notification).where(
        col(Notification.recipient_id) == person, col(Notification.read_at).is_(None)
    )
    if until:
        moment, last = until
        same = and_(col(Notification.at) == moment, col(Notification.id) <= last)
        statement = statement.where(or_(col(Notification.at) < moment, same))
    result = await session.execute(statement.values(read_at=at), execution_options={"synchronize_session": False})
    assert isinstance(result, CursorResult)
    return result.rowcount


async def settle(session: AsyncSession, keys: Sequence[str], at: datetime) -> int:
    """Mark the unread ones of these `collapse_key`s as read; returns how many there were."""
    statement = update(Notification).where(col(Notification.live_key).in_(keys)).values(read_at=at)
    result = await session.execute(statement, execution_options={"synchronize_session": False})
    assert isinstance(result, CursorResult)
    return result.rowcount


async def choose(session: AsyncSession, person: UUID, chosen: Mapping[str, Channels]) -> None:
    """Keep how a person wants to hear of some kinds; what was chosen for others is forgotten."""
    await session.execute(delete(NotificationSetting).where(col(NotificationSetting.staff_id) == person))
    rows = [
        {"staff_id": person, "kind": kind, "in_app": how.in_app, "by_mail": how.by_mail}
        for kind, how in sorted(chosen.items())
    ]
    if rows:
        await session.execute(insert(NotificationSetting).values(rows))


async def delete_old(session: AsyncSession, before: datetime, limit: int) -> int:
    """Delete some of those told before a moment, read or not; returns how many."""
    old = delete(Notification).where(col(Notification.at) < before)
    result = await session.execute(old.ext(mysql.limit(limit)))
    assert isinstance(result, CursorResult)
    return result.rowcount
