"""A file on its way: uploaded, its columns mapped, checked, confirmed, imported, cleared away."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.area import NotificationKind
from app.core.changes import record
from app.core.db import AsyncSession, Database, run_in_unit
from app.core.errors import IllegalState, InvalidFields
from app.core.importing import BATCH, Import, Importer, Result
from app.core.jobs.models import JobState
from app.core.jobs.queue import enqueue
from app.desk.imports import adapters, queries, rules, writes
from app.desk.imports.models import ImportRun
from app.desk.imports.rules import ColumnMapping, RunState
from app.desk.imports.services.rows import LONGEST_FILE_NAME, RowOutcome, check_row, counts_of, save_rows
from app.desk.notifications.services import notify
from app.desk.staff.services.identity import load_staff_facts
from app.desk.tasks.services import create_task
from app.kit.ids import new_id
from app.kit.numbers_in_text import WORDS, find_card
from app.kit.problems import Problem
from app.kit.sheets import Row, SheetError

JOB = "imports.run"
REFUSALS = "import_refusals"
FINISHED = NotificationKind("import.finished", "An import of mine is checked, done or has stopped")
MAX_PAGE_ROWS = 200_000
LONGEST_REASON = 1_000
FORGOTTEN_AT_ONCE = 50

Tell = Callable[[int, int | None], Awaitable[None]]


class ImportStopped(Exception):
    """An import that cannot go on, with a sentence for its owner."""


async def begin_import(
    session: AsyncSession,
    importer: Importer,
    *,
    data_dir: Path,
    fields: Mapping[str, Any],
    actor: Actor,
) -> ImportRun:
    """Keep an upload under a name of our own and propose a mapping. Raises InvalidFields for what is no table.

    `fields`: file_name, as its sender calls it, and chunks, its content as it comes.
    """
    run_id, file_name = new_id(), str(fields["file_name"])
    path = adapters.upload_path(data_dir, run_id)
    size = await adapters.keep_upload(path, fields["chunks"])
    try:
        headers = await asyncio.to_thread(_headers_of, path, size)
    except SheetError as error:
        adapters.forget_upload(data_dir, run_id)
        raise InvalidFields([Problem("file", "malformed", str(error))]) from None
    proposed = await _propose_mapping(session, importer, headers)
    run = ImportRun(
        id=run_id,
        kind=importer.key,
        source=proposed.source or rules.source_name(file_name),
        file_name=file_name[:LONGEST_FILE_NAME],
        headers=headers,
        header_key=rules.header_key(headers),
        mapping=replace(proposed, headers=tuple(headers)).to_json(),
        created_by=actor.id,
        created_by_name=actor.name,
    )
    session.add(run)
    await record(session, "import.uploaded", run, actor=actor, facts={"file": run.file_name})
    return run


async def map_columns(
    session: AsyncSession, run_id: UUID, importer: Importer, *, fields: Mapping[str, Any], actor: Actor
) -> ImportRun:
    """Have the file checked by a mapping; `fields`: mapping, source. Raises InvalidFields, IllegalState."""
    mapping: ColumnMapping = fields["mapping"]
    source: str = fields["source"]
    run = await queries.lock_run(session, run_id)
    if rules.can_map(run.state):
        raise IllegalState("The columns can no longer be mapped.", state=run.state)
    problems = rules.problems_of(mapping, importer.fields, run.headers, "The mapping")
    missing = [
        field for name, field in importer.fields.items() if field.is_required and name not in mapping.mapped_fields
    ]
    problems += [f"{field.title} is needed: choose its column, or one value for all rows." for field in missing]
    if problems:
        raise InvalidFields([Problem("", "invalid", " ".join(problems))])
    run.mapping, run.source = replace(mapping, headers=tuple(run.headers), source=source).to_json(), source
    run.state, run.reason, run.total = RunState.CHECKING, None, 0
    run.forget_counts()
    return await _queue(session, run, actor)


async def confirm_import(session: AsyncSession, run_id: UUID, *, actor: Actor) -> ImportRun:
    """Begin the import of what was checked. Raises IllegalState."""
    run = await queries.lock_run(session, run_id)
    if rules.can_confirm(run.state):
        raise IllegalState("Only a checked file can be imported.", state=run.state)
    await writes.forget_outcomes(session, run.id)
    run.state = RunState.RUNNING
    run.forget_counts()
    await record(session, "import.confirmed", run, actor=actor, facts={"file": run.file_name, "source": run.source})
    return await _queue(session, run, actor)


async def settle_run(session: AsyncSession, run: ImportRun) -> ImportRun:
    """Let an import fail whose job was cancelled or gave up without saying so."""
    if run.state not in rules.WORKING or run.job_id is None:
        return run
    job = await queries.find_job(session, run.job_id)
    if job is None or job.state not in (JobState.DEAD, JobState.CANCELLED):
        return run
    run = await queries.lock_run(session, run.id)
    run.state = RunState.FAILED
    run.reason = "It was cancelled." if job.state is JobState.CANCELLED else (job.last_error or "")[:LONGEST_REASON]
    return run


async def work_on(
    database: Database, data_dir: Path, run_id: UUID, actor_id: UUID, importers: Mapping[str, Importer], tell: Tell
) -> dict[str, int]:
    """Do what the import's state asks for, from where an earlier attempt stopped, and return its counts."""
    async with database.session() as session:
        run = await queries.lock_run(session, run_id)
    if run.state in rules.WORKING:
        try:
            actor = await _actor(database, actor_id)
            work = Import(database, importers[run.kind], run.source, run.file_name, actor)
            if run.state is RunState.CHECKING:
                await _check(work, run, adapters.upload_path(data_dir, run_id), tell)
            else:
                await _import(work, run, tell)
                adapters.forget_upload(data_dir, run_id)
        except ImportStopped as stopped:
            await fail_import(database, run_id, str(stopped))
    async with database.session() as session:
        run = await queries.lock_run(session, run_id)
    return {result.value: count for result, count in run.counts.items()}


