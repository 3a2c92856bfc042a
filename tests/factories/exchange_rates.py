"""Exchange rates that somebody has agreed to."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.kit.agreed_sheets import SheetState
from app.rental.exchange_rates.models import ExchangeRate, ExchangeRateSheet


async def add_rates(
    session: AsyncSession, rates: Mapping[tuple[str, str], str], valid_from: date | None = None
) -> ExchangeRateSheet:
    """A sheet in force, from today unless told otherwise."""
    day = valid_from or clock.today()
    sheet = ExchangeRateSheet(valid_from=day, source="Central bank", state=SheetState.IN_FORCE)
    session.add(sheet)
    await session.flush()
    for (base, currency), rate in rates.items():
        session.add(
            ExchangeRate(
                sheet_id=sheet.id,
                base=base,
                currency=currency,
                valid_from=day,
                rate=Decimal(rate),
                agreed_at=clock.now(),
            )
        )
    await session.flush()
    return sheet
