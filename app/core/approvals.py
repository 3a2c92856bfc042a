"""Four eyes: what an area declares so that something of its own happens only after somebody else has agreed."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.permissions import Role
from app.core.records import Record

Lock = Callable[[AsyncSession, UUID], Awaitable[Any | None]]
"""The subject by id, its row locked until the end of the transaction; None when it is gone."""
Limits = Mapping[str, Mapping[str, int | None]]
"""Role -> ISO 4217 code -> the largest amount in minor units, None for any. A currency that is missing is refused."""


class Asked(Protocol):
    """What carrying out an approval needs to know of it."""

    @property
    def reference(self) -> str: ...
    @property
    def subject_id(self) -> UUID: ...
    @property
    def payload(self) -> dict[str, Any]: ...
    @property
    def why(self) -> str: ...


class Execute(Protocol):
    """Does exactly what was asked, through the feature's own services; AppError makes the approval fail."""

    async def __call__(self, session: AsyncSession, asked: Asked, actor: Actor, /) -> Record: ...


class Unmet(StrEnum):
    """How a request ends without consent, while its subject is still what was asked about."""

    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Decline(Protocol):
    """What becomes of the subject, whose row is locked, when nobody agrees; `reason` is what was said of it."""

    async def __call__(
        self, session: AsyncSession, asked: Asked, unmet: Unmet, reason: str, actor: Actor, /
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class ApprovalTerms:
    """What is asked for, by whom it may be decided, and until when."""

    key: str
    title: str
    subject_kind: str
    seen_with: str
    """The permission to see the subject, and so what is asked about it."""
    decided_with: str
    """The permission to decide."""
    roles: tuple[Role, ...]
    """The roles that have this permission, named to people."""
    lock: Lock
    snapshot: Callable[[Any], Mapping[str, Any]]
    """What the decision rests on: when any of it changes, the request is void."""
    name: Callable[[Any], str]
    limits: Limits = field(default_factory=dict[str, dict[str, int | None]])
    expires_after: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ApprovalKind:
    """Terms with what happens once somebody has agreed, and what becomes of the subject when nobody does."""

    terms: ApprovalTerms
    execute: Execute
    decline: Decline | None = None
