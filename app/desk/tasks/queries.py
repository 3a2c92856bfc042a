"""Reading tasks: what a person may see is decided by market, branch and audience, copied from the subject."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core import registry
from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.listing import Filter, ListSpec
from app.core.read_pool import ReadPool
from app.core.reads import COUNT_CAP, ListRead, Query, Sort, ascii_text, scope_sql
from app.desk.staff.models import Staff
from app.desk.tasks.models import ANY, Task
from app.desk.tasks.rules import SOON, TaskState, teams_of
from app.desk.tasks.schemas import PRIORITY_WORDS, STATE_WORDS, TEAM_WORDS, TaskItem
from app.kit.ids import normalise_reference

MOST_PEOPLE = 1_000
MOST_PRESSING = 10
YES = (("yes", "yes"),)

_t = Task.__table__  # type: ignore[attr-defined]  # pyright: ignore
_s = Staff.__table__.alias("assignee")  # type: ignore[attr-defined]  # pyright: ignore
_NOW = literal_column("UTC_TIMESTAMP(6)")
_OVER = _t.c.due_at < _NOW
_AWAKE = and_(_t.c.is_live == literal_column("1"), or_(_t.c.snoozed_until.is_(None), _t.c.snoozed_until <= _NOW))

SPEC = ListSpec(
    filters=(
        Filter("active", "To be done", "choice", YES, facet="active", is_offered=False),
        Filter("overdue", "Overdue", "choice", YES, facet="overdue", is_offered=False),
        Filter("unassigned", "Unassigned", "choice", YES, facet="unassigned", is_offered=False),
        Filter("snoozed", "Snoozed", "choice", YES, facet="snoozed", is_offered=False),
        Filter("state", "State", "choice", tuple(STATE_WORDS.items()), facet="state"),
        Filter("priority", "Priority", "choice", tuple(PRIORITY_WORDS.items()), facet="priority"),
        Filter("team", "Team", "choice", tuple(TEAM_WORDS.items()), facet="team"),
        Filter("kind", "Kind", "code", facet="task_kind"),
        Filter("assignee", "Assignee", "id", facet="assignee"),
        Filter("subject_kind", "About", "code", is_offered=False),
        Filter("subject_id", "About the record", "id", is_offered=False),
        Filter("due_after", "Due from", "moment", search_field="due_at"),
        Filter("due_before", "Due before", "moment", search_field="due_at"),
        Filter("updated_after", "Changed after", "moment", search_field="updated_at"),
    ),
    sorts=("urgency", "due_at", "created_at", "closed_at"),
    default_sort="urgency",
)

tasks = ListRead(
    TaskItem,
    table=_t,
    columns={
        **{name: _t.c[name] for name in ("id", "reference", "kind", "title", "details", "subject_kind", "subject_id")},
        **{name: _t.c[name] for name in ("market", "team", "assignee_id")},
        "assignee_name": _s.c.name,
        **{name: _t.c[name] for name in ("state", "priority", "due_at", "snoozed_until", "started_at", "outcome")},
        **{name: _t.c[name] for name in ("closing_note", "closed_at", "version", "created_at", "updated_at")},
    },
    joins=lambda page: page.outerjoin(_s, _s.c.id == _t.c.assignee_id),
    where={
        "active": _AWAKE,
        "overdue": and_(_t.c.is_live == literal_column("1"), _OVER),
        "unassigned": _t.c.assignee_id.is_(None),
        "snoozed": and_(_t.c.state == literal_column("'snoozed'"), _t.c.snoozed_until > _NOW),
        **{name: _t.c[name] for name in ("state", "priority", "team", "kind", "subject_kind", "subject_id")},
        "assignee": _t.c.assignee_id,
        "due_after": _t.c.due_at >= bindparam("due_after_0"),
        "due_before": _t.c.due_at < bindparam("due_before_0"),
        "updated_after": _t.c.updated_at > bindparam("updated_after_0"),
    },
    sorts={
        "urgency": Sort(_t.c.urgency, "ix_task_urgency"),
        "due_at": Sort(_t.c.due_at, "ix_task_due_at"),
        "created_at": Sort(_t.c.created_at, "ix_task_created"),
        "closed_at": Sort(_t.c.closed_at),
    },
    scope={"market": _t.c.market, "branch": _t.c.branch, "permission": _t.c.audience},
    indexes={
        frozenset({"active", "sort:urgency"}): "ix_task_queue",
        frozenset({"active", "team", "sort:urgency"}): "ix_task_queue",
        frozenset({"active", "unassigned", "sort:urgency"}): "ix_task_queue",
        frozenset({"active", "team", "unassigned", "sort:urgency"}): "ix_task_queue",
        frozenset({"active", "assignee", "sort:urgency"}): "ix_task_assignee",
        frozenset({"active", "overdue", "sort:urgency"}): "ix_task_queue",
        frozenset({"state", "sort:closed_at"}): "ix_task_state",
    },
)


def reader_of(actor: Actor) -> Actor:
    """The actor as lists of tasks scope it: with what belongs to no market or branch, and with the audiences."""
    kinds = (*registry.record_kinds.values(), *registry.task_kinds.values())
    audiences = frozenset(kind.permission for kind in kinds if actor.may(kind.permission)) | {personal(actor.id)}
    return replace(
        actor,
        markets=None if actor.markets is None else actor.markets | {ANY},
        branches=None if actor.branches is None else actor.branches | {ANY},
        permissions=audiences,
    )


def personal(person_id: UUID | None) -> str:
    """The audience of one person."""
    return f"person:{person_id}"


def is_seen(task: Task, actor: Actor) -> bool:
    """Whether the task is within what the actor's lists show."""
    reader = reader_of(actor)
    in_audience = actor.kind == "system" or task.audience in reader.permissions
    return in_audience and reader.sees(market=task.market, branch=task.branch)


