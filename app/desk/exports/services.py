"""Taking the rows of a list along: at once, or as a file that the worker writes."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.area import NotificationKind, RecordKind
from app.core.auth.staff import actor_of
from app.core.changes import record
from app.core.database_clock import read_database_time
from app.core.db import AsyncSession, Database, run_in_unit
from app.core.errors import AppError, Forbidden, IllegalState, NotFound
from app.core.exporting import FileColumn
from app.core.jobs.models import JobState
from app.core.jobs.queue import enqueue
from app.core.permissions import PermissionMap
from app.core.selections import Selection, Sources, count_rows, listing_of, walk_rows
from app.desk.exports import adapters, queries, rules
from app.desk.exports.adapters import Rows
from app.desk.exports.models import Export
from app.desk.exports.rules import ExportState, Format
from app.desk.notifications.services import notify
from app.desk.staff.services.identity import load_staff_facts
from app.kit.tables import CsvTable
from search.indexes import Indexes

JOB = "exports.write"
FORGOTTEN_AT_ONCE = 200
WRITTEN = NotificationKind("export.written", "A file of mine is written or will not come")

Tell = Callable[[int, int | None], Awaitable[None]]


class TooManyRows(AppError):
    code = "too_many_rows"
    status = 422
    title = "These are too many rows for one file"


class NothingToExport(AppError):
    code = "nothing_to_export"
    status = 422
    title = "Nothing matches, so there is nothing to export"


class ExportStopped(Exception):
    """A file that cannot be written, with a sentence for its maker."""


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants: the rows, the columns by their keys (none for all) and the kind of file."""

    selection: Selection
    columns: Sequence[str]
    format: Format
    has_mark: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """What the worker lends to a file."""

    database: Database
    indexes: Indexes | None
    kinds: Mapping[str, RecordKind]
    permissions: PermissionMap
    data_dir: Path


async def begin_export(
    session: AsyncSession, sources: Sources, kind: RecordKind, order: Order, *, actor: Actor, waits: bool = False
) -> Export:
    """Note who takes what, and queue the file when it is long, or when it is to be fetched later anyway (`waits`).

    Raises NothingToExport, TooManyRows, Forbidden.
    """
    assert actor.id is not None
    if not actor.may(kind.permission):
        raise Forbidden(f"This needs the permission {kind.permission}.", extra={"permission": kind.permission})
    total = await count_rows(sources, kind, order.selection, actor, cap=rules.MAX_ROWS)
    if not total:
        raise NothingToExport("Nothing matches, so there is nothing to export.")
    if total > rules.MAX_ROWS:
        raise TooManyRows(f"At most {rules.MAX_ROWS:,}. Narrow the list by its filters.")
    export = Export(
        kind=kind.key,
        title=kind.plural,
        format=order.format,
        has_mark=order.has_mark,
        columns=list(order.columns),
        query=order.selection.query,
        ids=order.selection.ids,
        state=ExportState.STREAMED if rules.comes_at_once(total) and not waits else ExportState.WRITING,
        total=total,
        created_by=actor.id,
        created_by_name=actor.name,
    )
    if export.state is ExportState.WRITING:
        export.job_id = (await enqueue(session, JOB, {"export_id": str(export.id)}, created_by=actor.id)).id
    session.add(export)
    facts = {
        "kind": kind.key,
        "filters": export.query,
        "picked": len(export.ids),
        "rows": total,
        "format": order.format,
    }
    await record(session, "export.made", export, actor=actor, facts=facts | {"columns": export.columns or "all"})
    return export


async def stream_export(
    sources: Sources, kind: RecordKind, export: Export, data_dir: Path, *, actor: Actor
) -> AsyncGenerator[bytes, None]:
    """The file while it is read, all rows as of one moment."""
    listing = listing_of(kind)
    columns = listing.chosen(export.columns)
    heads = listing.heads(columns)
    async with sources.reads.snapshot() as reads:
        batches = _cells(Sources(reads, sources.indexes), kind, export, columns, actor)
        if export.format is Format.XLSX:
            chunks = adapters.xlsx_chunks(batches, heads, data_dir, title=export.title)
        else:
            chunks = adapters.csv_chunks(batches, CsvTable(heads, has_mark=export.has_mark))
        async with aclosing(batches), aclosing(chunks):
            async for chunk in chunks:
                yield chunk


async def write_export(work: Work, export_id: UUID, tell: Tell) -> dict[str, Any]:
    """Write the file of an export from its first row; a file that is not whole is never seen."""
    async with work.database.session() as session:
        export = await queries.lock_export(session, export_id)
    if export.state is not ExportState.WRITING:
        return {"state": export.state}
    part = await asyncio.to_thread(adapters.part_path, work.data_dir)
    try:
        written = await _write(work, export, part, tell)
        size = await asyncio.to_thread(adapters.keep_file, part, adapters.export_path(work.data_dir, export.id))
    except ExportStopped as stopped:
        await fail_export(work.database, export_id, str(stopped))
        return {"state": ExportState.FAILED}
    finally:
        part.unlink(missing_ok=True)
    await run_in_unit(work.database, lambda session: _finish(session, export_id, written, size))
    return {"rows": written, "bytes": size}


async def fail_export(database: Database, export_id: UUID, reason: str) -> None:
    """Tell its maker that the file will not come."""

    async def fail(session: AsyncSession) -> None:
        export = await queries.lock_export(session, export_id)
        if export.state is ExportState.WRITING:
            await _fail(session, export, reason)

    await run_in_unit(database, fail)


