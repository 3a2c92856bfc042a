"""The door through which the desk tells who a member of staff is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from app.core.actor import Actor
from app.core.permissions import PermissionMap
from app.core.read_pool import ReadPool, Row


@dataclass(frozen=True, slots=True)
class StaffFacts:
    """What a session needs to know of its person."""

    id: str
    name: str
    email: str
    roles: tuple[str, ...]
    markets: frozenset[str] | None
    branches: frozenset[str] | None


class StaffLoader(Protocol):
    """Finds an active member of staff by id; None when there is none or the account is disabled."""

    async def __call__(self, reads: ReadPool, staff_id: str) -> StaffFacts | None: ...


@dataclass(frozen=True, slots=True)
class StaffTable:
    """How active staff are joined to what has a `staff_id`, so that one statement finds a session and its person."""

    join: str
    columns: str
    read: Callable[[Row], StaffFacts | None]
    """The facts of these columns; None where the join found nobody."""

    def joined(self, statement: str) -> str:
        """The statement with `{join}` and `{columns}` filled in."""
        return statement.format(join=self.join, columns=self.columns)


def actor_of(facts: StaffFacts, permissions: PermissionMap, *, session_id: UUID | None = None) -> Actor:
    """The person acting, with the rights that their roles give at this moment."""
    return Actor(
        id=UUID(facts.id),
        kind="staff",
        name=facts.name,
        email=facts.email,
        roles=facts.roles,
        permissions=permissions.of_roles(facts.roles),
        markets=facts.markets,
        branches=facts.branches,
        session_id=session_id,
    )
