"""Reading invoices and taking the next number."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.mysql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.rental.papers.models import Invoice, InvoiceSeries


async def find_invoice(session: AsyncSession, booking_id: UUID) -> Invoice | None:
    """The invoice of a booking."""
    return (await session.execute(select(Invoice).where(col(Invoice.booking_id) == booking_id))).scalar_one_or_none()


async def lock_series(session: AsyncSession, market: str, year: int) -> InvoiceSeries:
    """The series, locked until the end of the transaction: whoever rolls back leaves no gap."""
    row = {"market": market, "year": year, "last_number": 0}
    await session.execute(insert(InvoiceSeries).prefix_with("IGNORE").values(row))
    found = await session.get(InvoiceSeries, (market, year), with_for_update=True, populate_existing=True)
    assert found is not None
    return found
