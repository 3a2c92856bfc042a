"""Reading saved views: one's own and those that are shared."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.read_pool import ReadPool
from app.desk.saved_views.models import SavedView
from app.desk.saved_views.schemas import StoredView

_NAMES = [field.name for field in msgspec.structs.fields(StoredView)]
_SELECT = f"SELECT {', '.join(_NAMES)} FROM saved_view"  # noqa: S608 - names of our own
_VISIBLE = (
    f"{_SELECT} WHERE list_key = %s AND is_shared = 1 UNION {_SELECT} WHERE owner_id = %s AND list_key = %s "
    "ORDER BY is_shared DESC, position, name, id"
)


async def list_visible(reads: ReadPool, actor: Actor, list_key: str) -> list[StoredView]:
    """The shared views of a list and the actor's own, in the order of the tabs."""
    rows = await reads.fetch(_VISIBLE, (list_key, str(actor.id), list_key))
    return [_stored(row) for row in rows]


def _stored(row: Sequence[Any]) -> StoredView:
    values: dict[str, Any] = dict(zip(_NAMES, row, strict=True))
    for name in ("filters", "columns"):
        values[name] = msgspec.json.decode(values[name])
    values["is_shared"] = bool(values["is_shared"])
    return StoredView(**values)


async def find_view(session: AsyncSession, view_id: UUID, actor: Actor, *, lock: bool = False) -> SavedView | None:
    """A view that the actor may see."""
    found = await session.get(SavedView, view_id, with_for_update=lock or None, populate_existing=lock)
    return found if found is not None and (found.is_shared or found.owner_id == actor.id) else None


async def get_view(session: AsyncSession, view_id: UUID, actor: Actor) -> SavedView:
    """Raises NotFound for what is not there and for what is somebody else's alone."""
    found = await find_view(session, view_id, actor)
    if found is None:
        raise NotFound
    return found


async def lock_view(session: AsyncSession, view_id: UUID, actor: Actor) -> SavedView:
    """As `get_view`, locked until the end of the transaction."""
    found = await find_view(session, view_id, actor, lock=True)
    if found is None:
        raise NotFound
    return found


async def list_group(session: AsyncSession, list_key: str, owner_id: UUID | None) -> list[SavedView]:
    """The shared views of a list, or the private ones of one person, in their order and locked."""
    mine = col(SavedView.is_shared).is_(True)
    if owner_id is not None:
        mine = (col(SavedView.owner_id) == owner_id) & col(SavedView.is_shared).is_(False)
    statement = select(SavedView).where(col(SavedView.list_key) == list_key, mine)
    order = (col(SavedView.position), col(SavedView.name), col(SavedView.id))
    return list((await session.execute(statement.order_by(*order).with_for_update())).scalars())


async def list_asking(session: AsyncSession, list_key: str, name: str, value: str) -> list[SavedView]:
    """Everybody's views of a list that ask for a value of a filter, locked."""
    asks = func.json_contains(col(SavedView.filters), func.json_quote(value), f"$.{name}") == 1
    statement = select(SavedView).where(col(SavedView.list_key) == list_key, asks).order_by(col(SavedView.id))
    return list((await session.execute(statement.with_for_update())).scalars())


async def count_views(session: AsyncSession, list_key: str, owner_id: UUID) -> tuple[int, int]:
    """How many views of the list the person has, and how many of it are shared."""
    own = func.coalesce(func.sum(func.if_(col(SavedView.owner_id) == owner_id, 1, 0)), 0)
    shared = func.coalesce(func.sum(func.if_(col(SavedView.is_shared), 1, 0)), 0)
    mine_or_shared = or_(col(SavedView.owner_id) == owner_id, col(SavedView.is_shared))
    row = (await session.execute(select(own, shared).where(col(SavedView.list_key) == list_key, mine_or_shared))).one()
    return int(row[0]), int(row[1])


async def has_name(session: AsyncSession, owner_id: UUID, list_key: str, name: str, besides: UUID) -> bool:
    """Whether the owner has another view of the list under this name."""
    statement = select(col(SavedView.id)).where(
        col(SavedView.owner_id) == owner_id,
        col(SavedView.list_key) == list_key,
        col(SavedView.name) == name,
        col(SavedView.id) != besides,
    )
    return (await session.execute(statement.limit(1))).first() is not None
