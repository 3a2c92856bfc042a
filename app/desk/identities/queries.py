"""Reading identities."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.desk.identities.models import StaffIdentity
from app.desk.staff.models import Staff


async def lock_identity(session: AsyncSession, issuer: str, subject: str) -> StaffIdentity | None:
    """The identity, locked until the end of the transaction."""
    statement = select(StaffIdentity).where(col(StaffIdentity.issuer) == issuer, col(StaffIdentity.subject) == subject)
    return (await session.execute(statement.with_for_update())).scalar_one_or_none()


async def find_of_staff(session: AsyncSession, issuer: str, staff_id: UUID) -> StaffIdentity | None:
    """The identity that an account has at this provider."""
    statement = select(StaffIdentity).where(
        col(StaffIdentity.issuer) == issuer, col(StaffIdentity.staff_id) == staff_id
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def find_staff(session: AsyncSession, email: str) -> Staff | None:
    """The account of this address, whatever its case, locked."""
    statement = select(Staff).where(col(Staff.email) == email.strip().lower()).with_for_update()
    return (await session.execute(statement)).scalar_one_or_none()


async def lock_staff(session: AsyncSession, staff_id: UUID) -> Staff:
    """The account of an identity, locked until the end of the transaction."""
    statement = select(Staff).where(col(Staff.id) == staff_id).with_for_update()
    return (await session.execute(statement)).scalar_one()
