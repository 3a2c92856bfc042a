"""Who may do which task, and where it belongs: the kind, the roles, and the record it is about."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from app.core import registry
from app.core.actor import Actor
from app.core.area import NotificationKind, TaskKind
from app.core.db import AsyncSession
from app.core.errors import InvalidFields
from app.desk.notifications.services import notify
from app.desk.staff.models import Staff
from app.desk.staff.services.people import as_actor
from app.desk.tasks import queries, rules
from app.desk.tasks.models import ANY, Task
from app.kit.calendars import public_holidays
from app.kit.markets import MARKETS
from app.kit.problems import Problem

ASSIGNED = NotificationKind("task.assigned", "A task is given to me")
OVERDUE = NotificationKind(
    "task.overdue", "A task of mine or of my team's is overdue", many="{count} breaches of the due time of {name}"
)
WORK = "tasks.work"
LEAD = "tasks.lead"
HEAD_OFFICE = "EE"


def kind_of(key: str) -> TaskKind:
    """The registered kind. Raises InvalidFields."""
    found = registry.task_kinds.get(key)
    if found is None:
        raise InvalidFields([Problem("kind", "unknown", f"There is no kind of task {key}")])
    return found


def may_work(kind: TaskKind, actor: Actor) -> bool:
    """Whether the roles allow this kind of work."""
    return actor.kind == "system" or (actor.may(WORK) and actor.may(kind.permission))


def teams_for(kind: TaskKind) -> list[str]:
    """The teams whose roles may do this kind of work."""
    permissions = registry.permissions()
    return [key for key, team in rules.TEAMS.items() if {WORK, kind.permission} <= permissions.of_roles(team.roles)]


def check_team(kind: TaskKind, team: str) -> list[Problem]:
    """Why a task of this kind cannot go into a team's queue; nothing for no team."""
    if not team or team in teams_for(kind):
        return []
    code, words = ("not_theirs", "This team may not do it") if team in rules.TEAMS else ("unknown", "No such team")
    return [Problem("team", code, words)]


async def check_assignee(session: AsyncSession, task: Task, person_id: UUID) -> tuple[Staff | None, list[Problem]]:
    """The person, and why the task cannot be theirs."""
    person = await queries.find_person(session, person_id)
    if person is None or person.is_disabled:
        return None, [Problem("assignee_id", "unknown", "There is nobody active with this id")]
    if not can_take(task, person):
        return person, [Problem("assignee_id", "not_theirs", f"{person.name} may not do this, or does not see it")]
    return person, []


def can_take(task: Task, person: Staff) -> bool:
    """Whether somebody's roles and scope allow them to do this task."""
    actor = as_actor(person)
    return may_work(kind_of(task.kind), actor) and queries.is_seen(task, actor)


async def place(session: AsyncSession, task: Task, actor: Actor) -> list[Problem]:
    """Copy market, branch and audience from the subject; the problems when the actor may not see it."""
    kind = kind_of(task.kind)
    task.audience = queries.personal(task.assignee_id) if kind.is_personal else kind.permission
    if task.subject_kind is None or task.subject_id is None:
        return []
    subject_kind = registry.record_kinds.get(task.subject_kind)
    found = await subject_kind.find(session, task.subject_id, actor) if subject_kind else None
    if subject_kind is None or found is None:
        return [Problem("subject_id", "unknown", "There is no such record that you may see")]
    if not kind.is_personal:
        task.audience = subject_kind.permission
    has_market = hasattr(found, "market")
    task.market = (getattr(found, "market", None) or "") if has_market else ANY
    task.branch = (subject_kind.branch_of(found) or "") if subject_kind.branch_of else ANY
    return []


def zone_of(market: str) -> str:
    """The zone in which a task's working time is counted: its market's, else head office's."""
    return MARKETS[market if market in MARKETS else HEAD_OFFICE].zone


def due_after(kind: TaskKind, market: str, start: datetime) -> datetime | None:
    """When a task of this kind is due that begins now."""
    if kind.sla is None:
        return None
    if kind.is_round_the_clock:
        return start + kind.sla
    country = market if market in MARKETS else HEAD_OFFICE
    holidays = public_holidays(country)

    def is_holiday(day: date) -> bool:
        return day in holidays

    return rules.working_time_after(start, kind.sla, zone_of(market), is_holiday)


async def tell_assignee(session: AsyncSession, task: Task, note: str, actor: Actor) -> None:
    """Tell whoever has a task now that somebody gave it to them."""
    if task.assignee_id is not None:
        await _tell(session, [task.assignee_id], ASSIGNED, f"{task.title} is yours", note, task, actor)


async def tell_overdue(session: AsyncSession, task: Task, actor: Actor) -> None:
    """Tell its holder and everybody of its team who may do it."""
    team = rules.TEAMS.get(task.team)
    members = {
        person.id
        for person in await queries.list_people(session)
        if team is not None and not team.roles.isdisjoint(person.roles) and can_take(task, person)
    }
    told = members | ({task.assignee_id} if task.assignee_id else set())
    await _tell(session, told, OVERDUE, f"Overdue: {task.title}", "", task, actor)


async def _tell(
    session: AsyncSession, people: Iterable[UUID], kind: NotificationKind, title: str, body: str, task: Task,
    actor: Actor,
) -> None:  # fmt: skip
    href = f"/tasks/{task.id}"
    about = (task.record_kind, task.id)
    await notify(session, people, kind.key, title=title, body=body, href=href, subject=about, actor=actor)
