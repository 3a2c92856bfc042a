"""Which events a listener hears of: those of records inside their permission and scope, and signals meant for them."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from app.core.actor import SYSTEM, Actor
from app.core.area import LiveSignal, RecordKind
from app.core.auth.staff import StaffLoader
from app.core.events import SIGNAL
from app.core.live.messages import LiveChange, LiveState, Message, message
from app.core.live.subscribers import Subscriber
from app.core.outbox.feed import Change
from app.core.read_pool import ReadPool
from app.core.values import UNSET

MOST_NAMES = 1_000

Told = list[tuple[Subscriber, Message]]


class Teller:
    """Turns events into messages for listeners; those who see the same share one read per kind of record."""

    def __init__(self, kinds: Iterable[RecordKind], signals: Iterable[LiveSignal], staff_loader: StaffLoader) -> None:
        self._kinds = {kind.model.record_kind: kind for kind in kinds if kind.represent is not None}
        self._signals = {signal.type: signal for signal in signals}
        self._load = staff_loader
        self._names: dict[str, str] = {}

    async def tell(self, reads: ReadPool, events: Sequence[Change], listeners: Sequence[Subscriber]) -> Told:
        """Each listener's messages, in the order of positions."""
        told: list[tuple[int, Subscriber, Message]] = []
        for key, kind in self._kinds.items():
            of_kind = [event for event in events if event.kind == key]
            hearing = [one for one in listeners if one.wants(kind.key) and one.actor.may(kind.permission)]
            if of_kind and hearing:
                told += await self._changes(reads, kind, of_kind, hearing)
        for signal in self._signals.values():
            rung = [event for event in events if event.kind == SIGNAL and event.type == signal.type]
            if rung:
                told += await _signals(reads, signal, rung, listeners)
        return [(listener, text) for _, listener, text in sorted(told, key=lambda one: one[0])]

    async def _changes(
        self, reads: ReadPool, kind: RecordKind, events: Sequence[Change], hearing: Sequence[Subscriber]
    ) -> list[tuple[int, Subscriber, Message]]:
        assert kind.represent is not None
        ids = list(dict.fromkeys(event.record_id for event in events))
        views: dict[object, list[Subscriber]] = {}
        for one in hearing:
            views.setdefault(_view(one.actor, kind), []).append(one)
        told: list[tuple[int, Subscriber, Message]] = []
        texts: dict[int, Message] = {}
        for alike in views.values():
            seen = await kind.represent(reads, ids, alike[0].actor)
            for event in events:
                if (item := seen.get(event.record_id)) is None:
                    continue
                if event.position not in texts:
                    texts[event.position] = await self._message(reads, kind, event, item)
                told += [(event.position, one, texts[event.position]) for one in alike]
        return told

    async def _message(self, reads: ReadPool, kind: RecordKind, event: Change, item: Any) -> Message:
        actor_id = event.payload.get("actor_id")
        version = int(event.payload.get("version") or 0)
        state = LiveState(*kind.state(item)) if kind.state else UNSET
        name = await self._name(reads, actor_id) if actor_id else SYSTEM.name
        change = LiveChange(
            kind.key, event.record_id, version, event.type, event.created_at, name, actor_id or UNSET, state
        )
        return message("change", event.position, change)

    async def _name(self, reads: ReadPool, actor_id: str) -> str:
        if actor_id not in self._names:
            if len(self._names) >= MOST_NAMES:
                self._names.clear()
            facts = await self._load(reads, actor_id)
            self._names[actor_id] = facts.name if facts else ""
        return self._names[actor_id]


def _view(actor: Actor, kind: RecordKind) -> object:
    """What decides which records of a kind somebody sees; equal ones need to be read only once."""
    who = actor.id if kind.is_personal else None
    return actor.kind, actor.permissions, actor.markets, actor.branches, who


async def _signals(
    reads: ReadPool, signal: LiveSignal, events: Sequence[Change], listeners: Sequence[Subscriber]
) -> list[tuple[int, Subscriber, Message]]:
    last = {UUID(person): event.position for event in events for person in event.payload.get("people", ())}
    meant = [(one, who) for one in listeners if one.wants(signal.event) and (who := one.actor.id) and who in last]
    if not meant:
        return []
    found = await signal.tell(reads, sorted({who for _, who in meant}))
    texts = {who: message(signal.event, last[who], what) for who, what in found.items()}
    return [(last[who], one, texts[who]) for one, who in meant if who in texts]
