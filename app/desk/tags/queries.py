"""Reading tags, and the condition by which lists of records are filtered by them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Column, ColumnElement, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.listing import Filter, ListSpec
from app.core.read_pool import ReadPool
from app.core.reads import ListRead, Sort
from app.core.records import Record
from app.desk.tags.models import RecordTag, Tag
from app.desk.tags.rules import MANAGE, TagState
from app.desk.tags.schemas import TagItem

MOST_OFFERED = 10
USES_CAP = 1_000
_t = Tag.__table__  # type: ignore[attr-defined]  # pyright: ignore
_r = RecordTag.__table__  # type: ignore[attr-defined]  # pyright: ignore


SPEC = ListSpec(filters=(Filter("kind", "Of", "code"),), sorts=("name", "created_at"), default_sort="name")
tag_list: ListRead[TagItem] = ListRead(
    TagItem,
    table=_t,
    columns={name: _t.c[name] for name in ("id", "kind", "name", "state", "merged_into_id", "created_at")},
    where={"kind": _t.c.kind},
    sorts={"name": Sort(_t.c.name, "ix_tag_name"), "created_at": Sort(_t.c.created_at, "ix_tag_created_at")},
    scope={},
    indexes={frozenset({"kind", "sort:name"}): "uq_tag_kind_name"},
)


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
    """The word of a kind's vocabulary, which can neither leave nor be renamed until the transaction ends."""
    statement = select(Tag).where(col(Tag.kind) == kind, col(Tag.name) == name).with_for_update(read=True)
    return (await session.execute(statement)).scalar_one_or_none()


async def get_tag(session: AsyncSession, kind: str, name: str) -> Tag:
    """Raises NotFound."""
    found = await find_tag(session, kind, name)
    if found is None:
        raise NotFound
    return found


async def find_by_id(session: AsyncSession, tag_id: UUID, actor: Actor) -> Tag | None:
    """The word of this id, for those who look after the vocabulary."""
    return await session.get(Tag, tag_id) if actor.may(MANAGE) else None


async def get_by_id(session: AsyncSession, tag_id: UUID) -> Tag:
    """Raises NotFound."""
    found = await session.get(Tag, tag_id)
    if found is None:
        raise NotFound
    return found


async def lock_tag(session: AsyncSession, tag_id: UUID) -> Tag:
    """The word, locked until the end of the transaction. Raises NotFound."""
    found = await session.get(Tag, tag_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    return found


async def is_awaited(session: AsyncSession, tag_id: UUID) -> bool:
    """Whether records of another word are still on their way to this one."""
    statement = select(_t.c.id).where(_t.c.merged_into_id == tag_id, _t.c.state == TagState.MERGING)
    return (await session.execute(statement.limit(1))).first() is not None


async def list_bearers(session: AsyncSession, tag_id: UUID, limit: int) -> list[UUID]:
    """Records that bear a tag."""
    statement = select(_r.c.subject_id).where(_r.c.tag_id == tag_id).order_by(_r.c.subject_id).limit(limit)
    return list((await session.execute(statement)).scalars())


async def find_bearer(session: AsyncSession, model: type[Record], subject_id: UUID) -> Any:
    """A record, locked until the end of the transaction, or None when it went meanwhile."""
    return await session.get(model, subject_id, with_for_update=True, populate_existing=True)


async def count_uses(reads: ReadPool, ids: Sequence[str]) -> dict[str, int]:
    """How many records bear each of the tags, counted up to one more than `USES_CAP`."""
    if not ids:
        return {}
    one = f"SELECT %s, COUNT(*) FROM (SELECT 1 FROM record_tag WHERE tag_id = %s LIMIT {USES_CAP + 1}) bearing"  # noqa: S608
    sql = " UNION ALL ".join(f"({one})" for _ in ids)
    rows = await reads.fetch(sql, [value for key in ids for value in (key, key)])
    return {str(row[0]): int(row[1]) for row in rows}


async def find_ids(reads: ReadPool, text: str) -> list[str]:
    """Words that contain a text, in alphabetical order."""
    sql = "SELECT id FROM tag WHERE name LIKE %s ORDER BY name, id LIMIT 200"
    return [str(row[0]) for row in await reads.fetch(sql, (f"%{escaped(text)}%",))]


async def list_links(session: AsyncSession, kind: str, subject_id: UUID) -> dict[str, RecordTag]:
    """The links of a record by the name of their tag."""
    statement: Any = (
        select(_t.c.name, RecordTag)
        .join(RecordTag, col(RecordTag.tag_id) == col(Tag.id))
        .where(col(RecordTag.subject_id) == subject_id, col(Tag.kind) == kind)
    )
    return {row[0]: row[1] for row in await session.execute(statement)}  # pyright: ignore


def escaped(text: str) -> str:
    """A text that LIKE takes for itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


async def list_names(reads: ReadPool, kind: str, beginning: str, limit: int = MOST_OFFERED) -> list[str]:
    """Words of a kind's vocabulary that begin like the text, in alphabetical order."""
    rows = await reads.fetch(
        "SELECT name FROM tag WHERE kind = %s AND name LIKE %s AND state = %s ORDER BY name LIMIT %s",
        (kind, f"{escaped(beginning)}%", TagState.ACTIVE.value, limit),
    )
    return [row[0] for row in rows]
