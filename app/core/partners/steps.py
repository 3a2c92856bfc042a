"""Asking a partner for something that must happen once, whoever dies on the way.

Three steps: a transaction decides what is to be asked, and keeps that it may have been asked; the partner is asked
outside of any transaction; a transaction keeps the answer. Whoever dies between them leaves the mark of the first, by
which the next one asks what became of it instead of asking for it again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, run_in_unit
from app.core.partners.outcomes import PartnerError

Step = TypeVar("Step")
Found = TypeVar("Found")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Settled(Generic[Result]):
    """Nothing is to be asked; this is where it is."""

    result: Result


async def ask_in_steps(
    database: Database,
    begin: Callable[[AsyncSession], Awaitable[Step | Settled[Result]]],
    ask: Callable[[Step], Awaitable[Found]],
    end: Callable[[AsyncSession, Step, Found | PartnerError], Awaitable[Result]],
) -> Result:
    """Decide, ask, and keep what came of it: an answer, or the error that tells whether anything may have happened."""
    step = await run_in_unit(database, begin)
    if isinstance(step, Settled):
        return step.result  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    found: Found | PartnerError
    try:
        found = await ask(step)
    except PartnerError as error:
        found = error
    return await run_in_unit(database, lambda session: end(session, step, found))
