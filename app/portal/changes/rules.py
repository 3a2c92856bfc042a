"""Where a client stands in the feed of changes, and which changes of a page it needs to hear of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar


class Numbered(Protocol):
    """An event by its place in the order of commits, and the record that it is about."""

    @property
    def position(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def record_id(self) -> str: ...


E = TypeVar("E", bound=Numbered)


@dataclass(frozen=True, slots=True)
class Place:
    """How far a client is: in the stock of a kind (after a record's id), or after it in the events from `position`.

    The stock comes first, because records may be older than the events that are kept. `position` is taken before the
    stock is read: what changes meanwhile is told again afterwards.
    """

    position: int
    kind: str = ""
    after: str = ""

    @property
    def is_in_stock(self) -> bool:
        return bool(self.kind)

    def in_stock_after(self, record_id: str) -> Place:
        return replace(self, after=record_id)


def next_kind(place: Place, kinds: Iterable[str]) -> Place:
    """The start of the next kind's stock in alphabetical order, or of the events after the last one."""
    return Place(place.position, kind=min((kind for kind in kinds if kind > place.kind), default=""))


def is_gone(position: int, oldest_kept: int) -> bool:
    """Whether events after `position` were deleted; `oldest_kept` is the first that is there."""
    return position + 1 < oldest_kept


def latest_of_each(events: Iterable[E]) -> list[E]:
    """The last event of each record, in their own order."""
    last = {(event.kind, event.record_id): event for event in events}
    return sorted(last.values(), key=lambda event: event.position)
