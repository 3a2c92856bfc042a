"""What others read of the relay: the feed of changes by position, and how far each consumer is."""

from collections.abc import Collection
from typing import Any, NamedTuple

import msgspec

from app.core.outbox.relay import RELAY
from app.core.read_pool import ReadPool, Row

LONGEST_PAGE = 500
_COLUMNS = "position, id, aggregatetype, aggregateid, type, payload, created_at"


class Change(NamedTuple):
    """A numbered event as a client sees it; ids and the moment are text."""

    position: int
    id: str
    kind: str
    record_id: str
    type: str
    payload: dict[str, Any]
    created_at: str


class ConsumerState(NamedTuple):
    """How far a consumer is behind the last position, and what it holds back."""

    name: str
    position: int
    behind: int
    waiting: int
    quarantined: int


async def latest_position(reads: ReadPool) -> int:
    """The last position that was given; 0 before the first."""
    ((position,),) = await reads.fetch("SELECT COALESCE(MAX(position), 0) FROM outbox_event")
    return int(position)


async def changes_after(reads: ReadPool, position: int, limit: int, *, kinds: Collection[str]) -> list[Change]:
    """Changes of some kinds after a position, in order; what commits later gets a position after all of these."""
    if not kinds:
        return []
    places = ", ".join(["%s"] * len(kinds))
    rows = await reads.fetch(
        f"SELECT {_COLUMNS} FROM outbox_event"  # noqa: S608
        f" WHERE position > %s AND aggregatetype IN ({places}) ORDER BY position LIMIT %s",
        (position, *kinds, min(limit, LONGEST_PAGE)),
    )
    return [_change(row) for row in rows]


async def events_after(reads: ReadPool, position: int, limit: int) -> list[Change]:
    """Every event after a position, in order and without gaps; signals are among them."""
    rows = await reads.fetch(
        f"SELECT {_COLUMNS} FROM outbox_event WHERE position > %s ORDER BY position LIMIT %s",  # noqa: S608
        (position, min(limit, LONGEST_PAGE)),
    )
    return [_change(row) for row in rows]


def _change(row: Row) -> Change:
    return Change(row[0], str(row[1]), row[2], str(row[3]), row[4], msgspec.json.decode(row[5]), row[6])


async def consumer_states(reads: ReadPool) -> list[ConsumerState]:
    """Every consumer with its backlog, for the page of jobs and for `doctor`."""
    last = await latest_position(reads)
    rows = await reads.fetch(
        "SELECT c.name, c.position, COALESCE(SUM(f.event_id IS NOT NULL AND f.quarantined_at IS NULL), 0),"
        " COALESCE(SUM(f.quarantined_at IS NOT NULL), 0) FROM event_consumer c"
        " LEFT JOIN event_failure f ON f.consumer = c.name WHERE c.name <> %s"
        " GROUP BY c.name, c.position ORDER BY c.name",
        (RELAY,),
    )
    return [ConsumerState(row[0], row[1], max(0, last - row[1]), int(row[2]), int(row[3])) for row in rows]
