"""One record by its id: found, got or locked, for those in whose scope it is."""

from typing import Generic, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.records import Record

R = TypeVar("R", bound=Record)


class Scoped(Generic[R]):
    """The records of a model that has a market and a branch; `branch` names the column of the second."""

    def __init__(self, model: type[R], *, branch: str = "branch") -> None:
        self._model, self._branch = model, branch

    async def find(self, session: AsyncSession, record_id: UUID, actor: Actor) -> R | None:
        """The record, when the actor may see it."""
        return self._seen(await session.get(self._model, record_id), actor)

    async def get(self, session: AsyncSession, record_id: UUID, actor: Actor) -> R:
        """Raises NotFound when there is none in the actor's scope."""
        if (found := await self.find(session, record_id, actor)) is None:
            raise NotFound
        return found

    async def lock(self, session: AsyncSession, record_id: UUID, actor: Actor) -> R:
        """As `get`, locked until the end of the transaction."""
        found = await session.get(self._model, record_id, with_for_update=True, populate_existing=True)
        if (seen := self._seen(found, actor)) is None:
            raise NotFound
        return seen

    def _seen(self, found: R | None, actor: Actor) -> R | None:
        if found is None:
            return None
        market, branch = getattr(found, "market"), getattr(found, self._branch)  # noqa: B009 - no model promises either
        return found if actor.sees(market=market, branch=branch) else None
