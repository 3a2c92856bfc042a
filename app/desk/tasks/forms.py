"""The forms of task pages."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.core.forms import Form
from app.desk.tasks.rules import SNOOZES, snoozed_until


def in_zone(at: datetime | None, zone: str) -> datetime | None:
    """A wall time of the zone as a moment in UTC."""
    return at.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) if at is not None and at.tzinfo is None else at


class MoveForm(Form):
    """Any move: to whom, until when, what came of it, and why. `then` says that the next task is to follow."""

    assignee_id: UUID | None = None
    team: str | None = None
    preset: str | None = None
    until: datetime | None = None
    outcome: str | None = None
    note: str | None = None
    reason: str | None = None
    then: str | None = None

    def fields(self, now: datetime, zone: str) -> dict[str, Any]:
        """The values as services take them; a preset stands for its moment."""
        values = {name: value for name, value in self.values().items() if name not in ("preset", "then")}
        values["until"] = in_zone(self.until, zone)
        if values["until"] is None and self.preset and self.preset in SNOOZES:
            values["until"] = snoozed_until(self.preset, now, zone)
        return values


class TaskForm(Form):
    """New and edit."""

    version: int | None = None
    kind: str | None = None
    title: str | None = None
    details: str | None = None
    subject_kind: str | None = None
    subject_id: UUID | None = None
    assignee_id: UUID | None = None
    priority: str | None = None
    due_at: datetime | None = None
    reason: str | None = None

    def changes(self, zone: str) -> dict[str, Any]:
        """What may be changed of a task that is there."""
        return {
            "title": self.title,
            "details": self.details,
            "priority": self.priority,
            "due_at": in_zone(self.due_at, zone),
            "reason": self.reason,
        }


def of_task(values: Mapping[str, Any], zone: str) -> TaskForm:
    """The edit form with present values; the due time as wall time of the zone."""
    due_at: datetime | None = values.get("due_at")
    shown = due_at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M") if due_at else None
    return TaskForm.of(dict(values) | {"due_at": shown})
