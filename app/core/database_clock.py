"""The database's clock: leases and due times must not depend on the clock of one machine."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.records import UtcMicros


def database_time(after: timedelta = timedelta()) -> ColumnElement[datetime]:
    """The database's present moment plus a span, as an SQL expression."""
    present = func.utc_timestamp(literal_column("6"), type_=UtcMicros)
    if not after:
        return present
    microseconds = after // timedelta(microseconds=1)
    return func.timestampadd(literal_column("MICROSECOND"), microseconds, present, type_=UtcMicros)


async def read_database_time(session: AsyncSession) -> datetime:
    """The database's present moment."""
    return (await session.execute(select(database_time()))).scalar_one()
