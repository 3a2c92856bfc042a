"""Files of a record that is deleted itself."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.desk.attachments.models import Attachment


async def delete_rows(session: AsyncSession, ids: Sequence[UUID]) -> None:
    await session.execute(delete(Attachment).where(col(Attachment.id).in_(ids)))
