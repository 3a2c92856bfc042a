"""Which branch a sheet or a manifest opens with when nobody says."""

from collections.abc import Sequence

from app.core.actor import Actor
from app.core.read_pool import ReadPool
from app.desk.preferences import services as preferences
from app.rental.figures import services as figures


async def opening_branch(reads: ReadPool, actor: Actor, codes: Sequence[str]) -> str:
    """Of the branches that the actor sees: the only one, else the one looked at last, else that of the largest fleet.

    While no fleet was counted it is the first; nothing for somebody without any.
    """
    if len(codes) < 2:
        return codes[0] if codes else ""
    last = await preferences.find_last_branch(reads, actor)
    if last in codes:
        return last
    largest = await figures.largest_fleet(reads, actor)
    return largest if largest in codes else codes[0]