async def fail_import(database: Database, run_id: UUID, reason: str) -> None:
    """Tell the import's owner that it did not work."""

    async def fail(session: AsyncSession) -> None:
        run = await queries.lock_run(session, run_id)
        run.state, run.reason = RunState.FAILED, reason[:LONGEST_REASON]
        await _tell(session, run, "Import stopped", run.reason)

    await run_in_unit(database, fail)


async def forget_old_imports(database: Database, data_dir: Path) -> int:
    """Delete uploads and staged rows that are older than a week; the counts stay."""
    adapters.forget_old_files(data_dir, rules.KEPT)
    before, forgotten = clock.now() - rules.KEPT, 0
    while True:
        async with database.session() as session:
            old = await queries.list_runs_with_rows(session, before, FORGOTTEN_AT_ONCE)
        for run_id in old:
            await run_in_unit(database, lambda session, run_id=run_id: writes.delete_rows(session, run_id))
        forgotten += len(old)
        if len(old) < FORGOTTEN_AT_ONCE:
            return forgotten


def _headers_of(path: Path, size: int) -> list[str]:
    if size > adapters.MAX_UPLOAD_BYTES:
        raise SheetError("The file is larger than 50 MB")
    headers, samples = adapters.read_sample(path)
    if not samples:
        raise SheetError("The file has headers and no rows" if headers else "The file is empty")
    for place, header in enumerate(headers, 1):
        if find_card(header):
            raise SheetError(f"The header of column {place}: {WORDS['card']}")
    return headers


async def _propose_mapping(session: AsyncSession, importer: Importer, headers: Sequence[str]) -> ColumnMapping:
    remembered = await queries.find_remembered_mapping(session, importer.key, headers)
    if remembered is not None:
        return remembered
    known = adapters.find_known_mapping(importer.key, headers)
    return known[1] if known else rules.guess_mapping(importer.key, headers, importer.fields)


async def _queue(session: AsyncSession, run: ImportRun, actor: Actor) -> ImportRun:
    payload = {"run_id": str(run.id), "actor_id": str(actor.id)}
    job = await enqueue(session, JOB, payload, unique_key=f"{JOB}:{run.id}:{run.state}", created_by=actor.id)
    run.job_id = job.id
    return run


async def _actor(database: Database, actor_id: UUID) -> Actor:
    """Whoever began it, with the scope they have now."""
    facts = await load_staff_facts(database.reads, str(actor_id))
    if facts is None:
        raise ImportStopped("The account that began it has been disabled.")
    return Actor(
        actor_id, "staff", facts.name, facts.email, facts.roles, markets=facts.markets, branches=facts.branches
    )


