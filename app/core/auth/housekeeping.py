"""Forgetting what no longer decides anything: old attempts, sessions, tokens, links and used codes."""

from sqlalchemy import CursorResult, text
from sqlalchemy.ext.asyncio import AsyncSession

BATCH = 5_000
KEPT_DAYS = 30
_OVER = {
    "auth_attempt": "window_ends_at < UTC_TIMESTAMP(6)",
    "auth_session": f"LEAST(expires_at, COALESCE(ended_at, expires_at)) < UTC_TIMESTAMP(6) - INTERVAL {KEPT_DAYS} DAY",
    "api_token": f"expires_at < UTC_TIMESTAMP(6) - INTERVAL {KEPT_DAYS} DAY",
    "single_use_link": f"expires_at < UTC_TIMESTAMP(6) - INTERVAL {KEPT_DAYS} DAY",
    "used_totp_step": "step < UNIX_TIMESTAMP() DIV 30 - 2880",  # a day of steps
    "development_mail": f"at < UTC_TIMESTAMP(6) - INTERVAL {KEPT_DAYS} DAY",
}
KINDS = tuple(_OVER)


async def forget(session: AsyncSession, kind: str) -> int:
    """Delete at most one batch of a kind; answers how many rows went."""
    result = await session.execute(text(f"DELETE FROM {kind} WHERE {_OVER[kind]} LIMIT {BATCH}"))  # noqa: S608 - our own names  # nosemgrep: raw-sql-from-text
    assert isinstance(result, CursorResult)
    return result.rowcount
