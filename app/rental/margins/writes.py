"""Counting: a whole month at once, from the bookings of suppliers' cars as they are."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.rental.bookings.rules import BookingState, Source
from app.rental.margins.models import MarginFigure
from app.rental.margins.rules import LOST, STANDING, month_of

_figures = MarginFigure.__table__  # type: ignore[attr-defined]  # pyright: ignore
CLOCKS = timedelta(days=1)
"""No branch's clocks are further from UTC than that."""


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
    "SELECT :since, r.supplier_id, COALESCE(JSON_VALUE(b.margin, '$.currency'), b.total_currency) AS kept_in, "
    f"b.market, b.pickup_location, SUM({_STANDS}), SUM({_IS_LOST}), SUM({_STANDS} AND b.margin IS NULL), {_SUMS} "
    "FROM booking b FORCE INDEX (ix_booking_pickup_at) STRAIGHT_JOIN supplier_reservation r "
    "ON r.subject_kind = 'booking' AND r.subject_id = b.id "
    "LEFT JOIN supplier_reservation later ON later.subject_kind = 'booking' AND later.subject_id = b.id "
    "AND later.id > r.id "
    "WHERE b.pickup_at >= :since_moment AND b.pickup_at < :until_moment AND b.pickup_local >= :since "
    f"AND b.pickup_local < :until AND b.source = '{Source.SUPPLIER}' AND later.id IS NULL "
    f"AND ({_STANDS} OR {_IS_LOST}) "
    "GROUP BY r.supplier_id, kept_in, b.market, b.pickup_location"
)


async def count_month(session: AsyncSession, month: date) -> None:
    """Count a month anew: each booking once, with the last reservation that was made for it."""
    until = month_of(month, 1)
    midnight = datetime.min.time()
    await session.execute(delete(_figures).where(_figures.c.month == month))
    await session.execute(
        COUNT,
        {
            "since": month,
            "until": until,
            "since_moment": (datetime.combine(month, midnight, UTC) - CLOCKS).replace(tzinfo=None),
            "until_moment": (datetime.combine(until, midnight, UTC) + CLOCKS).replace(tzinfo=None),
        },
    )
