"""Tasks in the JSON API."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from app.core import clock, registry
from app.core.filters import to_datetime
from app.core.values import UNSET, Id, Maybe, Timestamp, UnsetType, timestamp
from app.desk.tasks.models import ANY, Task
from app.desk.tasks.rules import TEAMS, Priority, TaskState, is_awake

STATE_WORDS = {
    "open": "Open",
    "in_progress": "In progress",
    "snoozed": "Snoozed",
    "done": "Done",
    "cancelled": "Cancelled",
}
PRIORITY_WORDS = {"urgent": "Urgent", "high": "High", "normal": "Normal", "low": "Low"}
TEAM_WORDS = {key: team.title for key, team in TEAMS.items()}

PriorityName = Literal["urgent", "high", "normal", "low"]


class TaskItem(msgspec.Struct):
    """A task. `assignee` is who holds it; `subject_kind` and `subject_id` name the record it is about."""

    id: Id
    reference: str
    kind: str
    title: str
    details: str
    subject_kind: Maybe[str]
    subject_id: Maybe[Id]
    market: Maybe[str]
    team: str
    assignee_id: Maybe[Id]
    assignee_name: Maybe[str]
    state: str
    priority: str
    due_at: Maybe[Timestamp]
    snoozed_until: Maybe[Timestamp]
    started_at: Maybe[Timestamp]
    outcome: Maybe[str]
    closing_note: Maybe[str]
    closed_at: Maybe[Timestamp]
    version: int
    created_at: Timestamp
    updated_at: Timestamp
    kind_title: str
    state_words: str
    is_overdue: bool

    def __post_init__(self) -> None:
        self.market = UNSET if self.market in ("", ANY) else self.market
        until = to_datetime(self.snoozed_until) if self.snoozed_until else None
        if self.state == TaskState.SNOOZED and is_awake(TaskState.SNOOZED, until, clock.now()):
            self.state = TaskState.IN_PROGRESS.value if self.assignee_id else TaskState.OPEN.value
            self.snoozed_until = UNSET
        kind = registry.task_kinds.get(self.kind)
        self.kind_title = kind.title if kind else self.kind
        self.state_words = STATE_WORDS[self.state]
        is_live = self.closed_at is UNSET
        self.is_overdue = is_live and bool(self.due_at) and to_datetime(self.due_at) < clock.now()  # pyright: ignore


class TaskPage(msgspec.Struct):
    """A page of tasks. `notice` says when it is less than it could be; `total` comes when it is asked for."""

    items: list[TaskItem]
    next_cursor: str | None
    total: Maybe[int]
    total_is_capped: Maybe[bool]
    notice: Maybe[str]


def task_item(task: Task, assignee_name: str | None) -> TaskItem:
    """A task of an open transaction as its list shows it; the lists' own reads do not see it before the commit."""
    found: dict[str, object] = {"kind_title": "", "state_words": "", "is_overdue": False}
    for field in msgspec.structs.fields(TaskItem):
        if field.name in found:
            continue
        value: object = assignee_name if field.name == "assignee_name" else getattr(task, field.name)
        if isinstance(value, datetime):
            value = timestamp(value)
        elif isinstance(value, UUID):
            value = str(value)
        elif isinstance(value, TaskState | Priority):
            value = value.value
        found[field.name] = UNSET if value is None else value
    return TaskItem(**found)  # pyright: ignore[reportArgumentType]


class NewTask(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A task to be made by hand; what is left out comes from its kind. Clients may choose its id."""

    kind: str
    title: str
    details: str | UnsetType = UNSET
    subject_kind: str | UnsetType = UNSET
    subject_id: UUID | UnsetType = UNSET
    team: str | UnsetType = UNSET
    assignee_id: UUID | UnsetType = UNSET
    priority: PriorityName | UnsetType = UNSET
    due_at: datetime | UnsetType = UNSET
    id: UUID | UnsetType = UNSET


class TaskFields(msgspec.Struct, forbid_unknown_fields=True):
    """What may be changed: an absent field stays, null clears. Another priority or due time needs `reason`."""

    title: str | UnsetType = UNSET
    details: str | None | UnsetType = UNSET
    priority: PriorityName | UnsetType = UNSET
    due_at: datetime | None | UnsetType = UNSET
    reason: str | UnsetType = UNSET


class AssignmentBody(msgspec.Struct, forbid_unknown_fields=True):
    """Who is to do it, or which team's queue it goes to; a holder who hands it over leaves a note."""

    assignee_id: UUID | UnsetType = UNSET
    team: str | UnsetType = UNSET
    note: str | UnsetType = UNSET


class SnoozeBody(msgspec.Struct, forbid_unknown_fields=True):
    """Until when it is out of its queue."""

    until: datetime
    reason: str | UnsetType = UNSET


class CompletionBody(msgspec.Struct, forbid_unknown_fields=True):
    """What came of it; kinds that know outcomes need one."""

    outcome: str | UnsetType = UNSET
    note: str | UnsetType = UNSET


class TaskReasonBody(msgspec.Struct, forbid_unknown_fields=True):
    """Why."""

    reason: str


class TaskClaimBody(msgspec.Struct, forbid_unknown_fields=True):
    """Which team's queue to take from; every own team's when left out. `besides` is passed over."""

    team: str | UnsetType = UNSET
    besides: UUID | UnsetType = UNSET
