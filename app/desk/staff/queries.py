"""Reading members of staff."""

from dataclasses import dataclass
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.audit import AuditEntry
from app.core.auth.staff import StaffFacts
from app.core.errors import NotFound
from app.core.read_pool import ReadPool
from app.desk.staff.models import Staff

MAX_ENTRIES = 100
MAX_ADMINS = 1_000
MAX_STAFF = 1_000

_FACTS = "SELECT id, name, email, roles, markets, branches FROM staff WHERE id = %s AND is_disabled = 0"
_CREDENTIALS = "SELECT id, password_hash, is_disabled FROM staff WHERE email = %s"
# Branches belong to an area above this one; staff are given scopes by code, and only the names are read here.
_BRANCHES = "SELECT code, name, market FROM location WHERE is_active = 1 ORDER BY market, code LIMIT 2000"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a password is judged against."""

    staff_id: UUID
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class Branch:
    """A place that a scope can name."""

    code: str
    name: str
    market: str


async def find_facts(reads: ReadPool, staff_id: str) -> StaffFacts | None:
    """What a session needs to know; None when disabled or gone."""
    rows = await reads.fetch(_FACTS, (staff_id,))
    if not rows:
        return None
    found, name, email, roles, markets, branches = rows[0]
    return StaffFacts(str(found), name, email, tuple(msgspec.json.decode(roles)), _scope(markets), _scope(branches))


def _scope(value: str | None) -> frozenset[str] | None:
    decoded = msgspec.json.decode(value) if value is not None else None
    return None if decoded is None else frozenset(decoded)


async def find_credentials(reads: ReadPool, email: str) -> Credentials | None:
    """The stored hash of an account that may sign in; no connection is held while it is compared."""
    rows = await reads.fetch(_CREDENTIALS, (email.strip().lower(),))
    if not rows or rows[0][2]:
        return None
    return Credentials(UUID(str(rows[0][0])), rows[0][1])


async def find_by_email(session: AsyncSession, email: str) -> Staff | None:
    """The person of this address, whatever its case."""
    statement = select(Staff).where(col(Staff.email) == email.strip().lower())
    return (await session.execute(statement)).scalar_one_or_none()


async def find_staff(session: AsyncSession, staff_id: UUID) -> Staff | None:
    """The person of this id, or None."""
    return await session.get(Staff, staff_id)


async def get_staff(session: AsyncSession, staff_id: UUID) -> Staff:
    """Raises NotFound."""
    found = await session.get(Staff, staff_id)
    if found is None:
        raise NotFound
    return found


async def lock_staff(session: AsyncSession, staff_id: UUID) -> Staff:
    """The row, locked until the end of the transaction. Raises NotFound."""
    found = await session.get(Staff, staff_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    return found


async def lock_active_admins(session: AsyncSession) -> list[UUID]:
    """The administrators who can sign in, locked in one order, so that two of them cannot remove each other at once."""
    statement = (
        select(col(Staff.id))
        .where(
            func.json_contains(col(Staff.roles), '"admin"') == 1,
            col(Staff.is_disabled).is_(False),
            col(Staff.password_hash).isnot(None),
        )
        .order_by(col(Staff.id))
        .limit(MAX_ADMINS)
        .with_for_update()
    )
    return list((await session.execute(statement)).scalars())


async def list_all_staff(session: AsyncSession) -> list[Staff]:
    """Everybody by address, for the command line."""
    return list((await session.execute(select(Staff).order_by(col(Staff.email)).limit(MAX_STAFF))).scalars())


async def list_entries(session: AsyncSession, staff_id: UUID) -> list[AuditEntry]:
    """What happened to a person's account, the latest first."""
    statement = (
        select(AuditEntry)
        .where(col(AuditEntry.subject_kind) == Staff.record_kind, col(AuditEntry.subject_id) == staff_id)
        .order_by(col(AuditEntry.at).desc(), col(AuditEntry.id).desc())
        .limit(MAX_ENTRIES)
    )
    return list((await session.execute(statement)).scalars())


async def list_branches(reads: ReadPool) -> list[Branch]:
    """The branches that a scope can name, by market."""
    return [Branch(*row) for row in await reads.fetch(_BRANCHES)]
