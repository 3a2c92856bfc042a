"""Server-side sessions: random, stored hashed, with idle and absolute expiry, listed and revocable."""

import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, func, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.auth.models import AuthSession
from app.core.auth.secrets import new_token, token_hash
from app.core.auth.staff import StaffFacts, StaffTable
from app.core.crypto import keyed_hash
from app.core.database_clock import database_time, read_database_time
from app.core.permissions import Role
from app.core.read_pool import ReadPool

IDLE = timedelta(minutes=60)
IDLE_OF_MONEY_ROLES = timedelta(minutes=15)
MONEY_ROLES = frozenset({Role.CREDIT_OFFICER, Role.CREDIT_MANAGER})
ABSOLUTE = timedelta(hours=12)
SEEN_EVERY_SECONDS = 60
MAX_LISTED = 100
MAX_BROWSER = 200

# The database's clock decides whether a session is alive: application servers may be wrong about the time.
_LOOK_UP = """
SELECT auth_session.id, TIMESTAMPDIFF(SECOND, last_seen_at, UTC_TIMESTAMP(6)), {columns} FROM auth_session {join}
WHERE token_hash = %s AND ended_at IS NULL AND expires_at > UTC_TIMESTAMP(6)
  AND last_seen_at > UTC_TIMESTAMP(6) - INTERVAL idle_seconds SECOND
"""
_LIVE = """
SELECT id FROM auth_session WHERE ended_at IS NULL AND expires_at > UTC_TIMESTAMP(6)
  AND last_seen_at > UTC_TIMESTAMP(6) - INTERVAL idle_seconds SECOND AND id IN ({places})
"""
_SEEN = "UPDATE auth_session SET last_seen_at = UTC_TIMESTAMP(6) WHERE id = %s"


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that is neither ended nor expired."""

    id: UUID
    staff: StaffFacts | None
    """Whose it is; None once the account is disabled."""


def idle_of_roles(roles: Sequence[str]) -> timedelta:
    """How long a session of these roles may rest."""
    return IDLE_OF_MONEY_ROLES if MONEY_ROLES.intersection(roles) else IDLE


async def find_session(
    reads: ReadPool, token: str, staff: StaffTable, *, is_activity: bool = True
) -> LiveSession | None:
    """The live session of a cookie's value; notes that it was seen, at most once a minute.

    What a page does by itself is no activity: it would keep a session alive that nobody uses.
    """
    rows = await reads.fetch(staff.joined(_LOOK_UP), (token_hash(token),))
    if not rows:
        return None
    session_id, unseen_seconds, *person = rows[0]
    if is_activity and unseen_seconds >= SEEN_EVERY_SECONDS:
        await reads.fetch(_SEEN, (session_id,))
    return LiveSession(UUID(str(session_id)), staff.read(tuple(person)))


async def find_live_sessions(reads: ReadPool, ids: Collection[str]) -> frozenset[str]:
    """Those of the sessions that are neither ended nor expired."""
    if not ids:
        return frozenset()
    rows = await reads.fetch(_LIVE.format(places=", ".join(["%s"] * len(ids))), tuple(ids))
    return frozenset(str(row[0]) for row in rows)


async def start_session(
    session: AsyncSession, staff_id: UUID, *, address: str, browser: str, idle: timedelta = IDLE
) -> tuple[str, AuthSession]:
    """A new session with an id that only the server chose; answers the cookie's value once."""
    token, moment = new_token(), await read_database_time(session)
    started = AuthSession(
        token_hash=token_hash(token),
        staff_id=staff_id,
        created_at=moment,
        last_seen_at=moment,
        idle_seconds=int(idle.total_seconds()),
        expires_at=moment + ABSOLUTE,
        address=address,
        browser=browser[:MAX_BROWSER],
    )
    session.add(started)
    await session.flush()
    return token, started


async def end_session(session: AsyncSession, session_id: UUID, *, staff_id: UUID | None = None) -> bool:
    """End one session, of the given person only when `staff_id` is given."""
    conditions = [col(AuthSession.id) == session_id]
    if staff_id:
        conditions.append(col(AuthSession.staff_id) == staff_id)
    return await _end(session, *conditions) > 0


async def end_sessions_of(session: AsyncSession, staff_id: UUID, *, keep: UUID | None = None) -> int:
    """End all sessions of a person, but the one to keep."""
    conditions = [col(AuthSession.staff_id) == staff_id]
    if keep:
        conditions.append(col(AuthSession.id) != keep)
    return await _end(session, *conditions)


async def _end(session: AsyncSession, *conditions: ColumnElement[bool]) -> int:
    statement = update(AuthSession).where(*conditions, col(AuthSession.ended_at).is_(None))
    result = await session.execute(
        statement.values(ended_at=database_time()), execution_options={"synchronize_session": False}
    )
    assert isinstance(result, CursorResult)
    return result.rowcount


async def list_sessions(session: AsyncSession, staff_id: UUID) -> list[AuthSession]:
    """The live sessions of a person, the last seen first."""
    moment = database_time()
    rested = func.timestampdiff(literal_column("SECOND"), col(AuthSession.last_seen_at), moment)
    statement = (
        select(AuthSession)
        .where(
            col(AuthSession.staff_id) == staff_id,
            col(AuthSession.ended_at).is_(None),
            col(AuthSession.expires_at) > moment,
            rested < col(AuthSession.idle_seconds),
        )
        .order_by(col(AuthSession.last_seen_at).desc())
        .limit(MAX_LISTED)
    )
    return list((await session.execute(statement)).scalars())


def csrf_token(key: bytes, bound_to: str) -> str:
    """The token of one session (or of one visitor before sign-in), derived, so that nothing is stored."""
    return keyed_hash(key, bound_to)


def is_csrf_token(keys: Sequence[bytes], bound_to: str, sent: str) -> bool:
    """Whether one of the keys made the token for this session; compared in constant time."""
    return any(hmac.compare_digest(sent.encode(), csrf_token(key, bound_to).encode()) for key in keys)
