"""Notifications are written for many people at once, and repeats meet in the row that is still unread."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects.mysql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.desk.notifications.models import Notification

RENEWED = ("title", "body", "href", "actor_id", "actor_name", "at")


async def put(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows; where an unread one of the same `collapse_key` is there, renew that and count it up."""
    statement = insert(Notification).values(list(rows))
    renewed = {name: statement.inserted[name] for name in RENEWED}
    await session.execute(
        statement.on_duplicate_key_update(occurrences=col(Notification.occurrences) + 1, **renewed),
        execution_options={"synchronize_session": False},
    )
