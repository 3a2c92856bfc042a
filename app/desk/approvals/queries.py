"""Reading approvals."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Boolean, ColumnElement, and_, bindparam, func, literal_column, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.actor import Actor
from app.core.area import DataCheck
from app.core.database_clock import database_time
from app.core.errors import NotFound
from app.core.listing import Filter, ListSpec
from app.core.read_pool import ReadPool
from app.core.reads import ListRead, Query, Sort, scope_sql
from app.desk.approvals.models import Approval
from app.desk.approvals.rules import DECIDED, UNMET, ApprovalState
from app.desk.approvals.schemas import STATE_WORDS, ApprovalItem

QUEUES = (("waiting", "Waiting for me"), ("mine", "My requests"), ("decided", "Decided"))
NOBODY = "00000000-0000-0000-0000-000000000000"
MOST_BESIDE = 20
MOST_WAITING = 10
MOST_SCOPES = 500

_a = Approval.__table__  # type: ignore[attr-defined]  # pyright: ignore


def _is_no_party(decider: BindParameter[UUID]) -> ColumnElement[bool]:
    """Neither who asked nor whom it is about."""
    return and_(or_(_a.c.maker_id.is_(None), _a.c.maker_id != decider), _a.c.subject_id != decider)


SPEC = ListSpec(
    filters=(
        Filter("queue", "Queue", "choice", QUEUES, is_offered=False),
        Filter("state", "State", "choice", tuple(STATE_WORDS.items()), facet="state"),
        Filter("kind", "Kind", "code", facet="type"),
        Filter("maker", "Asked by", "id", facet="maker"),
        Filter("subject", "Record id", "id", is_offered=False),
    ),
    sorts=("created_at", "expires_at"),
    default_sort="-created_at",
)

approvals = ListRead(
    ApprovalItem,
    table=_a,
    columns={
        **{name: _a.c[name] for name in ("id", "reference", "kind", "state")},
        **{name: _a.c[name] for name in ("subject_kind", "subject_id", "subject_title")},
        "amount": _a.c.amount_minor,
        "amount_currency": _a.c.amount_currency,
        **{name: _a.c[name] for name in ("why", "maker_id", "maker_name", "approver_id", "approver_name", "note")},
        **{name: _a.c[name] for name in ("digest", "changes", "expires_at", "closed_at")},
        **{name: _a.c[name] for name in ("version", "created_at", "updated_at")},
    },
    where={
        **{name: _a.c[name] for name in ("state", "kind", "seen_with", "decided_with")},
        "maker": _a.c.maker_id,
        "subject": _a.c.subject_id,
        "is_decided": literal_column("approval.state <> 'pending'", Boolean),
        "decider": _is_no_party(bindparam("decider_0", type_=_a.c.maker_id.type)),
    },
    # Ids are ordered by the moment they were made.
    sorts={"created_at": Sort(_a.c.id, "PRIMARY"), "expires_at": Sort(_a.c.expires_at)},
    scope={"market": _a.c.market, "branch": _a.c.branch_code},
    indexes={
        frozenset({"seen_with", "sort:created_at"}): "PRIMARY",
        frozenset({"seen_with", "is_decided", "sort:created_at"}): "PRIMARY",
        frozenset({"seen_with", "state", "sort:created_at"}): "ix_approval_state",
        frozenset({"seen_with", "maker", "sort:created_at"}): "ix_approval_maker",
        frozenset({"seen_with", "state", "decided_with", "decider", "sort:created_at"}): "ix_approval_state",
        frozenset({"seen_with", "state", "decided_with", "decider", "sort:expires_at"}): "ix_approval_expires_at",
    },
)


def narrowed(query: Query, actor: Actor) -> Query:
    """The query as it concerns this person: what they may see, and of a queue what is theirs."""
    filters: dict[str, Sequence[str | int]] = dict(query.filters)
    queues = filters.pop("queue", ())
    filters["seen_with"] = sorted(actor.permissions) or [NOBODY]
    for queue in queues:
        filters |= of_queue(str(queue), actor)
    return replace(query, filters=filters)


def found_by_text(query: Query, actor: Actor, decided: Mapping[str, str]) -> Query:
    """The query as the search engine understands it; `decided` is by kind the permission that decides about it.

    Of a queue it knows the state, the kinds and the maker; one's own requests are among those that wait.
    """
    filters: dict[str, Sequence[str | int]] = dict(query.filters)
    for queue in filters.pop("queue", ()):
        match queue:
            case "waiting":
                filters["state"] = [ApprovalState.PENDING.value]
                filters["kind"] = sorted(kind for kind, needs in decided.items() if actor.may(needs)) or [NOBODY]
            case "mine":
                filters["maker"] = [str(actor.id or NOBODY)]
            case _:
                filters.setdefault("state", [state.value for state in DECIDED])
    return replace(query, filters=filters)


def of_queue(queue: str, actor: Actor) -> dict[str, Sequence[str | int]]:
    """What a queue means: waiting for me, my own, or decided."""
    own = [str(actor.id or NOBODY)]
    match queue:
        case "waiting":
            decides = sorted(actor.permissions) or [NOBODY]
            return {"state": [ApprovalState.PENDING.value], "decided_with": decides, "decider": own}
        case "mine":
            return {"maker": own}
        case _:
            return {"is_decided": [1]}


def is_seen(approval: Approval, actor: Actor) -> bool:
    """Whether somebody may see it: the kind of record that it is about, within their scope."""
    return actor.may(approval.seen_with) and actor.sees(market=approval.market, branch=approval.branch_code)


async def find_approval(session: AsyncSession, approval_id: UUID, actor: Actor) -> Approval | None:
    """The approval, when the actor may see it."""
    found = await session.get(Approval, approval_id)
    return found if found is not None and is_seen(found, actor) else None


async def get_approval(session: AsyncSession, approval_id: UUID, actor: Actor) -> Approval:
    """Raises NotFound when there is none in the actor's sight."""
    found = await find_approval(session, approval_id, actor)
    if found is None:
        raise NotFound
    return found