async def find_task(session: AsyncSession, task_id: UUID, actor: Actor) -> Task | None:
    """The task, when the actor may see it and its subject."""
    found = await session.get(Task, task_id)
    return found if found is not None and await _is_visible(session, found, actor) else None


async def get_task(session: AsyncSession, task_id: UUID, actor: Actor) -> Task:
    """Raises NotFound when there is none that the actor may see."""
    found = await find_task(session, task_id, actor)
    if found is None:
        raise NotFound
    return found


async def lock_task(session: AsyncSession, task_id: UUID, actor: Actor) -> Task:
    """As `get_task`, locked until the end of the transaction."""
    found = await session.get(Task, task_id, with_for_update=True, populate_existing=True)
    if found is None or not await _is_visible(session, found, actor):
        raise NotFound
    return found


async def _is_visible(session: AsyncSession, task: Task, actor: Actor) -> bool:
    if not is_seen(task, actor):
        return False
    kind = registry.record_kinds.get(task.subject_kind or "")
    if kind is None or task.subject_id is None or actor.kind == "system":
        return True
    return await kind.find(session, task.subject_id, actor) is not None


async def find_live(session: AsyncSession, unique_key: str) -> Task | None:
    """The unfinished task of a key."""
    statement = select(Task).where(col(Task.live_key) == unique_key)
    return (await session.execute(statement)).scalar_one_or_none()


async def has_reference(session: AsyncSession, reference: str) -> bool:
    """Whether a reference is taken."""
    return (await session.execute(select(_t.c.id).where(_t.c.reference == reference))).first() is not None


async def has_key(session: AsyncSession, subject: tuple[str, UUID], unique_key: str) -> bool:
    """Whether a task about a record ever had this key."""
    statement = select(_t.c.id).where(
        _t.c.subject_kind == subject[0], _t.c.subject_id == subject[1], _t.c.unique_key == unique_key
    )
    return (await session.execute(statement.limit(1))).first() is not None


