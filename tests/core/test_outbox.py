import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from app.core import clock
from app.core.db import Database, run_in_unit
from app.core.errors import NotFound
from app.core.events import OutboxEvent
from app.core.leases import LeaseTaken, held_lease, lead, release_lease, renew_lease, take_lease
from app.core.outbox import positions
from app.core.outbox.consumer import ConsumerAway, ConsumerLoop
from app.core.outbox.events import Event
from app.core.outbox.feed import changes_after, consumer_states, latest_position
from app.core.outbox.models import EventFailure
from app.core.outbox.relay import RELAY, number_events
from app.kit.ids import id_at, new_id
from tests.core.waiting import until


def event(record_id: UUID, **payload: Any) -> OutboxEvent:
    return OutboxEvent(aggregatetype="widget", aggregateid=record_id, type="widget.changed", payload=payload)


async def written(database: Database, *events: OutboxEvent) -> list[UUID]:
    async with database.unit() as session:
        session.add_all(events)
    return [each.id for each in events]


async def in_unit(database: Database, call: Callable[..., Awaitable[Any]], *values: Any) -> Any:
    return await run_in_unit(database, lambda session: call(session, *values))


async def leased(database: Database, name: str) -> int:
    token = await in_unit(database, take_lease, name, "tests")
    assert token is not None
    return token


async def numbered(database: Database) -> int:
    token = await leased(database, RELAY)
    count = await in_unit(database, number_events, token)
    await in_unit(database, release_lease, RELAY, token)
    return count


async def order(database: Database) -> list[UUID]:
    async with database.session() as session:
        rows = select(OutboxEvent.id).where(OutboxEvent.position.is_not(None)).order_by(OutboxEvent.position)
        return list((await session.execute(rows)).scalars())


class Recorder:
    """A consumer that refuses some events, or everything while it is away."""

    name = "recorder"

    def __init__(self, *, is_state_based: bool = False) -> None:
        self.is_state_based = is_state_based
        self.taken: list[UUID] = []
        self.poison: set[UUID] = set()
        self.is_away = False

    async def handle(self, events: Sequence[Event]) -> dict[UUID, str]:
        if self.is_away:
            raise ConsumerAway("closed")
        for each in events:
            if each.id in self.poison:
                raise ValueError("cannot read this")
        self.taken.extend(each.id for each in events)
        return {}


class Feed:
    """A consumer's loop that the test moves by hand."""

    def __init__(self, database: Database, consumer: Recorder, token: int) -> None:
        self.database = database
        self.loop = ConsumerLoop(database, consumer, asyncio.Event())
        self.token = token

    @classmethod
    async def of(cls, database: Database, consumer: Recorder) -> "Feed":
        return cls(database, consumer, await leased(database, positions.lease_name(consumer.name)))

    async def step(self) -> int:
        await numbered(self.database)
        return await self.loop.step(self.token)

    async def retry(self) -> int:
        async with self.database.unit() as session:
            await session.execute(text("UPDATE event_failure SET next_try_at = NULL"))
        return await self.loop.retry(self.token)

    async def failures(self) -> list[EventFailure]:
        async with self.database.session() as session:
            rows = await session.execute(select(EventFailure).order_by(EventFailure.position))
            return list(rows.scalars())


class TestNumbering:
    async def test_follows_the_ids_and_leaves_no_gap(self, committing: Database):
        events = [event(new_id()) for _ in range(7)]
        ids = await written(committing, *reversed(events))
        assert await numbered(committing) == 7
        assert await order(committing) == sorted(ids)
        later = await written(committing, event(new_id()))
        await numbered(committing)
        assert (await order(committing))[-1:] == later
        assert await latest_position(committing.reads) == 8

    async def test_keeps_the_versions_of_a_record_where_clocks_differ(self, committing: Database):
        record, now = new_id(), clock.now()
        second, third, tenth = (event(record, version=version) for version in (2, 3, 10))
        second.id, third.id = id_at(now + timedelta(hours=1)), id_at(now - timedelta(hours=1))
        other = event(new_id())
        for each in (second, other, third, tenth):
            await written(committing, each)
        await numbered(committing)
        assert await order(committing) == [second.id, third.id, other.id, tenth.id]

    async def test_a_late_commit_is_not_skipped(self, committing: Database):
        slow = committing.new_session()
        older = event(new_id())
        slow.add(older)
        await slow.flush()
        (newer,) = await written(committing, event(new_id()))
        assert older.id < newer
        assert await asyncio.wait_for(numbered(committing), 2) == 1
        seen = await latest_position(committing.reads)
        await slow.commit()
        await slow.close()
        assert await numbered(committing) == 1
        changes = await changes_after(committing.reads, seen, 10, kinds=["widget"])
        assert [(change.position, change.id) for change in changes] == [(2, str(older.id))]
        assert await changes_after(committing.reads, 0, 10, kinds=["vehicle"]) == []

    async def test_a_rolled_back_event_never_appears(self, committing: Database):
        session = committing.new_session()
        session.add(event(new_id()))
        await session.flush()
        await session.rollback()
        await session.close()
        assert await numbered(committing) == 0

    @pytest.mark.fault("F22", "a relay whose lease is over")
    async def test_two_relays_cannot_number_at_once(self, committing: Database):
        await written(committing, event(new_id()))
        old = await leased(committing, RELAY)
        async with committing.unit() as session:
            await session.execute(text("UPDATE worker_lease SET lease_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND"))
        new = await leased(committing, RELAY)
        with pytest.raises(LeaseTaken):
            await in_unit(committing, number_events, old)
        assert await in_unit(committing, number_events, new) == 1