async def lock_approval(session: AsyncSession, approval_id: UUID) -> Approval:
    """The row as it is now, locked until the end of the transaction. Raises NotFound.

    A select, since `get` refuses a row that was read in this session before and has another version now.
    """
    statement = select(Approval).where(col(Approval.id) == approval_id).with_for_update()
    found = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


async def lock_pending_about(session: AsyncSession, subject_kind: str, subject_id: UUID) -> list[Approval]:
    """What waits about a record, locked."""
    statement = (
        select(Approval)
        .where(
            col(Approval.subject_kind) == subject_kind,
            col(Approval.subject_id) == subject_id,
            col(Approval.state) == ApprovalState.PENDING,
        )
        .order_by(col(Approval.id))
        .limit(MOST_BESIDE)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list((await session.execute(statement)).scalars())


async def list_pending_about(session: AsyncSession, subject_kind: str, subject_id: UUID) -> list[Approval]:
    """What waits about a record, the oldest first."""
    statement = (
        select(Approval)
        .where(
            col(Approval.subject_kind) == subject_kind,
            col(Approval.subject_id) == subject_id,
            col(Approval.state) == ApprovalState.PENDING,
        )
        .order_by(col(Approval.id))
        .limit(MOST_BESIDE)
    )
    return list((await session.execute(statement)).scalars())


async def find_ended_about(session: AsyncSession, subject_kind: str, subject_id: UUID) -> Approval | None:
    """What was asked about a record last and ended without consent."""
    statement = (
        select(Approval)
        .where(
            col(Approval.subject_kind) == subject_kind,
            col(Approval.subject_id) == subject_id,
            col(Approval.state).in_(UNMET),
        )
        .order_by(col(Approval.id).desc())
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def has_reference(session: AsyncSession, reference: str) -> bool:
    statement = select(col(Approval.id)).where(col(Approval.reference) == reference)
    return (await session.execute(statement)).first() is not None


async def list_expired(session: AsyncSession, limit: int) -> list[UUID]:
    """Requests whose time is over by the database's clock."""
    statement = (
        select(col(Approval.id))
        .where(col(Approval.state) == ApprovalState.PENDING, col(Approval.expires_at) <= database_time())
        .order_by(col(Approval.expires_at))
        .limit(limit)
    )
    return list((await session.execute(statement)).scalars())


CHECKS = (
    DataCheck(
        "I13",
        "Approvals decided by nobody, by who asked, or by whom they are about",
        "SELECT id FROM approval WHERE state IN ('approved', 'executed', 'failed', 'rejected') AND "
        "(approver_id IS NULL OR approver_id <=> maker_id OR approver_id = subject_id)",
    ),
    DataCheck(
        "I13",
        "Approvals left between consent and deed",
        "SELECT id FROM approval WHERE state = 'approved'",
    ),
    DataCheck(
        "I13",
        "Executed approvals that were not executed exactly once, or whose effect is not in the audit trail",
        "SELECT a.id FROM approval a WHERE a.state = 'executed' AND (1 <> (SELECT COUNT(*) FROM audit_entry e "
        "WHERE e.subject_kind = 'approval' AND e.subject_id = a.id AND e.action = 'approval.executed') OR 0 = "
        "(SELECT COUNT(*) FROM audit_entry e WHERE e.subject_kind = a.subject_kind AND e.subject_id = a.subject_id "
        "AND JSON_VALUE(e.facts, '$.approval') = a.reference))",
    ),
)


async def list_makers(reads: ReadPool) -> dict[str, str]:
    """Everybody who asked for something, by id; a loose scan of the index of makers."""
    rows = await reads.fetch(
        "SELECT who.maker_id, (SELECT a.maker_name FROM approval a WHERE a.maker_id = who.maker_id"
        " ORDER BY a.id DESC LIMIT 1) AS maker_name"
        " FROM (SELECT DISTINCT maker_id FROM approval WHERE maker_id IS NOT NULL LIMIT 200) who ORDER BY 2"
    )
    return {str(row[0]): row[1] for row in rows}


async def count_waiting(reads: ReadPool, actor: Actor) -> int:
    """How many requests this person may decide."""
    return await approvals.count(reads, narrowed(Query({"queue": ["waiting"]}, ""), actor), actor)


async def list_waiting(reads: ReadPool, actor: Actor, limit: int = MOST_WAITING) -> list[ApprovalItem]:
    """The first requests that this person may decide, those that expire soonest first."""
    scope, values = scope_sql(actor, market="market", branch="branch_code")
    permissions = sorted(actor.permissions) or [NOBODY]
    places = ", ".join(["%s"] * len(permissions))
    sql = (
        "SELECT id FROM approval FORCE INDEX (ix_approval_expires_at) WHERE state = 'pending'"  # noqa: S608
        f" AND decided_with IN ({places}) AND seen_with IN ({places})"
        f" AND NOT maker_id <=> %s AND subject_id <> %s{scope}"
        f" ORDER BY expires_at LIMIT {int(limit)}"
    )
    rows = await reads.fetch(sql, [*permissions, *permissions, str(actor.id), str(actor.id), *values])
    return await approvals.by_ids(reads, [str(row[0]) for row in rows], actor)


async def list_seen(reads: ReadPool, ids: Sequence[str], actor: Actor) -> list[ApprovalItem]:
    """The approvals of these ids that the actor may see, in the order of the ids."""
    permissions = sorted(actor.permissions)
    if not ids or not permissions:
        return []
    sql = (
        f"SELECT id FROM approval WHERE id IN ({', '.join(['%s'] * len(ids))})"  # noqa: S608
        f" AND seen_with IN ({', '.join(['%s'] * len(permissions))})"
    )
    seen = {str(row[0]) for row in await reads.fetch(sql, [*ids, *permissions])}
    return await approvals.by_ids(reads, [key for key in ids if key in seen], actor)


async def represent(reads: ReadPool, ids: Sequence[str], actor: Actor) -> dict[str, ApprovalItem]:
    """Approvals as the API shows them, by id, of those the actor may see."""
    return {item.id: item for item in await list_seen(reads, ids, actor)}


async def find_simply(reads: ReadPool, text: str, actor: Actor, limit: int) -> list[tuple[str, str, str, str]]:
    """Approvals by the beginning of their reference, while the search engine is away."""
    typed = "".join(mark for mark in text.upper() if mark.isascii() and (mark.isalnum() or mark == "-"))
    permissions = sorted(actor.permissions)
    if not typed or not permissions:
        return []
    scope, values = scope_sql(actor, market="market", branch="branch_code")
    places = ", ".join(["%s"] * len(permissions))
    sql = (
        f"SELECT id, reference, subject_title, state FROM approval WHERE reference LIKE %s{scope}"  # noqa: S608
        f" AND seen_with IN ({places}) ORDER BY reference LIMIT {int(limit)}"
    )
    rows = await reads.fetch(sql, [f"{typed}%", *values, *permissions])
    return [(str(row[0]), row[1], row[2], STATE_WORDS[row[3]]) for row in rows]


async def list_rows(reads: ReadPool, ids: Sequence[str]) -> list[tuple[Any, ...]]:
    """What a search document is made of."""
    places = ", ".join(["%s"] * len(ids))
    sql = (
        "SELECT id, version, reference, kind, state, seen_with, market, branch_code, subject_title, maker_id,"  # noqa: S608
        f" maker_name, COALESCE(approver_name, ''), updated_at FROM approval WHERE id IN ({places})"
    )
    return await reads.fetch(sql, list(ids))


async def list_asked_between(
    session: AsyncSession, maker_id: UUID, since: datetime, until: datetime
) -> list[tuple[Approval, int]]:
    """What somebody asked for in a stretch of time and still waits: one of each scope and permission, and how many."""
    scope = (col(Approval.decided_with), col(Approval.market), col(Approval.branch_code))
    groups = (
        select(func.min(col(Approval.id)), func.count())
        .where(
            col(Approval.maker_id) == maker_id,
            col(Approval.state) == ApprovalState.PENDING,
            col(Approval.created_at) >= since,
            col(Approval.created_at) < until,
        )
        .group_by(*scope)
        .limit(MOST_SCOPES)
    )
    counts = {row[0]: int(row[1]) for row in await session.execute(groups)}
    found = await session.execute(select(Approval).where(col(Approval.id).in_(counts)).order_by(col(Approval.id)))
    return [(approval, counts[approval.id]) for approval in found.scalars()]


async def list_deciders(session: AsyncSession, approval: Approval, roles: Sequence[str]) -> list[UUID]:
    """Those who hold one of these roles and see the subject; staff belong to a feature above, only ids are read here.

    Nobody is among them who asked for it or whom it is about.
    """
    holds = " OR ".join(f"JSON_CONTAINS(roles, JSON_QUOTE(:role_{place}))" for place in range(len(roles)))
    statement = text(
        f"SELECT id FROM staff WHERE is_disabled = 0 AND ({holds}) AND NOT id <=> :maker AND id <> :subject"  # noqa: S608
        " AND (markets IS NULL OR JSON_CONTAINS(markets, JSON_QUOTE(COALESCE(:market, ''))))"
        " AND (branches IS NULL OR JSON_CONTAINS(branches, JSON_QUOTE(COALESCE(:branch, '')))) ORDER BY id LIMIT 200"
    )
    values = {
        "maker": str(approval.maker_id) if approval.maker_id else None,
        "subject": str(approval.subject_id),
        "market": approval.market,
        "branch": approval.branch_code,
    }
    rows = await session.execute(statement, values | {f"role_{place}": role for place, role in enumerate(roles)})
    return [UUID(str(row[0])) for row in rows]
