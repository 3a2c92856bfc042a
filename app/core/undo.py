"""Ten seconds to take back: a signed token names what takes it back, the subject, and the version it applies to."""

import base64
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.changes import plain_value
from app.core.crypto import is_signed, signature
from app.core.database_clock import read_database_time
from app.core.errors import MalformedRequest
from app.core.records import Record
from app.settings import Settings

KEPT = timedelta(seconds=10)
SIGNATURE_BYTES = 16


class Compensate(Protocol):
    """Take something back through the feature's own service. Raises what the service raises."""

    def __call__(
        self, session: AsyncSession, subject_id: UUID, payload: Mapping[str, Any], actor: Actor, /
    ) -> Awaitable[Any]: ...


@dataclass(frozen=True, slots=True)
class UndoKind:
    """Something that can be taken back: of which records, by whom, and how."""

    key: str
    subject_kind: str
    permission: str
    compensate: Compensate


class Offer(msgspec.Struct, frozen=True, array_like=True):
    """What may be taken back by whom, and until when by the database's clock."""

    kind: str
    subject_id: UUID
    version: int
    payload: dict[str, Any]
    actor_id: UUID | None
    until: datetime


async def offer_undo(
    session: AsyncSession, settings: Settings, kind: str, subject: Record, payload: Mapping[str, Any], actor: Actor
) -> str:
    """A token by which the actor may take back what was just done to the subject."""
    await session.flush()
    until = await read_database_time(session) + KEPT
    plain = {name: plain_value(value) for name, value in payload.items()}
    body = msgspec.json.encode(Offer(kind, subject.id, subject.version, plain, actor.id, until))
    return base64.urlsafe_b64encode(signature(settings.key("undo"), body, SIGNATURE_BYTES) + body).decode().rstrip("=")


def read_offer(settings: Settings, token: str) -> Offer:
    """Raises MalformedRequest for a token that was not given out here."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        given, body = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
        if is_signed(settings.keys("undo"), body, given, SIGNATURE_BYTES):
            return msgspec.json.decode(body, type=Offer)
    except (ValueError, msgspec.DecodeError):
        pass
    raise MalformedRequest("This cannot be undone from here.")