async def list_open_about(session: AsyncSession, subject: tuple[str, UUID], limit: int) -> list[Task]:
    """The unfinished tasks about a record, the most urgent first."""
    statement = select(Task).where(
        _t.c.subject_kind == subject[0], _t.c.subject_id == subject[1], _t.c.is_live == literal_column("1")
    )
    return list((await session.execute(statement.order_by(_t.c.urgency, _t.c.id).limit(limit))).scalars())


async def count_mine(reads: ReadPool, actor: Actor, limit: int) -> tuple[int, int]:
    """How many tasks a person holds that are awake, and how many of these are overdue; each counted up to a limit."""
    held = "SELECT 1 FROM task WHERE assignee_id = %s AND is_live = 1 AND (snoozed_until IS NULL OR snoozed_until <= UTC_TIMESTAMP(6))"  # noqa: E501
    rows = await reads.fetch(
        f"SELECT (SELECT COUNT(*) FROM ({held} LIMIT {int(limit)}) mine),"  # noqa: S608
        f" (SELECT COUNT(*) FROM ({held} AND due_at < UTC_TIMESTAMP(6) LIMIT {int(limit)}) late)",
        (str(actor.id), str(actor.id)),
    )
    return int(rows[0][0]), int(rows[0][1])


async def count_home(reads: ReadPool, actor: Actor) -> tuple[int, int, int]:
    """The home page's numbers: held, held and overdue, and overdue in all that the person sees of their teams."""
    mine, late = await count_mine(reads, actor, COUNT_CAP)
    query = Query({"active": ["yes"], "overdue": ["yes"], "team": teams_of(actor.roles)}, "urgency")
    return mine, late, await tasks.count(reads, query, reader_of(actor)) if teams_of(actor.roles) else 0


async def list_pressing(reads: ReadPool, actor: Actor) -> list[tuple[Any, ...]]:
    """A person's tasks that are overdue or due within hours: id, reference, title, due time."""
    return await reads.fetch(
        "SELECT id, reference, title, due_at FROM task WHERE assignee_id = %s AND is_live = 1 AND due_at < "  # noqa: S608
        "UTC_TIMESTAMP(6) + INTERVAL %s SECOND AND (snoozed_until IS NULL OR snoozed_until <= UTC_TIMESTAMP(6)) "
        f"ORDER BY due_at LIMIT {MOST_PRESSING}",
        (str(actor.id), int(SOON.total_seconds())),
    )


async def list_about(session: AsyncSession, subject: tuple[str, UUID], kind: str = "") -> list[UUID]:
    """Unfinished tasks about a record, the most urgent first; of one kind when it is named."""
    statement = select(_t.c.id).where(
        _t.c.subject_kind == subject[0], _t.c.subject_id == subject[1], _t.c.is_live == literal_column("1")
    )
    if kind:
        statement = statement.where(_t.c.kind == kind)
    return list((await session.execute(statement.order_by(_t.c.urgency, _t.c.id).limit(100))).scalars())


async def list_candidates(
    session: AsyncSession, teams: Sequence[str], kinds: Sequence[str], actor: Actor, limit: int
) -> list[UUID]:
    """Tasks that this person could take now, the most urgent first: assigned and not begun, or in their queues.

    One branch per team, each in the order of its index; nothing is locked.
    """
    reader = reader_of(actor)
    columns = (_t.c.id, _t.c.urgency)
    own = select(*columns).where(
        _t.c.assignee_id == actor.id, _t.c.state == TaskState.IN_PROGRESS, _t.c.started_at.is_(None)
    )
    found: list[tuple[int, UUID]] = []
    queues = [select(*columns).where(_t.c.team == team, _t.c.state == TaskState.OPEN) for team in teams]
    for statement in (own, *queues):
        scoped = statement.where(_t.c.audience.in_(reader.permissions), _t.c.kind.in_(kinds))
        for name, column in (("market", _t.c.market), ("branch", _t.c.branch)):
            if (allowed := reader.scope(name)) is not None:
                scoped = scoped.where(column.in_(allowed))
        rows = await session.execute(scoped.order_by(_t.c.urgency, _t.c.id).limit(limit))
        found += [(row[1], row[0]) for row in rows]
    return [key for _, key in sorted(found)][:limit]


