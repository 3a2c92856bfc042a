"""Numbers committed events, so that whoever reads by position never skips one that commits late."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Integer, String, cast, func, select, update
from sqlalchemy.dialects.mysql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.db import Database, run_in_unit
from app.core.events import OutboxEvent
from app.core.leases import require_lease, wait_for
from app.core.outbox.events import Aggregate
from app.core.outbox.models import EventConsumer

RELAY = "relay"
BATCH = 500
BUSY_SECONDS = 0.05
IDLE_SECONDS = 0.25
BUSY_FOR_SECONDS = 2.0

_WAITING = (
    col(OutboxEvent.id),
    col(OutboxEvent.aggregatetype),
    col(OutboxEvent.aggregateid),
    func.coalesce(cast(func.json_value(col(OutboxEvent.payload), "$.version"), Integer), 0),
)


class Waiting(NamedTuple):
    """An event without a position, and which version of its record it tells of; 0 for none."""

    id: UUID
    kind: str
    record_id: UUID
    version: int

    @property
    def aggregate(self) -> Aggregate:
        return Aggregate(self.kind, self.record_id)


def in_order(waiting: Sequence[Waiting]) -> list[UUID]:
    """By their ids, which are by time of making; where clocks differ, those of one record still by its versions."""
    by_record: defaultdict[Aggregate, list[Waiting]] = defaultdict(list)
    for each in waiting:
        by_record[each.aggregate].append(each)
    turns = {record: iter(sorted(events, key=attrgetter("version"))) for record, events in by_record.items()}
    return [next(turns[each.aggregate]).id for each in waiting]


async def number_events(session: AsyncSession, token: int) -> int:
    """Give the next positions to committed events, in order; returns how many got one.

    The counter's row is locked until the commit, so positions become visible in their own order and without gaps.
    Raises LeaseTaken when another worker leads by now.
    """
    await require_lease(session, RELAY, token)
    last = await _lock_last(session)
    waiting = select(*_WAITING).where(col(OutboxEvent.position).is_(None)).order_by(col(OutboxEvent.id))
    ids = in_order([Waiting(*row) for row in await session.execute(waiting.limit(BATCH))])
    if not ids:
        return 0
    place = func.field(cast(col(OutboxEvent.id), String(36)), *[str(event_id) for event_id in ids])
    await session.execute(
        update(OutboxEvent)
        .where(col(OutboxEvent.id).in_(ids), col(OutboxEvent.position).is_(None))
        .values(position=last + place)
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        update(EventConsumer).where(col(EventConsumer.name) == RELAY).values(position=last + len(ids))
    )
    return len(ids)


async def _lock_last(session: AsyncSession) -> int:
    row = select(col(EventConsumer.position)).where(col(EventConsumer.name) == RELAY).with_for_update()
    last = (await session.execute(row)).scalar_one_or_none()
    if last is not None:
        return last
    given = (await session.execute(select(func.max(col(OutboxEvent.position))))).scalar_one() or 0
    await session.execute(insert(EventConsumer).values(name=RELAY, position=given))
    return given


async def relay_events(database: Database, token: int, stop: asyncio.Event, bells: Sequence[asyncio.Event]) -> None:
    """Number events until `stop`, often while there are some; ring the consumers of this process for each batch."""
    loop = asyncio.get_running_loop()
    busy_until = loop.time() + BUSY_FOR_SECONDS
    while not stop.is_set():
        numbered = await run_in_unit(database, lambda session: number_events(session, token))
        if numbered:
            busy_until = loop.time() + BUSY_FOR_SECONDS
            for bell in bells:
                bell.set()
        if numbered < BATCH:
            await wait_for(stop, BUSY_SECONDS if loop.time() < busy_until else IDLE_SECONDS)