async def settle_export(session: AsyncSession, export: Export) -> Export:
    """Let an export fail whose job was cancelled or gave up without saying so."""
    if export.state is not ExportState.WRITING or export.job_id is None:
        return export
    job = await queries.find_job(session, export.job_id)
    if job is not None and job.state in (JobState.DEAD, JobState.CANCELLED):
        export = await queries.lock_export(session, export.id)
        if export.state is ExportState.WRITING:
            await _fail(session, export, "Its work was cancelled or failed too often.")
    return export


async def written_rows(session: AsyncSession, export: Export) -> int:
    """How far its file is."""
    if export.state is not ExportState.WRITING:
        return export.total if export.state is ExportState.READY else 0
    job = await queries.find_job(session, export.job_id) if export.job_id else None
    return job.progress_done if job else 0


async def find_file(session: AsyncSession, export_id: UUID, data_dir: Path, *, actor: Actor) -> tuple[Export, Path]:
    """The whole file, for its maker and until it expires. Raises NotFound, IllegalState for what is not written."""
    export = await queries.get_export(session, export_id, actor)
    if export.state in (ExportState.WRITING, ExportState.FAILED):
        words = "It is still being written." if export.state is ExportState.WRITING else export.reason
        raise IllegalState(words or "", state=export.state)
    path = adapters.export_path(data_dir, export.id)
    if not await queries.is_kept(session, export_id) or not path.exists():
        raise NotFound("The file has been deleted. Export the list again.")
    await record(session, "export.fetched", export, actor=actor)
    return export, path


async def forget_expired(database: Database, data_dir: Path) -> int:
    """Delete files whose time is over, and parts that nobody finished."""
    async with database.session() as session:
        expired = await queries.list_expired(session, FORGOTTEN_AT_ONCE)
    for export_id in expired:
        await run_in_unit(database, lambda session, key=export_id: _expire(session, key))
        await asyncio.to_thread(adapters.forget_file, data_dir, export_id)
    before = (clock.now() - 2 * rules.KEPT).timestamp()
    return len(expired) + await asyncio.to_thread(adapters.forget_old_files, data_dir, before)


async def _write(work: Work, export: Export, part: Path, tell: Tell) -> int:
    facts = await load_staff_facts(work.database.primary, str(export.created_by))
    if facts is None:
        raise ExportStopped("The account that asked for it has been disabled.")
    maker, kind = actor_of(facts, work.permissions), work.kinds[export.kind]
    if not maker.may(kind.permission):
        raise ExportStopped(f"You no longer have the permission {kind.permission}.")
    listing, written = listing_of(kind), 0
    columns = listing.chosen(export.columns)
    heads = listing.heads(columns)
    sink = await asyncio.to_thread(
        adapters.open_sink, part, heads, export.format, title=export.title, has_mark=export.has_mark
    )
    try:
        async with work.database.reads.snapshot() as reads:
            batches = _cells(Sources(reads, work.indexes), kind, export, columns, maker)
            async with aclosing(batches):
                async for rows in batches:
                    await asyncio.to_thread(sink.add, rows)
                    written += len(rows)
                    if written > rules.MAX_ROWS:
                        raise ExportStopped(f"There are more than {rules.MAX_ROWS:,} rows now.")
                    await tell(written, max(export.total, written))
    finally:
        await asyncio.to_thread(sink.close)
    return written


async def _cells(
    sources: Sources, kind: RecordKind, export: Export, columns: Sequence[FileColumn], actor: Actor
) -> AsyncGenerator[Rows, None]:
    listing, walked = listing_of(kind), walk_rows(sources, kind, export.selection, actor)
    async with aclosing(walked):
        async for items in walked:
            yield [listing.cells(item, columns) for item in items]


async def _finish(session: AsyncSession, export_id: UUID, rows: int, size: int) -> None:
    export = await queries.lock_export(session, export_id)
    if export.state is not ExportState.WRITING:
        return
    export.state, export.total, export.size_bytes = ExportState.READY, rows, size
    export.expires_at = await read_database_time(session) + rules.KEPT
    await record(session, "export.written", export, actor=SYSTEM, facts={"rows": rows, "bytes": size})
    await _tell(
        session, export, "Ready", f"{rows:,} rows. The file is kept for {rules.KEPT // timedelta(hours=1)} hours."
    )


async def _fail(session: AsyncSession, export: Export, reason: str) -> None:
    export.state, export.reason = ExportState.FAILED, reason[: rules.LONGEST_REASON]
    await record(session, "export.failed", export, actor=SYSTEM, why=export.reason)
    await _tell(session, export, "Not written", export.reason)


async def _tell(session: AsyncSession, export: Export, outcome: str, details: str) -> None:
    """Its maker has gone on with other work meanwhile."""
    await notify(
        session,
        [export.created_by],
        WRITTEN.key,
        title=f"{outcome}: {export.title} as {export.format.upper()}",
        body=details,
        href=f"/exports/{export.id}",
        subject=(export.record_kind, export.id),
        actor=SYSTEM,
    )


async def _expire(session: AsyncSession, export_id: UUID) -> None:
    export = await queries.lock_export(session, export_id)
    if export.state is ExportState.READY:
        export.state = ExportState.EXPIRED
