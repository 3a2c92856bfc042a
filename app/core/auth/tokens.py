"""Access tokens of 15 minutes and refresh tokens that rotate; reuse revokes the family (RFC 9700, 4.14.2)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.auth.models import ApiToken
from app.core.auth.secrets import new_token, token_hash
from app.core.auth.staff import StaffFacts, StaffTable
from app.core.database_clock import database_time, read_database_time
from app.core.db import Database, run_in_unit
from app.core.errors import NotSignedIn
from app.core.read_pool import ReadPool
from app.kit.ids import new_id

ACCESS = timedelta(minutes=15)
REFRESH = timedelta(days=30)
GRACE = timedelta(seconds=30)
"""A client whose answer was lost may repeat the exchange this long."""

_LOOK_UP = """
SELECT family_id, {columns} FROM api_token {join}
WHERE token_hash = %s AND kind = 'access' AND revoked_at IS NULL AND expires_at > UTC_TIMESTAMP(6)
"""
_LIVE = """
SELECT DISTINCT family_id FROM api_token
WHERE kind = 'access' AND revoked_at IS NULL AND expires_at > UTC_TIMESTAMP(6) AND family_id IN ({places})
"""


@dataclass(frozen=True, slots=True)
class FoundToken:
    """Whose access token it is, and of which family."""

    family_id: str
    staff: StaffFacts | None
    """None once the account is disabled."""


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a client is given: both secrets once, and the access token's life in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int


async def find_access_token(reads: ReadPool, token: str, staff: StaffTable) -> FoundToken | None:
    """The live access token of this value."""
    rows = await reads.fetch(staff.joined(_LOOK_UP), (token_hash(token),))
    return FoundToken(str(rows[0][0]), staff.read(rows[0][1:])) if rows else None


async def find_live_families(reads: ReadPool, ids: Collection[str]) -> frozenset[str]:
    """Those of the families that have a live access token."""
    if not ids:
        return frozenset()
    rows = await reads.fetch(_LIVE.format(places=", ".join(["%s"] * len(ids))), tuple(ids))
    return frozenset(str(row[0]) for row in rows)


async def issue_tokens(session: AsyncSession, staff_id: UUID, *, family_id: UUID | None = None) -> TokenPair:
    """A new pair, of a new family unless one is continued."""
    access, refresh = new_token(), new_token()
    family, moment = family_id or new_id(), await read_database_time(session)
    for kind, secret, life in (("access", access, ACCESS), ("refresh", refresh, REFRESH)):
        session.add(
            ApiToken(
                family_id=family,
                kind=kind,
                token_hash=token_hash(secret),
                staff_id=staff_id,
                created_at=moment,
                expires_at=moment + life,
            )
        )
    await session.flush()
    return TokenPair(access, refresh, int(ACCESS.total_seconds()))


async def rotate_tokens(database: Database, refresh_token: str) -> TokenPair:
    """Exchange a refresh token. One used before revokes the whole family, unless within 30 s of its first use.

    Runs in transactions of its own: the revocation must survive the refusal. Raises NotSignedIn.
    """
    pair = await run_in_unit(database, lambda session: _rotate(session, refresh_token))
    if pair is None:
        raise NotSignedIn("The refresh token is not valid. Sign in again.")
    return pair


async def _rotate(session: AsyncSession, refresh_token: str) -> TokenPair | None:
    """The locked row decides between exchanges of one token at the same moment; None refuses, and is committed."""
    statement = select(ApiToken).where(
        col(ApiToken.token_hash) == token_hash(refresh_token), col(ApiToken.kind) == "refresh"
    )
    token = (await session.execute(statement.with_for_update())).scalar_one_or_none()
    if token is None:
        return None
    moment = await read_database_time(session)
    if token.revoked_at or token.expires_at <= moment:
        return None
    if token.used_at and token.used_at + GRACE < moment:
        await revoke_family(session, token.family_id)
        return None
    token.used_at = token.used_at or moment
    return await issue_tokens(session, token.staff_id, family_id=token.family_id)


async def revoke_family(session: AsyncSession, family_id: UUID) -> None:
    """End every token that grew from one sign-in."""
    await _revoke(session, col(ApiToken.family_id) == family_id)


async def revoke_tokens_of(session: AsyncSession, staff_id: UUID) -> None:
    """End every token of a person."""
    await _revoke(session, col(ApiToken.staff_id) == staff_id)


async def _revoke(session: AsyncSession, condition: ColumnElement[bool]) -> None:
    statement = update(ApiToken).where(condition, col(ApiToken.revoked_at).is_(None)).values(revoked_at=database_time())
    await session.execute(statement, execution_options={"synchronize_session": False})
