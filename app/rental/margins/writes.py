"""Counting: a whole month at once, from the bookings of suppliers' cars as they are."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import bindparam, delete, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.rental.bookings.rules import BookingState
from app.rental.margins.models import OF_MONTHS, MarginFigure
from app.rental.margins.rules import LOST, STANDING, Mark, bounds_of

_figures = MarginFigure.__table__  # type: ignore[attr-defined]  # pyright: ignore


def _in(states: tuple[BookingState, ...]) -> str:
    return ", ".join(f"'{state}'" for state in states)


_STANDS = f"b.state IN ({_in(STANDING)}) AND b.fee_minor IS NULL"
_IS_LOST = f"(b.state IN ({_in(LOST)}) OR (b.state = '{BookingState.CLOSED}' AND b.fee_minor IS NOT NULL))"
_MONEY = ("retail_minor", "price_minor", "commission_minor")
_SUMS = ", ".join(
    f"SUM(IF({_STANDS}, COALESCE(CAST(JSON_VALUE(b.margin, '$.{name}') AS SIGNED), 0), 0))" for name in _MONEY
)
COUNT = text(
    f"INSERT INTO margin_figure (month, supplier_id, currency, market, location_code, bookings, lost, unkept, "  # noqa: S608
    f"{', '.join(_MONEY)}) "
    "SELECT :since, s.id, COALESCE(JSON_VALUE(b.margin, '$.currency'), b.total_currency) AS kept_in, "
    f"b.market, b.pickup_location, SUM({_STANDS}), SUM({_IS_LOST}), SUM({_STANDS} AND b.margin IS NULL), {_SUMS} "
    "FROM booking b FORCE INDEX (ix_booking_supplier) JOIN supplier s ON s.code = b.supplier_code "
    f"WHERE {OF_MONTHS} AND ({_STANDS} OR {_IS_LOST}) "
    "GROUP BY s.id, kept_in, b.market, b.pickup_location"
).bindparams(bindparam("codes", expanding=True))
MARK = text(
    "INSERT INTO margin_month (month, bookings, versions) VALUES (:month, :bookings, :versions) "
    "ON DUPLICATE KEY UPDATE bookings = VALUES(bookings), versions = VALUES(versions)"
)


async def count_month(session: AsyncSession, month: date, codes: Sequence[str]) -> None:
    """Count a month anew: each booking once, with the supplier whose car it is."""
    await session.execute(delete(_figures).where(_figures.c.month == month))
    await session.execute(COUNT, {**bounds_of(month, month), "codes": codes})


async def keep_mark(session: AsyncSession, month: date, mark: Mark) -> None:
    """Say of which bookings a month was counted."""
    await session.execute(MARK, {"month": month, "bookings": mark.bookings, "versions": mark.versions})
