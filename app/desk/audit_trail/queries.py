"""Reading the audit trail: of one record, and of everything."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.audit import AuditEntry
from app.core.listing import Filter, ListSpec
from app.core.read_pool import ReadPool
from app.core.reads import ListRead, Sort
from app.desk.audit_trail.schemas import AuditItem

NEWEST = 50
MOST_VALUES = 200

_e = AuditEntry.__table__  # type: ignore[attr-defined]  # pyright: ignore

SPEC = ListSpec(
    filters=(
        Filter("actor", "Who", "code"),
        Filter("kind", "Kind", "code"),
        Filter("action", "Action", "code"),
        Filter("record", "Record id", "text"),
        Filter("request", "Request id", "text"),
        Filter("at_after", "From", "day"),
        Filter("at_before", "To", "day"),
    ),
    sorts=("at",),
    default_sort="-at",
)


def _next_day(day: str | int) -> str:
    """The end of a day, which belongs to what is asked for."""
    return (date.fromisoformat(str(day)) + timedelta(days=1)).isoformat()


entries = ListRead(
    AuditItem,
    table=_e,
    columns={name: _e.c[name] for name in AuditItem.__struct_fields__},
    where={
        "actor": _e.c.actor_id,
        "kind": _e.c.subject_kind,
        "action": _e.c.action,
        "record": _e.c.subject_id,
        "request": _e.c.request_id,
        "at_after": _e.c.at >= bindparam("at_after_0"),
        "at_before": _e.c.at < bindparam("at_before_0"),
    },
    sorts={"at": Sort(_e.c.at, "ix_audit_entry_at")},
    scope={},
    indexes={
        frozenset({"actor", "sort:at"}): "ix_audit_entry_actor",
        frozenset({"kind", "sort:at"}): "ix_audit_entry_kind",
        frozenset({"action", "sort:at"}): "ix_audit_entry_action",
        frozenset({"kind", "record", "sort:at"}): "ix_audit_entry_subject",
    },
    prepare={"at_before": _next_day},
)


async def list_of_subject(session: AsyncSession, kind: str, subject_id: UUID, limit: int = NEWEST) -> list[AuditEntry]:
    """The newest entries of one record."""
    statement = (
        select(AuditEntry)
        .where(AuditEntry.subject_kind == kind, AuditEntry.subject_id == subject_id)  # pyright: ignore
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())  # pyright: ignore
        .limit(limit)
    )
    return list((await session.execute(statement)).scalars())


async def list_actors(reads: ReadPool) -> dict[str, str]:
    """Everybody who did something, by id with the name they had last; a loose scan of the index of actors."""
    rows = await reads.fetch(
        "SELECT who.actor_id, (SELECT e.actor_name FROM audit_entry e WHERE e.actor_id = who.actor_id"
        " ORDER BY e.at DESC, e.id DESC LIMIT 1) AS actor_name"
        " FROM (SELECT DISTINCT actor_id FROM audit_entry WHERE actor_id IS NOT NULL LIMIT %s) who ORDER BY 2",
        (MOST_VALUES,),
    )
    return {str(row[0]): row[1] for row in rows}


async def list_actions(reads: ReadPool) -> list[str]:
    """Every action that ever happened."""
    rows = await reads.fetch("SELECT DISTINCT action FROM audit_entry ORDER BY action LIMIT %s", (MOST_VALUES,))
    return [row[0] for row in rows]


async def list_kinds(reads: ReadPool) -> list[str]:
    """Every kind of record that something ever happened to."""
    rows = await reads.fetch(
        "SELECT DISTINCT subject_kind FROM audit_entry ORDER BY subject_kind LIMIT %s", (MOST_VALUES,)
    )
    return [row[0] for row in rows]