async def lock_if_free(session: AsyncSession, task_id: UUID) -> Task | None:
    """The task, locked, unless somebody else holds its lock at this moment."""
    statement = select(Task).where(col(Task.id) == task_id).with_for_update(skip_locked=True)
    return (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()


async def list_to_wake(session: AsyncSession, now: datetime, limit: int) -> list[UUID]:
    """Snoozed tasks whose moment has come."""
    statement = select(_t.c.id).where(_t.c.state == TaskState.SNOOZED, _t.c.snoozed_until <= now)
    return list((await session.execute(statement.order_by(_t.c.snoozed_until).limit(limit))).scalars())


async def list_breached(session: AsyncSession, now: datetime, limit: int) -> list[UUID]:
    """Unfinished tasks whose due time has passed and was not escalated."""
    statement = select(_t.c.id).where(
        _t.c.is_live == literal_column("1"), _t.c.overdue_since.is_(None), _t.c.due_at <= now
    )
    return list((await session.execute(statement.order_by(_t.c.due_at).limit(limit))).scalars())


async def find_person(session: AsyncSession, person_id: UUID | None) -> Staff | None:
    """A member of staff."""
    return await session.get(Staff, person_id) if person_id else None


async def list_people(session: AsyncSession) -> list[Staff]:
    """Everybody who can sign in, by name."""
    statement = select(Staff).where(col(Staff.is_disabled).is_(False)).order_by(col(Staff.name)).limit(MOST_PEOPLE)
    return list((await session.execute(statement)).scalars())


async def find_simply(reads: ReadPool, text: str, actor: Actor, limit: int) -> list[tuple[str, str, str, str]]:
    """Tasks by the beginning of reference or title, while the search engine is away."""
    typed = text.replace("%", "").replace("_", "").strip()
    if not typed:
        return []
    scope, values = scope_sql(reader_of(actor), market="market", branch="branch", permission="audience")
    sql = (
        "SELECT t.id, t.reference, t.title, t.state FROM ("  # noqa: S608
        f"(SELECT id FROM task WHERE reference LIKE %s{scope} LIMIT {int(limit)}) UNION "
        f"(SELECT id FROM task WHERE is_live = 1 AND title LIKE %s{scope} LIMIT {int(limit)})) found "
        f"JOIN task t ON t.id = found.id LIMIT {int(limit)}"
    )
    reference = normalise_reference(typed, "TK") or "".join(typed.split()).upper()
    parameters = [ascii_text(f"{reference}%"), *values, f"{typed}%", *values]
    return [(str(row[0]), row[1], row[2], STATE_WORDS[row[3]]) for row in await reads.fetch(sql, parameters)]


async def represent(reads: ReadPool, ids: Sequence[str], actor: Actor) -> dict[str, TaskItem]:
    """Tasks as the API shows them, by id, of those the actor may see."""
    return {item.id: item for item in await tasks.by_ids(reads, ids, reader_of(actor))}


async def list_rows(reads: ReadPool, ids: Sequence[str]) -> list[tuple[Any, ...]]:
    """What a search document is made of."""
    places = ", ".join(["%s"] * len(ids))
    sql = (
        "SELECT t.id, t.version, t.reference, t.kind, t.title, t.details, t.market, t.branch, t.audience, t.team, "  # noqa: S608
        "t.state, t.priority, t.due_at, t.overdue_since, t.assignee_id, s.name, t.updated_at "
        f"FROM task t LEFT JOIN staff s ON s.id = t.assignee_id WHERE t.id IN ({places})"
    )
    return await reads.fetch(sql, list(ids))
