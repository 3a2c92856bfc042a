"""Statements of searches: answers as they come, counters of the day, and the end of what is over."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import delete, func, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.rental.quotes.models import CarSearch, SearchAnswer

_a = SearchAnswer.__table__  # type: ignore[attr-defined]  # pyright: ignore
_s = CarSearch.__table__  # type: ignore[attr-defined]  # pyright: ignore

Counter = Literal["searches", "without_offer", "quotes", "bookings"]


async def keep_answer(
    session: AsyncSession, search_id: UUID, source: str, location: str, content: dict[str, Any], milliseconds: int
) -> None:
    """What a source said; only the first time, or when it was still being tried what would help."""
    statement = update(_a).where(
        _a.c.search_id == search_id,
        _a.c.source == source,
        _a.c.pickup_location == location,
        _a.c.content.is_(None) | func.json_value(_a.c.content, "$.is_trying").in_(("1", "true")),
    )
    told = {"milliseconds": milliseconds} if milliseconds else {}
    await session.execute(statement.values(content=content, **told))


async def count(session: AsyncSession, day: date, market: str, codes: Sequence[str], what: Counter) -> None:
    """One more of something at each of these branches on a day."""
    statement = text(
        f"INSERT INTO search_day (day, location_code, market, {what}) VALUES (:day, :code, :market, 1) "  # noqa: S608
        f"ON DUPLICATE KEY UPDATE {what} = {what} + 1"
    )
    # In one order, so that two searches over the same branches never wait for each other in a circle.
    rows = [{"day": day, "code": code, "market": market} for code in sorted(codes)]
    await session.execute(statement, rows)


async def remove_searches(session: AsyncSession, ids: Sequence[UUID]) -> None:
    """Forget searches with their answers."""
    await session.execute(delete(_s).where(_s.c.id.in_(ids)))
