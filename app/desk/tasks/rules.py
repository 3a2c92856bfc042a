"""What a task may become, who may move it, when it is due and how urgent it is. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from app.kit.problems import Problem

LONGEST_TITLE, LONGEST_DETAILS, LONGEST_NOTE = 200, 10_000, 1_000
WORK_BEGINS, WORK_ENDS, WORK_DAYS = time(8), time(18), frozenset(range(5))
LONGEST_SEARCH_DAYS = 400
SOON = timedelta(hours=4)
LONGEST_SNOOZE = timedelta(days=90)
DUE_WITHIN = timedelta(days=366)


class TaskState(StrEnum):
    OPEN = "open"
    IN_PROGRESS = "in_progress"
    SNOOZED = "snoozed"
    DONE = "done"
    CANCELLED = "cancelled"


class Priority(StrEnum):
    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


LIVE = frozenset({TaskState.OPEN, TaskState.IN_PROGRESS, TaskState.SNOOZED})
CLOSED = frozenset({TaskState.DONE, TaskState.CANCELLED})
_AWAKE = frozenset({TaskState.OPEN, TaskState.IN_PROGRESS})


@dataclass(frozen=True, slots=True)
class Team:
    """People who share a queue: everybody with one of the roles."""

    title: str
    roles: frozenset[str]


TEAMS: Mapping[str, Team] = {
    "fleet": Team("Fleet", frozenset({"fleet_clerk", "fleet_manager"})),
    "credit": Team("Credit", frozenset({"credit_officer", "credit_manager"})),
    "engineering": Team("Engineering", frozenset({"engineer"})),
    "administration": Team("Administration", frozenset({"admin"})),
}


@dataclass(frozen=True, slots=True)
class Move:
    """One edge of the state machine. Without `to_state` the task goes to whoever holds it, or back to its queue.

    `is_holders`: only the holder, or somebody who leads, may make it once the task is held.
    """

    name: str
    from_states: frozenset[TaskState]
    to_state: TaskState | None
    is_holders: bool = True


MOVES: Mapping[str, Move] = {
    move.name: move
    for move in (
        Move("claim", frozenset({TaskState.OPEN}), TaskState.IN_PROGRESS, is_holders=False),
        Move("release", frozenset({TaskState.IN_PROGRESS}), TaskState.OPEN),
        Move("assignment", _AWAKE, TaskState.IN_PROGRESS, is_holders=False),
        Move("handover", frozenset({TaskState.IN_PROGRESS}), None),
        Move("snooze", _AWAKE, TaskState.SNOOZED),
        Move("waking", frozenset({TaskState.SNOOZED}), None),
        Move("completion", LIVE, TaskState.DONE),
        Move("cancellation", LIVE, TaskState.CANCELLED),
        Move("reopening", CLOSED, TaskState.OPEN, is_holders=False),
    )
}


def can_move(move: str, state: TaskState) -> str | None:
    """Why the state does not allow the move: `state`; None when it does."""
    return None if state in MOVES[move].from_states else "state"


def state_after(move: str, *, is_held: bool) -> TaskState:
    """Where a move leads; `is_held` says whether somebody holds the task afterwards."""
    return MOVES[move].to_state or (TaskState.IN_PROGRESS if is_held else TaskState.OPEN)


def allowed_moves(state: TaskState) -> list[str]:
    """The moves that a state allows, in the order of the table."""
    return [name for name, move in MOVES.items() if state in move.from_states]


def is_withheld(move: str, *, is_held: bool, is_own: bool, leads: bool) -> bool:
    """Whether the task is somebody else's, so that this person may not make the move."""
    return MOVES[move].is_holders and is_held and not is_own and not leads


def teams_of(roles: Collection[str]) -> list[str]:
    """The teams that somebody of these roles belongs to."""
    return [key for key, team in TEAMS.items() if not team.roles.isdisjoint(roles)]


def is_awake(state: TaskState, snoozed_until: datetime | None, now: datetime) -> bool:
    """Whether a live task is in its queue: not snoozed, or snoozed until a moment that has come."""
    return state in _AWAKE or (state is TaskState.SNOOZED and snoozed_until is not None and snoozed_until <= now)


def raised(priority: Priority) -> Priority:
    """One step more urgent."""
    order = list(Priority)
    return order[max(order.index(priority) - 1, 0)]


