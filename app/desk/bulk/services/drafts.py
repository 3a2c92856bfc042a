"""Preparing a run: what it is to do, to which records, and what that would come to."""

from collections import Counter
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.core.actor import Actor
from app.core.area import RecordKind
from app.core.bulk import BulkAction, Effect
from app.core.changes import record
from app.core.db import AsyncSession
from app.core.errors import AppError, Conflict, Forbidden, IllegalState, NotFound
from app.core.jobs.queue import enqueue
from app.core.selections import Selection, Sources, count_rows, listing_of, walk_rows
from app.desk.bulk import queries, rules
from app.desk.bulk.models import BulkRun
from app.desk.bulk.rules import MAX_ROWS, RunState

JOB = "bulk.run"


class NothingSelected(AppError):
    code = "nothing_selected"
    status = 422
    title = "Select at least one row"


class TooManySelected(AppError):
    code = "too_many_selected"
    status = 422
    title = "These are too many at once"


class SelectionChanged(Conflict):
    """Other records match now than somebody saw; `shown` and `present` tell how many."""

    code = "selection_changed"
    title = "The selection has changed"
    advice = "Nothing was done. Go back, look at the list as it is now and choose again."

    def __init__(self, shown: int, present: int) -> None:
        super().__init__(f"It was {shown:,} and is {present:,} now.", extra={"shown": shown, "present": present})


@dataclass(slots=True)
class Preview:
    """What a run would do: the first rows, and for all that were looked at, why some would be refused."""

    total: int
    rows: list[tuple[Any, str, Effect]] = field(default_factory=list[tuple[Any, str, Effect]])
    looked_at: int = 0
    refusals: Counter[str] = field(default_factory=Counter[str])
    asked: int = 0
    """How many of them would wait until somebody else agrees."""

    @property
    def refused(self) -> int:
        return self.refusals.total()

    @property
    def is_whole(self) -> bool:
        return self.looked_at >= self.total


def find_action(kind: RecordKind, key: str, actor: Actor) -> BulkAction:
    """The action, when the actor may take it. Raises NotFound, Forbidden."""
    action = next((one for one in kind.bulk_actions if one.key == key), None)
    if action is None:
        raise NotFound
    if not actor.may(kind.permission) or not actor.may(action.permission):
        raise Forbidden(f"This needs the permission {action.permission}.", extra={"permission": action.permission})
    return action


async def begin_run(
    session: AsyncSession, sources: Sources, kind: RecordKind, action: BulkAction, selection: Selection, *, actor: Actor
) -> BulkRun:
    """Keep what was selected, as a draft that changes nothing. Raises NothingSelected, TooManySelected."""
    assert actor.id is not None
    run = BulkRun(
        kind=kind.key,
        action=action.key,
        title=f"{action.title}: {kind.plural.lower()}",
        query=selection.query,
        ids=selection.ids,
        fields=None if action.fields else {},
        total=await count_selected(sources, kind, selection, actor),
        created_by=actor.id,
        created_by_name=actor.name,
    )
    session.add(run)
    await session.flush()
    return run


async def count_selected(sources: Sources, kind: RecordKind, selection: Selection, actor: Actor) -> int:
    """How many records are meant now. Raises NothingSelected, TooManySelected."""
    count = await count_rows(sources, kind, selection, actor, cap=MAX_ROWS)
    refusal = rules.size_refusal(count)
    if refusal == "nothing":
        raise NothingSelected("None of the selected rows is there any more.")
    if refusal == "too_many":
        raise TooManySelected(f"At most {MAX_ROWS:,}. Narrow the list by its filters.")
    return count


async def answer_fields(
    session: AsyncSession, run_id: UUID, action: BulkAction, raw: Mapping[str, str], *, actor: Actor
) -> dict[str, str]:
    """Keep what the action asks, and tell what is wrong by field; with errors nothing is kept. Raises IllegalState."""
    run = await _lock_draft(session, run_id)
    _, errors = await action.read(session, raw, actor)
    if not errors:
        run.fields = {field.name: raw.get(field.name, "").strip() for field in action.fields}
    return errors


async def foresee(
    sources: Sources, kind: RecordKind, action: BulkAction, run: BulkRun, values: Mapping[str, Any], actor: Actor
) -> Preview:
    """Go through the rows as the list has them. Raises NothingSelected, TooManySelected."""
    listing = listing_of(kind)
    preview = Preview(await count_selected(sources, kind, run.selection, actor))
    async with aclosing(walk_rows(sources, kind, run.selection, actor)) as batches:
        async for items in batches:
            for item in items[: rules.MAX_FORESEEN - preview.looked_at]:
                effect = action.foresee(item, values, actor)
                preview.looked_at += 1
                if effect.refusal:
                    preview.refusals[effect.refusal] += 1
                elif effect.needs_consent:
                    preview.asked += 1
                if len(preview.rows) < rules.SHOWN_ROWS:
                    preview.rows.append((item.id, listing.label(item), effect))
            if preview.looked_at >= rules.MAX_FORESEEN:
                break
    return preview


async def start_run(
    session: AsyncSession, sources: Sources, kind: RecordKind, run_id: UUID, *, shown: int, actor: Actor
) -> BulkRun:
    """Begin, when there are still as many as were shown. Raises SelectionChanged, IllegalState."""
    run = await _lock_draft(session, run_id)
    if run.fields is None:
        raise IllegalState("It was not said yet what is to be done.", state=run.state)
    present = await count_selected(sources, kind, run.selection, actor)
    if present != shown:
        raise SelectionChanged(shown, present)
    run.state, run.total, run.reason = RunState.COLLECTING, present, None
    facts = {"kind": run.kind, "action": run.action, "filters": run.query, "picked": len(run.ids), **run.fields}
    await record(session, "bulk.started", run, actor=actor, facts=facts | {"records": run.total})
    return await queue_run(session, run, actor)


async def queue_run(session: AsyncSession, run: BulkRun, actor: Actor) -> BulkRun:
    """Have the worker go on with it."""
    await session.flush()
    job = await enqueue(
        session, JOB, {"run_id": str(run.id)}, unique_key=f"{JOB}:{run.id}:{run.version}", created_by=actor.id
    )
    run.job_id = job.id
    return run


async def _lock_draft(session: AsyncSession, run_id: UUID) -> BulkRun:
    run = await queries.lock_run(session, run_id)
    if not rules.can_move("start", run.state):
        raise IllegalState("It has been started already.", state=run.state)
    return run
