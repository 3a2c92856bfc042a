"""What can be done with locations."""

from app.core.actor import Actor
from app.core.db import AsyncSession
from app.core.read_pool import ReadPool
from app.rental.locations import queries
from app.rental.locations.models import Location


async def by_codes(session: AsyncSession, codes: set[str]) -> dict[str, Location]:
    """Locations by code, for features that refer to them."""
    return await queries.find_by_codes(session, codes) if codes else {}


async def names(reads: ReadPool, actor: Actor) -> dict[str, str]:
    """Names by code for lists, which do without a unit of work."""
    return await queries.list_names(reads, actor)


async def choices(session: AsyncSession, actor: Actor) -> list[tuple[str, str]]:
    """Codes and names for menus."""
    return await queries.list_choices(session, actor)