async def _check(work: Import, run: ImportRun, path: Path, tell: Tell) -> None:
    """Stage the file without its secret columns, with what the import would do to each row."""
    mapping = _mapping_of(run)
    try:
        total = await asyncio.to_thread(adapters.count_rows, path)
        if total > MAX_PAGE_ROWS:
            raise ImportStopped(f"{total:,} rows are too many for the page; `forecourt import` takes them.")
        await run_in_unit(work.database, lambda session: _restart(session, run.id, total))
        rows, seen, done = adapters.open_sheet(path).rows, dict[str, int](), 0
        while batch := [check_row(mapping, work.importer, row, seen) for row in islice(rows, BATCH)]:
            await save_rows(work, batch, is_rehearsal=True, keep=_keeper(run.id))
            done += len(batch)
            await tell(done, total)
    except FileNotFoundError:
        raise ImportStopped("The uploaded file is no longer there; upload it again.") from None
    except SheetError as error:
        raise ImportStopped(f"The file cannot be read: {error}.") from None
    await run_in_unit(work.database, lambda session: _finish(session, run.id, RunState.CHECKED, work.actor))


async def _import(work: Import, run: ImportRun, tell: Tell) -> None:
    """Save the staged rows that no earlier attempt has saved."""
    mapping = _mapping_of(run)
    async with work.database.session() as session:
        seen = await queries.find_repeated_keys(session, run.id)
    done = run.done
    while True:
        async with work.database.session() as session:
            staged = await queries.list_waiting_rows(session, run.id, BATCH)
        if not staged:
            break
        batch = [
            check_row(mapping, work.importer, Row(row.number, {**row.cells, rules.OWN_KEY_COLUMN: row.row_key}), seen)
            for row in staged
        ]
        await save_rows(work, batch, is_rehearsal=False, keep=_keeper(run.id))
        done += len(batch)
        await tell(done, run.total)
    await run_in_unit(work.database, lambda session: _finish(session, run.id, RunState.DONE, work.actor))


def _mapping_of(run: ImportRun) -> ColumnMapping:
    mapping = run.column_mapping
    if mapping is None:
        raise ImportStopped("Its columns were never mapped.")
    return mapping


def _keeper(run_id: UUID) -> Callable[[AsyncSession, list[RowOutcome]], Awaitable[None]]:
    async def keep(session: AsyncSession, outcomes: list[RowOutcome]) -> None:
        rows = [
            {
                "run_id": run_id,
                "number": outcome.checked.number,
                "row_key": outcome.checked.key,
                "cells": {
                    column: text for column, text in outcome.checked.cells.items() if column not in rules.OWN_COLUMNS
                },
                "result": outcome.result,
                "refusals": [{"column": one.column, "reason": one.reason} for one in outcome.refusals],
                "record_id": outcome.record_id,
            }
            for outcome in outcomes
        ]
        await writes.keep_rows(session, rows)
        run = await queries.lock_run(session, run_id)
        run.count({result: sum(outcome.result is result for outcome in outcomes) for result in Result})

    return keep


async def _restart(session: AsyncSession, run_id: UUID, total: int) -> None:
    await writes.delete_rows(session, run_id)
    run = await queries.lock_run(session, run_id)
    run.total = total
    run.forget_counts()


async def _finish(session: AsyncSession, run_id: UUID, state: RunState, actor: Actor) -> None:
    run = await queries.lock_run(session, run_id)
    run.state = state
    if state is RunState.DONE:
        run.finished_at = clock.now()
        await record(session, "import.finished", run, actor=actor, facts=counts_of(run))
        await _leave_refusals(session, run)
    counts = ", ".join(f"{count:,} {result.value}" for result, count in run.counts.items() if count)
    await _tell(session, run, "Imported" if state is RunState.DONE else "Checked, ready to import", counts)


async def _leave_refusals(session: AsyncSession, run: ImportRun) -> None:
    """Rows that were refused are work for whoever brought the file, unless they have lost the role meanwhile."""
    refused = run.counts.get(Result.REFUSED, 0)
    if not refused or run.created_by is None:
        return
    with suppress(InvalidFields):
        await create_task(
            session,
            kind=REFUSALS,
            title=f"{refused:,} refused {'row' if refused == 1 else 'rows'} of {run.file_name}"[:200],
            subject=(run.record_kind, run.id),
            assignee_id=run.created_by,
            unique_key=f"{REFUSALS}:{run.id}",
            actor=SYSTEM,
        )


async def _tell(session: AsyncSession, run: ImportRun, outcome: str, details: str) -> None:
    """Its owner has gone on with other work meanwhile."""
    if run.created_by is not None:
        await notify(
            session,
            [run.created_by],
            FINISHED.key,
            title=f"{outcome}: {run.file_name}",
            body=details,
            href=f"/imports/{run.id}",
            subject=(run.record_kind, run.id),
            actor=SYSTEM,
        )
