"""Reading which events are kept."""

from app.core.outbox.relay import RELAY
from app.core.read_pool import ReadPool

FIRST = "00000000-0000-0000-0000-000000000000"
"""Before every record's id."""


async def kept_range(reads: ReadPool) -> tuple[int, int]:
    """The first position that is kept and the last that was given; without events the first is the next one."""
    ((oldest, latest, given),) = await reads.fetch(
        "SELECT MIN(position), MAX(position), (SELECT position FROM event_consumer WHERE name = %s) FROM outbox_event",
        (RELAY,),
    )
    last = max(int(latest or 0), int(given or 0))
    return (int(oldest) if oldest is not None else last + 1), last