class TestLeases:
    async def test_one_of_many_gets_it(self, committing: Database):
        taken = await asyncio.gather(*(in_unit(committing, take_lease, "one", f"w{number}") for number in range(8)))
        assert sum(token is not None for token in taken) == 1

    async def test_tokens_grow_and_old_ones_are_void(self, committing: Database):
        first = await leased(committing, "one")
        assert await in_unit(committing, renew_lease, "one", first)
        await in_unit(committing, release_lease, "one", first)
        second = await leased(committing, "one")
        assert second > first
        assert not await in_unit(committing, renew_lease, "one", first)
        assert not await in_unit(committing, release_lease, "one", first)

    async def test_only_its_holder_may_take_it_again(self, committing: Database):
        first = await leased(committing, "one")
        assert await run_in_unit(committing, lambda session: take_lease(session, "one", "other", again=True)) is None
        again = await run_in_unit(committing, lambda session: take_lease(session, "one", "tests", again=True))
        assert again == first + 1

    async def test_a_lost_lease_stops_the_work(self, committing: Database, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("app.core.leases.RENEW_SECONDS", 0.1)

        async def work() -> None:
            async with held_lease(committing, "one", "a"):
                async with committing.unit() as session:
                    await session.execute(text("UPDATE worker_lease SET token = token + 1"))
                await asyncio.sleep(5)

        with pytest.raises(LeaseTaken):
            await work()

    async def test_the_next_worker_follows_at_once(self, committing: Database):
        leading: list[str] = []
        stops = {"a": asyncio.Event(), "b": asyncio.Event()}

        async def worker(name: str) -> None:
            async def work(token: int) -> None:
                leading.append(name)
                await stops[name].wait()

            await lead(committing, "one", name, stops[name], work)

        async def leads(count: int) -> bool:
            return len(leading) == count

        workers = [asyncio.create_task(worker(name)) for name in stops]
        await until(lambda: leads(1))
        first = leading[0]
        stops[first].set()
        await until(lambda: leads(2), 3)
        assert set(leading) == {"a", "b"}
        for stop in stops.values():
            stop.set()
        await asyncio.gather(*workers)


class TestConsumer:
    async def test_takes_events_in_order_once(self, committing: Database):
        consumer = Recorder()
        feed = await Feed.of(committing, consumer)
        ids = await written(committing, *(event(new_id()) for _ in range(5)))
        assert await feed.step() == 5
        assert await feed.step() == 0
        assert consumer.taken == sorted(ids)

    @pytest.mark.fault("F26", "a poisonous event")
    async def test_poison_stops_only_its_own_record(self, committing: Database):
        consumer = Recorder()
        feed = await Feed.of(committing, consumer)
        ill, sound = new_id(), new_id()
        bad, behind, good = await written(committing, event(ill), event(ill), event(sound))
        consumer.poison = {bad}
        await feed.step()
        (later,) = await written(committing, event(ill))
        (more,) = await written(committing, event(sound))
        await feed.step()
        assert consumer.taken == [good, more]
        for _ in range(positions.MAX_TRIES):
            await feed.retry()
        failures = await feed.failures()
        assert [(each.event_id, each.quarantined_at is not None) for each in failures] == [
            (bad, True),
            (behind, False),
            (later, False),
        ]
        assert failures[0].reason == "ValueError: cannot read this"
        assert failures[0].attempts == positions.MAX_TRIES
        assert (await consumer_states(committing.reads))[0].quarantined == 1

        consumer.poison = set()
        await in_unit(committing, positions.release, consumer.name, bad)
        await feed.retry()
        assert consumer.taken == [good, more, bad, behind, later]
        assert await feed.failures() == []

    async def test_a_passing_failure_heals_by_itself(self, committing: Database):
        consumer = Recorder()
        feed = await Feed.of(committing, consumer)
        (bad,) = await written(committing, event(new_id()))
        consumer.poison = {bad}
        await feed.step()
        assert await feed.loop.retry(feed.token) == 0, "it is not due yet"
        consumer.poison = set()
        assert await feed.retry() == 1
        assert consumer.taken == [bad]

    async def test_a_newer_state_makes_the_failed_event_void(self, committing: Database):
        consumer = Recorder(is_state_based=True)
        feed = await Feed.of(committing, consumer)
        record = new_id()
        (bad,) = await written(committing, event(record))
        consumer.poison = {bad}
        await feed.step()
        (newer,) = await written(committing, event(record))
        await feed.step()
        assert consumer.taken == [newer]
        assert await feed.failures() == []

    async def test_only_what_is_in_quarantine_is_released(self, committing: Database):
        with pytest.raises(NotFound):
            await in_unit(committing, positions.release, "recorder", new_id())

    async def test_an_outage_moves_nothing_and_blames_nothing(self, committing: Database):
        consumer = Recorder()
        consumer.is_away = True
        feed = await Feed.of(committing, consumer)
        ids = await written(committing, event(new_id()), event(new_id()))
        with pytest.raises(ConsumerAway):
            await feed.step()
        assert await feed.failures() == []
        consumer.is_away = False
        await feed.step()
        assert consumer.taken == sorted(ids)

    @pytest.mark.fault("F22", "a consumer whose lease is over")
    async def test_the_old_leader_cannot_move_the_position(self, committing: Database):
        consumer = Recorder()
        feed = await Feed.of(committing, consumer)
        await written(committing, event(new_id()))
        async with committing.unit() as session:
            await session.execute(text("UPDATE worker_lease SET token = token + 1 WHERE name LIKE 'consumer:%'"))
        with pytest.raises(LeaseTaken):
            await feed.step()

    async def test_an_effect_in_the_database_happens_once(self, committing: Database):
        event_id = new_id()
        assert await in_unit(committing, positions.apply_once, "ledger", event_id)
        assert not await in_unit(committing, positions.apply_once, "ledger", event_id)
