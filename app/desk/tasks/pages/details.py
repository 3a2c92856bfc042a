"""One task: what is to be done, about what, by whom and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.core.area import TaskKind
from app.desk.tasks.models import Task
from app.desk.tasks.pages.words import PRIORITY_TONES, due_in_words
from app.desk.tasks.rules import TaskState, is_awake
from app.desk.tasks.schemas import PRIORITY_WORDS, STATE_WORDS, TEAM_WORDS


@dataclass(frozen=True, slots=True)
class Subject:
    """The record that a task is about, summed up by its own kind."""

    kind: str
    name: str
    href: str
    reference: str = ""
    summary: str = ""
    timeline: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class TaskDetail:
    """The record page."""

    task: Task
    kind: str
    state: str
    is_on: bool
    priority: str
    priority_tone: str
    due: str
    due_tone: str
    zone: str
    team: str
    assignee: str
    maker: str
    outcome: str
    subject: Subject | None
    timeline: Sequence[Any]
    moves: Any
    can_edit: bool


def detail(
    task: Task,
    kind: TaskKind,
    *,
    zone: str,
    assignee: str,
    maker: str,
    subject: Subject | None,
    timeline: Sequence[Any],
    moves: Any,
    can_edit: bool,
    now: datetime,
) -> TaskDetail:
    """The page of a task at this moment: one whose snooze has ended is shown awake."""
    state = state_of(task, now)
    due, tone = due_in_words(task.due_at, now) if task.is_unfinished else ("", "")
    return TaskDetail(
        task=task,
        kind=kind.title,
        state=STATE_WORDS[state],
        is_on=state is TaskState.IN_PROGRESS,
        priority=PRIORITY_WORDS[task.priority],
        priority_tone=PRIORITY_TONES.get(task.priority, "") if task.is_unfinished else "",
        due=due,
        due_tone=tone,
        zone=zone,
        team=TEAM_WORDS.get(task.team, task.team),
        assignee=assignee,
        maker=maker,
        outcome=dict(kind.outcomes).get(task.outcome or "", task.outcome or ""),
        subject=subject,
        timeline=timeline,
        moves=moves,
        can_edit=can_edit,
    )


def state_of(task: Task, now: datetime) -> TaskState:
    """The state, in which a snooze that has ended counts no more."""
    if task.state is TaskState.SNOOZED and is_awake(task.state, task.snoozed_until, now):
        return TaskState.IN_PROGRESS if task.assignee_id else TaskState.OPEN
    return task.state
