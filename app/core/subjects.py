"""The record that a note, a tag or a file belongs to: named by kind and id, and shown only to those who may see it."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import registry
from app.core.actor import Actor
from app.core.area import RecordKind
from app.core.errors import NotFound
from app.core.records import Record


@dataclass(frozen=True, slots=True)
class Subject:
    """A record and how its kind is known."""

    kind: RecordKind
    record: Record

    @property
    def name(self) -> str:
        return self.kind.name(self.record)

    @property
    def address(self) -> str:
        """The record's page."""
        return self.kind.address(self.record.id)

    @property
    def key(self) -> tuple[str, UUID]:
        return self.kind.key, self.record.id


async def find_subject(
    session: AsyncSession,
    key: str,
    record_id: UUID,
    actor: Actor,
    *,
    takes: Callable[[RecordKind], bool] = lambda kind: kind.has_notes or kind.has_tags,
) -> Subject:
    """The record, when the actor has its kind's permission and it lies in their scope. Raises NotFound otherwise."""
    kind = registry.record_kinds.get(key)
    if kind is None or not takes(kind) or not actor.may(kind.permission):
        raise NotFound
    record = await kind.find(session, record_id, actor)
    if record is None:
        raise NotFound
    return Subject(kind, record)
