"""Where consumers are: their positions, the events that wait, the quarantine, and its release."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, case, delete, exists, func, literal_column, or_, select, tuple_, update
from sqlalchemy.dialects.mysql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from app.core.database_clock import database_time
from app.core.errors import NotFound
from app.core.events import OutboxEvent
from app.core.leases import require_lease
from app.core.outbox.events import Aggregate, Event
from app.core.outbox.models import LONGEST_REASON, EventApplied, EventConsumer, EventFailure

BATCH = 500
MAX_TRIES = 5
FIRST_RETRY_SECONDS = 0.5
_MICROSECOND = literal_column("MICROSECOND")
WAITS = "Waits for an earlier event of the same record."

_EVENT_COLUMNS = (
    col(OutboxEvent.id),
    col(OutboxEvent.position),
    col(OutboxEvent.aggregatetype),
    col(OutboxEvent.aggregateid),
    col(OutboxEvent.type),
    col(OutboxEvent.payload),
    col(OutboxEvent.created_at),
)


class Kept(NamedTuple):
    """An event that stays behind: refused for a reason, or waiting (None) for an earlier one."""

    event: Event
    reason: str | None


def lease_name(consumer: str) -> str:
    """The lease that whoever feeds the consumer holds."""
    return f"consumer:{consumer}"


async def next_events(session: AsyncSession, consumer: str) -> list[Event]:
    """The events after the consumer's position, in order."""
    position = select(col(EventConsumer.position)).where(col(EventConsumer.name) == consumer)
    last = (await session.execute(position)).scalar_one_or_none() or 0
    following = (
        select(*_EVENT_COLUMNS).where(col(OutboxEvent.position) > last).order_by(col(OutboxEvent.position)).limit(BATCH)
    )
    return [Event(*row) for row in await session.execute(following)]


async def stuck_aggregates(session: AsyncSession, consumer: str, record_ids: Collection[UUID]) -> frozenset[Aggregate]:
    """Those of the records that have an event waiting or in quarantine."""
    rows = await session.execute(
        select(col(EventFailure.aggregatetype), col(EventFailure.aggregateid))
        .where(col(EventFailure.consumer) == consumer, col(EventFailure.aggregateid).in_(set(record_ids)))
        .distinct()
    )
    return frozenset(Aggregate(*row) for row in rows)


async def advance(
    session: AsyncSession,
    consumer: str,
    token: int,
    position: int,
    kept: Sequence[Kept],
    voided: Collection[Aggregate],
) -> None:
    """Move the position and keep what stays behind, in one transaction. Raises LeaseTaken."""
    await require_lease(session, lease_name(consumer), token)
    if voided:
        aggregate = tuple_(col(EventFailure.aggregatetype), col(EventFailure.aggregateid))
        await session.execute(
            delete(EventFailure).where(col(EventFailure.consumer) == consumer, aggregate.in_(list(voided)))
        )
    for event, reason in kept:
        await session.execute(
            insert(EventFailure).values(
                consumer=consumer,
                event_id=event.id,
                position=event.position,
                aggregatetype=event.kind,
                aggregateid=event.record_id,
                attempts=0 if reason is None else 1,
                reason=(reason or WAITS)[:LONGEST_REASON],
                next_try_at=None if reason is None else database_time(timedelta(seconds=FIRST_RETRY_SECONDS)),
            )
        )
    await session.execute(
        insert(EventConsumer).values(name=consumer, position=position).on_duplicate_key_update(position=position)
    )


async def due_failures(session: AsyncSession, consumer: str) -> list[Event]:
    """Events to try again now: not in quarantine, due, and the first one of their record."""
    earlier = aliased(EventFailure)
    is_behind = exists().where(
        col(earlier.consumer) == col(EventFailure.consumer),
        col(earlier.aggregateid) == col(EventFailure.aggregateid),
        col(earlier.aggregatetype) == col(EventFailure.aggregatetype),
        col(earlier.position) < col(EventFailure.position),
    )
    is_due = or_(col(EventFailure.next_try_at).is_(None), col(EventFailure.next_try_at) <= database_time())
    rows = await session.execute(
        select(*_EVENT_COLUMNS)
        .join(EventFailure, col(EventFailure.event_id) == col(OutboxEvent.id))
        .where(col(EventFailure.consumer) == consumer, col(EventFailure.quarantined_at).is_(None), is_due, ~is_behind)
        .order_by(col(EventFailure.position))
        .limit(BATCH)
    )
    return [Event(*row) for row in rows]


async def settle(
    session: AsyncSession, consumer: str, token: int, done: Sequence[Event], failed: Mapping[UUID, str]
) -> None:
    """Forget what went through; plan the next try of the rest, or put it into quarantine after `MAX_TRIES`."""
    await require_lease(session, lease_name(consumer), token)
    own = col(EventFailure.consumer) == consumer
    if done:
        ids = [event.id for event in done]
        await session.execute(delete(EventFailure).where(own, col(EventFailure.event_id).in_(ids)))
    for event_id, reason in failed.items():
        tries = func.least(col(EventFailure.attempts), MAX_TRIES)
        is_over = col(EventFailure.attempts) + 1 >= MAX_TRIES
        microseconds = func.round(func.pow(2, tries) * FIRST_RETRY_SECONDS * 1_000_000)
        await session.execute(
            update(EventFailure)
            .where(own, col(EventFailure.event_id) == event_id)
            .ordered_values(
                (col(EventFailure.quarantined_at), case((is_over, database_time()), else_=None)),
                (
                    col(EventFailure.next_try_at),
                    case((is_over, None), else_=func.timestampadd(_MICROSECOND, microseconds, database_time())),
                ),
                (col(EventFailure.reason), reason[:LONGEST_REASON]),
                (col(EventFailure.attempts), col(EventFailure.attempts) + 1),
            )
            .execution_options(synchronize_session=False)
        )


async def release(session: AsyncSession, consumer: str, event_id: UUID) -> None:
    """Let an event out of quarantine to be tried again; those behind it follow once it is through. Raises NotFound."""
    found = await session.execute(_release_statement(consumer).where(col(EventFailure.event_id) == event_id))
    if found.rowcount == 0:  # pyright: ignore[reportAttributeAccessIssue]
        raise NotFound("This event is not in quarantine.")


async def release_kind(session: AsyncSession, consumer: str, kind: str) -> None:
    """Let every event of a kind out of quarantine, after its cause is gone."""
    await session.execute(_release_statement(consumer).where(col(EventFailure.aggregatetype) == kind))


def _release_statement(consumer: str):  # noqa: ANN202 - the type of an update is private
    return (
        update(EventFailure)
        .where(and_(col(EventFailure.consumer) == consumer, col(EventFailure.quarantined_at).is_not(None)))
        .values(quarantined_at=None, next_try_at=None, attempts=0)
        .execution_options(synchronize_session=False)
    )


async def apply_once(session: AsyncSession, consumer: str, event_id: UUID) -> bool:
    """Note that an effect is written in this very transaction; False when it was written before: leave it out."""
    added = await session.execute(
        insert(EventApplied).prefix_with("IGNORE").values(consumer=consumer, event_id=event_id, at=database_time())
    )
    return added.rowcount == 1  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
