"""Reading what is attached to a record, the newest first, by keys."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.cursors import Cursor, CursorSigner, digest
from app.core.errors import NotFound
from app.desk.attachments.models import Attachment

Key = tuple[str, UUID]
"""Kind and id of the record."""


async def list_attachments(
    session: AsyncSession, subject: Key, signer: CursorSigner, *, limit: int, cursor: str | None = None
) -> tuple[list[Attachment], str | None]:
    """A page of a record's files and where the next one starts. Raises MalformedRequest for a foreign cursor."""
    identity = digest("attachments", subject)
    statement = select(Attachment).where(*_of(subject))
    if cursor:
        (key,) = signer.read(cursor, query=identity).values
        statement = statement.where(col(Attachment.id) < UUID(str(key)))
    found = list((await session.execute(statement.order_by(col(Attachment.id).desc()).limit(limit + 1))).scalars())
    if len(found) <= limit:
        return found, None
    return found[:limit], signer.write(Cursor(identity, (str(found[limit - 1].id),)))


async def count_attachments(session: AsyncSession, subject: Key) -> int:
    return (await session.execute(select(func.count()).where(*_of(subject)))).scalar_one()


async def find_same(session: AsyncSession, subject: Key, sha256: str) -> Attachment | None:
    """The file of a record that was sent with this content."""
    statement = select(Attachment).where(*_of(subject), col(Attachment.sha256) == sha256)
    return (await session.execute(statement)).scalar_one_or_none()


async def get_attachment(session: AsyncSession, subject: Key, attachment_id: UUID, *, lock: bool = False) -> Attachment:
    """A file of this record. Raises NotFound."""
    found = await session.get(Attachment, attachment_id, with_for_update=lock or None, populate_existing=lock)
    if found is None or (found.subject_kind, found.subject_id) != subject:
        raise NotFound
    return found


async def lock_ids(session: AsyncSession, subject: Key) -> list[UUID]:
    """All files of a record, locked until the end of the transaction."""
    statement = select(col(Attachment.id)).where(*_of(subject)).order_by(col(Attachment.id)).with_for_update()
    return list((await session.execute(statement)).scalars())


async def list_known(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Those of the ids that a row has."""
    statement = select(col(Attachment.id)).where(col(Attachment.id).in_(ids))
    return set((await session.execute(statement)).scalars())


def _of(subject: Key) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(Attachment.subject_id) == subject[1], col(Attachment.subject_kind) == subject[0]
