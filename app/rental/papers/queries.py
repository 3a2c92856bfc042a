"""Reading invoices and taking the next number."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.mysql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.errors import NotFound
from app.rental.papers.models import Invoice, InvoiceSeries
from app.rental.papers.rules import InvoiceKind

MOST_OF_BOOKING = 200


async def list_of(session: AsyncSession, booking_id: UUID) -> Sequence[Invoice]:
    """The invoices and credit notes of a booking in the order in which they were issued."""
    statement = select(Invoice).where(col(Invoice.booking_id) == booking_id).order_by(col(Invoice.id))
    return (await session.execute(statement.limit(MOST_OF_BOOKING))).scalars().all()


async def get_invoice(session: AsyncSession, invoice_id: UUID) -> Invoice:
    """Raises NotFound. Whether it may be seen is said by its booking."""
    found = await session.get(Invoice, invoice_id)
    if found is None:
        raise NotFound
    return found


async def list_credits(session: AsyncSession, invoice_id: UUID) -> Sequence[Invoice]:
    """The credit notes of an invoice in their order."""
    statement = select(Invoice).where(col(Invoice.refers_to_id) == invoice_id).order_by(col(Invoice.id))
    return (await session.execute(statement)).scalars().all()


async def lock_series(session: AsyncSession, market: str, year: int, kind: InvoiceKind) -> InvoiceSeries:
    """The series, locked until the end of the transaction: whoever rolls back leaves no gap."""
    row = {"market": market, "year": year, "kind": kind, "last_number": 0}
    await session.execute(insert(InvoiceSeries).prefix_with("IGNORE").values(row))
    found = await session.get(InvoiceSeries, (market, year, kind), with_for_update=True, populate_existing=True)
    assert found is not None
    return found
