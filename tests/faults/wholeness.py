"""What is looked at after each fault: the invariants of `forecourt doctor --data`, and that nothing was left behind."""

import asyncio
import time
from collections.abc import Sequence

from app.core.db import Database
from app.core.invariants import Acknowledged, violations
from app.main import assemble
from search.indexes import Indexes

REST_SECONDS = 15
KINDS = [kind for kind in assemble().kinds.values() if kind.key != "staff"]
"""All but the accounts, which the tests make without an audit entry."""


async def assert_whole(
    database: Database, acknowledged: Sequence[Acknowledged] = (), *, indexes: Indexes | None = None
) -> None:
    """Every invariant holds and no connection is lent; what still ends is waited for."""
    found = await violations(database.primary, KINDS, indexes=indexes, acknowledged=acknowledged)
    assert not found, found
    await assert_at_rest(database)


async def assert_at_rest(database: Database) -> None:
    """I12: every connection is back in its pool."""
    limit = time.monotonic() + REST_SECONDS
    while lent := lent_connections(database):
        assert time.monotonic() < limit, f"{lent} connections are still lent"
        await asyncio.sleep(0.02)


def lent_connections(database: Database) -> int:
    return database.engine.pool.checkedout() + database.reads.in_use + database.primary.in_use
