"""The queues: tabs, filters and rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.core import registry
from app.core.actor import Actor
from app.core.columns import Column
from app.core.listing import ListQuery
from app.core.lists import Frame, Opened, RecordList, frame
from app.core.previews import Drawer
from app.core.search_lists import Answer
from app.desk.tasks.pages.words import (
    PRIORITY_TONES,
    due_in_words,
    subject_address,
    subject_kind_in_words,
)
from app.desk.tasks.queries import SPEC
from app.desk.tasks.rules import TEAMS, teams_of
from app.desk.tasks.schemas import PRIORITY_WORDS, TEAM_WORDS, TaskItem

PATH = "/tasks"
TASKS = RecordList(
    key="tasks",
    title="Tasks",
    path=PATH,
    spec=SPEC,
    cells="desk/tasks/_cells.html",
    kind="task",
    hint="Title, reference, person",
    is_selectable=True,
    columns=(
        Column("title", "Task", "urgency", align="wide", css="name", is_fixed=True),
        Column("due", "Due", "due_at"),
        Column("about", "About"),
        Column("priority", "Priority"),
        Column("who", "Who"),
        Column("state", "State"),
        Column("reference", "Reference", css="mono"),
        Column("kind", "Kind", is_default=False),
        Column("team", "Team", is_default=False),
        Column("created", "Made", "created_at", is_default=False),
        Column("closed", "Closed", "closed_at", is_default=False),
        Column("outcome", "Outcome", is_default=False),
    ),
)
CLOSED_STATES = ("done", "cancelled")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a queue: the task, and as text what it does not say itself."""

    id: str
    name: str
    item: TaskItem
    kind: str
    team: str
    outcome: str
    about: str
    about_href: str
    priority: str
    priority_tone: str
    who: str
    is_on: bool
    due: str
    due_tone: str


@dataclass(frozen=True, slots=True)
class TaskList:
    """The list page."""

    frame: Frame
    rows: list[Row]
    can_work: bool
    empty: tuple[str, str]


def views(actor: Actor) -> list[tuple[str, dict[str, str]]]:
    """The tabs: mine, each of my teams' queues, and what somebody should look at."""
    active = {"active": "yes"}
    return [
        ("My tasks", {"assignee": str(actor.id), **active}),
        *((f"{TEAMS[team].title} queue", {"team": team, **active}) for team in teams_of(actor.roles)),
        ("Unassigned", {"unassigned": "yes", **active}),
        ("Overdue", {"overdue": "yes", **active}),
        ("Snoozed", {"snoozed": "yes"}),
        ("Done", {"state": "done", "sort": "-closed_at"}),
        ("All open", active),
    ]


def first_view(actor: Actor) -> str:
    """Where somebody begins: their own tasks."""
    _, filters = views(actor)[0]
    return f"{PATH}?" + "&".join(f"{name}={value}" for name, value in filters.items())


def task_list(
    opened: Opened,
    found: Answer[TaskItem],
    drawer: Drawer | None,
    names: Mapping[tuple[str, str], str],
    people: Mapping[str, str],
    actor: Actor,
    now: datetime,
) -> TaskList:
    """The page of an answer; `names` are those of subjects, `people` those of staff."""
    around = frame(
        TASKS,
        opened,
        page=found.page,
        total=found.total,
        labels={"kind": {kind.key: kind.title for kind in registry.task_kinds.values()}, "assignee": people},
        notice=found.notice,
        drawer=drawer,
    )
    rows = [row(item, names, now) for item in found.page.items]
    return TaskList(around, rows, actor.may("tasks.work"), _empty(opened.asked, actor))


def row(item: TaskItem, names: Mapping[tuple[str, str], str], now: datetime) -> Row:
    """A line of the list."""
    subject_kind, subject_id = item.subject_kind or "", item.subject_id or ""
    about = names.get((subject_kind, subject_id)) or (subject_kind_in_words(subject_kind) if subject_kind else "")
    is_live = item.state not in CLOSED_STATES
    due, tone = due_in_words(item.due_at or None, now) if is_live else ("", "")
    known = registry.task_kinds.get(item.kind)
    return Row(
        id=item.id,
        name=item.title,
        item=item,
        kind=item.kind_title,
        team=TEAM_WORDS.get(item.team, item.team),
        outcome=dict(known.outcomes).get(item.outcome or "", item.outcome or "") if known else "",
        about=about,
        about_href=subject_address(subject_kind, subject_id) if subject_kind else "",
        priority=PRIORITY_WORDS[item.priority],
        priority_tone=PRIORITY_TONES.get(item.priority, "") if is_live else "",
        who=item.assignee_name or "",
        is_on=item.state == "in_progress",
        due=due,
        due_tone=tone,
    )


def _empty(asked: ListQuery, actor: Actor) -> tuple[str, str]:
    """Why nothing is here, in the words of the tab."""
    chosen = {name: list(values) for name, values in asked.chosen.items()}
    if asked.text:
        return "No task matches", "Look for a part of the title or for the reference."
    if chosen == {"assignee": [str(actor.id)], "active": ["yes"]}:
        return "You have nothing to do", "Take the next task of your team's queue, or make one."
    if "overdue" in chosen:
        return "Nothing is overdue", "Tasks whose due time has passed appear here."
    return "No task here", "Take a filter away, or look at another tab."