def working_time_after(start: datetime, span: timedelta, zone: str, is_holiday: Callable[[date], bool]) -> datetime:
    """The moment (UTC) at which `span` of working time has passed since `start`: Monday to Friday, 8 to 18 local.

    Days are walked in local time and measured in UTC, so that a clock change neither gives nor takes an hour.
    Raises ValueError when the span does not fit into the next 400 days.
    """
    place = ZoneInfo(zone)
    day = start.astimezone(place).date()
    for _ in range(LONGEST_SEARCH_DAYS):
        if day.weekday() in WORK_DAYS and not is_holiday(day):
            begins = max(start, datetime.combine(day, WORK_BEGINS, place).astimezone(UTC))
            ends = datetime.combine(day, WORK_ENDS, place).astimezone(UTC)
            if begins + span <= ends:
                return begins + span
            span -= max(ends - begins, timedelta())
        day += timedelta(days=1)
    raise ValueError(f"{span} of working time is left after {LONGEST_SEARCH_DAYS} days")


SNOOZES: Mapping[str, str] = {
    "hour": "In an hour",
    "three_hours": "In 3 hours",
    "tomorrow": "Tomorrow at 8",
    "monday": "On Monday at 8",
}


def snoozed_until(preset: str, now: datetime, zone: str) -> datetime:
    """The moment (UTC) that a preset means in a zone. Raises KeyError for an unknown preset."""
    if preset in ("hour", "three_hours"):
        return now + timedelta(hours=1 if preset == "hour" else 3)
    place = ZoneInfo(zone)
    today = now.astimezone(place).date()
    days = {"tomorrow": 1, "monday": 7 - today.weekday()}[preset]
    return datetime.combine(today + timedelta(days=days), WORK_BEGINS, place).astimezone(UTC)


def check_task(fields: Mapping[str, Any], *, now: datetime) -> list[Problem]:
    """What is wrong with title, details and due time; absent ones are not checked."""
    problems: list[Problem] = []
    if "title" in fields:
        title = str(fields["title"] or "").strip()
        if not title:
            problems.append(Problem("title", "required", "Say what is to be done"))
        elif len(title) > LONGEST_TITLE:
            problems.append(Problem("title", "too_long", f"At most {LONGEST_TITLE} characters"))
    if len(str(fields.get("details") or "")) > LONGEST_DETAILS:
        problems.append(Problem("details", "too_long", f"At most {LONGEST_DETAILS:,} characters"))
    due_at: datetime | None = fields.get("due_at")
    if due_at is not None and due_at.tzinfo is None:
        problems.append(Problem("due_at", "malformed", "Say in which zone, such as 2026-06-25T10:00:00Z"))
    elif due_at is not None and not now - DUE_WITHIN <= due_at <= now + DUE_WITHIN:
        problems.append(Problem("due_at", "out_of_range", "At most a year from now"))
    return problems


_NEEDS = {"handover": "note", "cancellation": "reason", "reopening": "reason"}


def check_move(move: str, fields: Mapping[str, Any], *, outcomes: Collection[str], now: datetime) -> list[Problem]:
    """What is wrong with a move's words, moment or outcome."""
    problems: list[Problem] = []
    needed = _NEEDS.get(move, "")
    if needed and not str(fields.get(needed) or "").strip():
        problems.append(Problem(needed, "required", "Say why" if needed == "reason" else "Leave a note for them"))
    problems += [
        Problem(name, "too_long", f"At most {LONGEST_NOTE:,} characters")
        for name in ("note", "reason")
        if len(str(fields.get(name) or "")) > LONGEST_NOTE
    ]
    if move == "snooze":
        until: datetime | None = fields.get("until")
        if until is None:
            problems.append(Problem("until", "required", "Say until when"))
        elif until.tzinfo is None:
            problems.append(Problem("until", "malformed", "Say in which zone, such as 2026-06-25T10:00:00Z"))
        elif not now < until <= now + LONGEST_SNOOZE:
            problems.append(Problem("until", "out_of_range", f"A moment of the next {LONGEST_SNOOZE.days} days"))
    if move == "completion":
        outcome = fields.get("outcome")
        if outcomes and not outcome:
            problems.append(Problem("outcome", "required", "Say what came of it"))
        elif outcome and outcome not in outcomes:
            problems.append(Problem("outcome", "unknown", "Choose one of the list"))
    return problems
