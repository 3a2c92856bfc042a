"""Limits on guessing, counted in the database: by account and by address, over windows of the database's clock.

An attempt is counted before it is judged, in a transaction of its own, so that neither a refusal nor many attempts at
once escape the count; what turns out right is forgiven.
"""

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, run_in_unit
from app.core.errors import TooManyRequests

WINDOW = timedelta(minutes=15)
ACCOUNT_LIMIT = 10
ADDRESS_LIMIT = 60
SECOND_FACTOR_LIMIT = 6
RESET_LIMIT = 3

# The first assignment still sees the old end of the window: MariaDB assigns from left to right.
_COUNT = text("""
INSERT INTO auth_attempt (bucket, failures, window_ends_at)
VALUES (:bucket, 1, UTC_TIMESTAMP(6) + INTERVAL :seconds SECOND)
ON DUPLICATE KEY UPDATE
  failures = IF(window_ends_at <= UTC_TIMESTAMP(6), 1, failures + 1),
  window_ends_at = IF(window_ends_at <= UTC_TIMESTAMP(6), VALUES(window_ends_at), window_ends_at)
""")
_READ = text("""
SELECT failures, TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), window_ends_at) FROM auth_attempt WHERE bucket = :bucket
""")
_CLEAR = text("DELETE FROM auth_attempt WHERE bucket = :bucket")
_TAKE_BACK = text("UPDATE auth_attempt SET failures = failures - 1 WHERE bucket = :bucket AND failures > 0")


@dataclass(frozen=True, slots=True)
class Bucket:
    """What is counted together, and how many attempts it may hold; `is_shared` by several people."""

    key: str
    limit: int
    is_shared: bool = False


def account_bucket(email: str) -> Bucket:
    """Sign-ins to one account, whether or not it exists."""
    return Bucket("account:" + _digest(email), ACCOUNT_LIMIT)


def second_factor_bucket(staff_id: object) -> Bucket:
    """Codes tried after a right password."""
    return Bucket(f"second-factor:{staff_id}", SECOND_FACTOR_LIMIT)


def reset_bucket(email: str) -> Bucket:
    """Links asked for one address."""
    return Bucket("reset:" + _digest(email), RESET_LIMIT)


def address_bucket(address: str) -> Bucket:
    """All attempts from one network address; of IPv6 from one /64, which is one customer's."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return Bucket("address:unknown", ADDRESS_LIMIT, is_shared=True)
    if parsed.version == 6:
        parsed = ipaddress.ip_network((parsed, 64), strict=False).network_address
    return Bucket(f"address:{parsed}", ADDRESS_LIMIT, is_shared=True)


async def admit(database: Database, buckets: Sequence[Bucket]) -> None:
    """Count an attempt in each bucket. Raises TooManyRequests, with the seconds to wait, when one is over its limit."""
    ordered = sorted(buckets, key=lambda bucket: bucket.key)
    waits = await run_in_unit(database, lambda session: _count(session, ordered))
    if waits:
        minutes = -(-max(waits) // 60)
        raise TooManyRequests(f"Try again in {minutes} min.", retry_after=max(waits))


async def forgive(database: Database, buckets: Sequence[Bucket]) -> None:
    """Forget what was counted for an attempt that was right; of shared buckets this one attempt only."""
    ordered = sorted(buckets, key=lambda bucket: bucket.key)

    async def work(session: AsyncSession) -> None:
        for bucket in ordered:
            await session.execute(_TAKE_BACK if bucket.is_shared else _CLEAR, {"bucket": bucket.key})

    await run_in_unit(database, work)


async def _count(session: AsyncSession, buckets: Sequence[Bucket]) -> list[int]:
    waits: list[int] = []
    for bucket in buckets:
        await session.execute(_COUNT, {"bucket": bucket.key, "seconds": int(WINDOW.total_seconds())})
        failures, seconds = (await session.execute(_READ, {"bucket": bucket.key})).one()
        if failures > bucket.limit:
            waits.append(max(int(seconds), 1))
    return waits


def _digest(text_of_a_person: str) -> str:
    return hashlib.sha256(text_of_a_person.strip().lower().encode()).hexdigest()
