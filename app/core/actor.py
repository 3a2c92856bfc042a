"""Who is acting, and what they may do and see."""

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """A member of staff or the system itself. A scope of None means everything; an empty one means nothing."""

    id: UUID | None
    kind: Literal["staff", "system"]
    name: str
    email: str = ""
    roles: tuple[str, ...] = ()
    permissions: frozenset[str] = field(default_factory=frozenset[str])
    markets: frozenset[str] | None = frozenset()
    branches: frozenset[str] | None = frozenset()
    session_id: UUID | None = None

    def may(self, permission: str) -> bool:
        return self.kind == "system" or permission in self.permissions

    def scope(self, name: str) -> frozenset[str] | None:
        """The values of `market`, `branch` or `permission` this actor may see; None for all."""
        if name == "permission":
            return None if self.kind == "system" else self.permissions
        return self.markets if name == "market" else self.branches

    def sees(self, *, market: str | None = None, branch: str | None = None) -> bool:
        """Whether a record is inside the scope; one without a branch is seen only by those of all branches."""
        in_market = self.markets is None or market in self.markets
        return in_market and (self.branches is None or branch in self.branches)


SYSTEM = Actor(id=None, kind="system", name="Forecourt", markets=None, branches=None)
