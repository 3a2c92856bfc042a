"""Reading tags, and the condition by which lists of records are filtered by them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Column, ColumnElement, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.errors import NotFound
from app.core.read_pool import ReadPool
from app.core.records import Record
from app.desk.tags.models import RecordTag, Tag
from app.desk.tags.rules import TagState

MOST_OFFERED = 10
_t = Tag.__table__  # type: ignore[attr-defined]  # pyright: ignore
_r = RecordTag.__table__  # type: ignore[attr-defined]  # pyright: ignore


class Tagged:
    """A list's filter: records of a kind that bear any of the tags. Begins at the tag, whose rows are few."""

    def __init__(self, kind: str, key: Column[Any]) -> None:
        self.kind, self.key = literal_column(f"'{kind}'"), key  # written out: a compiled list binds what is asked

    def __call__(self, names: Sequence[BindParameter[Any]]) -> ColumnElement[bool]:
        bearing = (
            select(_r.c.subject_id)
            .select_from(_t.join(_r, _r.c.tag_id == _t.c.id))
            .where(_t.c.kind == self.kind, _t.c.name.in_(names))
        )
        return self.key.in_(bearing)


async def lock_record(session: AsyncSession, subject: Record) -> Any:
    """The record's row, locked until the end of the transaction. Raises NotFound when it went meanwhile."""
    found = await session.get(type(subject), subject.id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    return found


async def find_tag(session: AsyncSession, kind: str, name: str) -> Tag | None:
    """The word of a kind's vocabulary."""
    statement = select(Tag).where(col(Tag.kind) == kind, col(Tag.name) == name)
    return (await session.execute(statement)).scalar_one_or_none()


async def get_tag(session: AsyncSession, kind: str, name: str) -> Tag:
    """Raises NotFound."""
    found = await find_tag(session, kind, name)
    if found is None:
        raise NotFound
    return found


async def list_links(session: AsyncSession, kind: str, subject_id: UUID) -> dict[str, RecordTag]:
    """The links of a record by the name of their tag."""
    statement: Any = (
        select(_t.c.name, RecordTag)
        .join(RecordTag, col(RecordTag.tag_id) == col(Tag.id))
        .where(col(RecordTag.subject_id) == subject_id, col(Tag.kind) == kind)
    )
    return {row[0]: row[1] for row in await session.execute(statement)}  # pyright: ignore


async def list_names(reads: ReadPool, kind: str, beginning: str, limit: int = MOST_OFFERED) -> list[str]:
    """Words of a kind's vocabulary that begin like the text, in alphabetical order."""
    escaped = beginning.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    rows = await reads.fetch(
        "SELECT name FROM tag WHERE kind = %s AND name LIKE %s AND state = %s ORDER BY name LIMIT %s",
        (kind, f"{escaped}%", TagState.ACTIVE.value, limit),
    )
    return [row[0] for row in rows]
