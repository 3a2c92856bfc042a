"""What a supplier's invoice is held against: reservations found by what a line says, and the fees that are usual."""

from datetime import date
from uuid import UUID

from app.core.db import AsyncSession
from app.core.read_pool import ReadPool
from app.kit.money import Money
from app.rental.suppliers import queries
from app.rental.suppliers.models import Supplier, SupplierReservation
from app.rental.suppliers.queries import PricedHire

ONE_WAY, YOUNG_DRIVER = "ONE_WAY", "YOUNG_DRIVER"


async def find_supplier(session: AsyncSession, code: str) -> Supplier | None:
    """The supplier of a code."""
    return await queries.find_by_code(session, code)


async def list_suppliers(session: AsyncSession) -> list[Supplier]:
    """Every supplier that we work with."""
    return list(await queries.list_active(session))


async def supplier_names(reads: ReadPool) -> dict[str, str]:
    """Names by code for lists, which do without a unit of work: also of those that we no longer work with."""
    return {str(code): str(name) for _, code, name, _ in await queries.list_names(reads)}


async def get_supplier(session: AsyncSession, supplier_id: UUID) -> Supplier:
    """Raises NotFound."""
    return await queries.get_supplier(session, supplier_id)


async def find_by_number(
    session: AsyncSession, supplier_id: UUID, market: str, number: str
) -> SupplierReservation | None:
    """The reservation of the supplier's own number."""
    return await queries.find_billed(session, supplier_id, market, number=number) if number else None


async def find_by_reference(
    session: AsyncSession, supplier_id: UUID, market: str, reference: str
) -> SupplierReservation | None:
    """The reservation of our reference."""
    is_ours = reference and reference.isascii()
    return await queries.find_billed(session, supplier_id, market, reference=reference) if is_ours else None


async def list_on(session: AsyncSession, supplier_id: UUID, market: str, pickup_on: date) -> list[SupplierReservation]:
    """Reservations with the supplier that begin on a day, by the clocks of the branch."""
    return await queries.list_beginning_on(session, supplier_id, market, pickup_on)


async def usual_fees(session: AsyncSession, supplier_id: UUID) -> tuple[int, int]:
    """What the supplier usually takes, by its newest reservations: one way, and for a young driver each day.

    An invoice asks it for every line that differs: no record is made of what is only looked at.
    """
    one_way = young = 0
    for priced in await queries.list_newest(session, supplier_id):
        one_way = one_way or amount_of(priced, ONE_WAY)
        young = young or amount_of(priced, YOUNG_DRIVER) // days_of(priced)
        if one_way and young:
            break
    return one_way, young


def amount_of(reservation: SupplierReservation | PricedHire, code: str) -> int:
    """The lines of one code in the reservation's price, in minor units; 0 for none."""
    return sum(
        Money.parse(line["amount"]["amount"], reservation.currency).minor
        for line in reservation.offer.get("lines", [])
        if line.get("code") == code
    )


def days_of(reservation: SupplierReservation | PricedHire) -> int:
    """Started days of 24 hours by the clocks on the wall."""
    seconds = int((reservation.return_local - reservation.pickup_local).total_seconds())
    return max(1, -(-seconds // 86_400))
