"""What a live stream says: server-sent events whose ids are positions in the feed of changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from app.core.values import Id, Maybe, Timestamp

RETRY_MILLISECONDS = 1_000
"""How long a browser waits before it connects again."""


class LiveState(msgspec.Struct, frozen=True):
    """The state of a record in words, as its list shows it."""

    words: str
    tone: str
    is_on: bool


class LiveChange(msgspec.Struct, frozen=True):
    """That somebody changed a record, or made it (`version` 1). Read the record for what it is like now."""

    kind: str
    id: Id
    version: int
    type: str
    at: Timestamp
    actor: str
    actor_id: Maybe[Id]
    state: Maybe[LiveState]


@dataclass(frozen=True, slots=True)
class Message:
    """One event of the stream as it goes over the wire."""

    position: int
    text: bytes


def message(event: str, position: int, data: msgspec.Struct | Mapping[str, Any]) -> Message:
    """An event with the position that a client goes on from."""
    body = msgspec.json.encode(data)
    return Message(position, b"id: %d\nevent: %s\ndata: %s\n\n" % (position, event.encode(), body))


def greeting(position: int) -> bytes:
    """The first words: how long to wait before connecting again, and where the stream begins."""
    return b"retry: %d\n\n" % RETRY_MILLISECONDS + message("hello", position, {"position": position}).text


def heartbeat(position: int) -> bytes:
    """A comment that keeps proxies from closing; the id moves on past what concerned others."""
    return b": still here\nid: %d\n\n" % position


def resync(position: int, reason: str) -> bytes:
    """Too much was missed to be told one by one: the client reads again what it shows."""
    return message("resync", position, {"position": position, "reason": reason}).text
