"""Reading runs and their rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.jobs.models import Job
from app.core.listing import Filter, ListQuery, ListSpec
from app.core.reads import ListRead, Query, Sort
from app.desk.bulk.models import BulkRow, BulkRun
from app.desk.bulk.rules import RowResult, RunState
from app.desk.bulk.schemas import RESULT_WORDS, STATE_WORDS, RowItem, RunItem

_r = BulkRun.__table__  # type: ignore[attr-defined]  # pyright: ignore
_w = BulkRow.__table__  # type: ignore[attr-defined]  # pyright: ignore

SPEC = ListSpec(
    filters=(
        Filter("kind", "Records", "code"),
        Filter("state", "State", "choice", tuple(STATE_WORDS.items())),
    ),
    sorts=("created_at",),
    default_sort="-created_at",
)
ROWS_SPEC = ListSpec(
    filters=(Filter("result", "Result", "choice", tuple(RESULT_WORDS.items())),),
    sorts=("number",),
    default_sort="number",
)

runs = ListRead(
    RunItem,
    table=_r,
    columns={name: _r.c[name] for name in RunItem.__struct_fields__},
    where={"kind": _r.c.kind, "state": _r.c.state, "created_by": _r.c.created_by},
    sorts={"created_at": Sort(_r.c.created_at, "ix_bulk_run_created_at")},
    scope={},
    indexes={frozenset({"created_by", "kind", "sort:created_at"}): "ix_bulk_run_creator"},
)
rows = ListRead(
    RowItem,
    table=_w,
    columns={name: _w.c[name] for name in RowItem.__struct_fields__},
    where={"run_id": _w.c.run_id, "result": _w.c.result},
    sorts={"number": Sort(_w.c.number)},
    scope={},
    indexes={
        frozenset({"run_id", "sort:number"}): "uq_bulk_row_number",
        frozenset({"run_id", "result", "sort:number"}): "ix_bulk_row_result",
    },
)


def sees_all(actor: Actor) -> bool:
    """A run names records of every market, so those of some markets see their own runs only."""
    return actor.markets is None and actor.branches is None


def visible(asked: ListQuery, kinds: Collection[str], actor: Actor) -> Query:
    """The question with the kinds that the actor sees, and by their own hand unless they see everything."""
    wanted = sorted(set(kinds) & {str(kind) for kind in asked.query.filters.get("kind", kinds)})
    filters: Mapping[str, Sequence[str | int]] = {**asked.query.filters, "kind": wanted or ["none"]}
    if not sees_all(actor):
        filters = {**filters, "created_by": [str(actor.id)]}
    return replace(asked.query, filters=filters)


def of_run(asked: ListQuery, run_id: UUID) -> Query:
    """The question to the rows of one run."""
    return replace(asked.query, filters={**asked.query.filters, "run_id": [str(run_id)]})


async def find_run(session: AsyncSession, run_id: UUID, actor: Actor) -> BulkRun | None:
    """The run, when the actor made it or sees everything; a draft is its maker's alone."""
    found = await session.get(BulkRun, run_id)
    if found is None or found.created_by == actor.id:
        return found
    return found if sees_all(actor) and found.state is not RunState.DRAFT else None


async def get_run(session: AsyncSession, run_id: UUID, actor: Actor, kinds: Collection[str]) -> BulkRun:
    """Raises NotFound for a run over records that the actor may not see."""
    found = await find_run(session, run_id, actor)
    if found is None or found.kind not in kinds:
        raise NotFound
    return found


async def lock_run(session: AsyncSession, run_id: UUID) -> BulkRun:
    """The run as it is now, locked until the end of the transaction. Raises NotFound.

    A select, since `get` refuses a run that was read before and that its worker has counted up meanwhile.
    """
    statement = select(BulkRun).where(col(BulkRun.id) == run_id).with_for_update()
    found = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


async def lock_row(session: AsyncSession, row_id: UUID) -> BulkRow:
    """The row, locked until the end of the transaction."""
    found = await session.get(BulkRow, row_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    return found


async def find_job(session: AsyncSession, job_id: UUID) -> Job | None:
    return await session.get(Job, job_id)


async def list_waiting(session: AsyncSession, run_id: UUID, after: int, limit: int) -> list[tuple[UUID, int]]:
    """Id and number of the next rows without a result."""
    statement = (
        select(_w.c.id, _w.c.number)
        .where(_w.c.run_id == run_id, _w.c.result == RowResult.WAITING, _w.c.number > after)
        .order_by(_w.c.number)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in await session.execute(statement)]


async def count_rows(session: AsyncSession, run_id: UUID) -> int:
    statement = select(func.count()).select_from(_w).where(_w.c.run_id == run_id)
    return int((await session.execute(statement)).scalar_one())


async def list_old_runs(session: AsyncSession, before: datetime, limit: int) -> list[UUID]:
    """Runs of before a moment that still have rows."""
    has_rows = select(1).where(_w.c.run_id == _r.c.id).exists()
    statement = select(_r.c.id).where(_r.c.created_at < before, has_rows).order_by(_r.c.created_at).limit(limit)
    return list((await session.execute(statement)).scalars())


async def list_old_drafts(session: AsyncSession, before: datetime, limit: int) -> list[UUID]:
    """Drafts that nobody started."""
    statement = select(_r.c.id).where(col(BulkRun.state) == RunState.DRAFT, _r.c.created_at < before).limit(limit)
    return list((await session.execute(statement)).scalars())
