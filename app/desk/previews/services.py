"""Records at a glance, whatever their kind."""

from uuid import UUID

from app.core.actor import Actor
from app.core.area import RecordKind
from app.core.db import AsyncSession, Database
from app.core.previews import Drawer, Preview
from app.desk.audit_trail.services import timeline

NEWEST = 5


async def open_drawer(database: Database, kind: RecordKind, peek: str, actor: Actor) -> Drawer | None:
    """The drawer that the address of a list asks for; a list without one reads no record."""
    if not peek:
        return None
    async with database.session() as session:
        return await find_drawer(session, kind, peek, actor)


async def find_drawer(session: AsyncSession, kind: RecordKind, record_id: UUID | str, actor: Actor) -> Drawer | None:
    """The drawer of a record that the actor may see; None for no record, and for text that is no id."""
    try:
        key = UUID(str(record_id))
    except ValueError:
        return None
    if not actor.may(kind.permission):
        return None
    record = await kind.find(session, key, actor)
    if record is None:
        return None
    preview = await kind.preview(session, record, actor) if kind.preview else Preview(kind.name(record))
    entries = await timeline(session, record, kind.labels)
    return Drawer(
        preview=preview,
        kind_title=kind.title,
        href=kind.address(key),
        row=f"{kind.key}-{key}",
        close_href=kind.list_address,
        timeline=entries[:NEWEST],
    )
