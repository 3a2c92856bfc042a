"""The demo's quotes: some that still stand, some whose time is over, and the rates that totals are compared by."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import msgspec

from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import AsyncSession, Database, run_in_unit
from app.core.errors import AppError
from app.rental.quotes.models import ExchangeRate
from app.rental.quotes.rules import OWN, QuoteState
from app.rental.quotes.schemas.searches import NewCarSearch
from app.rental.quotes.services import preparing, quoting, searching
from app.settings import Settings

RATES: Final = {
    "BGN": "1.95583", "CHF": "0.9340", "CZK": "24.620", "DKK": "7.4640", "GBP": "0.8720", "HUF": "391.50",
    "MXN": "21.640", "NOK": "11.710", "PLN": "4.2450", "RON": "5.0870", "SEK": "11.024",
}  # fmt: skip
"""Units for one euro: round numbers of the right size, for the demo alone."""
SINCE: Final = date(2026, 1, 1)
HIRES: Final = (
    # branch, days ahead, days long, driver's age, minutes since it was quoted: none, or more than it stands
    ("TLL", 8, 3, 34, 0), ("TLL", 12, 7, 45, 0), ("ZAG", 9, 4, 29, 0), ("MUC", 15, 5, 52, 40),
    ("TLL", 6, 2, 23, 95), ("ZAG", 20, 10, 38, 200),
)  # fmt: skip


async def add_quotes(database: Database, settings: Settings) -> None:
    """Search, and quote the cheapest of our own, as a counter agent would; a branch without an offer has none."""
    await run_in_unit(database, _add_rates)
    for hire in HIRES:
        await _quote(database, settings, *hire)


async def _add_rates(session: AsyncSession) -> None:
    for currency, worth in RATES.items():
        session.add(ExchangeRate(currency=currency, valid_from=SINCE, per_euro=Decimal(worth)))


async def _quote(
    database: Database, settings: Settings, branch: str, ahead: int, days: int, age: int, ago: int
) -> None:
    day = clock.today() + timedelta(days=ahead)
    asked = {
        "pickup": {"local": f"{day}T10:00", "locations": [branch]},
        "return": {"local": f"{day + timedelta(days=days)}T10:00"},
        "driver_age": age,
        "filters": {"sources": [OWN]},
    }
    wanted = msgspec.convert(asked, NewCarSearch)

    async def make(session: AsyncSession) -> None:
        prepared = await searching.prepare(session, database.reads, settings, wanted, SYSTEM)
        kept = [each for answered in prepared.own.values() for each in answered.offers]
        if not kept:
            return
        search = await searching.keep_search(session, prepared, SYSTEM)
        cheapest = min(kept, key=lambda each: each.offer.total.to_money().minor)
        subject = await preparing.prepare_offer(
            session, settings, search.id, cheapest.offer.id, choices={}, actor=SYSTEM
        )
        quote = await quoting.keep_quote(session, subject, None, actor=SYSTEM)
        if ago:
            quote.created_at -= timedelta(minutes=ago)
            quote.expires_at -= timedelta(minutes=ago)
            await quoting.become(session, quote, QuoteState.EXPIRED, actor=SYSTEM)

    try:
        await run_in_unit(database, make)
    except AppError:
        return
