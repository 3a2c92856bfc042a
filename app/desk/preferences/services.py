"""How one person wants their lists: columns, density, page size, the view and the branch that open first.

These are nobody else's business: they are neither audited nor told to other systems.
"""

from collections.abc import Sequence
from uuid import UUID

from app.core.actor import Actor
from app.core.columns import default_keys, pick
from app.core.db import AsyncSession
from app.core.errors import Forbidden
from app.core.lists import RecordList
from app.core.read_pool import ReadPool
from app.desk.preferences import queries, writes
from app.desk.preferences.queries import Choice
from app.desk.preferences.rules import Density


async def find_choice(reads: ReadPool, actor: Actor, list_key: str) -> Choice:
    """What the actor chose for a list; the system itself never chooses."""
    return await queries.find_choice(reads, actor.id, list_key) if actor.id else Choice()


async def keep_layout(
    session: AsyncSession,
    shown: RecordList,
    *,
    columns: Sequence[str],
    density: Density,
    page_size: int,
    actor: Actor,
) -> None:
    """Keep the layout of a list; the list's own columns in their own order count as none chosen."""
    keys = tuple(column.key for column in pick(shown.columns, columns))
    preference = await queries.lock_preference(session, _person(actor), shown.key)
    standard = tuple(column.key for column in pick(shown.columns, default_keys(shown.columns)))
    preference.columns = [] if keys == standard else list(keys)
    preference.density, preference.page_size = density, page_size


async def choose_default_view(session: AsyncSession, list_key: str, view: str, *, actor: Actor) -> None:
    """The view that opens first when the actor comes to the list; none for everything."""
    preference = await queries.lock_preference(session, _person(actor), list_key)
    preference.default_view = view


async def is_default_view(session: AsyncSession, list_key: str, view: str, *, actor: Actor) -> bool:
    """Whether the actor opens the list with this view."""
    return (await queries.lock_preference(session, _person(actor), list_key)).default_view == view


async def find_last_branch(reads: ReadPool, actor: Actor) -> str:
    """The branch that the actor looked at last, or nothing."""
    return await queries.find_last_branch(reads, actor.id) if actor.id else ""


async def keep_last_branch(session: AsyncSession, reads: ReadPool, code: str, *, actor: Actor) -> None:
    """Remember the branch that the actor looks at; nothing is written while it stays the same."""
    if actor.id and code != await queries.find_last_branch(reads, actor.id):
        await writes.set_last_branch(session, actor.id, code)


def _person(actor: Actor) -> UUID:
    if actor.id is None:
        raise Forbidden("Only people have preferences.")
    return actor.id
