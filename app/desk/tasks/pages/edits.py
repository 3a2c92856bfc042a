"""New and edit: the form and its menus."""

from dataclasses import dataclass

from app.desk.tasks.forms import TaskForm
from app.desk.tasks.models import Task
from app.desk.tasks.pages.details import Subject
from app.desk.tasks.schemas import PRIORITY_WORDS


@dataclass(frozen=True, slots=True)
class TaskEdit:
    """The form of a task."""

    form: TaskForm
    task: Task | None
    action: str
    cancel_href: str
    zone: str
    kinds: list[tuple[str, str]]
    people: list[tuple[str, str]]
    subject: Subject | None = None
    priorities: tuple[tuple[str, str], ...] = tuple(PRIORITY_WORDS.items())


@dataclass(frozen=True, slots=True)
class NextTask:
    """What would be taken next."""

    title: str
    due: str
    due_tone: str
    queues: str


@dataclass(frozen=True, slots=True)
class Badge:
    """The number beside the sidebar's link."""

    count: str
    tone: str
