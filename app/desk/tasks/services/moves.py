"""The moves of a task: who holds it, when it comes back, and how it ends."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from app.core import clock, registry
from app.core.actor import Actor
from app.core.area import TaskKind
from app.core.changes import record
from app.core.db import AsyncSession
from app.core.errors import Conflict, Forbidden, IllegalState, InvalidFields
from app.desk.tasks import queries, rules
from app.desk.tasks.models import Task
from app.desk.tasks.rules import TaskState
from app.desk.tasks.services.people import LEAD, check_assignee, check_team, due_after, kind_of, may_work, tell_assignee
from app.kit.problems import Problem

ACTIONS = {
    "claim": "task.claimed",
    "release": "task.released",
    "assignment": "task.assigned",
    "handover": "task.handed_over",
    "snooze": "task.snoozed",
    "waking": "task.woken",
    "completion": "task.completed",
    "cancellation": "task.cancelled",
    "reopening": "task.reopened",
}
CANDIDATES = 64


class TaskHeld(Conflict):
    """Somebody else has it; `holder` names them."""

    code = "task_held"
    title = "Somebody else has this task"
    advice = "Nothing was changed. Speak with them, or take another one."


async def move_task(
    session: AsyncSession, task_id: UUID, move: str, *, fields: Mapping[str, Any], actor: Actor
) -> Task:
    """Make one of the moves of the state machine.

    `fields`: assignee_id and team (assignment, handover), until (snooze, aware), outcome (completion), note and
    reason. Raises IllegalState with the present state, TaskHeld with the holder, InvalidFields, Forbidden.
    """
    task = await queries.lock_task(session, task_id, actor)
    return await make_move(session, task, move, fields=fields, actor=actor)


async def make_move(session: AsyncSession, task: Task, move: str, *, fields: Mapping[str, Any], actor: Actor) -> Task:
    """As `move_task`, of a task that is locked already."""
    now, before = clock.now(), task.state
    if before is TaskState.SNOOZED and move != "waking" and rules.is_awake(before, task.snoozed_until, now):
        before = TaskState.IN_PROGRESS if task.assignee_id else TaskState.OPEN
    kind = kind_of(task.kind)
    if not may_work(kind, actor):
        raise Forbidden("This kind of work belongs to another role.")
    await _refuse_state(session, task, move, before, actor)
    problems = rules.check_move(move, fields, outcomes=[value for value, _ in kind.outcomes], now=now)
    if move in ("assignment", "handover") and kind.is_personal:
        problems.append(Problem("assignee_id", "personal", "This is somebody's own work"))
    _refuse(problems)
    changes: dict[str, tuple[Any, Any]] = {}
    with session.no_autoflush:  # holder, state and times go to the database together: its constraints join them
        await _settle_holder(session, task, move, fields, actor, changes)
    task.state = rules.state_after(move, is_held=task.assignee_id is not None)
    _settle_times(task, move, fields, actor, now, changes)
    if task.state is not before:
        changes["state"] = (before, task.state)
    why = str(fields.get("reason") or fields.get("note") or "").strip() or None
    await record(session, ACTIONS[move], task, actor=actor, why=why, changes=changes)
    if task.assignee_id is not None and "assignee_id" in changes:
        await tell_assignee(session, task, why or "", actor)
    return task


async def claim_next(
    session: AsyncSession, *, actor: Actor, teams: list[str] | None = None, besides: UUID | None = None
) -> Task | None:
    """Take the most urgent task of one's queues that one may do; None when there is none.

    What another person is taking at this very moment is passed over, not waited for: the candidates are read without
    a lock, then locked one by one with SKIP LOCKED until one is still free.
    """
    kinds = [kind.key for kind in _kinds_for(actor)]
    own = rules.teams_of(actor.roles)
    wanted = [team for team in own if teams is None or team in teams]
    candidates = await queries.list_candidates(session, wanted, kinds, actor, CANDIDATES)
    for task_id in candidates:
        if task_id == besides:
            continue
        task = await queries.lock_if_free(session, task_id)
        if task is None or not await _is_takeable(session, task, actor):
            continue
        if task.assignee_id == actor.id:
            return await begin_task(session, task, actor=actor)
        return await make_move(session, task, "claim", fields={}, actor=actor)
    return None


async def peek_next(session: AsyncSession, *, actor: Actor) -> Task | None:
    """What `claim_next` would most likely take; nothing is locked or changed."""
    kinds = [kind.key for kind in _kinds_for(actor)]
    found = await queries.list_candidates(session, rules.teams_of(actor.roles), kinds, actor, 1)
    return await queries.find_task(session, found[0], actor) if found else None


async def begin_task(session: AsyncSession, task: Task, *, actor: Actor) -> Task:
    """Note that its holder has taken up what others gave them."""
    if task.assignee_id != actor.id or task.state is not TaskState.IN_PROGRESS or task.started_at is not None:
        return task
    task.started_at = clock.now()
    await record(session, "task.begun", task, actor=actor)
    return task


async def _is_takeable(session: AsyncSession, task: Task, actor: Actor) -> bool:
    is_free = task.state is TaskState.OPEN
    is_mine = task.state is TaskState.IN_PROGRESS and task.assignee_id == actor.id and task.started_at is None
    return (is_free or is_mine) and await queries.find_task(session, task.id, actor) is not None


def _kinds_for(actor: Actor) -> list[TaskKind]:
    return [kind for kind in registry.task_kinds.values() if may_work(kind, actor)]


async def _refuse_state(session: AsyncSession, task: Task, move: str, state: TaskState, actor: Actor) -> None:
    is_own = task.assignee_id is not None and task.assignee_id == actor.id
    leads = actor.kind == "system" or actor.may(LEAD)
    is_taken = move == "claim" and state is TaskState.IN_PROGRESS and not is_own
    is_withheld = rules.is_withheld(move, is_held=task.assignee_id is not None, is_own=is_own, leads=leads)
    takes_over = move == "assignment" and task.assignee_id is not None and not is_own and not leads
    is_possible = rules.can_move(move, state) is None
    if is_taken or (is_possible and (is_withheld or takes_over)):
        holder = await queries.find_person(session, task.assignee_id)
        name = holder.name if holder else "Somebody"
        raise TaskHeld(f"{name} has this task.", extra={"state": state, "holder": name})
    if not is_possible:
        raise IllegalState(f"The task is {state.replace('_', ' ')}.", state=state)
    if move == "reopening" and task.unique_key and await queries.find_live(session, task.unique_key):
        raise IllegalState("The same work is in a newer task already.", state=state)


async def _settle_holder(
    session: AsyncSession,
    task: Task,
    move: str,
    fields: Mapping[str, Any],
    actor: Actor,
    changes: dict[str, tuple[Any, Any]],
) -> None:
    """Who holds the task after the move, and in whose queue it is."""
    before = task.assignee_id
    match move:
        case "claim":
            task.assignee_id = actor.id
        case "release" | "reopening":
            task.assignee_id = None
        case "completion":
            task.assignee_id = task.assignee_id or actor.id
        case "assignment" | "handover":
            await _give(session, task, move, fields, changes)
        case _:
            pass
    if task.assignee_id != before:
        changes["assignee_id"] = (await _name(session, before), await _name(session, task.assignee_id))


async def _give(
    session: AsyncSession, task: Task, move: str, fields: Mapping[str, Any], changes: dict[str, tuple[Any, Any]]
) -> None:
    person_id: UUID | None = fields.get("assignee_id")
    team = str(fields.get("team") or "")
    _refuse(check_team(kind_of(task.kind), team))
    if person_id is None and (move == "assignment" or not team):
        _refuse([Problem("assignee_id", "required", "Choose who is to do it")])
    if person_id is not None:
        _, problems = await check_assignee(session, task, person_id)
        _refuse(problems)
    if person_id is not None and person_id == task.assignee_id:
        _refuse([Problem("assignee_id", "same", "They have it already")])
    task.assignee_id = person_id
    if team and team != task.team:
        changes["team"] = (task.team, team)
        task.team = team


def _settle_times(
    task: Task, move: str, fields: Mapping[str, Any], actor: Actor, now: datetime, changes: dict[str, tuple[Any, Any]]
) -> None:
    """Begun, asleep, closed: each state has its moment."""
    until: datetime | None = fields.get("until") if move == "snooze" else None
    if until != task.snoozed_until and (until or move == "waking"):
        changes["snoozed_until"] = (task.snoozed_until, until)
    task.snoozed_until = until
    is_own = task.assignee_id is not None and task.assignee_id == actor.id
    if task.state is TaskState.OPEN or move in ("assignment", "handover"):
        task.started_at = now if task.state is TaskState.IN_PROGRESS and is_own else None
    elif is_own and task.started_at is None:
        task.started_at = now
    if task.is_closed:
        task.closed_at = now
        task.outcome = fields.get("outcome") if move == "completion" else None
        task.closing_note = str(fields.get("note") or fields.get("reason") or "").strip() or None
        if task.outcome:
            changes["outcome"] = (None, task.outcome)
    elif move == "reopening":
        task.closed_at = task.outcome = task.closing_note = task.overdue_since = None
        before, task.due_at = task.due_at, due_after(kind_of(task.kind), task.market, now)
        if task.due_at != before:
            changes["due_at"] = (before, task.due_at)


async def _name(session: AsyncSession, person_id: UUID | None) -> str | None:
    person = await queries.find_person(session, person_id)
    return person.name if person else None


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise InvalidFields(problems)
