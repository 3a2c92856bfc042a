"""An event as consumers see it."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID


class Aggregate(NamedTuple):
    """A record by kind and id; its events keep their order."""

    kind: str
    id: UUID


class Event(NamedTuple):
    """A numbered event. `type` is the action (`vehicle.blocked`); the payload names kind, id, version and actor."""

    id: UUID
    position: int
    kind: str
    record_id: UUID
    type: str
    payload: dict[str, Any]
    created_at: datetime

    @property
    def aggregate(self) -> Aggregate:
        return Aggregate(self.kind, self.record_id)
