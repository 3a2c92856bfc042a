"""How much work waits, measured in the database and shown as metrics by the process that asks."""

import asyncio

import structlog

from app.core import metrics
from app.core.errors import Unavailable
from app.core.leases import wait_for
from app.core.outbox.feed import consumer_states
from app.core.read_pool import ReadPool
from app.core.reasons import reason_of

MEASURE_SECONDS = 15.0
MOST_COUNTED = 10_000
"""Counts end here: beyond it the number is only "many"."""

log = structlog.get_logger(__name__)


async def keep_measuring(reads: ReadPool, stop: asyncio.Event) -> None:
    """Measure now and every 15 s until `stop`; while the database is away the last numbers stay."""
    while not stop.is_set():
        try:
            await measure(reads)
        except Unavailable as error:
            log.warning("backlog.not_measured", reason=reason_of(error))
        await wait_for(stop, MEASURE_SECONDS)


async def measure(reads: ReadPool) -> None:
    """Set the gauges of events and jobs that wait."""
    states = await consumer_states(reads)
    for state in states:
        metrics.outbox_waiting.labels(state.name).set(state.behind)
    metrics.events_held.set(sum(state.quarantined for state in states))
    ((due, oldest),) = await reads.fetch(
        "SELECT COUNT(*), COALESCE(MAX(TIMESTAMPDIFF(SECOND, run_at, UTC_TIMESTAMP(6))), 0) FROM "
        "(SELECT run_at FROM job WHERE state = 'queued' AND run_at <= UTC_TIMESTAMP(6) ORDER BY run_at LIMIT %s) due",
        (MOST_COUNTED,),
    )
    ((dead,),) = await reads.fetch(
        "SELECT COUNT(*) FROM (SELECT id FROM job WHERE state = 'dead' LIMIT %s) dead", (MOST_COUNTED,)
    )
    metrics.jobs_waiting.set(due)
    metrics.jobs_oldest_seconds.set(oldest)
    metrics.jobs_dead.set(dead)
