"""Reading notifications and how people want them."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.desk.notifications.models import NotificationSetting
from app.desk.notifications.rules import Channels


async def list_channels(session: AsyncSession, people: Collection[UUID], kind: str) -> dict[UUID, Channels]:
    """What those of the people chose who chose something for the kind."""
    rows = await session.execute(
        select(col(NotificationSetting.staff_id), col(NotificationSetting.in_app), col(NotificationSetting.by_mail))
        .where(col(NotificationSetting.staff_id).in_(people), col(NotificationSetting.kind) == kind)
    )  # fmt: skip
    return {row[0]: Channels(row[1], row[2]) for row in rows}
