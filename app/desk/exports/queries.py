"""Reading exports. Everybody sees their own only: a file is its maker's."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.actor import Actor
from app.core.database_clock import database_time
from app.core.errors import NotFound
from app.core.jobs.models import Job
from app.core.listing import Filter, ListSpec
from app.core.reads import ListRead, Query, Sort
from app.desk.exports.models import Export
from app.desk.exports.rules import ExportState
from app.desk.exports.schemas import STATE_WORDS, ExportItem

_e = Export.__table__  # type: ignore[attr-defined]  # pyright: ignore

SPEC = ListSpec(
    filters=(
        Filter("kind", "Records", "code"),
        Filter("state", "State", "choice", tuple(STATE_WORDS.items())),
    ),
    sorts=("created_at",),
    default_sort="-created_at",
)

exports = ListRead(
    ExportItem,
    table=_e,
    columns={
        **{name: _e.c[name] for name in ("id", "kind", "title", "format", "columns", "query")},
        "picked": func.json_length(_e.c.ids),
        **{name: _e.c[name] for name in ("state", "total", "size_bytes", "reason", "expires_at", "version")},
        "created_at": _e.c.created_at,
    },
    where={"kind": _e.c.kind, "state": _e.c.state, "created_by": _e.c.created_by},
    sorts={"created_at": Sort(_e.c.created_at)},
    scope={},
    indexes={frozenset({"created_by", "sort:created_at"}): "ix_export_creator"},
)


def own(query: Query, actor: Actor) -> Query:
    """The question to one's own exports."""
    return replace(query, filters={**query.filters, "created_by": [str(actor.id)]})


async def find_export(session: AsyncSession, export_id: UUID, actor: Actor) -> Export | None:
    """The export, for its maker."""
    found = await session.get(Export, export_id)
    return found if found is not None and found.created_by == actor.id else None


async def get_export(session: AsyncSession, export_id: UUID, actor: Actor) -> Export:
    """Raises NotFound for everybody but its maker."""
    found = await find_export(session, export_id, actor)
    if found is None:
        raise NotFound
    return found


async def lock_export(session: AsyncSession, export_id: UUID) -> Export:
    """The export, locked until the end of the transaction. Raises NotFound."""
    found = await session.get(Export, export_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    return found


async def is_kept(session: AsyncSession, export_id: UUID) -> bool:
    """Whether the file may be fetched at this moment of the database's clock."""
    statement = select(_e.c.id).where(
        _e.c.id == export_id, col(Export.state) == ExportState.READY, _e.c.expires_at > database_time()
    )
    return (await session.execute(statement)).first() is not None


async def find_job(session: AsyncSession, job_id: UUID) -> Job | None:
    return await session.get(Job, job_id)


async def list_expired(session: AsyncSession, limit: int, grace: timedelta = timedelta()) -> list[UUID]:
    """Files that are no longer to be fetched."""
    statement = (
        select(_e.c.id)
        .where(col(Export.state) == ExportState.READY, _e.c.expires_at < database_time(-grace))
        .limit(limit)
    )
    return list((await session.execute(statement)).scalars())
