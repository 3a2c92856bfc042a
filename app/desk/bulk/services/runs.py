"""A run at work: its records written down, then one unit of work for each, whose result commits with its effect."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.area import NotificationKind, RecordKind
from app.core.auth.staff import actor_of
from app.core.bulk import BulkAction
from app.core.changes import because, record, request_id
from app.core.db import AsyncSession, Database, is_connection_loss, run_in_unit
from app.core.errors import AppError, Forbidden, IllegalState, InvalidFields, NotFound, Unavailable
from app.core.jobs.context import LeaseLost
from app.core.jobs.models import JobState
from app.core.permissions import PermissionMap
from app.core.selections import Sources, listing_of, walk_rows
from app.desk.bulk import queries, rules, writes
from app.desk.bulk.models import BulkRun
from app.desk.bulk.rules import LONGEST_LABEL, LONGEST_WORDS, MOVES, RowResult, RunState
from app.desk.bulk.services.drafts import queue_run
from app.desk.notifications.services import notify
from app.desk.staff.services.identity import load_staff_facts
from app.kit.ids import new_id
from search.indexes import Indexes

BATCH = 200
GONE = "It is no longer there, or no longer in your scope."
UNEXPECTED = "Something went wrong; nothing was changed. Try it again."
FINISHED = NotificationKind("bulk.finished", "A run of mine over many records is done or has stopped")

Tell = Callable[[int, int | None], Awaitable[None]]

log = structlog.get_logger(__name__)


class RunStopped(Exception):
    """A run that cannot go on, with a sentence for its maker."""


@dataclass(frozen=True, slots=True)
class Work:
    """What the worker lends to a run."""

    database: Database
    indexes: Indexes | None
    kinds: Mapping[str, RecordKind]
    permissions: PermissionMap

    async def maker_of(self, run: BulkRun) -> Actor:
        """In whose name it is done, with the rights of this moment. Raises RunStopped for a disabled account."""
        facts = await load_staff_facts(self.database.primary, str(run.created_by))
        if facts is None:
            raise RunStopped("The account that started it has been disabled.")
        return actor_of(facts, self.permissions)


@dataclass(frozen=True, slots=True)
class _Task:
    """One action with what was asked for it."""

    kind: RecordKind
    action: BulkAction
    values: Mapping[str, Any]


async def cancel_run(session: AsyncSession, run_id: UUID, *, actor: Actor) -> BulkRun:
    """Stop after the record that is being worked on; what is done stays done. Raises IllegalState."""
    run = await queries.lock_run(session, run_id)
    _move(run, "cancellation")
    run.finished_at = clock.now()
    await record(session, "bulk.cancelled", run, actor=actor, facts=run.counts)
    return run


async def retry_run(session: AsyncSession, run_id: UUID, result: RowResult, *, actor: Actor) -> BulkRun:
    """Take up again what failed, was refused or was not reached. Raises IllegalState."""
    run = await queries.lock_run(session, run_id)
    if result not in rules.REPEATABLE:
        raise IllegalState("What is done is not done again.", state=run.state)
    if result is not RowResult.WAITING:
        again = run.refused_count if result is RowResult.REFUSED else run.failed_count
        await writes.take_up_again(session, run.id, [result])
        run.count({result: -again})
    if not run.waiting_count:
        raise IllegalState("There is nothing to try again.", state=run.state)
    _move(run, "retry")
    run.finished_at, run.reason = None, None
    await record(session, "bulk.retried", run, actor=actor, facts={"records": run.waiting_count, "after": result})
    return await queue_run(session, run, actor)


async def settle_run(session: AsyncSession, run: BulkRun) -> BulkRun:
    """Let a run stop whose job was cancelled or gave up without saying so."""
    if run.state not in rules.WORKING or run.job_id is None:
        return run
    job = await queries.find_job(session, run.job_id)
    if job is None or job.state not in (JobState.DEAD, JobState.CANCELLED):
        return run
    run = await queries.lock_run(session, run.id)
    if run.state in rules.WORKING:
        reason = "Its work was cancelled." if job.state is JobState.CANCELLED else "It failed too often."
        await _fail(session, run, reason)
    return run


async def work_on(work: Work, run_id: UUID, tell: Tell) -> dict[str, Any]:
    """Do what is left of a run, from wherever an earlier attempt stopped, and return its counts."""
    request_id.set(f"bulk:{run_id}")
    try:
        run = await _load(work, run_id)
        if run.state is RunState.COLLECTING:
            await _collect(work, run)
            run = await _load(work, run_id)
        if run.state is RunState.RUNNING:
            await _carry_out(work, run, tell)
    except RunStopped as stopped:
        await fail_run(work.database, run_id, str(stopped))
    return (await _load(work, run_id)).counts


async def fail_run(database: Database, run_id: UUID, reason: str) -> None:
    """Stop a run that cannot go on, and say why."""

    async def fail(session: AsyncSession) -> None:
        run = await queries.lock_run(session, run_id)
        if run.state in rules.WORKING:
            await _fail(session, run, reason)

    await run_in_unit(database, fail)


async def forget_old_runs(database: Database, before: datetime, drafts_before: datetime, at_once: int = 50) -> int:
    """Delete drafts that nobody started and the rows of old runs, a part at a time."""
    async with database.session() as session:
        drafts = await queries.list_old_drafts(session, drafts_before, 10 * at_once)
        old = await queries.list_old_runs(session, before, at_once)
    if drafts:
        await run_in_unit(database, lambda session: writes.delete_runs(session, drafts))
    for run_id in old:
        await _forget_rows(database, run_id)
    return len(drafts) + len(old)


async def _collect(work: Work, run: BulkRun) -> None:
    """Write down which records are meant, as they are at one moment; a number that is not expected stops the start."""
    kind, maker = work.kinds[run.kind], await work.maker_of(run)
    listing, number = listing_of(kind), 0
    await _forget_rows(work.database, run.id, RunState.COLLECTING)
    async with work.database.primary.snapshot() as reads:
        batches = walk_rows(Sources(reads, work.indexes), kind, run.selection, maker)
        async with aclosing(batches):
            async for items in batches:
                rows = [
                    {
                        "id": new_id(),
                        "run_id": run.id,
                        "number": number + place,
                        "record_id": UUID(item.id),
                        "label": listing.label(item)[:LONGEST_LABEL],
                        "result": RowResult.WAITING,
                        "words": "",
                    }
                    for place, item in enumerate(items, 1)
                ]
                number += len(rows)
                if number > rules.MAX_ROWS:
                    break
                await run_in_unit(work.database, lambda session, rows=rows: _keep_rows(session, run.id, rows))
    await run_in_unit(work.database, lambda session: _collected(session, run.id, number))


async def _keep_rows(session: AsyncSession, run_id: UUID, rows: list[dict[str, Any]]) -> None:
    run = await queries.lock_run(session, run_id)
    if run.state is RunState.COLLECTING:
        await writes.add_rows(session, rows)


async def _collected(session: AsyncSession, run_id: UUID, found: int) -> None:
    run = await queries.lock_run(session, run_id)
    if run.state is not RunState.COLLECTING:
        return
    if found <= rules.MAX_ROWS and await queries.count_rows(session, run_id) != found:
        raise Unavailable("Another worker writes down the same records.")
    if found == run.total:
        _move(run, "collection")
        return
    _move(run, "revision")
    run.reason = f"It was {run.total:,} when you started it and {found:,} a moment later. Nothing has been done."
    run.total = found
    await _tell(session, run, "Not started", run.reason)


async def _carry_out(work: Work, run: BulkRun, tell: Tell) -> None:
    task, number, through = await _task_of(work, run), 0, run.through
    while True:
        async with work.database.session() as session:
            waiting = await queries.list_waiting(session, run.id, number, BATCH)
        if not waiting:
            break
        for row_id, number in waiting:  # noqa: B007 - where the next batch begins
            if not await _do_row(work, run.id, row_id, task):
                return
            through += 1
            await tell(through, run.total)
    await run_in_unit(work.database, lambda session: _complete(session, run.id))


async def _task_of(work: Work, run: BulkRun) -> _Task:
    kind, maker = work.kinds[run.kind], await work.maker_of(run)
    action = next((one for one in kind.bulk_actions if one.key == run.action), None)
    if action is None:
        raise RunStopped("What it was to do is no longer offered.")
    async with work.database.session() as session:
        values, errors = await action.read(session, run.fields or {}, maker)
    if errors:
        raise RunStopped(" ".join(f"{name}: {message}." for name, message in errors.items()))
    return _Task(kind, action, values)


async def _do_row(work: Work, run_id: UUID, row_id: UUID, task: _Task) -> bool:
    """One record in its own unit of work. False when the run was stopped meanwhile."""
    try:
        return await run_in_unit(work.database, lambda session: _apply(work, session, run_id, row_id, task))
    except (RunStopped, LeaseLost, Unavailable):
        raise
    except AppError as refused:
        result, words = RowResult.REFUSED, _refusal_in_words(refused)
    except Exception as error:
        if is_connection_loss(error):
            raise
        log.warning("bulk.row_failed", run=str(run_id), row=str(row_id), exc_info=error)
        result, words = RowResult.FAILED, UNEXPECTED
    return await run_in_unit(work.database, lambda session: _note(session, run_id, row_id, result, words))


def _refusal_in_words(refused: AppError) -> str:
    """What a service says, without the names of fields that nobody has filled in for this record."""
    if isinstance(refused, NotFound):
        return GONE
    if isinstance(refused, InvalidFields):
        return ". ".join(problem.detail for problem in refused.problems)
    return refused.detail or refused.title


async def _apply(work: Work, session: AsyncSession, run_id: UUID, row_id: UUID, task: _Task) -> bool:
    """The effect and its result, together: the lock on the run keeps a second worker and a cancellation out."""
    run = await queries.lock_run(session, run_id)
    if run.state is not RunState.RUNNING:
        return False
    row = await queries.lock_row(session, row_id)
    if row.result is not RowResult.WAITING:
        return True
    maker = await work.maker_of(run)
    if not maker.may(task.kind.permission) or not maker.may(task.action.permission):
        raise Forbidden(f"You no longer have the permission {task.action.permission}.")
    with because(f"{run.title}, {row.number:,} of {run.total:,}"):
        done = await task.action.apply(session, row.record_id, task.values, maker)
    row.result = RowResult.PENDING if done.approval_id else RowResult.DONE
    row.approval_id, row.words, row.at = done.approval_id, done.words[:LONGEST_WORDS], clock.now()
    run.count({row.result: 1})
    return True


async def _note(session: AsyncSession, run_id: UUID, row_id: UUID, result: RowResult, words: str) -> bool:
    run = await queries.lock_run(session, run_id)
    row = await queries.lock_row(session, row_id)
    if row.result is RowResult.WAITING:
        row.result, row.words, row.at = result, words[:LONGEST_WORDS], clock.now()
        run.count({result: 1})
    return run.state is RunState.RUNNING


async def _complete(session: AsyncSession, run_id: UUID) -> None:
    run = await queries.lock_run(session, run_id)
    if run.state is not RunState.RUNNING:
        return
    _move(run, "completion")
    run.finished_at = clock.now()
    await record(session, "bulk.finished", run, actor=SYSTEM, facts=run.counts)
    words = {RowResult.PENDING.value: "wait for approval"}
    found = {words.get(name, name): count for name, count in run.counts.items() if count and name != "records"}
    counts = ", ".join(f"{count:,} {name}" for name, count in found.items())
    await _tell(session, run, "Done", counts)


async def _fail(session: AsyncSession, run: BulkRun, reason: str) -> None:
    _move(run, "failure")
    run.reason, run.finished_at = reason[:LONGEST_WORDS], clock.now()
    await record(session, "bulk.stopped", run, actor=SYSTEM, why=run.reason, facts=run.counts)
    await _tell(session, run, "Stopped", run.reason)


async def _tell(session: AsyncSession, run: BulkRun, outcome: str, details: str) -> None:
    """Its maker has gone on with other work meanwhile."""
    await notify(
        session,
        [run.created_by],
        FINISHED.key,
        title=f"{outcome}: {run.title}",
        body=details,
        href=f"/bulk/{run.id}",
        subject=(run.record_kind, run.id),
        actor=SYSTEM,
    )


async def _forget_rows(database: Database, run_id: UUID, state: RunState | None = None) -> None:
    """Delete the rows of a run, a part at a time, as long as it is in this state."""

    async def forget(session: AsyncSession) -> int:
        run = await queries.lock_run(session, run_id)
        return await writes.delete_rows(session, run_id) if state in (None, run.state) else 0

    while await run_in_unit(database, forget):
        pass


async def _load(work: Work, run_id: UUID) -> BulkRun:
    async with work.database.session() as session:
        return await queries.lock_run(session, run_id)


def _move(run: BulkRun, move: str) -> None:
    if not rules.can_move(move, run.state):
        raise IllegalState(f"It is {run.state}.", state=run.state)
    run.state = MOVES[move].to_state
