"""Stop-sale and kill switch: asked for by one person, done once another has agreed."""

from uuid import UUID

from app.core.actor import Actor
from app.core.approvals import Asked
from app.core.changes import record
from app.core.db import AsyncSession
from app.core.errors import IllegalState, InvalidFields
from app.desk.approvals.models import Approval
from app.kit.markets import MARKETS
from app.kit.problems import Problem
from app.rental.suppliers import approvals, queries
from app.rental.suppliers.models import Supplier
from app.rental.suppliers.rules import EVERYWHERE, Stop


async def request_stop(
    session: AsyncSession, supplier_id: UUID, *, market: str, stop: str | None, reason: str, actor: Actor
) -> Approval:
    """Ask for a stop in a market or everywhere (`*`), or without one for its end. Raises InvalidFields."""
    problems: list[Problem] = []
    if market != EVERYWHERE and market not in MARKETS:
        problems.append(Problem("market", "unknown_value", "There is no such market"))
    elif market != EVERYWHERE and actor.markets is not None and market not in actor.markets:
        problems.append(Problem("market", "invalid", "Not one of your markets"))
    elif market == EVERYWHERE and actor.markets is not None:
        problems.append(Problem("market", "invalid", "Choose one of your markets"))
    if stop is not None and stop not in set(Stop):
        problems.append(Problem("stop", "unknown_value", "sale or all"))
    if not reason.strip():
        problems.append(Problem("reason", "required", "Enter a reason"))
    if problems:
        raise InvalidFields(problems)
    supplier = await queries.lock_supplier(session, supplier_id)
    before = supplier.stops.get(market)
    if before == stop:
        raise IllegalState("It is so already.", state=before or "on sale")
    return await approvals.request_stop(
        session, supplier, market=market, before=before, stop=stop, reason=reason.strip(), actor=actor
    )


async def carry_out_stop(session: AsyncSession, asked: Asked, actor: Actor) -> Supplier:
    """Switch as agreed; the next call sees it."""
    supplier = await queries.lock_supplier(session, asked.subject_id)
    market, stop = str(asked.payload["market"]), asked.payload["stop"]
    before = dict(supplier.stops)
    supplier.stops = {key: value for key, value in before.items() if key != market} | ({market: stop} if stop else {})
    changes = {"stops": (before, supplier.stops)}
    await record(session, "supplier.stopped" if stop else "supplier.resumed", supplier, actor=actor, changes=changes)
    return supplier
