"""Reading imports and their staged rows."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Column, ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.importing import Importer, Result
from app.core.jobs.models import Job
from app.core.listing import Filter, ListQuery, ListSpec
from app.core.read_pool import ReadPool
from app.core.reads import ListRead, Query, Sort
from app.desk.imports.models import ImportRun, StagedRow
from app.desk.imports.rules import ColumnMapping, RunState, fits
from app.desk.imports.schemas import STATE_WORDS, RunItem

REMEMBERED = 50
NOBODY = "00000000-0000-0000-0000-000000000000"

_r = ImportRun.__table__  # type: ignore[attr-defined]  # pyright: ignore
_s = StagedRow.__table__  # type: ignore[attr-defined]  # pyright: ignore

SPEC = ListSpec(
    filters=(
        Filter("kind", "Kind", "code"),
        Filter("state", "State", "choice", tuple(STATE_WORDS.items())),
    ),
    sorts=("created_at", "file_name"),
    default_sort="-created_at",
)

runs = ListRead(
    RunItem,
    table=_r,
    columns={name: _r.c[name] for name in RunItem.__struct_fields__},
    where={"kind": _r.c.kind, "state": _r.c.state, "created_by": _r.c.created_by},
    sorts={"created_at": Sort(_r.c.created_at, "ix_import_run_created_at"), "file_name": Sort(_r.c.file_name)},
    scope={},
)


class Imported:
    """A list's filter: records that a row of any of these imports is about."""

    def __init__(self, key: Column[Any]) -> None:
        self.key = key

    def __call__(self, runs: Sequence[BindParameter[Any]]) -> ColumnElement[bool]:
        return self.key.in_(select(_s.c.record_id).where(_s.c.run_id.in_(runs), _s.c.record_id.is_not(None)))


def sees_all(actor: Actor) -> bool:
    """A file may hold rows of every market, so those of some markets see their own imports only."""
    return actor.markets is None and actor.branches is None


def visible(asked: ListQuery, importers: Mapping[str, Importer], actor: Actor) -> Query:
    """The question with the kinds that the actor may import, and by their own hand unless they see everything."""
    allowed = {key for key, importer in importers.items() if actor.may(importer.permission)}
    kinds = sorted(allowed & {str(kind) for kind in asked.query.filters.get("kind", allowed)})
    filters: dict[str, Sequence[str | int]] = {**asked.query.filters, "kind": kinds or ["none"]}
    if not sees_all(actor):
        filters["created_by"] = [str(actor.id or NOBODY)]
    return Query(filters, asked.query.sort, asked.query.limit, asked.query.cursor)


async def find_run(session: AsyncSession, run_id: UUID, actor: Actor) -> ImportRun | None:
    """The import, when the actor began it or sees everything."""
    found = await session.get(ImportRun, run_id)
    return found if found is not None and (sees_all(actor) or found.created_by == actor.id) else None


async def list_file_names(reads: ReadPool, run_ids: Sequence[str], actor: Actor) -> dict[str, str]:
    """Names of files by import, of those that the actor may see."""
    places = ", ".join(["%s"] * len(run_ids))
    sql = f"SELECT id, file_name FROM import_run WHERE id IN ({places})"  # noqa: S608 - only marks of places
    own, values = ("", ()) if sees_all(actor) else (" AND created_by = %s", (str(actor.id or NOBODY),))
    return {str(run_id): str(name) for run_id, name in await reads.fetch(sql + own, (*run_ids, *values))}


async def get_run(session: AsyncSession, run_id: UUID, actor: Actor, kinds: Collection[str]) -> ImportRun:
    """Raises NotFound for an import of a kind that the actor may not import."""
    found = await find_run(session, run_id, actor)
    if found is None or found.kind not in kinds:
        raise NotFound
    return found


async def lock_run(session: AsyncSession, run_id: UUID) -> ImportRun:
    """The import, locked until the end of the transaction. Raises NotFound."""
    found = await session.get(ImportRun, run_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    return found


async def find_job(session: AsyncSession, job_id: UUID) -> Job | None:
    return await session.get(Job, job_id)


async def find_remembered_mapping(session: AsyncSession, kind: str, headers: Collection[str]) -> ColumnMapping | None:
    """How somebody mapped these columns the last time."""
    statement = (
        select(ImportRun)
        .where(col(ImportRun.kind) == kind, col(ImportRun.state) != RunState.UPLOADED)
        .order_by(col(ImportRun.created_at).desc())
        .limit(REMEMBERED)
    )
    mappings = [run.column_mapping for run in (await session.execute(statement)).scalars()]
    return next((mapping for mapping in mappings if mapping is not None and fits(mapping, headers)), None)


async def list_rows(
    session: AsyncSession, run_id: UUID, *, after: int = 0, limit: int, results: Collection[Result] = ()
) -> list[StagedRow]:
    """Staged rows in the order of the file."""
    statement = select(StagedRow).where(col(StagedRow.run_id) == run_id, col(StagedRow.number) > after)
    if results:
        statement = statement.where(col(StagedRow.result).in_(results))
    return list((await session.execute(statement.order_by(col(StagedRow.number)).limit(limit))).scalars())


async def list_waiting_rows(session: AsyncSession, run_id: UUID, limit: int) -> list[StagedRow]:
    """The next rows that the import has not come to."""
    statement = select(StagedRow).where(col(StagedRow.run_id) == run_id, col(StagedRow.result).is_(None))
    return list((await session.execute(statement.order_by(col(StagedRow.number)).limit(limit))).scalars())


async def find_repeated_keys(session: AsyncSession, run_id: UUID) -> dict[str, int]:
    """Keys that more than one row has, each with the first of them."""
    first = func.min(col(StagedRow.number))
    statement = (
        select(col(StagedRow.row_key), first)
        .where(col(StagedRow.run_id) == run_id)
        .group_by(col(StagedRow.row_key))
        .having(func.count() > 1)
    )
    return {key: number for key, number in await session.execute(statement)}  # noqa: C416 - rows are not pairs


async def list_runs_with_rows(session: AsyncSession, before: datetime, limit: int) -> list[UUID]:
    """Imports of before a moment that still have staged rows."""
    has_rows = select(1).where(col(StagedRow.run_id) == col(ImportRun.id)).exists()
    statement = select(col(ImportRun.id)).where(col(ImportRun.created_at) < before, has_rows).limit(limit)
    return list((await session.execute(statement)).scalars())
