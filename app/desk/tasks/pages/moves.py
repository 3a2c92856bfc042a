"""The moves of a task as they are offered: button, key, and what each form asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.actor import Actor
from app.core.area import TaskKind
from app.desk.tasks.forms import MoveForm
from app.desk.tasks.models import Task
from app.desk.tasks.pages.details import state_of
from app.desk.tasks.rules import SNOOZES, allowed_moves, is_withheld

Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class MoveWords:
    """How a move is offered: its address below the task, its button and key, and which fields its form has."""

    slug: str
    label: str
    toast: str
    key: str = ""
    asks: tuple[str, ...] = ()
    text: str = ""
    tone: str = ""


MOVE_WORDS = {
    "completion": MoveWords("completion", "Complete", "Done", "c", ("outcome", "note"), tone="primary"),
    "claim": MoveWords("claim", "Take it", "It is yours", "t", tone="primary"),
    "snooze": MoveWords("snooze", "Snooze", "Snoozed", "s", ("until", "reason")),
    "waking": MoveWords("snooze/removal", "Wake now", "Back in its queue"),
    "handover": MoveWords("handover", "Hand over", "Handed over", "h", ("person", "team", "note_needed")),
    "assignment": MoveWords("assignment", "Assign", "Assigned", "", ("person", "note")),
    "release": MoveWords("claim/removal", "Put back", "Back in its queue"),
    "reopening": MoveWords("reopening", "Reopen", "Open again", "", ("reason_needed",)),
    "cancellation": MoveWords(
        "cancellation", "Cancel task", "Cancelled", "", ("reason_needed",), "It leaves its queue undone.", "danger"
    ),
}


@dataclass(frozen=True, slots=True)
class OfferedMove:
    """A button and its form."""

    name: str
    words: MoveWords
    form: MoveForm
    outcomes: Choices
    people: Choices
    teams: Choices
    snoozes: Choices

    @property
    def tone(self) -> str:
        return self.words.tone


@dataclass(frozen=True, slots=True)
class Moves:
    """What can happen next, and why not more."""

    task: Task
    offered: list[OfferedMove]
    withheld: str
    zone: str
    then: str = ""


@dataclass(frozen=True, slots=True)
class MovePage:
    """A move's form that was refused."""

    task: Task
    moves: Moves
    move: OfferedMove


def offer(
    name: str, kind: TaskKind, people: Sequence[tuple[str, str]], teams: Choices, form: MoveForm | None = None
) -> OfferedMove:
    """A move with the choices of its form."""
    shown = MoveForm.of({"preset": "hour"} if name == "snooze" else {})
    return OfferedMove(
        name, MOVE_WORDS[name], form or shown, list(kind.outcomes), list(people), teams, list(SNOOZES.items())
    )


def moves_for(
    task: Task,
    kind: TaskKind,
    actor: Actor,
    *,
    may_work: bool,
    leads: bool,
    holder: str,
    people: Sequence[tuple[str, str]],
    teams: Choices,
    zone: str,
    now: datetime,
    then: str = "",
) -> Moves:
    """The moves that the state allows and this person may make."""
    if not may_work:
        return Moves(task, [], "Another role does this kind of work.", zone)
    is_own, is_held = task.assignee_id == actor.id, task.assignee_id is not None
    possible = set(allowed_moves(state_of(task, now)))
    if is_own and "handover" in possible:
        possible.discard("assignment")
    else:
        possible.discard("handover")
    if (is_held and not is_own and not leads) or kind.is_personal:
        possible.discard("assignment")
    if kind.is_personal:
        possible -= {"handover", "release"}
    allowed = {name for name in possible if not is_withheld(name, is_held=is_held, is_own=is_own, leads=leads)}
    offered = [offer(name, kind, people, teams) for name in MOVE_WORDS if name in allowed]
    withheld = f"{holder} has this task." if is_held and not is_own and not leads and task.is_unfinished else ""
    return Moves(task, offered, withheld, zone, then)
